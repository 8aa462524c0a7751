"""Who performs the rows of one version of an SOP, where the office knows more of it than the names of the lanes say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from app.sop.matching import spelt_alike
from app.sop.table import Activity, Decision, SopTable

Meaning = Callable[[str | None], str | None]


@dataclass(frozen=True, slots=True)
class Performers:
    """Who performs the tasks of one version, as its office knows it.

    `roles` is the key of the role behind the name of a lane or of a candidate group. `groups` is the candidate group
    that performs a task in place of its lane, by the id of its element; `deciders` the same for decisions that are
    tasks of their own, by the number of the row that they decide on.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    deciders: Mapping[int, str] = field(default_factory=dict)

    @property
    def labels(self) -> Mapping[str, str]:
        """The names of these groups by what stands in the table for them, where a column would have its key."""
        return {_key(group): group for group in (*self.groups.values(), *self.deciders.values())}


def meanings(old: Performers, new: Performers) -> tuple[Meaning, Meaning]:
    """Return for either version which role the name of a performer means there.

    A name that only one version knows means the same in the other one; what neither knows is a role of its own.
    """
    here, there = ({spelt_alike(name): key for name, key in side.roles.items()} for side in (old, new))

    def meaning(own: Mapping[str | None, str], other: Mapping[str | None, str]) -> Meaning:
        def means(label: str | None) -> str | None:
            name = spelt_alike(label)
            return spelt_alike(own.get(name) or other.get(name)) or name

        return means

    return meaning(here, there), meaning(there, here)


def performed(table: SopTable, performers: Performers) -> SopTable:
    """Return the table with candidate groups in place of the columns that stand beside what they perform."""
    rows = {one.number: group for one in table.activities if (group := performers.groups.get(one.element_id or ""))}

    def row(one: Activity) -> Activity:
        group = performers.groups.get(one.element_id or "")
        return one if group is None else replace(one, role=_key(group))

    def decision(one: Decision) -> Decision:
        group = rows.get(one.row) if one.task is None else performers.deciders.get(one.row)
        if group is None:
            return one
        task = None if one.task is None else replace(one.task, role=_key(group))
        return replace(one, decider=_key(group), task=task)

    return replace(table, activities=tuple(map(row, table.activities)), decisions=tuple(map(decision, table.decisions)))


def _key(group: str) -> str:
    """Return what stands for a group; no column has such a key, whatever the group is called."""
    return f"candidate_group:{group}"
