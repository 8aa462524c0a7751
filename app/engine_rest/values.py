"""Variables as Camunda's clients have them, `{value, type, valueInfo}`, and as Alur keeps them: plain JSON."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from pydantic import Field

from app.core import strict_json
from app.core.problems import Invalid, pointer
from app.definitions.catalogue import Definition
from app.engine import FieldType
from app.engine_rest.http import Words
from app.engine_rest.wire import moment_text, parse_moment

_INTEGERS = {"short": 15, "integer": 31, "long": 63}


class TypedValue(Words):
    """A variable as it is sent; without a type, its JSON tells it."""

    value: Any = None
    type: str | None = None
    value_info: dict[str, Any] | None = None
    local: bool | None = None


Typed = dict[str, TypedValue | None]
TypedField = Field(default=None, max_length=500)


def plain_values(given: Mapping[str, TypedValue | None] | None) -> dict[str, Any]:
    """Return sent variables as they are kept.

    A Date at midnight of its own zone is a day, as the date fields of forms take it; any other stays a moment.

    Raises:
        Invalid: a value does not have its type, or its type is not taken; `errors` names each.
    """
    values: dict[str, Any] = {}
    faults = []
    for name, typed in (given or {}).items():
        try:
            values[name] = None if typed is None else _plain(typed.value, typed.type)
        except ValueError as error:
            faults.append({"pointer": pointer("variables", name), "message": str(error)})
    if faults:
        raise Invalid("; ".join(fault["message"] for fault in faults[:5]), errors=faults)
    return values


def _plain(value: Any, kind: str | None) -> Any:
    if kind is None or value is None:
        return value
    match kind.lower():
        case "string" if isinstance(value, str):
            return value
        case "boolean" if isinstance(value, bool):
            return value
        case "boolean" if value in ("true", "false"):
            return value == "true"
        case "short" | "integer" | "long" as integer:
            return _integer(value, _INTEGERS[integer], kind)
        case "double" if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        case "date" if isinstance(value, str):
            return _date(value)
        case "json" | "object":
            return _json(value)
        case "string" | "boolean" | "double" | "date":
            raise ValueError(f"The value has not the type {kind}.")
        case "null":
            raise ValueError("The type Null has no value.")
    raise ValueError(f"Unsupported value type '{kind[:80]}'. Use String, Integer, Long, Double, Boolean, Date or Json.")


def _integer(value: Any, bits: int, kind: str) -> int:
    if isinstance(value, str) and value.removeprefix("-").isascii() and value.removeprefix("-").isdigit():
        value = int(value) if len(value) < 21 else value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**bits) <= value < 2**bits:
        raise ValueError(f"The value has not the type {kind}.")
    return value


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if len(text) == 10 else _day_or_moment(text)
    except ValueError:
        raise ValueError("Write a Date as 2026-08-03T00:00:00.000+0700.") from None


def _day_or_moment(text: str) -> str:
    moment = parse_moment(text)
    clock = text[11:].rstrip("Z")
    at_midnight = clock.startswith("00:00:00") and not clock[8:].partition("+")[0].partition("-")[0].strip(".0")
    return text[:10] if at_midnight else str(moment_text(moment))


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return strict_json.loads(value.encode())
    except (strict_json.JsonRefused, UnicodeEncodeError):
        raise ValueError("The value is no JSON that is accepted.") from None


def typed_value(value: Any, field: FieldType | None = None, zone: str = "UTC") -> dict[str, Any]:
    """Return a variable as it is read; `field` is the type of the form field that owns it, if one does."""
    kind, shown = _kind(value, field), value
    if kind == "Json":
        shown = orjson.dumps(value).decode()
    if kind == "Date":
        shown = moment_text(datetime.combine(date.fromisoformat(value), datetime.min.time(), ZoneInfo(zone)))
    return {"type": kind, "value": shown, "valueInfo": {}}


def _kind(value: Any, field: FieldType | None) -> str:
    match value:
        case None:
            return "Null"
        case bool():
            return "Boolean"
        case int():
            return "Long" if field is FieldType.LONG or not -(2**31) <= value < 2**31 else "Integer"
        case float():
            return "Double"
        case str():
            return "Date" if field is FieldType.DATE and _is_day(value) else "String"
        case _:
            return "Json"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def typed_values(values: Mapping[str, Any], definition: Definition, zone: str) -> dict[str, Any]:
    """Return the variables of an instance as they are read; `zone` is that of its unit."""
    model = definition.process.model
    forms = (model.start_form, *(node.form for node in model.user_tasks))
    fields = {field.id: field.type for form in forms for field in form}
    return {name: typed_value(value, fields.get(name), zone) for name, value in values.items()}
