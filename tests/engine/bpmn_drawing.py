"""Random processes written as BPMN 2.0 XML, without a diagram: the executable part only.

Ids are drawn from names that an engine might use for itself, and the XML varies where the schema leaves a choice:
prefix or default namespace, order of elements, `incoming` and `outgoing` present or not. Where BPMN has two ways to say
the same, either is drawn: a split by several flows that leave an activity, a merge by several flows that enter one, and
a gateway that joins and splits at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from tests.engine.blocks import (
    Block,
    Boundary,
    Branch,
    Catch,
    Choice,
    End,
    FirstOf,
    Fork,
    Inclusive,
    Message,
    Parallel,
    RandomProcess,
    Rework,
    Sequence,
    SubProcess,
    Timer,
    UserTask,
    Variable,
)

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NASTY_IDS = (
    "Start", "End", "Root", "None", "True", "start", "id.with-dots", "ünïcode", "_1", "_", "a-b", "x·y", "Ω",
    "日本語", "self", "data", "task", "main", "default", "typename", "workflow", "__class__", "Start.End", "null",
    "EndJoin", "children", "parent", "state", "nan", "StartEvent_1", "e1", "true",
)  # fmt: skip
NASTY_ENDINGS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin", ".BoundaryEventParent", "_1", ".Start")


# What would take several flows for several branches, and what may split by itself.
JOINING = ("parallelGateway", "inclusiveGateway")
SPLITTING = ("startEvent", "userTask", "subProcess", "intermediateCatchEvent", "boundaryEvent")


@dataclass(frozen=True, slots=True)
class Drawing:
    """The file, and what a player has to know: which variable each task sets, by element id."""

    xml: bytes
    sets: dict[str, Variable]


class Tail(NamedTuple):
    """The loose end of a path: the node from which the next sequence flow will start.

    `joined`: the node is a gateway that only joins so far. `beside`: other loose ends that merge with this one without
    a gateway.
    """

    node: "_Element"
    condition: str | None = None
    default: bool = False
    joined: bool = False
    beside: tuple["Tail", ...] = ()


@dataclass(slots=True, eq=False)
class _Scope:
    elements: list["_Element"] = field(default_factory=list)
    flows: list["_Flow"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Element:
    tag: str
    id: str
    attributes: dict[str, str]
    inside: str = ""
    scope: _Scope | None = None


@dataclass(slots=True, eq=False)
class _Flow:
    id: str
    source: _Element
    target: _Element
    condition: str | None


def draw(process: RandomProcess, *, plain_ids: bool = False) -> Drawing:
    """Write a process as XML. Equal processes give equal bytes."""
    pencil = _Pencil(Random(process.names), plain_ids=plain_ids)
    return Drawing(pencil.document(process.body), pencil.sets)


class _Pencil:
    def __init__(self, random: Random, *, plain_ids: bool) -> None:
        self._random = random
        self._nastiness = 0.0 if plain_ids else random.choice((0.0, 0.2, 0.6))
        self._ids: set[str] = set()
        self._numbers: dict[str, int] = {}
        self._prefix = "" if random.random() < 0.2 else "bpmn:"
        self._references = random.random() < 0.8
        self._messages: dict[str, str] = {}
        self._scope = _Scope()
        self.sets: dict[str, Variable] = {}

    def document(self, body: Block) -> bytes:
        p = self._prefix
        process_id = self._new_id("Process")
        self._draw_scope(body)
        inside = self._written(self._scope)
        messages = "".join(
            f"  <{p}message id={quoteattr(id_)} name={quoteattr(name)}/>\n" for name, id_ in self._messages.items()
        )
        model = f'xmlns:bpmn="{MODEL}"' if p else f'xmlns="{MODEL}"'
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<{p}definitions {model} xmlns:camunda="{CAMUNDA}" xmlns:xsi="{XSI}" '
            f'id={quoteattr(self._new_id("Definitions"))} targetNamespace="http://bpmn.io/schema/bpmn">\n{messages}'
            f'  <{p}process id={quoteattr(process_id)} name="Proses" isExecutable="true" '
            f'camunda:historyTimeToLive="P180D">\n{inside}  </{p}process>\n</{p}definitions>\n'
        ).encode()

    # Blocks: each takes the loose end it starts from and returns the loose end it leaves, or None if it never goes on

    def _draw_scope(self, body: Block) -> None:
        self._end(self._draw(body, Tail(self._element("startEvent"))))

    def _draw(self, block: Block, tail: Tail) -> Tail | None:
        match block:
            case Sequence(blocks):
                return self._sequence(blocks, tail)
            case UserTask() | SubProcess():
                return self._activity(block, tail)
            case Choice(branches):
                return self._branching("exclusiveGateway", branches, tail)
            case Inclusive(branches):
                return self._branching("inclusiveGateway", branches, tail)
            case Parallel(branches):
                split = self._fork(tail)
                return self._merge("parallelGateway", [self._draw(branch, Tail(split)) for branch in branches])
            case Fork(branches):
                split = self._fork(tail)
                for branch in branches:
                    self._end(self._draw(branch, Tail(split)))
                return None
            case Rework():
                return self._rework(block, tail)
            case Catch(trigger):
                return Tail(self._next("intermediateCatchEvent", tail, inside=self._trigger(trigger)))
            case FirstOf():
                return self._first_of(block, tail)
            case End(terminate):
                inside = f"<{self._prefix}terminateEventDefinition/>" if terminate else ""
                self._next("endEvent", tail, inside=inside)
                return None

    def _sequence(self, blocks: Iterable[Block], tail: Tail) -> Tail | None:
        for block in blocks:
            further = self._draw(block, tail)
            if further is None:
                return None
            tail = further
        return tail

    def _activity(self, block: UserTask | SubProcess, tail: Tail) -> Tail | None:
        if isinstance(block, UserTask):
            activity = self._next("userTask", tail, {"name": "Kegiatan"})
            if block.sets is not None:
                self.sets[activity.id] = block.sets
        else:
            activity = self._next("subProcess", tail, {"name": "Bagian"})
            outer, self._scope = self._scope, _Scope()
            self._draw_scope(block.body)
            activity.scope, self._scope = self._scope, outer
        tails: list[Tail | None] = []
        if block.ends:
            self._end(Tail(activity))
        else:
            tails.append(Tail(activity))
        for boundary in block.boundaries:
            end = self._draw(boundary.path, Tail(self._boundary_event(boundary, activity)))
            if boundary.rejoins:
                tails.append(end)
            else:
                self._end(end)
        return self._merge("exclusiveGateway", tails)

    def _boundary_event(self, boundary: Boundary, activity: _Element) -> _Element:
        attributes = {"attachedToRef": activity.id}
        if not boundary.interrupting:
            attributes["cancelActivity"] = "false"
        elif self._random.random() < 0.5:
            attributes["cancelActivity"] = "true"
        return self._element("boundaryEvent", attributes, self._trigger(boundary.trigger))

    def _fork(self, tail: Tail) -> _Element:
        """A node that puts a token on each of the flows that leave it."""
        bare = tail.condition is None and not tail.default and not tail.beside
        if bare and tail.node.tag in SPLITTING and self._random.random() < 0.5:
            return tail.node
        return self._split("parallelGateway", tail)

    def _split(self, tag: str, tail: Tail) -> _Element:
        """A gateway that splits; the one before it, if that only joins and is of the same kind."""
        if tail.joined and tail.node.tag == tag and self._random.random() < 0.8:
            return tail.node
        return self._next(tag, tail)

    def _branching(self, tag: str, branches: Iterable[Branch], tail: Tail) -> Tail | None:
        split = self._split(tag, tail)
        ends = [
            self._draw(branch.block, Tail(split, branch.condition, default=branch.condition is None))
            for branch in branches
        ]
        return self._merge(tag, ends)

    def _rework(self, block: Rework, tail: Tail) -> Tail | None:
        merge = self._next("exclusiveGateway", tail)
        before = self._draw(block.body, Tail(merge))
        if before is None:
            return None
        decision = self._next("userTask", before, {"name": "Keputusan"})
        self.sets[decision.id] = block.decides
        gateway = self._next("exclusiveGateway", Tail(decision))
        back = self._draw(block.redo, Tail(gateway, block.again, default=block.again is None))
        if back is not None:
            self._flow(back, merge)
        return Tail(gateway, block.onwards, default=block.onwards is None)

    def _first_of(self, block: FirstOf, tail: Tail) -> Tail | None:
        gateway = self._next("eventBasedGateway", tail)
        ends: list[Tail | None] = []
        for trigger, branch in block.branches:
            event = self._next("intermediateCatchEvent", Tail(gateway), inside=self._trigger(trigger))
            ends.append(self._draw(branch, Tail(event)))
        return self._merge("exclusiveGateway", ends)

    def _merge(self, tag: str, tails: Iterable[Tail | None]) -> Tail | None:
        live = [tail for tail in tails if tail is not None]
        if len(live) < 2:
            return live[0] if live else None
        if tag == "exclusiveGateway" and self._random.random() < 0.3:
            return live[0]._replace(joined=False, beside=(*live[0].beside, *live[1:]))
        gateway = self._element(tag)
        for tail in live:
            self._flow(tail, gateway)
        return Tail(gateway, joined=True)

    def _end(self, tail: Tail | None) -> None:
        if tail is not None:
            self._next("endEvent", tail)

    # Elements

    def _next(self, tag: str, tail: Tail, attributes: dict[str, str] | None = None, inside: str = "") -> _Element:
        element = self._element(tag, attributes, inside)
        self._flow(tail, element)
        return element

    def _element(self, tag: str, attributes: dict[str, str] | None = None, inside: str = "") -> _Element:
        id_ = self._new_id(tag[0].upper() + tag[1:])
        element = _Element(tag, id_, dict(attributes or {}), inside)
        self._scope.elements.append(element)
        return element

    def _flow(self, tail: Tail, target: _Element) -> None:
        if tail.beside and target.tag in JOINING:
            merge = self._element("exclusiveGateway")
            self._flow(tail, merge)
            tail = Tail(merge)
        for other in tail.beside:
            self._flow(other, target)
        flow = _Flow(self._new_id("Flow"), tail.node, target, tail.condition)
        if tail.default:
            tail.node.attributes["default"] = flow.id
        self._scope.flows.append(flow)

    def _trigger(self, trigger: Timer | Message) -> str:
        p = self._prefix
        if isinstance(trigger, Message):
            if trigger.name not in self._messages:
                self._messages[trigger.name] = self._new_id("Message")
            return f"<{p}messageEventDefinition messageRef={quoteattr(self._messages[trigger.name])}/>"
        duration = self._duration(trigger.seconds)
        return (
            f'<{p}timerEventDefinition><{p}timeDuration xsi:type="{p}tFormalExpression">{duration}'
            f"</{p}timeDuration></{p}timerEventDefinition>"
        )

    def _duration(self, seconds: int) -> str:
        minutes, rest = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        parts = ((hours, "H"), (minutes, "M"), (rest, "S"))
        exact = "PT" + "".join(f"{amount}{unit}" for amount, unit in parts if amount)
        return self._random.choice((exact, f"PT{seconds}S", f"P0DT{seconds}S"))

    def _new_id(self, kind: str) -> str:
        if self._random.random() < self._nastiness:
            id_ = self._random.choice(NASTY_IDS)
            if self._ids and self._random.random() < 0.3:
                id_ = self._random.choice(sorted(self._ids)) + self._random.choice(NASTY_ENDINGS)
            if id_ not in self._ids:
                self._ids.add(id_)
                return id_
        while True:
            self._numbers[kind] = self._numbers.get(kind, 0) + 1
            id_ = f"{kind}_{self._numbers[kind]}"
            if id_ not in self._ids:
                self._ids.add(id_)
                return id_

    # XML

    def _written(self, scope: _Scope) -> str:
        elements = list(scope.elements)
        self._random.shuffle(elements)
        flows = self._shuffled_flows(scope.flows)
        return "".join(self._written_element(element, flows) for element in elements) + "".join(
            self._written_flow(flow) for flow in flows
        )

    def _shuffled_flows(self, flows: list[_Flow]) -> list[_Flow]:
        """Shuffle, but keep the order of the flows that leave the same node: it decides which condition comes first."""
        shuffled = list(flows)
        self._random.shuffle(shuffled)
        queues = {flow.source.id: iter([f for f in flows if f.source is flow.source]) for flow in flows}
        return [next(queues[flow.source.id]) for flow in shuffled]

    def _written_element(self, element: _Element, flows: list[_Flow]) -> str:
        p = self._prefix
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in element.attributes.items())
        inside = ""
        if self._references:
            inside += "".join(f"<{p}incoming>{f.id}</{p}incoming>" for f in flows if f.target is element)
            inside += "".join(f"<{p}outgoing>{f.id}</{p}outgoing>" for f in flows if f.source is element)
        inside += element.inside
        if element.scope is not None:
            inside += "\n" + self._written(element.scope)
        return f"    <{p}{element.tag} id={quoteattr(element.id)}{attributes}>{inside}</{p}{element.tag}>\n"

    def _written_flow(self, flow: _Flow) -> str:
        p = self._prefix
        ends = f"sourceRef={quoteattr(flow.source.id)} targetRef={quoteattr(flow.target.id)}"
        if flow.condition is None:
            return f"    <{p}sequenceFlow id={quoteattr(flow.id)} {ends}/>\n"
        return (
            f"    <{p}sequenceFlow id={quoteattr(flow.id)} {ends}>"
            f'<{p}conditionExpression xsi:type="{p}tFormalExpression">{escape(flow.condition)}'
            f"</{p}conditionExpression></{p}sequenceFlow>\n"
        )
