"""What can be different between two versions of an SOP: the values that `app.sop.difference` gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.sop.details import Detail
from app.sop.matching import MatchedBy


class ChangeKind(StrEnum):
    """What has happened to a row, a role, a decision, a cell.

    A row is renumbered where only its number is another, mostly since rows before it came or went; it is reordered
    where it has moved among the others.
    """

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REORDERED = "reordered"
    RENUMBERED = "renumbered"


class Elsewhere(StrEnum):
    """A part of a BPMN file that the table does not show."""

    DRAWING = "drawing"
    START_FORM = "start_form"
    FORMS = "forms"
    CONDITIONS = "conditions"
    TECHNICAL = "technical"


@dataclass(frozen=True, slots=True)
class RowRef:
    """A row as one version knows it."""

    number: int | None
    element_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class RoleRef:
    """A role as one version knows it."""

    key: str
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change.

    `old` and `new` are the row or role it is about in either version, None where that version has none, or where the
    change is about the SOP itself. `part` says which outcome (its code), case (its condition) or wait (its label) of
    the row. `cell` is the attribute of the table that changed, None where the whole came, went or moved; `before` and
    `after` hold its content, rows and roles in it as references, or the content of the whole as a mapping, or the
    place, from 1, of what has moved.
    """

    kind: ChangeKind = ChangeKind.CHANGED
    old: RowRef | RoleRef | None = None
    new: RowRef | RoleRef | None = None
    part: str | None = None
    cell: str | None = None
    before: Any = None
    after: Any = None

    @property
    def items_added(self) -> tuple[Any, ...]:
        """What a list of texts has gained; an order that changed adds nothing, and rows and roles are not listed."""
        return _without(self.after, self.before)

    @property
    def items_removed(self) -> tuple[Any, ...]:
        """What a list of texts has lost."""
        return _without(self.before, self.after)


@dataclass(frozen=True, slots=True)
class RowMatch:
    """A row that both versions have, and what tells so."""

    old: RowRef
    new: RowRef
    by: MatchedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All that is different; `identity` includes the titles, `table` what else stands beside the rows."""

    identity: tuple[Change, ...]
    trigger: tuple[Change, ...]
    roles: tuple[Change, ...]
    rows: tuple[Change, ...]
    decisions: tuple[Change, ...]
    branches: tuple[Change, ...]
    outside_events: tuple[Change, ...]
    table: tuple[Change, ...]
    elsewhere: tuple[Elsewhere, ...]
    matches: tuple[RowMatch, ...]
    details: tuple[Detail, ...] = ()

    @property
    def sections(self) -> Mapping[str, tuple[Change, ...]]:
        """The changes of the table by section, in the order of the sheet."""
        return {
            "identity": self.identity,
            "trigger": self.trigger,
            "roles": self.roles,
            "rows": self.rows,
            "decisions": self.decisions,
            "branches": self.branches,
            "outside_events": self.outside_events,
            "table": self.table,
        }

    @property
    def table_changed(self) -> bool:
        return any(self.sections.values())

    def matched_by(self, change: Change) -> MatchedBy | None:
        """Return what tells that the row of `change` is the same row in both versions."""
        found = (match.by for match in self.matches if (match.old, match.new) == (change.old, change.new))
        return next(found, None)


def _without(items: Any, others: Any) -> tuple[Any, ...]:
    """Return the items that are left when each of `others` has taken away one that equals it."""
    if names_rows_or_roles(items) or names_rows_or_roles(others):
        return ()
    rest = list(items) if isinstance(items, tuple) else []
    for item in others if isinstance(others, tuple) else ():
        if item in rest:
            rest.remove(item)
    return tuple(rest)


def names_rows_or_roles(content: Any) -> bool:
    """Whether a cell is a list of rows or roles; they are other references in either version, so none came or went."""
    return isinstance(content, tuple) and any(isinstance(item, RowRef | RoleRef) for item in content)
