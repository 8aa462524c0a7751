"""The commands of the engine, each from bytes to a step."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.engine.execution import Execution
from app.engine.process import Process
from app.engine.step import Step

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def start(process: Process, variables: Mapping[str, Any], *, now: datetime) -> Step:
    """Start an instance with its first variables and run it to its first waits."""
    return Execution.begin(process, variables, now).step()


def complete(process: Process, state: bytes, token: int, variables: Mapping[str, Any], *, now: datetime) -> Step:
    """Complete one open user task; the variables are written before any gateway decides.

    Raises:
        TokenNotOpen: the token is no open user task of this state.
        NoFlowMatches: a gateway cannot decide with these variables.
    """
    execution = Execution.load(process, state, now)
    execution.complete(token, variables, now)
    return execution.step()


def wake(process: Process, state: bytes, *, now: datetime) -> Step:
    """Fire the timers that are due at `now`, in the order of their due times."""
    execution = Execution.load(process, state, now)
    execution.wake(now)
    return execution.step()


def send(process: Process, state: bytes, message: str, variables: Mapping[str, Any], *, now: datetime) -> Step:
    """Deliver a message to every token of the instance that waits for it.

    Raises:
        NothingWaits: none does; messages are not kept for later.
    """
    execution = Execution.load(process, state, now)
    execution.send(message, variables, now)
    return execution.step()


def cancel(process: Process, state: bytes) -> Step:
    """Withdraw every token; the variables stay readable."""
    execution = Execution.load(process, state, _BEGINNING)
    execution.cancel()
    return execution.step()


def where(process: Process, state: bytes) -> Step:
    """Return where an instance stands, without moving it."""
    return Execution.load(process, state, _BEGINNING).step()
