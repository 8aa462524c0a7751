"""What belongs together in the logs: the trace of a request, or of one run of a chore."""

import re
from contextvars import ContextVar
from typing import NamedTuple
from uuid import uuid4

# W3C Trace Context: version, trace id, parent id, flags. Later versions may say more behind it.
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")


class NotedAct(NamedTuple):
    """An act that was committed, as the trail knows it; `process` is the key of its SOP, empty outside instances."""

    type: str
    process: str
    chain: str
    sequence: int


class Trace:
    """One request, or one run of a chore: its id, and the acts that it has committed."""

    __slots__ = ("acts", "id")

    def __init__(self, id: str) -> None:
        self.id = id
        self.acts: list[NotedAct] = []


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def begin(id: str | None = None) -> Trace:
    """Begin a trace, by default under a new id; what is logged from here on, in threads too, carries the id."""
    trace = Trace(id or uuid4().hex)
    _current.set(trace)
    return trace


def current() -> Trace | None:
    """Return the trace that this belongs to, null outside requests and chores."""
    return _current.get()


def current_id() -> str:
    """Return the id of the trace that this belongs to; empty outside requests and chores."""
    trace = _current.get()
    return trace.id if trace is not None else ""


def id_of(traceparent: bytes) -> str | None:
    """Return the trace id of a `traceparent` header, null if it is none (W3C Trace Context, section 3.2)."""
    match = _TRACEPARENT.fullmatch(traceparent.strip())
    if match is None or int(match[1], 16) == 0 or int(match[2], 16) == 0:
        return None
    return match[1].decode()
