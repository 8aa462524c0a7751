"""What the engine answers: where an instance stands after a step, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A user task that waits for a person. `token` names it within its instance and is never used again.

    One of a multi-instance task has `local` variables of its own: `loopCounter`, from 0, and its item of the
    collection under the name that the model gives it.
    """

    token: int
    element_id: str
    local: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait for a message, a signal, an external worker or a moment (UTC), by an element or beside an activity.

    `name` is that of the message or the signal, or the worker's topic; a timer has `due_at` in its place.
    """

    token: int
    element_id: str
    kind: Literal["message", "signal", "external", "timer"]
    name: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """An instance after a command: `state` is all that is needed to go on, the rest is read from it.

    `open_tasks` and `waits` are all there are now; `opened` and `closed`, and the same for waits, are what this step
    changed, so that whoever keeps rows of them need not look. `flows_taken` counts the sequence flows and `visits` the
    flow nodes that were reached in this step alone, by id; a gateway that joins is reached when it lets a token pass.
    `signals` are those that this step threw, in order; the instance itself has heard them already.
    """

    state: bytes
    variables: Mapping[str, Any]
    open_tasks: tuple[OpenTask, ...]
    waits: tuple[Wait, ...]
    finished: bool
    flows_taken: Mapping[str, int]
    visits: Mapping[str, int]
    opened: tuple[OpenTask, ...]
    closed: tuple[int, ...]
    waits_opened: tuple[Wait, ...]
    waits_closed: tuple[int, ...]
    signals: tuple[str, ...] = ()
