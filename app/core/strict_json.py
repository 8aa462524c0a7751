"""JSON from outside, read strictly: nothing ambiguous, nothing bottomless."""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from app.core.problems import pointer

MAX_DEPTH = 32
_LARGEST = 2**63
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]', re.DOTALL)
_TOO_DEEP = f"The JSON is nested deeper than {MAX_DEPTH}."

_Place = tuple[str | int, ...]


class JsonRefused(ValueError):
    """The text is no JSON that is accepted; the message says why, and `place` is the way to what is wrong.

    The message quotes nothing of the text, which may hold what no answer can.
    """

    def __init__(self, message: str, place: _Place = ()) -> None:
        super().__init__(message)
        self.place = place

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer; empty for text that is no JSON at all."""
        return pointer(*self.place)


def loads(data: bytes) -> Any:
    """Parse JSON; refuses NaN and infinities, duplicate keys, huge numbers, and nesting deeper than 32.

    It also refuses text that no database keeps and no answer can hold: the character NUL, and half of a surrogate pair.

    Raises:
        JsonRefused: always, for whatever is wrong.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise JsonRefused(f"The body is not valid UTF-8: {error.reason} at byte {error.start}.") from error
    try:
        try:
            value, sound = _READER.decode(text), True
        except JsonRefused:
            value, sound = _MARKER.decode(text), False
    except RecursionError as error:
        raise JsonRefused(_TOO_DEEP, _first_too_deep(text)) from error
    except ValueError as error:
        raise JsonRefused(f"The body is not valid JSON: {error}") from error
    if _is_too_deep(value):
        raise JsonRefused(_TOO_DEEP, _first_too_deep(text))
    # Written as itself, either is no JSON or no UTF-8 in the first place.
    if "\\u" in text:
        _check_text(value)
    if not sound:
        _refuse_marked(value)
    return value


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise JsonRefused("A key stands twice in one object.", (key,))
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


def _marked(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a reader that puts its refusal where the value would stand, so that its place can be found."""

    def mark(given: Any) -> Any:
        try:
            return read(given)
        except JsonRefused as refusal:
            return refusal

    return mark


_READER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float)
_MARKER = json.JSONDecoder(
    object_pairs_hook=_marked(_object),
    parse_constant=_marked(_constant),
    parse_int=_marked(_integer),
    parse_float=_marked(_float),
)


def _values(value: Any) -> Iterator[tuple[_Place, Any]]:
    """Walk a value and everything in it, each with the way to it, in the order of the text."""
    left: list[tuple[_Place, Any]] = [((), value)]
    while left:
        place, found = left.pop()
        yield place, found
        inner = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
        left.extend([((*place, step), below) for step, below in inner][::-1])


def _refuse_marked(value: Any) -> None:
    for place, found in _values(value):
        if isinstance(found, JsonRefused):
            raise JsonRefused(str(found), (*place, *found.place))


def _check_text(value: Any) -> None:
    for place, found in _values(value):
        texts = found if isinstance(found, dict) else [found] if isinstance(found, str) else []
        if any(_UNKEEPABLE.search(text) for text in texts):
            raise JsonRefused("A text holds the character NUL, or half of a surrogate pair.", place)


def _is_too_deep(value: Any) -> bool:
    level, depth = [value], 0
    while level := [found for found in level if isinstance(found, (dict, list))]:
        depth += 1
        if depth > MAX_DEPTH:
            return True
        level = [inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer)]
    return False


def _first_too_deep(text: str) -> _Place:
    """Return the way to the first object or array that is too deep, by reading no further than to it."""
    place: list[str | int] = []
    last = ""
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in "[{":
            if len(place) == MAX_DEPTH:
                break
            place.append(0 if sign == "[" else "")
        elif sign in "]}":
            place.pop()
        elif sign == ":":
            place[-1] = json.loads(last)
        elif sign == "," and isinstance(place[-1], int):
            place[-1] += 1
        last = sign
    return tuple(place)
