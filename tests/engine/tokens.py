"""What lies on the board of the token model."""

import copy
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from tests.engine.process_net import Net, Node


class NoFlowTaken(Exception):
    """No condition of a diverging gateway is true and it has no default flow."""


class EndlessMoves(Exception):
    """The process moves for ever without waiting for anybody."""


@dataclass(slots=True, eq=False)
class Token:
    """A token that stays in a node. `armed` holds the events it waits for, with the due time of a timer.

    `left` counts what cycles have left; `local` are the variables of an instance of a multi-instance task.
    """

    number: int
    node: str
    scope: "Scope"
    armed: dict[str, datetime | None]
    left: dict[str, int] = field(default_factory=dict)
    inner: "Scope | None" = None
    local: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Scope:
    """One running instance of the process, of a sub-process or of a multi-instance task; `host` is the token in the
    activity's node. `times` and `ended` count the instances of a multi-instance task."""

    element: str
    host: Token | None
    on_flows: Counter[str] = field(default_factory=Counter)
    tokens: dict[int, Token] = field(default_factory=dict)
    times: int | None = None
    ended: int = 0

    @property
    def empty(self) -> bool:
        return not self.tokens and not self.on_flows.total()


@dataclass(frozen=True, slots=True)
class ArmedEvent:
    """What is waited for: by a catch event, by the boundary event of a running activity, or by an external task."""

    element_id: str
    kind: str
    name: str | None
    due_at: datetime | None


class Position:
    """Where the tokens of one process instance lie, and what its last command counted.

    `cut_short`: the command ended a scope from within, so how far other tokens came in it depends on their order.
    """

    def __init__(self, net: Net, variables: Mapping[str, Any]) -> None:
        self.net = net
        self.variables: dict[str, Any] = dict(variables)
        self.flows_taken: Counter[str] = Counter()
        self.visits: Counter[str] = Counter()
        self.signals: list[str] = []
        self.cut_short = False
        self._numbers = 0
        self._root = Scope("", host=None)

    def copy(self) -> Self:
        """Return an independent game at the same point."""
        return copy.deepcopy(self)

    @property
    def finished(self) -> bool:
        return self._root.empty

    def open_tasks(self) -> list[Token]:
        """The tokens in user tasks and external tasks, in the order in which the tasks were opened."""
        tokens = (t for t in self._tokens() if t.inner is None and self._is_task(self.net.nodes[t.node]))
        return sorted(tokens, key=lambda token: token.number)

    def enabled(self) -> Counter[str]:
        """How many times each task is open."""
        return Counter(token.node for token in self.open_tasks())

    def waits(self) -> Counter[ArmedEvent]:
        events = Counter(
            self._armed(self.net.nodes[event], due) for token in self._tokens() for event, due in token.armed.items()
        )
        external = (self.net.nodes[token.node] for token in self._tokens())
        events.update(ArmedEvent(node.id, "external", node.topic, None) for node in external if node.topic is not None)
        return events

    def _armed(self, node: Node, due: datetime | None) -> ArmedEvent:
        if node.message is not None:
            return ArmedEvent(node.id, "message", node.message, None)
        if node.signal is not None:
            return ArmedEvent(node.id, "signal", node.signal, None)
        return ArmedEvent(node.id, "timer", None, due)

    def _is_task(self, node: Node) -> bool:
        return node.kind == "userTask" or node.topic is not None

    def tokens_on_flows(self) -> Counter[str]:
        """The tokens that wait before a join."""
        return sum((scope.on_flows for scope in self._scopes()), Counter())

    def _is_live(self, token: Token) -> bool:
        return any(token is other for other in self._tokens())

    def _is_there(self, scope: Scope) -> bool:
        return any(scope is other for other in self._scopes())

    def _scopes(self) -> Iterator[Scope]:
        to_do = [self._root]
        while to_do:
            scope = to_do.pop()
            yield scope
            to_do += [token.inner for token in scope.tokens.values() if token.inner is not None]

    def _tokens(self) -> list[Token]:
        return [token for scope in self._scopes() for token in scope.tokens.values()]
