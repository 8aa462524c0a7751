"""The commands of the engine, each from bytes to a step."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.engine.execution import Execution
from app.engine.process import Process
from app.engine.step import Step

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def start(process: Process, variables: Mapping[str, Any], *, now: datetime) -> Step:
    """Start an instance with its first variables and run it to its first waits.

    Raises:
        NotComposed: the process calls another one; `compose` it first.
        NoFlowMatches, CannotRepeat: a gateway or a multi-instance task cannot decide with these variables.
    """
    return Execution.begin(process, variables, now).step()


def complete(process: Process, state: bytes, token: int, variables: Mapping[str, Any], *, now: datetime) -> Step:
    """Complete one open user task; the variables are written before any gateway decides.

    Raises:
        TokenNotOpen: the token is no open user task of this state.
        NoFlowMatches, CannotRepeat: a gateway or a multi-instance task cannot decide with these variables.
    """
    execution = Execution.load(process, state, now)
    execution.complete(token, variables, now)
    return execution.step()


def finish(process: Process, state: bytes, token: int, variables: Mapping[str, Any], *, now: datetime) -> Step:
    """Complete one external task with what its worker gave.

    Raises:
        TokenNotOpen: the token is no external task of this state.
        NoFlowMatches, CannotRepeat: a gateway or a multi-instance task cannot decide with these variables.
    """
    execution = Execution.load(process, state, now)
    execution.finish(token, variables, now)
    return execution.step()


def raise_error(
    process: Process,
    state: bytes,
    token: int,
    code: str,
    message: str | None,
    variables: Mapping[str, Any],
    *,
    now: datetime,
) -> Step:
    """Let the worker of one external task raise an error: the innermost boundary event that fits catches it.

    At one activity an event with this code goes before one that catches all.

    Raises:
        TokenNotOpen: the token is no external task of this state.
        NothingCatches: no boundary event around the task catches this error.
    """
    execution = Execution.load(process, state, now)
    execution.raise_error(token, code, message, variables, now)
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


def signal(process: Process, state: bytes, name: str, variables: Mapping[str, Any], *, now: datetime) -> Step:
    """Let an instance hear a signal; where nothing waits for it, the step changes nothing and writes no variable."""
    execution = Execution.load(process, state, now)
    execution.signal(name, variables, now)
    return execution.step()


def cancel(process: Process, state: bytes) -> Step:
    """Withdraw every token; the variables stay readable."""
    execution = Execution.load(process, state, _BEGINNING)
    execution.cancel()
    return execution.step()


def where(process: Process, state: bytes) -> Step:
    """Return where an instance stands, without moving it."""
    return Execution.load(process, state, _BEGINNING).step()
