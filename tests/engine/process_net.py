"""An executable process as a graph, read from its XML with nothing but the standard library."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from tests.engine.conditions import Condition, condition

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
FLOW_NODES = {
    "startEvent",
    "endEvent",
    "userTask",
    "serviceTask",
    "sendTask",
    "businessRuleTask",
    "receiveTask",
    "subProcess",
    "callActivity",
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "eventBasedGateway",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "boundaryEvent",
}


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    source: str
    target: str
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class Cycle:
    """A timer that fires `times` times (for ever, if that is null) with `period` between."""

    times: int | None
    period: timedelta


@dataclass(frozen=True, slots=True)
class Fault:
    """An error or an escalation, thrown or caught; caught without a code it is any."""

    kind: str
    code: str | None
    message: str | None
    code_variable: str | None
    message_variable: str | None


@dataclass(frozen=True, slots=True)
class Repetition:
    """A multi-instance marker: so many times, as a number or a variable's name, or for each item of a collection."""

    sequential: bool
    times: int | str | None
    collection: str | None
    item: str | None
    complete: Condition | None


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node; `message`, `signal`, `duration`, `cycle` and `topic` say what is waited for, or what is thrown."""

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
    signal: str | None
    fault: Fault | None
    topic: str | None
    duration: timedelta | None
    cycle: Cycle | None
    repeated: Repetition | None

    @property
    def throws(self) -> bool:
        """Whether a token that comes here throws a signal, an error or an escalation."""
        return self.kind in ("endEvent", "intermediateThrowEvent") and (self.signal or self.fault) is not None


class Net:
    """The executable process of a BPMN file as a graph, with the processes that it calls; it never changes once read.

    What is inside a called process has the id of the call and a slash before its own.
    """

    def __init__(self, xml: bytes, called: Mapping[str, bytes] | None = None) -> None:
        self._called = called or {}
        self.flows: dict[str, Flow] = {}
        self.nodes: dict[str, Node] = {}
        self.start: dict[str, str] = {}
        self.boundaries: dict[str, tuple[str, ...]] = {}
        self.process_id = ""
        self._read_file(xml, prefix="", scope="")
        self._reached: dict[tuple[str, str], frozenset[str]] = {}
        self.throws = any(node.throws for node in self.nodes.values())

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def _read_file(self, xml: bytes, prefix: str, scope: str) -> None:
        root = ET.fromstring(xml)
        process = next(p for p in root.iter(f"{BPMN}process") if p.get("isExecutable") == "true")
        named = {
            element.attrib["id"]: element
            for kind in ("message", "signal", "error", "escalation")
            for element in root.iter(f"{BPMN}{kind}")
        }
        for element in process.iter(f"{BPMN}sequenceFlow"):
            text = element.findtext(f"{BPMN}conditionExpression")
            flow = Flow(
                prefix + element.attrib["id"],
                prefix + element.attrib["sourceRef"],
                prefix + element.attrib["targetRef"],
                condition(text) if text is not None else None,
            )
            self.flows[flow.id] = flow
        self._read_scope(process, scope, prefix, named)

    def _read_scope(self, holder: ET.Element, scope: str, prefix: str, named: Mapping[str, ET.Element]) -> None:
        for element in holder:
            kind = element.tag.removeprefix(BPMN)
            if kind not in FLOW_NODES:
                continue
            node = self._read_node(element, kind, scope, prefix, named)
            self.nodes[node.id] = node
            if kind == "startEvent":
                self.start[scope] = node.id
            if node.attached_to is not None:
                self.boundaries[node.attached_to] = (*self.boundaries.get(node.attached_to, ()), node.id)
            if kind == "subProcess":
                self._read_scope(element, node.id, prefix, named)
            elif kind == "callActivity":
                self._read_file(self._called[element.attrib["calledElement"]], f"{node.id}/", node.id)

    def _read_node(
        self, element: ET.Element, kind: str, scope: str, prefix: str, named: Mapping[str, ET.Element]
    ) -> Node:
        id_ = prefix + element.attrib["id"]
        message = element.find(f"{BPMN}messageEventDefinition")
        signal = element.find(f"{BPMN}signalEventDefinition")
        external = message if message is not None else element
        default, attached_to = element.get("default"), element.get("attachedToRef")
        message_ref = element.get("messageRef") if message is None else message.get("messageRef")
        duration = element.findtext(f"{BPMN}timerEventDefinition/{BPMN}timeDuration")
        cycle = element.findtext(f"{BPMN}timerEventDefinition/{BPMN}timeCycle")
        return Node(
            id=id_,
            kind=kind,
            scope=scope,
            incoming=tuple(f.id for f in self.flows.values() if f.target == id_),
            outgoing=tuple(f.id for f in self.flows.values() if f.source == id_),
            default=None if default is None else prefix + default,
            attached_to=None if attached_to is None else prefix + attached_to,
            interrupting=element.get("cancelActivity", "true") == "true",
            terminates=element.find(f"{BPMN}terminateEventDefinition") is not None,
            message=named[message_ref].attrib["name"] if message_ref is not None else None,
            signal=named[signal.attrib["signalRef"]].attrib["name"] if signal is not None else None,
            fault=_fault(element, named),
            topic=external.get(f"{CAMUNDA}topic"),
            duration=iso_duration(duration) if duration is not None else None,
            cycle=_cycle(cycle) if cycle is not None else None,
            repeated=_repetition(element),
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


def _cycle(text: str) -> Cycle:
    times, period = text.strip().removeprefix("R").split("/")
    return Cycle(int(times) if times else None, iso_duration(period))


def _fault(element: ET.Element, named: Mapping[str, ET.Element]) -> Fault | None:
    for kind in ("error", "escalation"):
        definition = element.find(f"{BPMN}{kind}EventDefinition")
        if definition is not None:
            reference = definition.get(f"{kind}Ref")
            declared = named[reference] if reference is not None else None
            return Fault(
                kind,
                None if declared is None else declared.attrib[f"{kind}Code"],
                None if declared is None else declared.get(f"{CAMUNDA}errorMessage"),
                definition.get(f"{CAMUNDA}{kind}CodeVariable"),
                definition.get(f"{CAMUNDA}errorMessageVariable"),
            )
    return None


def _repetition(element: ET.Element) -> Repetition | None:
    marker = element.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if marker is None:
        return None
    times = marker.findtext(f"{BPMN}loopCardinality")
    complete = marker.findtext(f"{BPMN}completionCondition")
    collection = marker.get(f"{CAMUNDA}collection")
    return Repetition(
        sequential=marker.get("isSequential") == "true",
        times=None if times is None else int(times) if times.isdigit() else times.strip("${}"),
        collection=None if collection is None else collection.strip("${}"),
        item=marker.get(f"{CAMUNDA}elementVariable"),
        complete=condition(complete) if complete is not None else None,
    )
