"""What a model may hold: what Alur runs, and what changes nothing when it is left out; all else is refused."""

from collections.abc import Mapping

from lxml import etree

from app.core.text import Text
from app.engine.model import NodeKind
from app.engine.namespaces import BPMN, CAMUNDA
from app.engine.report import Report

NODE_KINDS: Mapping[str, NodeKind] = {
    "startEvent": NodeKind.START,
    "endEvent": NodeKind.END,
    "userTask": NodeKind.USER_TASK,
    "receiveTask": NodeKind.CATCH,
    "task": NodeKind.PASS,
    "manualTask": NodeKind.PASS,
    "intermediateThrowEvent": NodeKind.PASS,
    "exclusiveGateway": NodeKind.EXCLUSIVE,
    "parallelGateway": NodeKind.PARALLEL,
    "inclusiveGateway": NodeKind.INCLUSIVE,
    "eventBasedGateway": NodeKind.EVENT_GATEWAY,
    "intermediateCatchEvent": NodeKind.CATCH,
    "boundaryEvent": NodeKind.BOUNDARY,
    "subProcess": NodeKind.SUB_PROCESS,
}

# Drawn for people only: BPMN gives these no behaviour, so leaving them out of the run changes nothing.
SILENT = frozenset(
    {
        "documentation",
        "extensionElements",
        "incoming",
        "outgoing",
        "laneSet",
        "sequenceFlow",
        "textAnnotation",
        "association",
        "group",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "dataInputAssociation",
        "dataOutputAssociation",
    }
)

# Camunda's words that need no engine support: how often a job is retried, what history is kept, who is offered a start.
_HARMLESS_ATTRIBUTES = frozenset(
    CAMUNDA + word
    for word in (
        "asyncBefore",
        "asyncAfter",
        "exclusive",
        "jobPriority",
        "taskPriority",
        "historyTimeToLive",
        "versionTag",
        "isStartableInTasklist",
        "candidateStarterGroups",
        "candidateStarterUsers",
        "modelerTemplate",
        "modelerTemplateVersion",
        "modelerTemplateIcon",
    )
)
_USER_TASK_ATTRIBUTES = frozenset({CAMUNDA + "candidateGroups", CAMUNDA + "priority"})
# Namespaces of attributes that only say how a file is written or coloured.
_HARMLESS_NAMESPACES = frozenset(
    {
        "http://www.w3.org/XML/1998/namespace",
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://camunda.org/schema/modeler/1.0",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
    }
)
_HARMLESS_EXTENSIONS = frozenset({CAMUNDA + "properties", CAMUNDA + "formData"})

_NO = frozenset({"false", "0"})
# BPMN's own attributes that ask for what Alur does not run: what each would be, and the values that ask for nothing.
_DEMANDS: Mapping[str, tuple[str, frozenset[str]]] = {
    "isForCompensation": ("compensation", _NO),
    "triggeredByEvent": ("event sub-process", _NO),
    "instantiate": ("instantiate", _NO),
    "startQuantity": ("startQuantity", frozenset({"1"})),
    "completionQuantity": ("completionQuantity", frozenset({"1"})),
    "eventGatewayType": ("eventGatewayType", frozenset({"Exclusive"})),
}

_REMEDIES: Mapping[str, Text] = {
    "scriptTask": Text("Ganti dengan tugas pengguna.", "Use a user task instead."),
    "businessRuleTask": Text("Ganti dengan gateway eksklusif dan syarat.", "Use an exclusive gateway with conditions."),
    "sendTask": Text("Ganti dengan tugas pengguna.", "Use a user task instead."),
    "serviceTask": Text("Ganti dengan tugas pengguna.", "Use a user task instead."),
    "callActivity": Text("Masukkan langkahnya sebagai subproses.", "Draw its steps as an embedded sub-process."),
}
_OTHER_REMEDY = Text(
    "Pakai tugas pengguna, gateway, subproses, atau peristiwa pesan dan pewaktu.",
    "Use user tasks, gateways, sub-processes, and message or timer events.",
)


def is_yes(value: str | None) -> bool:
    """Read a truth value as XML Schema writes it: `true` or `1`."""
    return value is not None and value.strip() in ("true", "1")


def unsupported(word: str) -> Text:
    """Say that an element is not run, and what to draw instead."""
    remedy = _REMEDIES.get(word, _OTHER_REMEDY)
    return Text(f"Alur tidak menjalankan '{word}'. {remedy.id}", f"Alur does not run '{word}'. {remedy.en}")


def check_element(element: etree._Element, report: Report) -> None:
    """Report the attributes, extensions and children of an element that would be ignored."""
    check_extras(element, element, report)
    for name, (word, harmless) in _DEMANDS.items():
        value = element.get(name)
        if value is not None and value.strip() not in harmless:
            report.add(element, "unsupported-element", unsupported(word))
    if element.tag in (BPMN + "process", BPMN + "subProcess"):
        return
    is_event = str(element.tag).endswith("Event")
    for child in element.iterchildren(etree.Element):
        name = etree.QName(child).localname
        if name not in SILENT and not (is_event and name.endswith("EventDefinition")):
            report.add(element, "unsupported-element", unsupported(name))


def check_extras(element: etree._Element, owner: etree._Element, report: Report) -> None:
    """Report what Camunda or another engine would make of an element and Alur would not, as a fault of its owner."""
    allowed = _HARMLESS_ATTRIBUTES
    if element.tag == BPMN + "userTask":
        allowed |= _USER_TASK_ATTRIBUTES
    for attribute, value in element.attrib.items():
        name = etree.QName(attribute)
        if not name.namespace or name.namespace in _HARMLESS_NAMESPACES or attribute in allowed:
            continue
        written = f'{_prefixed(element, name)}="{str(value)[:80]}"'
        report.add(
            owner,
            "unsupported-attribute",
            Text(
                f"Atribut {written} tidak dijalankan oleh Alur. Hapus atribut itu.",
                f"Alur does not run the attribute {written}. Remove it.",
            ),
        )
    for child in element.iterfind(f"{BPMN}extensionElements/*"):
        if child.tag in _HARMLESS_EXTENSIONS:
            continue
        written = _prefixed(child, etree.QName(child))
        report.add(
            owner,
            "unsupported-extension",
            Text(
                f"{written} tidak dijalankan oleh Alur. Hapus bagian itu dari unsur ini.",
                f"Alur does not run {written}. Remove it from this element.",
            ),
        )


def _prefixed(element: etree._Element, name: etree.QName) -> str:
    prefix = next((prefix for prefix, uri in element.nsmap.items() if uri == name.namespace), None)
    return f"{prefix}:{name.localname}" if prefix else name.localname
