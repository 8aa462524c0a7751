"""Which elements of two diagrams a difference is about, so that it can be seen on both."""

from collections.abc import Mapping
from typing import Literal

from app.sop.changes import Change, ChangeKind, Difference, RowRef

Mark = Literal["added", "changed", "removed"]

_MARKS: Mapping[ChangeKind, Mark] = {
    ChangeKind.ADDED: "added",
    ChangeKind.REMOVED: "removed",
    ChangeKind.CHANGED: "changed",
    ChangeKind.REORDERED: "changed",
}


def marks_of(difference: Difference) -> tuple[dict[str, Mark], dict[str, Mark]]:
    """Return which elements a difference is about, in the older and the newer version."""
    old: dict[str, Mark] = {}
    new: dict[str, Mark] = {}
    # What came or went says more of a row than what changed about it, so it comes last and stays.
    for change in sorted((*difference.decisions, *difference.branches, *difference.rows), key=_weight):
        mark = _MARKS.get(change.kind)
        if mark is None:
            continue
        whole = change.cell is None and change in difference.rows
        for about, side in ((change.old, old), (change.new, new)):
            if isinstance(about, RowRef) and about.element_id is not None:
                side[about.element_id] = mark if whole else "changed"
    return old, new


def _weight(change: Change) -> bool:
    return change.kind in (ChangeKind.ADDED, ChangeKind.REMOVED)
