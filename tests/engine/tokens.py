"""What lies on the board of the token model."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


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
