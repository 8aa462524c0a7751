"""The state of an instance as bytes: its tokens and variables, without the model and without the past.

The first byte is the format. Format 1 is JSON: `v` the variables, `n` the last token used, `t` the tokens as
`[id, element id, state, internal data]`. Bytes, not a JSON column: a database that sorted the keys or changed the
numbers would change the instance.
"""

from typing import Any, NamedTuple

import orjson

from app.engine.refusals import StateNotReadable, VariablesNotKept

_FORMAT = b"\x01"


class SavedToken(NamedTuple):
    """One token: its number within the instance, its node, SpiffWorkflow's task state, and what its kind notes."""

    id: int
    element_id: str
    state: int
    internal_data: dict[str, Any]


class State(NamedTuple):
    """All that an instance is between two commands."""

    variables: dict[str, Any]
    last_token: int
    tokens: list[SavedToken]


def encode(state: State) -> bytes:
    """Return a state as bytes.

    Raises:
        VariablesNotKept: a variable holds what JSON cannot, such as a whole number of more than 64 bits.
    """
    try:
        held = orjson.dumps({"v": state.variables, "n": state.last_token, "t": [list(t) for t in state.tokens]})
    except orjson.JSONEncodeError as fault:
        raise VariablesNotKept(str(fault)) from fault
    return _FORMAT + held


def decode(data: bytes) -> State:
    """Return the state that `encode` wrote.

    Raises:
        StateNotReadable: the bytes are of another format, or cut short.
    """
    if data[:1] != _FORMAT:
        raise StateNotReadable(f"State format {data[:1]!r} is unknown to this version.")
    try:
        held = orjson.loads(memoryview(data)[1:])
        return State(held["v"], held["n"], [SavedToken(*token) for token in held["t"]])
    except (orjson.JSONDecodeError, KeyError, TypeError) as fault:
        raise StateNotReadable(f"The state is damaged: {fault}") from fault
