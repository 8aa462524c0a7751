"""What a user task's own properties say about its row, for those who run it."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.text import is_blank
from app.sop import cells


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
    forms = {cell.prop: cell.form for cell in cells.ACTIVITY} | {"keputusan_untuk": cells.NUMBER}
    return tuple(
        name
        for name, text in properties.items()
        if name in forms and not is_blank(text) and forms[name].parse(text) is None
    )


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
