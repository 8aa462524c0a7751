"""The token game of BPMN 2.0.2, chapter 13, played over the XML: what the engine is compared with.

It shares no code with the engine and is written for plainness: tokens lie on sequence flows or stay in nodes, a rule
takes tokens away and puts tokens down, and rules are applied until none applies. It knows the elements that
`random_processes` draws: user tasks, embedded sub-processes, exclusive, parallel, inclusive and event-based gateways,
message and timer catch events, boundary events, none and terminate end events.

Where the specification leaves a choice:

- Data is one flat dictionary of the whole instance; the last write wins.
- A terminate end event inside a sub-process ends that sub-process only, which then goes on by its outgoing flow.
- The conditions of a gateway are tried in the order in which its flows stand in the document.
- A timer runs from the `now` of the command that armed it, and `wake` fires what is due one after the other, in order
  of due time, each with everything that follows from it.
- A non-interrupting boundary event hears every message that comes while the activity runs; a duration passes once.
- The flow from an event-based gateway to an event is taken when that event happens, not when the wait begins.
- A node is visited once for each token that comes to it: by a flow, as a start, or as a boundary event that fires.
- One message reaches all that wait for it at that moment, and nothing that begins to wait because of it.
"""

import copy
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from tests.engine.process_net import Net, Node

MAX_MOVES = 10_000


class NoFlowTaken(Exception):
    """No condition of a diverging gateway is true and it has no default flow."""


class EndlessMoves(Exception):
    """The process moves for ever without waiting for anybody."""


@dataclass(slots=True, eq=False)
class Token:
    """A token that stays in a node. `armed` holds the events it waits for, with the due time of a timer."""

    number: int
    node: str
    scope: "Scope"
    armed: dict[str, datetime | None]
    inner: "Scope | None" = None


@dataclass(slots=True, eq=False)
class Scope:
    """One running instance of the process or of a sub-process; `host` is the token in the sub-process's node."""

    element: str
    host: Token | None
    on_flows: Counter[str] = field(default_factory=Counter)
    tokens: dict[int, Token] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not self.tokens and not self.on_flows.total()


@dataclass(frozen=True, slots=True)
class ArmedEvent:
    """An event that is waited for: a catch event, or the boundary event of a running activity."""

    element_id: str
    message: str | None
    due_at: datetime | None


class TokenGame:
    """One process instance. A command applies all rules, and resets `flows_taken`, `visits` and `terminated`."""

    def __init__(self, net: Net, variables: Mapping[str, Any], now: datetime) -> None:
        self.net = net
        self.variables: dict[str, Any] = dict(variables)
        self.flows_taken: Counter[str] = Counter()
        self.visits: Counter[str] = Counter()
        self.terminated = False
        self._numbers = 0
        self._now = now
        self._root = Scope(net.process_id, host=None)
        self._enter_scope(self._root)
        self._run()

    def copy(self) -> Self:
        """Return an independent game at the same point."""
        return copy.deepcopy(self)

    # What is seen from outside

    @property
    def finished(self) -> bool:
        return self._root.empty

    def open_tasks(self) -> list[Token]:
        """The tokens in user tasks, in the order in which the tasks were opened."""
        tokens = (t for t in self._tokens() if self.net.nodes[t.node].kind == "userTask")
        return sorted(tokens, key=lambda token: token.number)

    def enabled(self) -> Counter[str]:
        """How many times each user task is open."""
        return Counter(token.node for token in self.open_tasks())

    def waits(self) -> Counter[ArmedEvent]:
        return Counter(
            ArmedEvent(event, self.net.nodes[event].message, due)
            for token in self._tokens()
            for event, due in token.armed.items()
        )

    def tokens_on_flows(self) -> Counter[str]:
        """The tokens that wait before a join."""
        return sum((scope.on_flows for scope in self._scopes()), Counter())

    # Commands

    def complete(self, number: int, variables: Mapping[str, Any], now: datetime) -> None:
        token = next(t for t in self.open_tasks() if t.number == number)
        self._begin_command(now, variables)
        self._remove(token)
        self._leave(token.node, token.scope)
        self._run()

    def send(self, message: str, variables: Mapping[str, Any], now: datetime) -> None:
        self._begin_command(now, variables)
        waiting = [
            (token, event)
            for token in self._tokens()
            for event in token.armed
            if self.net.nodes[event].message == message
        ]
        for token, event in waiting:
            if self._is_live(token) and event in token.armed:
                self._fire(token, event)
        self._run()

    def wake(self, now: datetime) -> None:
        self._begin_command(now, {})
        while due := [
            (at, token.number, event, token)
            for token in self._tokens()
            for event, at in token.armed.items()
            if at is not None and at <= now
        ]:
            _, _, event, token = min(due, key=lambda entry: entry[:3])
            self._fire(token, event)
            self._run()

    def cancel(self) -> None:
        self._begin_command(self._now, {})
        self._root = Scope(self.net.process_id, host=None)

    # Rules

    def _begin_command(self, now: datetime, variables: Mapping[str, Any]) -> None:
        self._now = now
        self.flows_taken = Counter()
        self.visits = Counter()
        self.terminated = False
        self.variables.update(variables)

    def _run(self) -> None:
        for _ in range(MAX_MOVES):
            if not (self._move_along_a_flow() or self._end_a_scope() or self._fire_an_inclusive_gateway()):
                return
        raise EndlessMoves(self.net.process_id)

    def _move_along_a_flow(self) -> bool:
        for scope in self._scopes():
            for flow in [flow for flow, tokens in scope.on_flows.items() if tokens]:
                target = self.net.nodes[self.net.flows[flow].target]
                if target.kind == "inclusiveGateway":
                    continue
                if target.kind != "parallelGateway":
                    self._take(scope, flow)
                    self._arrive(target, scope)
                    return True
                if self._parallel_gateway_is_enabled(target, scope):
                    for incoming in target.incoming:
                        self._take(scope, incoming)
                    self._put(scope, target.outgoing)
                    return True
        return False

    def _arrive(self, node: Node, scope: Scope) -> None:
        match node.kind:
            case "exclusiveGateway":
                self._put(scope, self._true_flows(node)[:1])
            case "endEvent":
                if node.terminates:
                    self.terminated = True
                    scope.on_flows.clear()
                    scope.tokens.clear()
            case _:
                self._stay(node, scope)

    def _stay(self, node: Node, scope: Scope) -> None:
        if node.kind == "eventBasedGateway":
            events = tuple(self.net.flows[flow].target for flow in node.outgoing)
        elif node.kind == "intermediateCatchEvent":
            events = (node.id,)
        else:
            events = self.net.boundaries.get(node.id, ())
        self._numbers += 1
        token = Token(self._numbers, node.id, scope, {event: self._due_at(event) for event in events})
        scope.tokens[token.number] = token
        if node.kind == "subProcess":
            token.inner = Scope(node.id, host=token)
            self._enter_scope(token.inner)

    def _end_a_scope(self) -> bool:
        for scope in self._scopes():
            if scope.host is not None and scope.empty:
                self._remove(scope.host)
                self._leave(scope.host.node, scope.host.scope)
                return True
        return False

    def _fire_an_inclusive_gateway(self) -> bool:
        for scope in self._scopes():
            for flow in [flow for flow, tokens in scope.on_flows.items() if tokens]:
                gateway = self.net.nodes[self.net.flows[flow].target]
                if gateway.kind == "inclusiveGateway" and self._inclusive_gateway_is_enabled(gateway, scope):
                    for incoming in gateway.incoming:
                        if scope.on_flows[incoming]:
                            self._take(scope, incoming)
                    self._put(scope, self._true_flows(gateway))
                    return True
        return False

    def _parallel_gateway_is_enabled(self, gateway: Node, scope: Scope) -> bool:
        return all(scope.on_flows[incoming] for incoming in gateway.incoming)

    def _inclusive_gateway_is_enabled(self, gateway: Node, scope: Scope) -> bool:
        """The rule of BPMN 2.0.2, 13.4.3: no token may still come to an empty flow, unless it may as well come to
        one that has a token already."""
        filled = {flow for flow in gateway.incoming if scope.on_flows[flow]}
        reached = [
            self.net.reached_from_flow(flow, gateway.id)
            for flow, tokens in scope.on_flows.items()
            if tokens and flow not in gateway.incoming
        ]
        reached += [self.net.reached_from_node(token.node, gateway.id) for token in scope.tokens.values()]
        return bool(filled) and all(not ways - filled or ways & filled for ways in reached)

    def _true_flows(self, gateway: Node) -> tuple[str, ...]:
        if len(gateway.outgoing) == 1:
            return gateway.outgoing
        chosen = tuple(flow for flow in gateway.outgoing if flow != gateway.default and self._holds(flow))
        if chosen:
            return chosen
        if gateway.default is None:
            raise NoFlowTaken(gateway.id)
        return (gateway.default,)

    def _holds(self, flow: str) -> bool:
        test = self.net.flows[flow].condition
        return test is None or test(self.variables)

    def _fire(self, token: Token, event: str) -> None:
        node = self.net.nodes[event]
        if node.kind == "boundaryEvent" and not node.interrupting:
            if node.duration is not None:
                del token.armed[event]
        else:
            self._remove(token)
        if self.net.nodes[token.node].kind == "eventBasedGateway":
            self.flows_taken.update(node.incoming)
        if node.kind == "boundaryEvent" or self.net.nodes[token.node].kind == "eventBasedGateway":
            self.visits[event] += 1
        self._leave(event, token.scope)

    # Tokens

    def _enter_scope(self, scope: Scope) -> None:
        start = self.net.start[scope.element]
        self.visits[start] += 1
        self._leave(start, scope)

    def _leave(self, node: str, scope: Scope) -> None:
        self._put(scope, self.net.nodes[node].outgoing)

    def _put(self, scope: Scope, flows: tuple[str, ...]) -> None:
        scope.on_flows.update(flows)
        self.flows_taken.update(flows)
        self.visits.update(self.net.flows[flow].target for flow in flows)

    def _take(self, scope: Scope, flow: str) -> None:
        scope.on_flows[flow] -= 1

    def _remove(self, token: Token) -> None:
        del token.scope.tokens[token.number]

    def _due_at(self, event: str) -> datetime | None:
        duration = self.net.nodes[event].duration
        return None if duration is None else self._now + duration

    def _is_live(self, token: Token) -> bool:
        return any(token is other for other in self._tokens())

    def _scopes(self) -> Iterator[Scope]:
        to_do = [self._root]
        while to_do:
            scope = to_do.pop()
            yield scope
            to_do += [token.inner for token in scope.tokens.values() if token.inner is not None]

    def _tokens(self) -> list[Token]:
        return [token for scope in self._scopes() for token in scope.tokens.values()]
