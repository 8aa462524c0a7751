"""A running instance brought into another version of its model.

Every live token needs its counterpart there: the element of the same id, or the one that a mapping names, of the same
kind and in the counterpart of its sub-process or call; what is inside a call follows it. What a token notes goes along,
so that no timer starts anew and no multi-instance task loses count. What has ended is in no state, so it needs no
counterpart.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.core.text import Text
from app.engine import migration_words as words
from app.engine.activity_specs import RepeatedTaskSpec
from app.engine.arrival import Arrival
from app.engine.findings import Finding
from app.engine.model import Flow, Node, NodeKind
from app.engine.outlook import joins, never_together, stuck_at
from app.engine.process import Process
from app.engine.refusals import EngineRefusal, StateNotReadable
from app.engine.remedies import finding
from app.engine.specs import NodeSpec
from app.engine.state import SavedToken, State, decode, encode
from app.engine.step import Step


@dataclass(frozen=True, slots=True)
class TokenMoved:
    """What becomes of one live token.

    `after` is the id of its element in the other model: null for a boundary event that is not listened for there, and
    for a token without a counterpart, which a finding names. `flow` is the sequence flow by which a token counts that
    waits at a join.
    """

    token: int
    before: str
    after: str | None
    flow_before: str | None = None
    flow: str | None = None


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration comes to: `step` is where the instance then stands, null if a finding is an error.

    The step's `opened`, `closed` and the like are told against before: a boundary event that is new in the other model
    is a wait that was opened. Its state belongs to the other model.
    """

    step: Step | None
    tokens: tuple[TokenMoved, ...]
    findings: tuple[Finding, ...]


def counterpart(mapping: Mapping[str, str], id_: str) -> str:
    """Return what an element or flow is called in another model; what is inside a call follows the call."""
    if id_ in mapping or "/" not in id_:
        return mapping.get(id_, id_)
    call, _, inner = id_.rpartition("/")
    return f"{counterpart(mapping, call)}/{inner}"


def migrate(source: Process, target: Process, state: bytes, mapping: Mapping[str, str], *, now: datetime) -> Migrated:
    """Bring an instance from one model into another one.

    `mapping` names the counterparts, elements and sequence flows alike, whose ids are others; both must exist. Timers
    keep their due times. A boundary event of an open activity that only the target has is armed at `now`, one that only
    the source has is disarmed; one that has fired already stays so.

    Raises:
        StateNotReadable: the state does not belong to the source.
        NotComposed: the target calls another process that it was not composed with.
    """
    held = decode(state)
    for token in held.tokens:
        if token.element_id not in source.spec.task_specs:
            raise StateNotReadable(f"The model has no element '{token.element_id}'.", token.element_id)
    crossing = _Crossing(source, target, mapping, held.tokens)
    errors, warnings = crossing.errors, crossing.warnings
    step: Step | None = None
    if not errors:
        arrival = Arrival.load(target, encode(State(held.variables, held.last_token, crossing.tokens)), now)
        try:
            crossing.complete(arrival, now)
            stand = arrival.saved()
            arrival.settle()
            step = arrival.step()
        except EngineRefusal as refusal:
            errors.append(finding("error", "cannot-go-on", words.cannot_go_on(str(refusal)), refusal.element_id))
        else:
            step = replace(step, waits_closed=tuple(sorted({*step.waits_closed, *crossing.disarmed})))
            nodes = target.model.nodes
            stuck, apart = stuck_at(target, stand), never_together(target, stand)
            # What the instance suffered from before is not the migration's doing.
            if stuck and not stuck_at(source, held.tokens):
                errors += [finding("error", "never-ends", words.never_ends(nodes[id_]), id_) for id_ in sorted(stuck)]
            if apart and not never_together(source, held.tokens):
                warnings += [
                    finding("warning", "not-together", words.not_together(nodes[one], nodes[other]), one)
                    for one, other in sorted(apart)
                ]
    return Migrated(None if errors else step, crossing.moves, (*errors, *warnings))


class _Crossing:
    """The tokens of an instance with their counterparts in another model."""

    def __init__(self, source: Process, target: Process, mapping: Mapping[str, str], tokens: list[SavedToken]) -> None:
        self.source = source
        self.target = target
        self.mapping = mapping
        self.before = {token.id: token for token in tokens}
        self.errors: list[Finding] = []
        self.warnings: list[Finding] = []
        self.nodes: dict[int, Node] = {}
        self.notes: dict[int, dict[str, Any]] = {token.id: dict(token.internal_data) for token in tokens}
        self.flows: dict[int, tuple[str, str | None]] = {}
        self.disarmed: set[int] = set()
        listeners = [token for token in tokens if "host" in token.internal_data]
        for token in tokens:
            if "host" not in token.internal_data:
                self._stand(token)
        for race in self._races():
            self._race(race)
        for token in listeners:
            self._listener(token)
        self.tokens = [
            SavedToken(token.id, self._spec_of(token).name, token.state, self.notes[token.id])
            for token in tokens
            if token.id in self.nodes
        ]

    @property
    def moves(self) -> tuple[TokenMoved, ...]:
        return tuple(
            TokenMoved(
                id_,
                self._node(token).id,
                self.nodes[id_].id if id_ in self.nodes else None,
                *self.flows.get(id_, (None, None)),
            )
            for id_, token in self.before.items()
        )

    def complete(self, arrival: Arrival, now: datetime) -> None:
        """Arm what only the other model listens for."""
        for token in list(self.before.values()):
            if token.id not in self.nodes:
                continue
            for event in self._new_events(token):
                arrival.listen(token.id, event.id)
                self.warnings.append(
                    finding("warning", "armed", words.armed(event, self.nodes[token.id], now), event.id)
                )
        for race in self._races():
            gateway = self._node_before_event(race[0])
            awaited = {self.nodes[token.id].id for token in race}
            for flow in gateway.outgoing if gateway is not None else ():
                if flow.target not in awaited:
                    note = self.notes[race[0].id]
                    arrival.await_too(note["race"], note["scope"], flow)
                    event = self.target.model.nodes[flow.target]
                    self.warnings.append(finding("warning", "awaited-too", words.awaited_too(event), event.id))

    # Counterparts

    def _stand(self, token: SavedToken) -> None:
        """Find the counterpart of a token that stands for itself, and of its flow where it waits at a join."""
        here, scope = self._node(token), token.internal_data["scope"]
        if _is_instance(token):
            # It goes with the whole, which is its scope.
            if scope in self.nodes:
                self.nodes[token.id] = self.nodes[scope]
            return
        there = self.target.model.nodes.get(self._image(here.id))
        if joins(here):
            self.flows[token.id] = (token.internal_data["flow"], None)
        if scope in self.before and scope not in self.nodes:
            # That what it stands in has no counterpart is said of that.
            return
        if there is None:
            self._refuse("no-counterpart", words.no_counterpart(here), here)
            return
        if there.kind is not here.kind or _awaits(there) != _awaits(here):
            self._refuse("other-kind", words.other_kind(here, there), here)
            return
        if _repeats(there) != _repeats(here):
            self._refuse("other-loop", words.other_loop(here, there), here)
            return
        if there.scope != (self.nodes[scope].id if scope in self.nodes else None):
            self._refuse("other-scope", words.other_scope(here, there), here)
            return
        self.nodes[token.id] = there
        self._keep_repeats(token, here, there)
        self._tell_of_loop(token, here, there)
        flow = token.internal_data["flow"]
        after = self._flow(here, there, flow)
        if joins(here) and after is None and joins(there):
            self._refuse("flow-unknown", words.flow_unknown(here, self._named(flow)), here)
            return
        self.notes[token.id]["flow"] = after or ""
        if joins(here):
            self.flows[token.id] = (flow, after)
            self._refuse_merged_flows(here, there)

    def _flow(self, here: Node, there: Node, flow: str) -> str | None:
        """Return the incoming flow that stands for another one: mapped, of the same id, or from the same source."""
        incoming = {one.id for one in there.incoming}
        if flow in self.mapping:
            return self.mapping[flow] if self.mapping[flow] in incoming else None
        if self._image(flow) in incoming:
            return self._image(flow)
        known = self.source.model.flows.get(flow)
        sources = [one.id for one in there.incoming if known is not None and one.source == self._image(known.source)]
        alike = [one for one in here.incoming if known is not None and one.source == known.source]
        return sources[0] if len(sources) == len(alike) == 1 else None

    def _refuse_merged_flows(self, here: Node, there: Node) -> None:
        """Two flows that become one would leave a token too many at the join."""
        counted: dict[str | None, str] = {}
        for token, (before, after) in self.flows.items():
            if self.nodes.get(token) is there and counted.setdefault(after, before) != before:
                self._refuse("flows-merged", words.flows_merged(here, there), here)

    def _keep_repeats(self, token: SavedToken, here: Node, there: Node) -> None:
        """A cycle goes on: what it has fired counts against how often it fires there, and it is due once at least."""
        note = self.notes[token.id]
        if "due" not in note or there.timer is None or here.timer is None:
            return
        fired = (here.timer.repeats - note["left"]) if here.timer.repeats is not None and "left" in note else 0
        note.pop("left", None)
        if there.timer.repeats is not None:
            note["left"] = max(there.timer.repeats - fired, 1)

    def _tell_of_loop(self, token: SavedToken, here: Node, there: Node) -> None:
        """A repeated task was counted out when it was opened, so that stays; when to end it is asked of its model."""
        if here.loop is None or there.loop is None:
            return
        if here.loop.cardinality != there.loop.cardinality:
            text = words.times_kept(here, there.loop, token.internal_data["of"], token.internal_data["done"])
            self.warnings.append(finding("warning", "times-kept", text, here.id))
        if here.loop.completion != there.loop.completion:
            self.warnings.append(finding("warning", "ends-otherwise", words.ends_otherwise(here, there.loop), here.id))

    # Event-based gateways: their events are one token

    def _races(self) -> list[list[SavedToken]]:
        found: dict[int, list[SavedToken]] = {}
        for token in self.before.values():
            if "race" in self.notes[token.id]:
                found.setdefault(self.notes[token.id]["race"], []).append(token)
            elif self._node_before_event(token) is not None:
                # It was waited for alone, and now is one of several.
                self.notes[token.id]["race"] = token.id
                found[token.id] = [token]
        return list(found.values())

    def _race(self, race: list[SavedToken]) -> None:
        """Let the events of one gateway be those of one gateway again, each another one."""
        crossed = [token for token in race if token.id in self.nodes]
        gateways = {gateway.id if (gateway := self._node_before_event(token)) else None for token in crossed}
        events = {self.nodes[token.id].id for token in crossed}
        for token in crossed:
            if None in gateways or len(gateways) > 1 or len(events) < len(crossed):
                here = self._node(token)
                self._refuse("no-event-gateway", words.no_event_gateway(here), here)
            else:
                self.notes[token.id]["flow"] = self.nodes[token.id].incoming[0].id

    def _node_before_event(self, token: SavedToken) -> Node | None:
        """Return the event-based gateway that leads to the counterpart of a token, null if none does."""
        there = self.nodes.get(token.id)
        if there is None or there.kind is not NodeKind.CATCH or not there.incoming:
            return None
        before = self.target.model.nodes[there.incoming[0].source]
        return before if before.kind is NodeKind.EVENT_GATEWAY else None

    # Boundary events

    def _listener(self, token: SavedToken) -> None:
        here = self._node(token)
        host = self.nodes.get(token.internal_data["host"])
        if host is None:
            return
        there = self.target.model.nodes.get(self._image(here.id))
        if there is not None and _same_event(here, there) and there.attached_to == host.id:
            self.nodes[token.id] = there
            self._keep_repeats(token, here, there)
        elif here.id in self.mapping:
            self._refuse("not-attached", words.not_attached(here, host), here)
        else:
            self.disarmed.add(token.id)
            self.warnings.append(finding("warning", "disarmed", words.disarmed(here), here.id))

    def _new_events(self, token: SavedToken) -> Iterator[Node]:
        """The boundary events that an activity has in the other model alone; one that has fired is not new."""
        known = [event.node for event in self.source.spec.task_specs[token.element_id].boundary]
        for spec in self._spec_of(token).boundary:
            same = any(self._image(one.id) == spec.node.id and _same_event(one, spec.node) for one in known)
            # Errors and escalations come to their events without being waited for.
            if not same and spec.node.fault is None:
                yield spec.node

    def _spec_of(self, token: SavedToken) -> NodeSpec:
        """Return the specification that a token has in the other model."""
        spec = self.target.spec.task_specs[self.nodes[token.id].id]
        return spec.each if _is_instance(token) and isinstance(spec, RepeatedTaskSpec) else spec

    def _node(self, token: SavedToken) -> Node:
        return self.source.spec.task_specs[token.element_id].node

    def _image(self, id_: str) -> str:
        return counterpart(self.mapping, id_)

    def _named(self, flow: str) -> Flow | None:
        return self.source.model.flows.get(flow)

    def _refuse(self, code: str, text: Text, element: Node) -> None:
        refusal = finding("error", code, text, element.id)
        if refusal not in self.errors:
            self.errors.append(refusal)


def _same_event(here: Node, there: Node) -> bool:
    return there.kind is NodeKind.BOUNDARY and _awaits(here) == _awaits(there)


def _awaits(node: Node) -> tuple[bool, ...]:
    """What kind of thing a node waits for; under which name may change."""
    return tuple(one is not None for one in (node.message, node.signal, node.timer, node.topic, node.fault))


def _repeats(node: Node) -> tuple[bool, str | None, str | None] | None:
    """How a task is repeated, as far as its open instances depend on it; null if it is done once."""
    loop = node.loop
    return None if loop is None else (loop.sequential, loop.collection, loop.element_variable)


def _is_instance(token: SavedToken) -> bool:
    return "local" in token.internal_data
