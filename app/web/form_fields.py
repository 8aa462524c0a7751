"""A form of an SOP, of a task or of its start: from what was typed to the values of its fields and back.

Every field of the page is text. Here is the one place that knows how officials write a number or a date; whether a
value fits its field is decided by the command, which says the place, and the page says in words what is asked there.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from starlette.datastructures import FormData

from app.core.problems import Problem, pointer
from app.core.text import is_blank
from app.instances.variables import DECISION, REASON
from app.web.language import Speech

Field = Mapping[str, Any]
Typed = dict[str, str]

# Nothing of a page's own begins so.
FIELD_PREFIX = "isi_"
_MINUS = "\N{MINUS SIGN}"
_WHOLE = re.compile(rf"[-{_MINUS}]?(\d+|\d{{1,3}}(\.\d{{3}})+)", re.ASCII)
_NUMERIC_DATE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_WRITTEN_DATE = re.compile(r"(\d{1,2}) ([a-z]+)\.? (\d{4})", re.ASCII)
_MONTHS = (
    ("januari", "january"),
    ("februari", "february"),
    ("maret", "march"),
    ("april",),
    ("mei", "may"),
    ("juni", "june"),
    ("juli", "july"),
    ("agustus", "august"),
    ("september",),
    ("oktober", "october"),
    ("november",),
    ("desember", "december"),
)
_MONTH_OF = {
    name[:length]: number
    for number, names in enumerate(_MONTHS, 1)
    for name in names
    for length in range(3, len(name) + 1)
}
_YES, _NO = ("true", "ya", "yes"), ("false", "tidak", "no")


class Unreadable(ValueError):
    """What was typed cannot be a value of its field."""


def input_name(field: Field) -> str:
    """Return under which name a field is sent: apart from the names that a page needs for itself."""
    return f"{FIELD_PREFIX}{field['id']}"


def typed_in(fields: Sequence[Field], sent: FormData) -> Typed:
    """Return what was typed into each field, with the line ends that everybody else has; nothing is the empty text."""
    return {field["id"]: _text_of(sent, input_name(field)) for field in fields}


def as_typed(values: Mapping[str, Any]) -> Typed:
    """Return values as somebody would have typed them: those of a draft, or the defaults of a form."""
    return {name: _written(value) for name, value in values.items()}


def defaults_of(fields: Sequence[Field]) -> Typed:
    """Return what a form begins with."""
    return {field["id"]: field["default"] or "" for field in fields}


def read_values(fields: Sequence[Field], typed: Typed, speech: Speech) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values that were typed, and for each field that cannot be read or is missing what is wrong with it.

    A field in which nothing can be seen is left out of the values; one with a default is null, since what is left out
    would get that, and whoever emptied it did not mean it.
    """
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in fields:
        text = typed[field["id"]]
        if is_blank(text):
            if field["required"]:
                wrong[field["id"]] = missing(field, speech)
            elif field["default"] is not None:
                values[field["id"]] = None
            continue
        try:
            values[field["id"]] = read_value(field["type"], text)
        except Unreadable:
            wrong[field["id"]] = asked(field, speech)
    return values, wrong


def read_value(kind: str, text: str) -> Any:
    """Return the value of a field of some type that a text says.

    A whole number may have its thousands set off by dots, as Indonesian does (`1.250`). A date may be written by its
    numbers, day first, or with the name of the month, in Indonesian or English.

    Raises:
        Unreadable: it says none.
    """
    if "\0" in text:
        raise Unreadable
    said = text.strip()
    match kind:
        case "long":
            # No number of a field has more digits than this, and Python refuses to read very long ones.
            if not _WHOLE.fullmatch(said) or len(said) > 40:
                raise Unreadable
            return int(said.replace(_MINUS, "-").replace(".", ""))
        case "boolean":
            if said.casefold() not in (*_YES, *_NO):
                raise Unreadable
            return said.casefold() in _YES
        case "date":
            return _date(said).isoformat()
        case "enum":
            return text
        case _:
            return said


def faults_of(problem: Problem, fields: Sequence[Field], typed: Typed, speech: Speech) -> dict[str, str]:
    """Return for each field that a refusal names what is asked of it, in the reader's language."""
    places = {pointer("variables", field["id"]): field for field in fields}
    wrong: dict[str, str] = {}
    for error in problem.errors:
        field = places.get(error.get("pointer", ""))
        if field is not None:
            blank = is_blank(typed[field["id"]])
            wrong[field["id"]] = missing(field, speech) if blank else asked(field, speech)
    return wrong


def missing(field: Field, speech: Speech) -> str:
    """Return what is said of a field that must be filled in."""
    if field["id"] == DECISION:
        return speech("Pilih salah satu keputusan.")
    if field["id"] == REASON:
        return speech("Tulis alasannya: orang yang memperbaiki bekerja dari kalimat ini.")
    return speech("%(field)s wajib diisi.", field=field["label"])


def asked(field: Field, speech: Speech) -> str:
    """Return in words what a field takes."""
    low, high = (None if one is None else speech.number(one) for one in (field["minimum"], field["maximum"]))
    match field["type"]:
        case "long" if low is not None and high is not None:
            return speech("Isi dengan bilangan bulat dari %(low)s sampai %(high)s.", low=low, high=high)
        case "long" if low is not None:
            return speech("Isi dengan bilangan bulat, paling kecil %(low)s.", low=low)
        case "long" if high is not None:
            return speech("Isi dengan bilangan bulat, paling besar %(high)s.", high=high)
        case "long":
            return speech("Isi dengan bilangan bulat, angka saja.")
        case "date":
            return speech("Isi dengan tanggal yang ada, misalnya 23-11-2026.")
        case "boolean":
            return speech("Pilih ya atau tidak.")
        case "enum":
            return speech("Pilih salah satu.")
        case _ if low is not None and high is not None:
            return speech("Tulis antara %(low)s dan %(high)s karakter.", low=low, high=high)
        case _ if low is not None:
            return speech("Tulis paling sedikit %(low)s karakter.", low=low)
        case _ if high is not None:
            return speech("Tulis paling banyak %(high)s karakter.", high=high)
        case _:
            return speech("Teks ini terlalu panjang atau memuat karakter yang tidak dapat disimpan.")


def fault_line(field: Field, fault: str) -> str:
    """Return what is wrong with a field as it stands in a list of faults, where its name is not beside it."""
    label = str(field["label"])
    return fault if fault.startswith(label) else f"{label}: {fault}"


def is_iso_date(text: str) -> bool:
    """Whether a text is a date as a browser's field for dates takes it."""
    try:
        return _ISO_DATE.fullmatch(text) is not None and date.fromisoformat(text) is not None
    except ValueError:
        return False


def told(field: Field, value: Any, speech: Speech) -> str:
    """Return a value of a field as people read it."""
    match field["type"]:
        case "boolean" if isinstance(value, bool):
            return speech("Ya") if value else speech("Tidak")
        case "enum":
            return next((str(one["label"]) for one in field["options"] if one["id"] == value), _written(value))
        case "date" if isinstance(value, str) and _ISO_DATE.fullmatch(value):
            return speech.date(date.fromisoformat(value))
        case _:
            return _written(value)


def _text_of(sent: FormData, name: str) -> str:
    given = sent.get(name)
    return given.replace("\r\n", "\n").replace("\r", "\n") if isinstance(given, str) else ""


def _written(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _date(said: str) -> date:
    if found := _ISO_DATE.fullmatch(said):
        year, month, day = (int(part) for part in found.groups())
    elif found := _NUMERIC_DATE.fullmatch(said):
        day, month, year = (int(part) for part in found.groups())
    elif (found := _WRITTEN_DATE.fullmatch(" ".join(said.casefold().split()))) and found[2] in _MONTH_OF:
        day, month, year = int(found[1]), _MONTH_OF[found[2]], int(found[3])
    else:
        raise Unreadable
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable from None
