"""The token game of BPMN 2.0.2, chapter 13, played over the XML: what the engine is compared with.

It shares no code with the engine and is written for plainness: tokens lie on sequence flows or stay in nodes, a rule
takes tokens away and puts tokens down, and rules are applied until none applies. It knows the elements that
`random_processes` draws: user tasks, also multi-instance; external tasks; embedded and called sub-processes; exclusive,
parallel, inclusive and event-based gateways; events that wait for a message, a signal or a timer, that throw a signal,
an error or an escalation, or that hand a message to a worker; boundary events; none and terminate end events. Where
BPMN leaves the meaning to the vendor, it is that of Camunda 7.

Where the specification leaves a choice:

- Data is one flat dictionary of the whole instance; the last write wins.
- A terminate end event inside a sub-process ends that sub-process only, which then goes on by its outgoing flow.
- The conditions of a gateway are tried in the order in which its flows stand in the document.
- A timer runs from the `now` of the command that armed it, and `wake` fires what is due one after the other, in order
  of due time, each with everything that follows from it.
- A non-interrupting boundary event hears every message that comes while the activity runs; a duration passes once; a
  cycle keeps to its grid, and what it missed of that while nobody woke it comes once.
- The flow from an event-based gateway to an event is taken when that event happens, not when the wait begins.
- A node is visited once for each token that comes to it: by a flow, as a start, or as a boundary event that fires; a
  gateway that joins, once for each token that leaves it joined. The instances of a multi-instance task are one visit.
- One message reaches all that wait for it at that moment, and nothing that begins to wait because of it; a signal too,
  whether it comes from outside or is thrown.
- An error or an escalation is caught by the innermost activity around it that has a boundary event for it, one for its
  code before one for any. An error ends what throws it; an escalation only if the event that catches it interrupts.
  What nobody catches changes nothing, and the token that threw it goes on.
- A called process shares the variables of its caller.
- The instances of a multi-instance task write to the variables of the process; its completion condition is asked when
  one of them ends and others are left. The items of a collection are looked up when an instance begins.

In which order tokens move when several can is left open, and shows where one of them throws something. `in_order_of`
gives a game an order drawn at random; without one it is always the same.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from tests.engine.process_net import Fault, Net, Node
from tests.engine.tokens import EndlessMoves, NoFlowTaken, Position, Scope, Token

MAX_MOVES = 10_000


class TokenGame(Position):
    """One process instance. A command applies all rules, and resets what it counts."""

    def __init__(
        self, net: Net, variables: Mapping[str, Any], now: datetime, in_order_of: Random | None = None
    ) -> None:
        super().__init__(net, variables)
        self.in_order_of = in_order_of
        self._now = now
        self._enter_scope(self._root)
        self._run()

    # Commands

    def complete(self, number: int, variables: Mapping[str, Any], now: datetime) -> None:
        """Complete a user task or finish an external one."""
        token = next(t for t in self.open_tasks() if t.number == number)
        self._begin_command(now, variables)
        self._remove(token)
        if token.scope.times is not None:
            self._end_an_instance(token)
        else:
            self._leave(token.node, token.scope)
        self._run()

    def raise_error(
        self, number: int, code: str, message: str | None, variables: Mapping[str, Any], now: datetime
    ) -> bool:
        """Let an external task fail; False, and nothing has happened, if nobody catches it."""
        token = next(t for t in self.open_tasks() if t.number == number)
        error = Fault("error", code, message, None, None)
        if self._who_catches(token, error) is None:
            self._begin_command(now, {})
            return False
        self._begin_command(now, variables)
        self._throw_from(token, error)
        self._run()
        return True

    def send(self, message: str, variables: Mapping[str, Any], now: datetime) -> None:
        self._begin_command(now, variables)
        self._happen(lambda node: node.message == message)
        self._run()

    def signal(self, name: str, variables: Mapping[str, Any], now: datetime) -> None:
        """Let the instance hear a signal that somebody waits for."""
        self._begin_command(now, variables)
        self._happen(lambda node: node.signal == name)
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
        self._root = Scope("", host=None)

    # Rules

    def _begin_command(self, now: datetime, variables: Mapping[str, Any]) -> None:
        self._now = now
        self.flows_taken = Counter()
        self.visits = Counter()
        self.signals = []
        self.cut_short = False
        self.variables.update(variables)

    def _run(self) -> None:
        for _ in range(MAX_MOVES):
            moves: Iterator[Callable[[], None]] | list[Callable[[], None]] = self._moves()
            if self.in_order_of is not None:
                moves = list(moves)
                self.in_order_of.shuffle(moves)
            for move in moves:
                move()
                break
            else:
                if not self._fire_an_inclusive_gateway():
                    return
        raise EndlessMoves(self.net.process_id)

    def _moves(self) -> Iterator[Callable[[], None]]:
        """All that can move next, inclusive gateways left out: they wait until nothing else can."""
        for scope in self._scopes():
            for flow in [flow for flow, tokens in scope.on_flows.items() if tokens]:
                target = self.net.nodes[self.net.flows[flow].target]
                if target.kind == "parallelGateway":
                    if self._parallel_gateway_is_enabled(target, scope):
                        yield partial(self._join, target, scope)
                elif target.kind != "inclusiveGateway":
                    yield partial(self._move, flow, target, scope)
        for scope in self._scopes():
            if scope.host is not None and scope.times is None and scope.empty:
                yield partial(self._end_scope, scope.host)

    def _join(self, gateway: Node, scope: Scope) -> None:
        for incoming in gateway.incoming:
            self._take(scope, incoming)
        self.visits[gateway.id] += 1
        self._put(scope, gateway.outgoing)

    def _move(self, flow: str, target: Node, scope: Scope) -> None:
        self._take(scope, flow)
        self._arrive(target, scope)

    def _end_scope(self, host: Token) -> None:
        self._remove(host)
        self._leave(host.node, host.scope)

    def _arrive(self, node: Node, scope: Scope) -> None:
        match node.kind:
            case "exclusiveGateway":
                self._put(scope, self._true_flows(node)[:1])
            case "endEvent" if node.terminates:
                self.cut_short = True
                scope.on_flows.clear()
                scope.tokens.clear()
            case "endEvent" | "intermediateThrowEvent" if node.topic is None:
                if node.signal is not None:
                    self.signals.append(node.signal)
                    self._happen(lambda other: other.signal == node.signal)
                elif node.fault is not None and scope.host is not None:
                    self._throw_from(scope.host, node.fault)
                if self._is_there(scope):
                    self._leave(node.id, scope)
            case _ if node.repeated is not None:
                self._repeat(node, scope)
            case _:
                self._stay(node, scope)

    def _stay(self, node: Node, scope: Scope) -> Token:
        if node.kind == "eventBasedGateway":
            events = tuple(self.net.flows[flow].target for flow in node.outgoing)
        elif node.kind == "intermediateCatchEvent":
            events = (node.id,)
        else:
            own = (node.id,) if node.kind == "receiveTask" else ()
            attached = self.net.boundaries.get(node.id, ())
            events = own + tuple(event for event in attached if self.net.nodes[event].fault is None)
        token = self._new_token(node, scope)
        token.armed = {event: self._due_at(event) for event in events}
        cycles = {event: self.net.nodes[event].cycle for event in events}
        token.left = {event: cycle.times for event, cycle in cycles.items() if cycle is not None and cycle.times}
        if node.kind in ("subProcess", "callActivity"):
            token.inner = Scope(node.id, host=token)
            self._enter_scope(token.inner)
        return token

    def _new_token(self, node: Node, scope: Scope) -> Token:
        self._numbers += 1
        token = Token(self._numbers, node.id, scope, {})
        scope.tokens[token.number] = token
        return token

    # Multi-instance tasks

    def _repeat(self, node: Node, scope: Scope) -> None:
        assert node.repeated is not None
        times = node.repeated.times
        if node.repeated.collection is not None:
            times = len(self.variables[node.repeated.collection])
        elif isinstance(times, str):
            times = self.variables[times]
        assert isinstance(times, int)
        if not times:
            self._leave(node.id, scope)
            return
        whole = self._stay(node, scope)
        whole.inner = Scope(node.id, host=whole, times=times)
        for counter in range(1 if node.repeated.sequential else times):
            self._begin_an_instance(node, whole.inner, counter)

    def _begin_an_instance(self, node: Node, scope: Scope, counter: int) -> None:
        assert node.repeated is not None
        token = self._new_token(node, scope)
        token.local = {"loopCounter": counter}
        if node.repeated.collection is not None and node.repeated.item is not None:
            token.local[node.repeated.item] = self.variables[node.repeated.collection][counter]

    def _end_an_instance(self, ended: Token) -> None:
        scope, node = ended.scope, self.net.nodes[ended.node]
        assert scope.host is not None
        assert scope.times is not None
        assert node.repeated is not None
        scope.ended += 1
        counts = {
            "nrOfInstances": scope.times,
            "nrOfCompletedInstances": scope.ended,
            "nrOfActiveInstances": 1 if node.repeated.sequential else scope.times - scope.ended,
            "loopCounter": ended.local["loopCounter"],
        }
        complete = node.repeated.complete
        if scope.ended == scope.times or (complete is not None and complete(self.variables | counts)):
            self._end_scope(scope.host)
        elif node.repeated.sequential:
            self._begin_an_instance(node, scope, scope.ended)

    # Gateways

    def _fire_an_inclusive_gateway(self) -> bool:
        for scope in self._scopes():
            for flow in [flow for flow, tokens in scope.on_flows.items() if tokens]:
                gateway = self.net.nodes[self.net.flows[flow].target]
                if gateway.kind == "inclusiveGateway" and self._inclusive_gateway_is_enabled(gateway, scope):
                    for incoming in gateway.incoming:
                        if scope.on_flows[incoming]:
                            self._take(scope, incoming)
                    self.visits[gateway.id] += 1
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

    # What happens to tokens that wait

    def _happen(self, concerns: Callable[[Node], bool]) -> None:
        """Let something reach all that wait for it now."""
        waiting = [
            (token, event) for token in self._tokens() for event in token.armed if concerns(self.net.nodes[event])
        ]
        for token, event in waiting:
            if self._is_live(token) and event in token.armed:
                self._fire(token, event)

    def _fire(self, token: Token, event: str) -> None:
        node = self.net.nodes[event]
        if node.kind == "boundaryEvent" and not node.interrupting:
            self._listen_on(token, node)
        else:
            self.cut_short |= token.inner is not None
            self._remove(token)
        if self.net.nodes[token.node].kind == "eventBasedGateway":
            self.flows_taken.update(node.incoming)
        if node.kind == "boundaryEvent" or self.net.nodes[token.node].kind == "eventBasedGateway":
            self.visits[event] += 1
        self._leave(event, token.scope)

    def _listen_on(self, token: Token, event: Node) -> None:
        if event.duration is not None or token.left.get(event.id) == 1:
            del token.armed[event.id]
        elif event.cycle is not None:
            if event.id in token.left:
                token.left[event.id] -= 1
            due = token.armed[event.id]
            assert due is not None
            while due <= self._now:
                due += event.cycle.period
            token.armed[event.id] = due

    def _who_catches(self, token: Token | None, thrown: Fault) -> tuple[Token, Node] | None:
        """Look at the activity that a token is in, then at those around it, for a boundary event that fits."""
        while token is not None:
            events = [self.net.nodes[event] for event in self.net.boundaries.get(token.node, ())]
            for code in (thrown.code, None):
                for event in events:
                    if event.fault is not None and (event.fault.kind, event.fault.code) == (thrown.kind, code):
                        return token, event
            token = token.scope.host
        return None

    def _throw_from(self, token: Token, thrown: Fault) -> None:
        found = self._who_catches(token, thrown)
        if found is None:
            return
        host, event = found
        assert event.fault is not None
        if event.fault.code_variable is not None:
            self.variables[event.fault.code_variable] = thrown.code
        if event.fault.message_variable is not None:
            self.variables[event.fault.message_variable] = thrown.message
        if event.interrupting:
            self.cut_short |= host.inner is not None
            self._remove(host)
        self.visits[event.id] += 1
        self._leave(event.id, host.scope)

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
        targets = (self.net.nodes[self.net.flows[flow].target] for flow in flows)
        self.visits.update(node.id for node in targets if node.kind not in ("parallelGateway", "inclusiveGateway"))

    def _take(self, scope: Scope, flow: str) -> None:
        scope.on_flows[flow] -= 1

    def _remove(self, token: Token) -> None:
        del token.scope.tokens[token.number]

    def _due_at(self, event: str) -> datetime | None:
        node = self.net.nodes[event]
        duration = node.duration if node.cycle is None else node.cycle.period
        return None if duration is None else self._now + duration
