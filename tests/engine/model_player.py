"""The token model in the part of an engine, whole and with seeded faults: what shows that a fault would be found."""

import copy
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tests.engine.bpmn_drawing import Drawing
from tests.engine.players import Seen, shown_as
from tests.engine.process_net import Net, Node
from tests.engine.token_model import TokenGame
from tests.engine.tokens import Scope, Token


class ModelPlayer:
    """Plays a token game. `game` is the class of the game: the model itself, or one that breaks a rule of it."""

    def __init__(self, game: type[TokenGame] = TokenGame) -> None:
        self._class = game
        self._game: TokenGame

    def start(self, drawing: Drawing, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._game = self._class(Net(drawing.xml, drawing.called), variables, now)
        return self._seen()

    def complete(self, token: int, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._game.complete(token, variables, now)
        return self._seen()

    def finish(self, token: int, variables: Mapping[str, Any], now: datetime) -> Seen:
        return self.complete(token, variables, now)

    def raise_error(
        self, token: int, code: str, message: str | None, variables: Mapping[str, Any], now: datetime
    ) -> Seen:
        self._game.raise_error(token, code, message, variables, now)
        return self._seen()

    def send(self, message: str, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._game.send(message, variables, now)
        return self._seen()

    def signal(self, name: str, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._game.signal(name, variables, now)
        return self._seen()

    def wake(self, now: datetime) -> Seen:
        self._game.wake(now)
        return self._seen()

    def cancel(self) -> Seen:
        self._game.cancel()
        return self._seen()

    def _seen(self) -> Seen:
        return Seen(
            tasks=tuple((token.number, shown_as(token.node, token.local)) for token in self._game.open_tasks()),
            waits=self._game.waits(),
            finished=self._game.finished,
            variables=dict(self._game.variables),
            flows_taken=dict(self._game.flows_taken),
            visits=dict(self._game.visits),
            signals=tuple(self._game.signals),
        )


class FirstTokenPassesTheParallelJoin(TokenGame):
    def _parallel_gateway_is_enabled(self, gateway: Node, scope: Scope) -> bool:
        for flow in gateway.incoming:
            scope.on_flows[flow] += not scope.on_flows[flow]
        return True


class ParallelJoinCountsEarlierRounds(TokenGame):
    """What a loop does to a join that counts arrivals since the start of the scope."""

    def __init__(self, net: Net, variables: Mapping[str, Any], now: datetime) -> None:
        self._arrived: Counter[tuple[int, str]] = Counter()
        super().__init__(net, variables, now)

    def _put(self, scope: Scope, flows: tuple[str, ...]) -> None:
        super()._put(scope, flows)
        self._arrived.update((id(scope), flow) for flow in flows)

    def _parallel_gateway_is_enabled(self, gateway: Node, scope: Scope) -> bool:
        if not all(self._arrived[id(scope), flow] for flow in gateway.incoming):
            return False
        for flow in gateway.incoming:
            scope.on_flows[flow] += not scope.on_flows[flow]
        return True


class InclusiveJoinWaitsForNobody(TokenGame):
    def _inclusive_gateway_is_enabled(self, gateway: Node, scope: Scope) -> bool:
        return True


class InclusiveJoinWaitsForAll(TokenGame):
    def _inclusive_gateway_is_enabled(self, gateway: Node, scope: Scope) -> bool:
        return self._parallel_gateway_is_enabled(gateway, scope)


class InclusiveJoinWaitsForTheWholeScope(TokenGame):
    """It waits for tokens, too, that can no longer come."""

    def _inclusive_gateway_is_enabled(self, gateway: Node, scope: Scope) -> bool:
        return not scope.tokens


class InclusiveJoinForgetsBoundaryPaths(TokenGame):
    """It takes a token in an activity to leave by the normal flow only."""

    def _inclusive_gateway_is_enabled(self, gateway: Node, scope: Scope) -> bool:
        whole, self.net = self.net, _without_boundaries(self.net)
        try:
            return super()._inclusive_gateway_is_enabled(gateway, scope)
        finally:
            self.net = whole


def _without_boundaries(net: Net) -> Net:
    bare = copy.copy(net)
    bare.boundaries, bare._reached = {}, {}
    return bare


class TakesTheLastTrueCondition(TokenGame):
    def _true_flows(self, gateway: Node) -> tuple[str, ...]:
        return super()._true_flows(gateway)[::-1]


class TakesTheDefaultFlowToo(TokenGame):
    def _true_flows(self, gateway: Node) -> tuple[str, ...]:
        chosen = super()._true_flows(gateway)
        default = (gateway.default,) if gateway.default not in (None, *chosen) else ()
        return (*chosen, *(flow for flow in default if flow is not None))


class BoundaryEventNeverInterrupts(TokenGame):
    def _fire(self, token: Token, event: str) -> None:
        if self.net.nodes[event].kind == "boundaryEvent":
            del token.armed[event]
            self._leave(event, token.scope)
        else:
            super()._fire(token, event)


class BoundaryEventAlwaysInterrupts(TokenGame):
    def _fire(self, token: Token, event: str) -> None:
        if self.net.nodes[event].kind == "boundaryEvent":
            self._remove(token)
            self._leave(event, token.scope)
        else:
            super()._fire(token, event)


class TerminateEndsItsTokenOnly(TokenGame):
    def _arrive(self, node: Node, scope: Scope) -> None:
        if not node.terminates:
            super()._arrive(node, scope)


class TerminateEndsTheWholeProcess(TokenGame):
    def _arrive(self, node: Node, scope: Scope) -> None:
        super()._arrive(node, self._root if node.terminates else scope)


class WakeFiresTheLatestFirst(TokenGame):
    def wake(self, now: datetime) -> None:
        self._begin_command(now, {})
        while due := [
            (at, token.number, event, token)
            for token in self._tokens()
            for event, at in token.armed.items()
            if at is not None and at <= now
        ]:
            _, _, event, token = max(due, key=lambda entry: entry[:3])
            self._fire(token, event)
            self._run()


class EventGatewayKeepsWaiting(TokenGame):
    """The event that came second is still waited for."""

    def _fire(self, token: Token, event: str) -> None:
        if self.net.nodes[token.node].kind == "eventBasedGateway":
            del token.armed[event]
            self._leave(event, token.scope)
            if not token.armed:
                self._remove(token)
        else:
            super()._fire(token, event)


class FirstWriteWins(TokenGame):
    def _begin_command(self, now: datetime, variables: Mapping[str, Any]) -> None:
        super()._begin_command(now, {**variables, **self.variables})


FAULTS: tuple[type[TokenGame], ...] = (
    FirstTokenPassesTheParallelJoin,
    ParallelJoinCountsEarlierRounds,
    InclusiveJoinWaitsForNobody,
    InclusiveJoinWaitsForAll,
    InclusiveJoinWaitsForTheWholeScope,
    InclusiveJoinForgetsBoundaryPaths,
    TakesTheLastTrueCondition,
    TakesTheDefaultFlowToo,
    BoundaryEventNeverInterrupts,
    BoundaryEventAlwaysInterrupts,
    TerminateEndsItsTokenOnly,
    TerminateEndsTheWholeProcess,
    WakeFiresTheLatestFirst,
    EventGatewayKeepsWaiting,
    FirstWriteWins,
)


def faulty(game: type[TokenGame]) -> Callable[[], ModelPlayer]:
    """A maker of players for `find_difference`."""
    return lambda: ModelPlayer(game)
