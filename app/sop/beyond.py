"""What two BPMN files of an SOP say differently beyond its table: drawing, forms, conditions, technical parts."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from typing import Final

from lxml import etree

from app.sop import cells
from app.sop.changes import Elsewhere
from app.sop.document import BPMN, CAMUNDA, CATCH, END_EVENT, GATEWAY, USER_TASK

_DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram"
_FLOW: Final = f"{BPMN}sequenceFlow"
_FORM: Final = f"{CAMUNDA}formData"
_SETS: Final = ("laneSet", "childLaneSet", "lane")
_HOLDERS: Final = {
    f"{BPMN}{tag}"
    for tag in ("definitions", "collaboration", "process", "subProcess", "transaction", "adHocSubProcess", *_SETS)
}
_NOTES: Final = {f"{BPMN}{tag}" for tag in ("textAnnotation", "association", "group", "category")}
_OWN: Final = {f"{BPMN}{tag}" for tag in ("extensionElements", "documentation")}
_ELSEWHERE_READ: Final = {f"{BPMN}{tag}" for tag in ("incoming", "outgoing", "flowNodeRef", "conditionExpression")}
_PROPERTIES: Final = {
    cell.prop
    for schema in (
        *(cells.TABLE, cells.IDENTITY, cells.APPROVAL, cells.TRIGGER, cells.ROLE, cells.ACTIVITY, cells.DECISION),
        *(cells.DECISION_TASK, cells.BRANCH, cells.BRANCH_GATEWAY, cells.OUTSIDE_EVENT),
    )
    for cell in schema
} | {"keterkaitan", "keterkaitan.sop", "dinyatakan_kosong", "keputusan_untuk", "mengalir_ke"}
_PREFIXES: Final = ("cabang.", "mengalir_ke.", "asal.")

Said = tuple[Hashable, bool]
"""What an element says, and whether the table tells that it came or went."""


def beyond_the_table(old: etree._Element, new: etree._Element) -> tuple[Elsewhere, ...]:
    """Return which parts of a BPMN document that its table does not show are not the same in two versions.

    Elements are compared by id. One that comes or goes with a row, its flows and gateways, is told by the table; any
    other is a technical part. A condition counts even where the table tells its branch: nothing that an instance runs
    by stays unmentioned.
    """
    before, after = _parts(old), _parts(new)
    return tuple(part for part in Elsewhere if _differ(before[part], after[part]))


def _differ(old: dict[str, Said], new: dict[str, Said]) -> bool:
    both = old.keys() & new.keys()
    alone = [(old.get(id_) or new[id_]) for id_ in old.keys() ^ new.keys()]
    return any(old[id_][0] != new[id_][0] for id_ in both) or not all(told for _, told in alone)


def _parts(root: etree._Element) -> dict[Elsewhere, dict[str, Said]]:
    parts: dict[Elsewhere, dict[str, Said]] = defaultdict(dict)
    parts[Elsewhere.DRAWING]["/"] = (tuple(_said(diagram) for diagram in root.iter(_DI)), False)
    nodes = list(_nodes(root))
    ways = Counter(node.get("sourceRef") for node in nodes if node.tag == _FLOW)
    told = {node.get("id", ""): _told(node) for node in nodes}
    for node in nodes:
        id_ = node.get("id") or root.getroottree().getpath(node)
        if node.tag in _NOTES:
            parts[Elsewhere.DRAWING][id_] = (_said(node), False)
            continue
        for form in node.iterfind(f"{BPMN}extensionElements/{_FORM}"):
            start = etree.QName(node).localname == "startEvent"
            parts[Elsewhere.START_FORM if start else Elsewhere.FORMS][id_] = (_form(form), _told(node))
        condition = node.findtext(f"{BPMN}conditionExpression")
        if node.tag == _FLOW:
            parts[Elsewhere.CONDITIONS][id_] = (condition or "", True)
        if not _is_more_than_a_label(node, condition, ways[id_]):
            parts[Elsewhere.DRAWING][id_] = (node.get("name") or "", True)
        parts[Elsewhere.TECHNICAL][id_] = (_technical(node, told), _told(node))
    return parts


def _nodes(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the elements of a document that stand for themselves, each with what is only a part of it inside."""
    for element in root.iter(etree.Element):
        parent = element.getparent()
        held = parent is not None and parent.tag in _HOLDERS and element.tag.startswith(BPMN)
        if held and element.tag not in _OWN | _ELSEWHERE_READ:
            yield element


def _told(node: etree._Element) -> bool:
    """Whether the table tells where an element comes or goes: rows, lanes, and what leads from row to row."""
    definitions = [etree.QName(child).localname for child in node.iterchildren(etree.Element)]
    definitions = [tag for tag in definitions if tag.endswith("EventDefinition")]
    match etree.QName(node).localname:
        case tag if tag == CATCH:
            return definitions == ["messageEventDefinition"]
        case tag if tag == END_EVENT:
            return not definitions
        case tag:
            return tag in {USER_TASK, GATEWAY, "sequenceFlow", *_SETS}


def _is_more_than_a_label(node: etree._Element, condition: str | None, ways: int) -> bool:
    """Whether a name is a cell of the table, or what the engine calls a message, and not a mere label."""
    match etree.QName(node).localname:
        case tag if tag == GATEWAY:
            return ways > 1
        case "sequenceFlow":
            return "keputusan" in (condition or "")
        case tag:
            return tag in {USER_TASK, "lane", "message"} or (tag == CATCH and _told(node))


def _technical(node: etree._Element, told: dict[str, bool]) -> Hashable:
    """Return what an element says that neither the table nor another part of the file does."""
    has_cells = _told(node) or node.tag == f"{BPMN}process"
    has_statement = node.tag in {f"{BPMN}{USER_TASK}", f"{BPMN}{CATCH}"} and _told(node)
    left_out = {"name"} if node.tag != f"{BPMN}message" else set()
    if node.tag == _FLOW and told.get(node.get("sourceRef", "")) and told.get(node.get("targetRef", "")):
        left_out |= {"sourceRef", "targetRef"}
    attributes = tuple(sorted((name, value) for name, value in node.attrib.items() if name not in left_out))
    children = [
        _said(child)
        for child in node.iterchildren(etree.Element)
        if child.tag not in _ELSEWHERE_READ | {f"{BPMN}extensionElements"}
        and not (node.tag in _HOLDERS and child.tag not in _OWN)
        and not (child.tag == f"{BPMN}documentation" and has_statement)
    ]
    for extension in node.iterfind(f"{BPMN}extensionElements/*"):
        if extension.tag == f"{CAMUNDA}properties":
            children += [_said(item) for item in extension if not (has_cells and _is_cell(item.get("name", "")))]
        elif extension.tag != _FORM:
            children.append(_said(extension))
    return attributes, tuple(children)


def _is_cell(name: str) -> bool:
    return name in _PROPERTIES or name.startswith(_PREFIXES)


def _form(form: etree._Element) -> Hashable:
    """Return what a form says but for the labels of a decision's outcomes, which are cells of the table."""
    return tuple(
        (field.get("id"), field.get("label"), tuple(value.get("id") for value in field.iterfind(f"{CAMUNDA}value")))
        if field.get("id") == "keputusan"
        else _said(field)
        for field in form.iterchildren(etree.Element)
    )


def _said(element: etree._Element) -> Hashable:
    """Return all that an element says, however it is written: prefixes, order of attributes, indentation."""
    inner = tuple(_said(child) for child in element.iterchildren(etree.Element))
    return element.tag, tuple(sorted(element.attrib.items())), (element.text or "").strip(), inner
