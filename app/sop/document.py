"""What of a BPMN document the SOP table is read from: lanes, nodes, flows and their properties."""

from dataclasses import dataclass
from typing import Final

from lxml import etree

from app.engine.xml import text_of

BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA: Final = "{http://camunda.org/schema/1.0/bpmn}"

USER_TASK: Final = "userTask"
GATEWAY: Final = "exclusiveGateway"
CATCH: Final = "intermediateCatchEvent"
END_EVENT: Final = "endEvent"

Properties = dict[str, str]


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node: `tag` without its namespace, `values` the choices of its form by field, `lane` an index or None."""

    id: str
    tag: str
    name: str | None
    documentation: str | None
    properties: Properties
    values: dict[str, dict[str, str]]
    message: str | None
    lane: int | None


@dataclass(frozen=True, slots=True)
class Arrow:
    id: str
    name: str | None
    target: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class Lane:
    id: str
    name: str | None
    properties: Properties


@dataclass(frozen=True, slots=True)
class Document:
    """One process: its nodes and lanes in the order of the file, the arrows that leave each node."""

    key: str
    name: str | None
    properties: Properties
    lanes: tuple[Lane, ...]
    nodes: dict[str, Node]
    arrows: dict[str, list[Arrow]]


def document_of(root: etree._Element) -> Document | None:
    """Return the process of a BPMN document: the first executable one, else the first; None where there is none."""
    processes = root.findall(f"{BPMN}process")
    process = next((item for item in processes if item.get("isExecutable") == "true"), next(iter(processes), None))
    if process is None:
        return None
    messages = {item.get("id"): item.get("name") for item in root.iterfind(f"{BPMN}message")}
    lanes: list[Lane] = []
    lane_of: dict[str, int] = {}
    for lane in process.iterfind(f".//{BPMN}lane"):
        if lane.find(f"{BPMN}childLaneSet") is None:
            for reference in lane.iterfind(f"{BPMN}flowNodeRef"):
                lane_of[text_of(reference)] = len(lanes)
            lanes.append(Lane(lane.get("id", ""), lane.get("name"), properties_of(lane)))
    nodes: dict[str, Node] = {}
    arrows: dict[str, list[Arrow]] = {}
    for element in process.iter(etree.Element):
        tag = etree.QName(element).localname
        if tag == "sequenceFlow" and element.tag.startswith(BPMN):
            arrow = Arrow(
                element.get("id", ""),
                element.get("name"),
                element.get("targetRef", ""),
                _text(element, "conditionExpression"),
            )
            arrows.setdefault(element.get("sourceRef", ""), []).append(arrow)
        elif element.tag.startswith(BPMN) and (tag.endswith(("Task", "Gateway", "Event", "Activity")) or tag == "task"):
            nodes[element.get("id", "")] = _node(element, tag, messages, lane_of)
    return Document(process.get("id", ""), process.get("name"), properties_of(process), tuple(lanes), nodes, arrows)


def _text(element: etree._Element, word: str) -> str | None:
    found = element.find(BPMN + word)
    return None if found is None else text_of(found)


def properties_of(element: etree._Element) -> Properties:
    """Return the extension properties of an element; one without a value counts as empty."""
    found = element.iterfind(f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property")
    return {item.get("name", ""): item.get("value", "") for item in found}


def _node(element: etree._Element, tag: str, messages: dict[str | None, str | None], lane_of: dict[str, int]) -> Node:
    values = {
        field.get("id", ""): {value.get("id", ""): value.get("name", "") for value in field.iterfind(f"{CAMUNDA}value")}
        for field in element.iterfind(f"{BPMN}extensionElements/{CAMUNDA}formData/{CAMUNDA}formField")
    }
    event = element.find(f"{BPMN}messageEventDefinition")
    return Node(
        element.get("id", ""),
        tag,
        element.get("name"),
        _text(element, "documentation"),
        properties_of(element),
        values,
        None if event is None else messages.get(event.get("messageRef")),
        lane_of.get(element.get("id", "")),
    )
