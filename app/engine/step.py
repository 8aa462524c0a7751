"""What the engine answers: where an instance stands after a step, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A user task that waits for a person. `token` names it within its instance and is never used again."""

    token: int
    element_id: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait for a message, a moment (UTC) or an external worker, by an element or beside an activity.

    `message` is the name of the message, or the topic of the worker.
    """

    token: int
    element_id: str
    kind: Literal["message", "timer", "external"]
    message: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """An instance after a command: `state` is all that is needed to go on, the rest is read from it.

    `open_tasks` and `waits` are all there are now; `opened` and `closed`, and the same for waits, are what this step
    changed, so that whoever keeps rows of them need not look. `flows_taken` counts the sequence flows and `visits` the
    flow nodes that were reached in this step alone, by id.
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
