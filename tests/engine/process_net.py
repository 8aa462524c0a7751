"""An executable process as a graph, read from its XML with nothing but the standard library."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from tests.engine.conditions import Condition, condition

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
FLOW_NODES = {
    "startEvent",
    "endEvent",
    "userTask",
    "subProcess",
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "eventBasedGateway",
    "intermediateCatchEvent",
    "boundaryEvent",
}


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    source: str
    target: str
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node; `message` and `duration` say what an event waits for."""

    id: str
    kind: str
    scope: str
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    default: str | None
    attached_to: str | None
    interrupting: bool
    terminates: bool
    message: str | None
    duration: timedelta | None


class Net:
    """The executable process of a BPMN file as a graph; it never changes once read."""

    def __init__(self, xml: bytes) -> None:
        root = ET.fromstring(xml)
        self._messages = {m.attrib["id"]: m.attrib["name"] for m in root.iter(f"{BPMN}message")}
        process = next(p for p in root.iter(f"{BPMN}process") if p.get("isExecutable") == "true")
        self.process_id = process.attrib["id"]
        self.flows: dict[str, Flow] = {}
        self.nodes: dict[str, Node] = {}
        self.start: dict[str, str] = {}
        self.boundaries: dict[str, tuple[str, ...]] = {}
        for element in process.iter(f"{BPMN}sequenceFlow"):
            text = element.findtext(f"{BPMN}conditionExpression")
            flow = Flow(
                element.attrib["id"],
                element.attrib["sourceRef"],
                element.attrib["targetRef"],
                condition(text) if text is not None else None,
            )
            self.flows[flow.id] = flow
        self._read_scope(process)
        self._reached: dict[tuple[str, str], frozenset[str]] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def _read_scope(self, scope: ET.Element) -> None:
        for element in scope:
            kind = element.tag.removeprefix(BPMN)
            if kind not in FLOW_NODES:
                continue
            node = self._read_node(element, kind, scope.attrib["id"])
            self.nodes[node.id] = node
            if kind == "startEvent":
                self.start[node.scope] = node.id
            if node.attached_to is not None:
                self.boundaries[node.attached_to] = (*self.boundaries.get(node.attached_to, ()), node.id)
            if kind == "subProcess":
                self._read_scope(element)

    def _read_node(self, element: ET.Element, kind: str, scope: str) -> Node:
        id_ = element.attrib["id"]
        message = element.find(f"{BPMN}messageEventDefinition")
        duration = element.findtext(f"{BPMN}timerEventDefinition/{BPMN}timeDuration")
        return Node(
            id=id_,
            kind=kind,
            scope=scope,
            incoming=tuple(f.id for f in self.flows.values() if f.target == id_),
            outgoing=tuple(f.id for f in self.flows.values() if f.source == id_),
            default=element.get("default"),
            attached_to=element.get("attachedToRef"),
            interrupting=element.get("cancelActivity", "true") == "true",
            terminates=element.find(f"{BPMN}terminateEventDefinition") is not None,
            message=self._messages[message.attrib["messageRef"]] if message is not None else None,
            duration=iso_duration(duration) if duration is not None else None,
        )

    def flows_leaving(self, node_id: str) -> tuple[str, ...]:
        """The flows by which a token in a node may leave it, those of its boundary events included."""
        ways = list(self.nodes[node_id].outgoing)
        for boundary in self.boundaries.get(node_id, ()):
            ways += self.nodes[boundary].outgoing
        return tuple(ways)

    def reached_from_flow(self, flow_id: str, join: str) -> frozenset[str]:
        """The incoming flows of `join` that a token on this flow can reach without visiting `join`."""
        if (flow_id, join) not in self._reached:
            self._reached[flow_id, join] = self._search(flow_id, join)
        return self._reached[flow_id, join]

    def reached_from_node(self, node_id: str, join: str) -> frozenset[str]:
        """The same for a token in a node, be it by a boundary event."""
        return frozenset().union(*(self.reached_from_flow(flow, join) for flow in self.flows_leaving(node_id)))

    def _search(self, flow_id: str, join: str) -> frozenset[str]:
        seen, to_do = {flow_id}, [flow_id]
        while to_do:
            target = self.flows[to_do.pop()].target
            if target == join:
                continue
            new = [flow for flow in self.flows_leaving(target) if flow not in seen]
            seen.update(new)
            to_do += new
        return frozenset(flow for flow in seen if self.flows[flow].target == join)


def iso_duration(text: str) -> timedelta:
    """Read an ISO 8601 duration of days, hours, minutes and seconds.

    Raises:
        ValueError: it is none, or it has years, months or weeks.
    """
    found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", text.strip())
    if found is None:
        raise ValueError(f"not a duration: {text}")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
