"""A difference between two versions of an SOP as JSON."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field

from app.sop.changes import Change, ChangeKind, Difference, Elsewhere, RoleRef, RowRef
from app.sop.matching import MatchedBy


class CellChange(BaseModel):
    """A change of one cell, or of the whole that it is about where `cell` is null.

    A row that is named in `before` or `after` is `{activity_no, element_id, name}`, a role `{key, lane}`. `added` and
    `removed` are the items of a list of texts; both are empty where only their order is another.
    """

    change: ChangeKind
    cell: str | None = Field(examples=["standard_time"])
    before: Any
    after: Any
    added: list[Any]
    removed: list[Any]


class RoleChange(CellChange):
    """A change of a performer column; what only one version has is null in the other."""

    key_before: str | None
    key_after: str | None
    lane: str | None


class RowChange(CellChange):
    """A change of a row, by the element and number it has in either version; `name` is the newer one."""

    element_id: str | None
    element_id_before: str | None
    activity_no_before: int | None
    activity_no_after: int | None
    name: str | None
    matched_by: MatchedBy | None


class PartChange(RowChange):
    """A change of a part of a row: the code of an outcome, the condition of a case, or the name of a wait."""

    part: str | None


class MatchCount(BaseModel):
    """How many rows of both versions were recognised by what."""

    element_id: int
    text: int
    position: int


class DifferenceSummary(BaseModel):
    """Whether and how much is different; the counts of rows count each row once."""

    different: bool
    table_changed: bool
    rows_added: int
    rows_removed: int
    rows_reordered: int
    rows_renumbered: int
    rows_changed: int
    rows_matched_by: MatchCount


class DetailOut(BaseModel):
    """A condition, a timer or a form field of an element in both versions; null where one version does not have it."""

    kind: str = Field(examples=["condition", "timer", "field"])
    element_id: str
    name: str
    before: str | None
    after: str | None


class DifferenceOut(BaseModel):
    """The difference between two versions of an SOP."""

    summary: DifferenceSummary
    identity: list[CellChange]
    trigger: list[CellChange]
    roles: list[RoleChange]
    rows: list[RowChange]
    decisions: list[PartChange]
    branches: list[PartChange]
    outside_events: list[PartChange]
    table: list[CellChange]
    elsewhere: list[Elsewhere]
    details: list[DetailOut]


def as_json(difference: Difference) -> dict[str, Any]:
    """Return `difference` as plain JSON values, as `DifferenceOut` describes them."""
    sections = {
        name: [_change(difference, name, change) for change in changes] for name, changes in difference.sections.items()
    }
    beyond = {
        "elsewhere": [part.value for part in difference.elsewhere],
        "details": [asdict(detail) for detail in difference.details],
    }
    return {"summary": _summary(difference), **sections, **beyond}


def _summary(difference: Difference) -> dict[str, Any]:
    kinds = Counter(change.kind for change in difference.rows if change.kind != ChangeKind.CHANGED)
    changed = {change.new for change in difference.rows if change.kind == ChangeKind.CHANGED}
    matches = Counter(match.by for match in difference.matches)
    return {
        "different": difference.table_changed or bool(difference.elsewhere),
        "table_changed": difference.table_changed,
        "rows_added": kinds[ChangeKind.ADDED],
        "rows_removed": kinds[ChangeKind.REMOVED],
        "rows_reordered": kinds[ChangeKind.REORDERED],
        "rows_renumbered": kinds[ChangeKind.RENUMBERED],
        "rows_changed": len(changed),
        "rows_matched_by": {by.value: matches[by] for by in MatchedBy},
    }


def _change(difference: Difference, section: str, change: Change) -> dict[str, Any]:
    told: dict[str, Any] = {"change": change.kind.value}
    either = change.new or change.old
    if isinstance(either, RoleRef):
        told |= {
            "key_before": change.old.key if isinstance(change.old, RoleRef) else None,
            "key_after": change.new.key if isinstance(change.new, RoleRef) else None,
            "lane": either.label,
        }
    elif isinstance(either, RowRef):
        old, new = (ref if isinstance(ref, RowRef) else RowRef(None) for ref in (change.old, change.new))
        by = difference.matched_by(change)
        told |= {
            "element_id": either.element_id,
            "element_id_before": old.element_id,
            "activity_no_before": old.number,
            "activity_no_after": new.number,
            "name": either.name,
            "matched_by": None if by is None else by.value,
        }
        if section != "rows":
            told["part"] = change.part
    return told | {
        "cell": change.cell,
        "before": _plain(change.before),
        "after": _plain(change.after),
        "added": _plain(change.items_added),
        "removed": _plain(change.items_removed),
    }


def _plain(value: Any) -> Any:
    match value:
        case RowRef(number, element_id, name):
            return {"activity_no": number, "element_id": element_id, "name": name}
        case RoleRef(key, label):
            return {"key": key, "lane": label}
        case tuple():
            return [_plain(item) for item in value]
        case dict():
            return {name: _plain(item) for name, item in value.items()}
    return value
