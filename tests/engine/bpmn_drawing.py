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
    Activity,
    Block,
    Boundary,
    Branch,
    Call,
    Catch,
    Choice,
    Cycle,
    End,
    Error,
    Escalation,
    External,
    FirstOf,
    Fork,
    Handed,
    Inclusive,
    Message,
    Parallel,
    RandomProcess,
    Receive,
    Repeated,
    Rework,
    Sequence,
    Signal,
    SubProcess,
    Throw,
    Timer,
    UserTask,
    Variable,
)
from tests.engine.bpmn_writing import Element, Flow, Scope, Writer
from tests.engine.nasty_ids import Ids

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
# What would take several flows for several branches, and what may split by itself.
JOINING = ("parallelGateway", "inclusiveGateway")
SPLITTING = ("startEvent", "userTask", "subProcess", "intermediateCatchEvent", "boundaryEvent", "callActivity")
# The errors that are thrown, with the message that each brings.
ERRORS = {"E1": "berkas rusak", "E2": None}


@dataclass(frozen=True, slots=True)
class Drawing:
    """The file, those of the processes it calls by their ids, and which variable each task sets, by element id."""

    xml: bytes
    sets: dict[str, Variable]
    called: dict[str, bytes]


class Tail(NamedTuple):
    """The loose end of a path: the node from which the next sequence flow will start.

    `joined`: the node is a gateway that only joins so far. `beside`: other loose ends that merge with this one without
    a gateway.
    """

    node: Element
    condition: str | None = None
    default: bool = False
    joined: bool = False
    beside: tuple["Tail", ...] = ()


def draw(process: RandomProcess, *, plain_ids: bool = False) -> Drawing:
    """Write a process as XML. Equal processes give equal bytes."""
    shelf = _Shelf()
    pencil = _Pencil(Random(process.names), shelf, "Process_0", plain_ids=plain_ids)
    xml = pencil.document(process.body)
    return Drawing(xml, pencil.sets, {drawn.process_id: drawn.xml for drawn in shelf.called})


class _Called(NamedTuple):
    body: Block
    process_id: str
    xml: bytes
    sets: dict[str, Variable]


@dataclass(slots=True, eq=False)
class _Shelf:
    """The called processes that have been drawn."""

    called: list[_Called] = field(default_factory=list)
    numbers: int = 0


class _Pencil:
    def __init__(self, random: Random, shelf: _Shelf, process_id: str, *, plain_ids: bool) -> None:
        self._random = random
        self._shelf = shelf
        self._plain_ids = plain_ids
        self._process_id = process_id
        self._ids = Ids(random, process_id, plain=plain_ids)
        self._prefix = "" if random.random() < 0.2 else "bpmn:"
        self._references = random.random() < 0.8
        self._declared: dict[Message | Signal | Error | Escalation, str] = {}
        self._scope = Scope()
        self.sets: dict[str, Variable] = {}

    def document(self, body: Block) -> bytes:
        p = self._prefix
        self._draw_scope(body)
        inside = Writer(self._random, p, references=self._references).written(self._scope)
        declared = "".join(self._declaration(what, id_) for what, id_ in self._declared.items())
        model = f'xmlns:bpmn="{MODEL}"' if p else f'xmlns="{MODEL}"'
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<{p}definitions {model} xmlns:camunda="{CAMUNDA}" xmlns:xsi="{XSI}" '
            f'id={quoteattr(self._ids.new("Definitions"))} targetNamespace="http://bpmn.io/schema/bpmn">\n{declared}'
            f'  <{p}process id={quoteattr(self._process_id)} name="Proses" isExecutable="true" '
            f'camunda:historyTimeToLive="P180D">\n{inside}  </{p}process>\n</{p}definitions>\n'
        ).encode()

    def _declaration(self, what: Message | Signal | Error | Escalation, id_: str) -> str:
        tag = type(what).__name__.lower()
        start = f"  <{self._prefix}{tag} id={quoteattr(id_)}"
        if isinstance(what, Message | Signal):
            return f"{start} name={quoteattr(what.name)}/>\n"
        message = ERRORS.get(what.code or "")
        text = "" if message is None else f" camunda:errorMessage={quoteattr(message)}"
        return f'{start} {tag}Code="{what.code}"{text}/>\n'

    # Blocks: each takes the loose end it starts from and returns the loose end it leaves, or None if it never goes on

    def _draw_scope(self, body: Block) -> None:
        self._end(self._draw(body, Tail(self._element("startEvent"))))

    def _draw(self, block: Block, tail: Tail) -> Tail | None:
        match block:
            case Sequence(blocks):
                return self._sequence(blocks, tail)
            case UserTask() | External() | Receive() | SubProcess() | Call():
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
                return Tail(self._next("intermediateCatchEvent", tail, inside=self._event(trigger)))
            case Throw(thrown):
                return Tail(self._next("intermediateThrowEvent", tail, inside=self._event(thrown)))
            case FirstOf():
                return self._first_of(block, tail)
            case End(terminate, thrown):
                inside = f"<{self._prefix}terminateEventDefinition/>" if terminate else ""
                if thrown is not None:
                    inside = self._event(thrown)
                self._next("endEvent", tail, inside=inside)
                return None

    def _sequence(self, blocks: Iterable[Block], tail: Tail) -> Tail | None:
        for block in blocks:
            further = self._draw(block, tail)
            if further is None:
                return None
            tail = further
        return tail

    def _activity(self, block: Activity, tail: Tail) -> Tail | None:
        activity = self._activity_element(block, tail)
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

    def _activity_element(self, block: Activity, tail: Tail) -> Element:
        match block:
            case UserTask(sets=sets, repeated=repeated):
                inside = "" if repeated is None else self._marker(repeated)
                element = self._next("userTask", tail, {"name": "Kegiatan"}, inside)
            case External(topic=topic, sets=sets):
                tag = self._random.choice(("serviceTask", "sendTask", "businessRuleTask"))
                element = self._next(tag, tail, {"camunda:type": "external", "camunda:topic": topic})
            case Receive(message=message):
                sets = None
                element = self._next("receiveTask", tail, {"messageRef": self._reference(message)})
            case SubProcess(body=body):
                sets = None
                element = self._next("subProcess", tail, {"name": "Bagian"})
                outer, self._scope = self._scope, Scope()
                self._draw_scope(body)
                element.scope, self._scope = self._scope, outer
            case Call(body=body):
                sets = None
                called = self._call(body)
                element = self._next("callActivity", tail, {"calledElement": called.process_id}, self._shared())
                self.sets |= {f"{element.id}/{inner}": variable for inner, variable in called.sets.items()}
        if sets is not None:
            self.sets[element.id] = sets
        return element

    def _call(self, body: Block) -> _Called:
        for called in self._shelf.called:
            if called.body == body:
                return called
        self._shelf.numbers += 1
        process_id = f"Process_{self._shelf.numbers}"
        pencil = _Pencil(Random(self._random.randrange(2**32)), self._shelf, process_id, plain_ids=self._plain_ids)
        called = _Called(body, process_id, pencil.document(body), pencil.sets)
        self._shelf.called.append(called)
        return called

    def _shared(self) -> str:
        p = self._prefix
        mappings = '<camunda:in variables="all"/><camunda:out variables="all"/>'
        if self._random.random() < 0.5:
            mappings += '<camunda:in businessKey="#{execution.processBusinessKey}"/>'
        return f"<{p}extensionElements>{mappings}</{p}extensionElements>"

    def _marker(self, repeated: Repeated) -> str:
        p = self._prefix
        attributes = ' isSequential="true"' if repeated.sequential else ""
        inside = ""
        if repeated.collection is not None:
            name = self._random.choice((repeated.collection, f"${{{repeated.collection}}}"))
            attributes += f' camunda:collection="{name}" camunda:elementVariable="orang"'
        else:
            times = repeated.times if isinstance(repeated.times, int) else f"${{{repeated.times}}}"
            inside = f"<{p}loopCardinality>{times}</{p}loopCardinality>"
        if repeated.complete is not None:
            inside += f"<{p}completionCondition>{escape(repeated.complete)}</{p}completionCondition>"
        tag = f"{p}multiInstanceLoopCharacteristics"
        return f"<{tag}{attributes}>{inside}</{tag}>"

    def _boundary_event(self, boundary: Boundary, activity: Element) -> Element:
        attributes = {"attachedToRef": activity.id}
        if not boundary.interrupting:
            attributes["cancelActivity"] = "false"
        elif self._random.random() < 0.5:
            attributes["cancelActivity"] = "true"
        return self._element("boundaryEvent", attributes, self._event(boundary.trigger))

    def _fork(self, tail: Tail) -> Element:
        """A node that puts a token on each of the flows that leave it."""
        bare = tail.condition is None and not tail.default and not tail.beside
        if bare and tail.node.tag in SPLITTING and self._random.random() < 0.5:
            return tail.node
        return self._split("parallelGateway", tail)

    def _split(self, tag: str, tail: Tail) -> Element:
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
            event = self._next("intermediateCatchEvent", Tail(gateway), inside=self._event(trigger))
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

    def _next(self, tag: str, tail: Tail, attributes: dict[str, str] | None = None, inside: str = "") -> Element:
        element = self._element(tag, attributes, inside)
        self._flow(tail, element)
        return element

    def _element(self, tag: str, attributes: dict[str, str] | None = None, inside: str = "") -> Element:
        id_ = self._ids.new(tag[0].upper() + tag[1:])
        element = Element(tag, id_, dict(attributes or {}), inside)
        self._scope.elements.append(element)
        return element

    def _flow(self, tail: Tail, target: Element) -> None:
        if tail.beside and target.tag in JOINING:
            merge = self._element("exclusiveGateway")
            self._flow(tail, merge)
            tail = Tail(merge)
        for other in tail.beside:
            self._flow(other, target)
        flow = Flow(self._ids.new("Flow"), tail.node, target, tail.condition)
        if tail.default:
            tail.node.attributes["default"] = flow.id
        self._scope.flows.append(flow)

    def _event(self, what: Timer | Cycle | Message | Signal | Error | Escalation | Handed) -> str:
        p = self._prefix
        match what:
            case Timer(seconds):
                return self._timer("timeDuration", self._duration(seconds))
            case Cycle(seconds, times):
                return self._timer("timeCycle", f"R{'' if times is None else times}/{self._duration(seconds)}")
            case Handed(topic):
                return f'<{p}messageEventDefinition camunda:type="external" camunda:topic={quoteattr(topic)}/>'
        tag = type(what).__name__.lower()
        attributes = ""
        if isinstance(what, Message | Signal) or what.code is not None:
            attributes = f" {tag}Ref={quoteattr(self._reference(what))}"
        if isinstance(what, Error | Escalation) and what.noted:
            attributes += f' camunda:{tag}CodeVariable="kode"'
            attributes += ' camunda:errorMessageVariable="keterangan"' if isinstance(what, Error) else ""
        return f"<{p}{tag}EventDefinition{attributes}/>"

    def _reference(self, what: Message | Signal | Error | Escalation) -> str:
        if isinstance(what, Error | Escalation):
            what = type(what)(what.code)
        if what not in self._declared:
            self._declared[what] = self._ids.new(type(what).__name__)
        return self._declared[what]

    def _timer(self, word: str, text: str) -> str:
        p = self._prefix
        return (
            f'<{p}timerEventDefinition><{p}{word} xsi:type="{p}tFormalExpression">{text}'
            f"</{p}{word}></{p}timerEventDefinition>"
        )

    def _duration(self, seconds: int) -> str:
        minutes, rest = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        parts = ((hours, "H"), (minutes, "M"), (rest, "S"))
        exact = "PT" + "".join(f"{amount}{unit}" for amount, unit in parts if amount)
        return self._random.choice((exact, f"PT{seconds}S", f"P0DT{seconds}S"))
