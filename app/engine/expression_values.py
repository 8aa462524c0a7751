"""What the operators and functions of an expression do with values: the run-time half of `expressions`.

A value is what JSON holds: null, true/false, number (int or float), text, list, dict. Nothing is converted silently,
no value is asked for its attributes, and no message repeats a value, since values can be personal data.
"""

import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

from app.core.text import Text

MAX_TEXT = 10_000
MAX_NUMBER = 10**18
MAX_DATA_DEPTH = 64

_NUMERAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_KINDS = {
    bool: Text("benar/salah", "true/false"),
    int: Text("bilangan", "number"),
    float: Text("bilangan", "number"),
    str: Text("teks", "text"),
    list: Text("daftar", "list"),
    dict: Text("kumpulan data", "record"),
    type(None): Text("kosong (null)", "null"),
}
_NUMBERS = Text("dua bilangan", "two numbers")
_NUMBERS_OR_TEXTS = Text("dua bilangan atau dua teks", "two numbers or two texts")
_UNKNOWN_KIND = Text("jenis lain", "another kind")


class ExpressionFailed(Exception):
    """An expression that met data it cannot be worked out with; `text` says why and what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def fail(indonesian: str, english: str) -> NoReturn:
    """Raise ExpressionFailed with the sentence in both languages."""
    raise ExpressionFailed(Text(indonesian, english))


def boolean(value: Any, operator: str) -> bool:
    """Return `value`, which has to be true or false; a text such as 'false' is neither."""
    if type(value) is not bool:
        kind = _kind(value)
        fail(
            f"'{operator}' memerlukan nilai benar atau salah, bukan {kind.id}. "
            "Tulis perbandingan lengkap dalam kurung, misalnya (jumlah > 0).",
            f"'{operator}' needs true or false, not {kind.en}. "
            "Write out the comparison in parentheses, for example (jumlah > 0).",
        )
    return value


def equal(left: Any, right: Any) -> bool:
    """Tell whether two values are the same; values of different kinds never are, nor are true and 1."""
    return _equal(left, right, 0)


def ordered(left: Any, right: Any, operator: str) -> int:
    """Return -1, 0 or 1 as `left` is less than, equal to or greater than `right`: two numbers or two texts."""
    if type(left) is str and type(right) is str:
        return (left > right) - (left < right)
    if _is_number(left) and _is_number(right):
        return int(_require_finite(left) > _require_finite(right)) - int(left < right)
    return _refuse_pair(left, right, operator, _NUMBERS_OR_TEXTS, "number")


def among(item: Any, items: Any) -> bool:
    """Tell whether `item` equals one of the list `items`."""
    if type(items) is not list:
        kind = _kind(items)
        fail(
            f"'in' memerlukan daftar di sebelah kanan, bukan {kind.id}. Tulis misalnya x in ['a', 'b']; "
            "untuk bagian teks pakai contains(teks, bagian).",
            f"'in' needs a list on its right, not {kind.en}. Write for example x in ['a', 'b']; "
            "for a part of a text use contains(text, part).",
        )
    return any(equal(item, candidate) for candidate in items)


def add(left: Any, right: Any) -> Any:
    """Add two numbers, or join two texts."""
    if type(left) is str and type(right) is str:
        return _bounded_text(left, right)
    if _is_number(left) and _is_number(right):
        return _bounded(_operand(left) + _operand(right))
    return _refuse_pair(left, right, "+", _NUMBERS_OR_TEXTS, "text")


def subtract(left: Any, right: Any) -> Any:
    """Subtract a number from a number."""
    _require_numbers(left, right, "-")
    return _bounded(left - right)


def multiply(left: Any, right: Any) -> Any:
    """Multiply two numbers; a text is never repeated."""
    _require_numbers(left, right, "*")
    return _bounded(left * right)


def divide(left: Any, right: Any) -> float:
    """Divide two numbers; as in EL the result is a decimal even where both are whole."""
    _require_numbers(left, right, "/")
    _require_divisor(right, "/")
    return float(_bounded(left / right))


def remainder(left: Any, right: Any) -> Any:
    """Return what is left after division; as in EL (and Java) it takes the sign of `left`."""
    _require_numbers(left, right, "%")
    _require_divisor(right, "%")
    if type(left) is int and type(right) is int:
        rest = abs(left) % abs(right)
        return -rest if left < 0 else rest
    return _bounded(math.fmod(left, right))


def negate(value: Any) -> Any:
    """Return the number with its sign changed."""
    if not _is_number(value):
        kind = _kind(value)
        fail(
            f"Tanda minus memerlukan bilangan, bukan {kind.id}. Ubah teks dengan number(…).",
            f"The minus sign needs a number, not {kind.en}. Convert a text with number(…).",
        )
    return _bounded(-_operand(value))


def is_empty(value: Any) -> bool:
    """Tell whether the value is null, or a text, list or record without content."""
    return value is None or (type(value) in (str, list, dict) and len(value) == 0)


def look_up(container: Any, key: Any, shown: str = "…") -> Any:
    """Return the field `key` (a text) of a record, or the element `key` (a number from 0) of a list.

    `shown` is how a message names the key: only what the expression's author wrote, never a computed value.
    """
    if type(container) is dict and type(key) is str:
        if key.startswith("_") or key not in container:
            fail(
                f"Data itu tidak mempunyai isian bernama '{shown}'. Periksa ejaan namanya.",
                f"That record has no field named '{shown}'. Check how the name is spelt.",
            )
        return container[key]
    if type(container) is list and type(key) is int:
        if not 0 <= key < len(container):
            fail(
                f"Nomor urut di luar daftar: daftar berisi {len(container)} unsur dan dihitung mulai dari 0.",
                f"The index is outside the list, which has {len(container)} elements counted from 0.",
            )
        return container[key]
    held, by = _kind(container), _kind(key)
    fail(
        f"Isian tidak dapat diambil dari {held.id} dengan {by.id}. Pakai data['nama'] atau daftar[0].",
        f"Nothing can be looked up in {held.en} by {by.en}. Use record['name'] or list[0].",
    )


def _length(value: Any) -> int:
    if type(value) not in (str, list, dict):
        kind = _kind(value)
        fail(
            f"len(…) memerlukan teks, daftar, atau kumpulan data, bukan {kind.id}.",
            f"len(…) needs a text, a list or a record, not {kind.en}.",
        )
    return len(value)


def _contains(whole: Any, part: Any) -> bool:
    if type(whole) is list:
        return among(part, whole)
    return _text(part, "contains") in _text(whole, "contains")


def _to_number(value: Any) -> Any:
    if _is_number(value):
        return _bounded(_operand(value))
    if type(value) is str and (numeral := _NUMERAL.fullmatch(value.strip())):
        return _bounded(float(numeral[0]) if numeral[1] else int(numeral[0]))
    fail(
        "number(…) memerlukan teks berupa bilangan seperti '12' atau '0.5' (koma desimal ditulis sebagai titik).",
        "number(…) needs a text that is a number, such as '12' or '0.5' (with a decimal point).",
    )


def _to_text(value: Any) -> str:
    if type(value) is str:
        return _bounded_text(value)
    if type(value) is bool:
        return "true" if value else "false"
    if _is_number(value):
        return str(_operand(value))
    kind = _kind(value)
    fail(
        f"text(…) memerlukan teks, bilangan, atau benar/salah, bukan {kind.id}.",
        f"text(…) needs a text, a number or true/false, not {kind.en}.",
    )


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "len": (1, _length),
    "lower": (1, lambda value: _bounded_text(_text(value, "lower").lower())),
    "upper": (1, lambda value: _bounded_text(_text(value, "upper").upper())),
    "starts_with": (2, lambda whole, part: _text(whole, "starts_with").startswith(_text(part, "starts_with"))),
    "ends_with": (2, lambda whole, part: _text(whole, "ends_with").endswith(_text(part, "ends_with"))),
    "contains": (2, _contains),
    "number": (1, _to_number),
    "text": (1, _to_text),
}
"""Every function of the language, by name: how many arguments it takes and what it does."""

TESTS = frozenset({"starts_with", "ends_with", "contains"})
"""The functions that give true or false."""


def _kind(value: Any) -> Text:
    return _KINDS.get(type(value), _UNKNOWN_KIND)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _equal(left: Any, right: Any, depth: int) -> bool:
    if depth > MAX_DATA_DEPTH:
        fail(
            "Data bersarang terlalu dalam untuk dibandingkan. Bandingkan isiannya satu per satu.",
            "The data is nested too deeply to be compared. Compare its fields one by one.",
        )
    if type(left) is list and type(right) is list:
        return len(left) == len(right) and all(map(lambda a, b: _equal(a, b, depth + 1), left, right))
    if type(left) is dict and type(right) is dict:
        return left.keys() == right.keys() and all(_equal(left[key], right[key], depth + 1) for key in left)
    if type(left) not in _KINDS or type(right) not in _KINDS:
        fail(
            "Nilai ini tidak dapat dibandingkan: hanya teks, bilangan, benar/salah, null, daftar, dan kumpulan data.",
            "This value cannot be compared: only texts, numbers, true/false, null, lists and records can.",
        )
    if _is_number(left) and _is_number(right):
        return bool(_require_finite(left) == _require_finite(right))
    return type(left) is type(right) and bool(left == right)


def _require_finite(value: Any) -> Any:
    if type(value) is float and not math.isfinite(value):
        fail(
            "Salah satu bilangan tidak berhingga atau bukan bilangan (NaN). Perbaiki nilai variabelnya.",
            "A number is infinite or not a number (NaN). Correct the value of the variable.",
        )
    return value


def _operand(value: Any) -> Any:
    return _bounded(_require_finite(value))


def _bounded(value: Any) -> Any:
    if not -MAX_NUMBER <= value <= MAX_NUMBER:
        fail(
            "Bilangan melebihi batas 10 pangkat 18. Pakai satuan yang lebih besar (juta, miliar).",
            "A number passes the limit of 10 to the 18th. Use a larger unit (millions, billions).",
        )
    return value + 0  # makes -0.0 a plain 0.0


def _bounded_text(*parts: str) -> str:
    if sum(map(len, parts)) > MAX_TEXT:
        fail(
            "Teks hasil ungkapan melebihi 10.000 karakter. Pakai teks yang lebih pendek.",
            "The expression's text is longer than 10,000 characters. Use a shorter text.",
        )
    return "".join(parts)


def _text(value: Any, function: str) -> str:
    if type(value) is not str:
        kind = _kind(value)
        fail(
            f"{function}(…) memerlukan teks, bukan {kind.id}. Ubah bilangan dengan text(…).",
            f"{function}(…) needs a text, not {kind.en}. Convert a number with text(…).",
        )
    return value


def _require_numbers(left: Any, right: Any, operator: str) -> None:
    if not (_is_number(left) and _is_number(right)):
        _refuse_pair(left, right, operator, _NUMBERS, "number")
    _operand(left)
    _operand(right)


def _require_divisor(value: Any, operator: str) -> None:
    if value == 0:
        fail(
            f"'{operator}' membagi dengan nol. Periksa dahulu pembaginya, misalnya n == 0 ? 0 : a / n.",
            f"'{operator}' divides by zero. Check the divisor first, for example n == 0 ? 0 : a / n.",
        )


def _refuse_pair(left: Any, right: Any, operator: str, needed: Text, converter: str) -> NoReturn:
    first, second = _kind(left), _kind(right)
    fail(
        f"'{operator}' memerlukan {needed.id}, tetapi di sini ada {first.id} dan {second.id}. "
        f"Samakan jenisnya, misalnya dengan {converter}(…).",
        f"'{operator}' needs {needed.en}, but here it has {first.en} and {second.en}. "
        f"Make them alike, for example with {converter}(…).",
    )
