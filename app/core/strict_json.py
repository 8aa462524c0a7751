"""JSON from outside, read strictly: nothing ambiguous, nothing bottomless."""

import json
import math
import re
from collections.abc import Iterable
from typing import Any

MAX_DEPTH = 32
_LARGEST = 2**63
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")


class JsonRefused(ValueError):
    """The text is no JSON that is accepted; the message says why."""


def loads(data: bytes) -> Any:
    """Parse JSON; refuses NaN and infinities, duplicate keys, huge integers, and nesting deeper than 32.

    It also refuses text that no database keeps and no answer can hold: the character NUL, and half of a surrogate pair.

    Raises:
        JsonRefused: always, for whatever is wrong.
    """
    try:
        value = json.loads(
            data, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
        )
    except JsonRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise JsonRefused(
            f"The body is not valid JSON: {error}" if isinstance(error, ValueError) else "Too deep."
        ) from error
    _check_depth(value)
    # Written as itself, either is no JSON or no UTF-8 in the first place.
    if b"\\u" in data:
        _check_text(value)
    return value


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise JsonRefused(f"The key '{key[:80]}' stands twice in one object.")
        result[key] = value
    return result


def _constant(name: str) -> Any:
    raise JsonRefused(f"{name} is not a JSON number.")


def _integer(text: str) -> int:
    if len(text) > 20 or not -_LARGEST <= (value := int(text)) < _LARGEST:
        raise JsonRefused("A whole number must fit into 64 bits.")
    return value


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise JsonRefused("A number is too large.")
    return value


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if _UNKEEPABLE.search(value):
            raise JsonRefused("A text holds the character NUL, or half of a surrogate pair.")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_text(key)
            _check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner)


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH + 1:
            raise JsonRefused(f"The JSON is nested deeper than {MAX_DEPTH}.")
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
