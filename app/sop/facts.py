"""What a user task's own properties say about its row, for those who run it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from app.core.text import is_blank
from app.sop import cells

_ROW_FORMS: Final = {cell.prop: cell.form for cell in cells.ACTIVITY if cell.prop} | {"keputusan_untuk": cells.NUMBER}

ROW_PROPERTIES: Final = frozenset(_ROW_FORMS)
"""The properties of a user task that say something of its row."""

SOP_PROPERTIES: Final = frozenset(
    {cell.prop for cell in (*cells.TABLE, *cells.IDENTITY, *cells.APPROVAL, *cells.TRIGGER) if cell.prop}
    | {"keterkaitan", "keterkaitan.sop", "dinyatakan_kosong"}
)
"""The properties of a process that say something of its SOP."""

_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """The row behind a user task.

    `activity_no` is its number, or for a decision that is a task of its own the number of the row it decides, which
    `decision_for` repeats. `standard_time` is working time in ISO 8601, None where the office has set none.
    """

    activity_no: int | None
    standard_time: str | None
    requirements: tuple[str, ...]
    outputs: tuple[str, ...]
    kind: str | None
    decision_for: int | None


def unreadable(properties: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the properties of a row that hold something which its facts leave out, as it cannot be read.

    An analyst has to be told of them: a row whose number is not read has none in every list and figure.
    """
    return tuple(
        name
        for name, text in properties.items()
        if name in _ROW_FORMS and not is_blank(text) and _ROW_FORMS[name].parse(text) is None
    )


def misspelt(properties: Mapping[str, str], known: Collection[str]) -> Mapping[str, str]:
    """Return the names that are none of `known`, but for case, spaces and other signs, each with the one it is like."""
    meant = {_letters(name): name for name in known}
    return {name: meant[_letters(name)] for name in properties if name not in known and _letters(name) in meant}


def activity_facts(properties: Mapping[str, str]) -> ActivityFacts:
    """Return the facts in a user task's `camunda:properties`; what is missing or `unreadable` is empty."""
    row = cells.from_properties(cells.ACTIVITY, properties)
    decision_for = cells.NUMBER.parse(properties.get("keputusan_untuk", ""))
    return ActivityFacts(
        activity_no=row.get("number", decision_for),
        standard_time=row.get("standard_time"),
        requirements=row.get("requirements", ()),
        outputs=row.get("outputs", ()),
        kind=row.get("kind"),
        decision_for=decision_for,
    )


def _letters(name: str) -> str:
    return _SIGNS.sub("", name.casefold())
