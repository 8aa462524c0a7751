"""The difference between two versions of an SOP, in the words of its table."""

import re
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from app.sop.changes import Change, ChangeKind, Difference, Elsewhere, RoleRef, RowMatch, RowRef
from app.sop.details import Detail
from app.sop.matching import Tier, match_roles, match_rows, out_of_order, paired
from app.sop.performers import Performers, meanings, performed
from app.sop.table import (
    END,
    RETURNED,
    Activity,
    Case,
    Decision,
    Outcome,
    OutsideEvent,
    Role,
    SopTable,
    Target,
)

_ROLES: Final = {"role", "decider", "role_alternatives"}
_ROWS: Final = {"next", "target", "before", "after", "submitted_in", "alternative_returns"}
_PATHS: Final = (
    re.compile(r"(?P<subject>activities|decisions|peristiwa_luar)\.(?P<name>-?\d+)\.(?P<rest>.*)"),
    re.compile(r"(?P<subject>siklus)(?:\.(?P<name>\d+))?\.(?P<rest>\D.*)"),
    re.compile(r"(?P<subject>roles|identitas\.keterkaitan)\.(?P<name>\w+)\.(?P<rest>.*)"),
)

Pairs = Sequence[tuple[int, int]]
Places = tuple[int | None, int | None]


def difference(
    old: SopTable,
    new: SopTable,
    elsewhere: Collection[Elsewhere] = (),
    performers: tuple[Performers, Performers] = (Performers(), Performers()),
    details: Collection[Detail] = (),
) -> Difference:
    """Return what `new` says otherwise than `old`.

    Rows and columns are matched first (`match_rows`, `match_roles`); a reference to a row is the same while it means
    the same one, whatever its number. The name of a column is the role: where a lane is given another name, its rows
    have moved to another role, unless it is only spelt otherwise (`spelt_alike`) or the office knows both as one role.
    A flow that leads to the row below, before and after, has not changed either: that another row stands there is said
    once, by the row that came, went or moved.

    The caller passes on what he knows of the two files beyond their tables: `elsewhere`, so that equal tables are not
    taken for equal files, the `details` of that, and the `performers`, so that a row has moved where another candidate
    group performs it.
    """
    found = _Comparison(old, new, performers).difference(elsewhere)
    return replace(found, details=tuple(details))


class _Side:
    """One of the two tables; a mark stands for a row or role, the same one in both tables where it is in both."""

    def __init__(
        self, table: SopTable, performers: Performers, row_marks: Sequence[Hashable], role_marks: Sequence[Hashable]
    ) -> None:
        self.table = table
        self.row_marks = row_marks
        # Two columns may state one key, as where a lane has been copied; the first stands for it.
        roles = list(zip(table.roles, role_marks, strict=True))[::-1]
        self.role_marks = {role.key: mark for role, mark in roles}
        self.labels = {**performers.labels, **{role.key: role.label for role, _ in roles}}
        self.rows = [RowRef(row.number, row.element_id, row.name) for row in table.activities]
        self.places: dict[Target, int] = {}
        for place, row in enumerate(self.rows):
            target = row.element_id if row.number is None else row.number
            if target is not None:
                self.places.setdefault(target, place)

    def mark(self, target: Target) -> Hashable:
        return self.row_marks[self.places[target]] if target in self.places else ("unknown", target)

    def follows(self, place: int | None, target: Target) -> bool:
        """Whether `target` is what comes below the row at `place`: the next row, or the end below the last one."""
        if place is None:
            return False
        return target == END if place + 1 == len(self.rows) else self.places.get(target) == place + 1

    def ways(self, place: int) -> set[Target] | None:
        """Return where the decision or branch of the row at `place` leads, None where the row has neither."""
        number = self.rows[place].number
        decision = None if number is None else self.table.decision_of(number)
        branch = None if number is None else self.table.branch_after(number)
        outcomes = {outcome.target for outcome in decision.outcomes} if decision else set()
        return outcomes | ({case.target for case in branch.cases} if branch else set()) or None

    def about(self, thing: Any, place: int) -> RowRef | RoleRef:
        """Return the row or role that a value of the table, at its place, says something of."""
        if isinstance(thing, Role):
            return RoleRef(thing.key, thing.label)
        if isinstance(thing, Activity):
            return self.rows[place]
        row = thing.row if isinstance(thing, Decision) else thing.after
        return self.rows[self.places[row]] if row in self.places else RowRef(row)

    def shown(self, value: Any, cell: str = "") -> Any:
        """Return the content of a cell, or of a whole by its cells, with the rows and roles that it names."""
        if isinstance(value, tuple):
            return tuple(self.shown(item, cell) for item in value)
        if is_dataclass(value):
            return {item.name: self.shown(getattr(value, item.name), item.name) for item in fields(value)}
        if value is None or cell not in _ROLES | _ROWS:
            return value
        if cell in _ROLES:
            return RoleRef(value, self.labels.get(value))
        if value in self.places:
            return self.rows[self.places[value]]
        return value if isinstance(value, str) else RowRef(value)


class _Comparison:
    def __init__(self, old: SopTable, new: SopTable, performers: tuple[Performers, Performers]) -> None:
        self.meant = meanings(*performers)
        was, now = (performed(*side) for side in zip((old, new), performers, strict=True))
        self.matches = match_rows(was.activities, now.activities)
        self.row_pairs = [(match.old, match.new) for match in self.matches]
        self.role_pairs = match_roles(old.roles, new.roles, self.meant)
        marks = [
            (
                _marks(version, len(table.activities), [pair[side] for pair in self.row_pairs]),
                _marks(version, len(table.roles), [pair[side] for pair in self.role_pairs]),
            )
            for side, (version, table) in enumerate((("old", was), ("new", now)))
        ]
        self.old, self.new = _Side(was, performers[0], *marks[0]), _Side(now, performers[1], *marks[1])

    def difference(self, elsewhere: Collection[Elsewhere]) -> Difference:
        old, new = self.old.table, self.new.table
        return Difference(
            identity=(
                *self.cells(old, new, only=("key", "title", "title_original", "table_title_original")),
                *self.cells(old.identity, new.identity, skip={"approval"}),
                *self.cells(old.identity.approval, new.identity.approval, prefix="approval."),
            ),
            trigger=tuple(self.cells(old.trigger, new.trigger)),
            roles=tuple(self.roles()),
            rows=tuple(self.rows()),
            decisions=tuple(self.decisions()),
            branches=tuple(self.branches()),
            outside_events=tuple(self.waits()),
            table=(
                *self.cells(old, new, only=("columns_note", "outside_parties", "proposals")),
                *self.stated_empty(),
            ),
            elsewhere=tuple(part for part in Elsewhere if part in elsewhere),
            matches=tuple(RowMatch(self.old.rows[one], self.new.rows[other], by) for one, other, by in self.matches),
        )

    def cells(
        self,
        before: Any,
        after: Any,
        *,
        only: Collection[str] = (),
        skip: Collection[str] = (),
        prefix: str = "",
        places: Places = (None, None),
        **about: Any,
    ) -> Iterator[Change]:
        """Yield the cells of a value of both tables that differ; `places` are those of the rows that flows leave."""
        for cell in only or [field.name for field in fields(before) if field.compare and field.name not in skip]:
            was, now = getattr(before, cell), getattr(after, cell)
            if not self.same(cell, was, now, places):
                shown = {"before": self.old.shown(was, cell), "after": self.new.shown(now, cell)}
                yield Change(cell=prefix + cell, **shown, **about)

    def same(self, cell: str, was: Any, now: Any, places: Places) -> bool:
        if was is None or now is None:
            return was is now
        if cell not in _ROLES | _ROWS:
            return bool(was == now)
        if isinstance(was, tuple):
            pairs = zip(was, now, strict=False)
            return len(was) == len(now) and all(self.same(cell, one, other, places) for one, other in pairs)
        if cell in _ROLES:
            return self.same_role(was, now)
        if self.old.follows(places[0], was) and self.new.follows(places[1], now):
            return True
        return bool(self.old.mark(was) == self.new.mark(now))

    def same_role(self, was: str, now: str) -> bool:
        names = self.meant[0](self.old.labels.get(was)), self.meant[1](self.new.labels.get(now))
        if None not in names:
            return names[0] == names[1]
        return self.old.role_marks.get(was, was) == self.new.role_marks.get(now, now)

    def roles(self) -> Iterator[Change]:
        old, new = self.old.table.roles, self.new.table.roles
        yield from self.unpaired(old, new, self.role_pairs)
        yield from self.moved(old, new, self.role_pairs)
        for one, other, about in self.both(old, new, self.role_pairs):
            yield from self.cells(one, other, **about)

    def rows(self) -> Iterator[Change]:
        old, new = self.old.table.activities, self.new.table.activities
        yield from self.unpaired(old, new, self.row_pairs)
        moved = out_of_order([other for _, other in self.row_pairs])
        for pair in sorted(self.row_pairs, key=lambda pair: pair[1]):
            [(one, other, about)] = self.both(old, new, [pair])
            if pair[1] in moved or one.number != other.number:
                yield Change(kind=ChangeKind.REORDERED if pair[1] in moved else ChangeKind.RENUMBERED, **about)
            yield from self.cells(one, other, skip={"number", "next"}, **about)
            if not self.same_ways(one.next or (END,), other.next or (END,), pair):
                shown = {"before": self.old.shown(one.next, "next"), "after": self.new.shown(other.next, "next")}
                yield Change(cell="next", **shown, **about)

    def same_ways(self, was: tuple[Target, ...], now: tuple[Target, ...], places: tuple[int, int]) -> bool:
        """Whether nothing is to be said of where a row leads beyond what its decision or branch says.

        Where only one version has a decision or branch, it has to lead wherever the row led without it.
        """
        by_decision = self.old.ways(places[0]) == set(was), self.new.ways(places[1]) == set(now)
        if by_decision == (True, True):
            return True
        if by_decision == (False, True):
            return all(any(self.same("next", one, other, places) for other in now) for one in was)
        if by_decision == (True, False):
            return all(any(self.same("next", one, other, places) for one in was) for other in now)
        return self.same("next", was, now, places)

    def decisions(self) -> Iterator[Change]:
        old, new = self.old.table.decisions, self.new.table.decisions
        pairs = _paired([[self.old.mark(item.row) for item in old]], [[self.new.mark(item.row) for item in new]])
        yield from self.unpaired(old, new, pairs)
        for one, other, about in self.both(old, new, pairs):
            yield from self.cells(one, other, skip={"row", "task", "outcomes"}, **about)
            if one.task is None or other.task is None:
                yield from self.cells(one, other, only=("task",), **about)
            else:
                yield from self.cells(one.task, other.task, prefix="task.", **about)
            codes = [outcome.code for outcome in one.outcomes], [outcome.code for outcome in other.outcomes]
            yield from self.ways(
                one.outcomes, other.outcomes, _paired([codes[0]], [codes[1]]), (one.row, other.row), about
            )

    def branches(self) -> Iterator[Change]:
        old, new = self.old.table.branches, self.new.table.branches
        pairs = _paired([[self.old.mark(item.after) for item in old]], [[self.new.mark(item.after) for item in new]])
        yield from self.unpaired(old, new, pairs)
        for one, other, about in self.both(old, new, pairs):
            yield from self.cells(one, other, skip={"after", "cases"}, **about)
            cases = _paired(_case_keys(one.cases), _case_keys(other.cases))
            yield from self.ways(one.cases, other.cases, cases, (one.after, other.after), about)

    def ways(
        self,
        old: Sequence[Outcome | Case],
        new: Sequence[Outcome | Case],
        pairs: Pairs,
        rows: tuple[int, int],
        about: Mapping[str, Any],
    ) -> Iterator[Change]:
        """Yield how the outcomes of a decision or the cases of a branch differ."""
        yield from self.unpaired(old, new, pairs, about)
        yield from self.moved(old, new, pairs, about)
        for one, other, _ in self.both(old, new, pairs, about):
            returns = isinstance(other, Outcome) and other.code == RETURNED
            places = (None, None) if returns else (self.old.places.get(rows[0]), self.new.places.get(rows[1]))
            yield from self.cells(one, other, places=places, part=_part(other), **about)

    def waits(self) -> Iterator[Change]:
        old, new = self.old.table.outside_events, self.new.table.outside_events
        pairs = _paired(_wait_keys(self.old), _wait_keys(self.new))
        yield from self.unpaired(old, new, pairs)
        for one, other, about in self.both(old, new, pairs):
            places = self.old.places.get(one.after), self.new.places.get(other.after)
            yield from self.cells(one, other, places=places, part=_part(other), **about)

    def stated_empty(self) -> Iterator[Change]:
        """Yield which cells only one version states to be empty, of rows, roles and the like that are in both."""
        was, now = _marks_of_subjects(self.old), _marks_of_subjects(self.new)
        common = {subject: set(was[subject].values()) & set(now[subject].values()) for subject in was}
        old, new = self.old.table.stated_empty, self.new.table.stated_empty
        old_keys = [_path_key(path, was, common) for path in old]
        new_keys = [_path_key(path, now, common) for path in new]
        pairs = _paired([old_keys], [new_keys])
        lost = [place for place in _rest(len(old), [one for one, _ in pairs]) if old_keys[place] is not None]
        gained = [place for place in _rest(len(new), [other for _, other in pairs]) if new_keys[place] is not None]
        if lost or gained:
            yield Change(
                cell="stated_empty",
                before=tuple(old[place] for place in lost),
                after=tuple(new[place] for place in gained),
            )

    def unpaired(
        self, old: Sequence[Any], new: Sequence[Any], pairs: Pairs, about: Mapping[str, Any] | None = None
    ) -> Iterator[Change]:
        """Yield what only one version has."""
        for place in _rest(len(old), [one for one, _ in pairs]):
            whose = about or {"old": self.old.about(old[place], place)}
            yield Change(kind=ChangeKind.REMOVED, part=_part(old[place]), before=self.old.shown(old[place]), **whose)
        for place in _rest(len(new), [other for _, other in pairs]):
            whose = about or {"new": self.new.about(new[place], place)}
            yield Change(kind=ChangeKind.ADDED, part=_part(new[place]), after=self.new.shown(new[place]), **whose)

    def moved(
        self, old: Sequence[Any], new: Sequence[Any], pairs: Pairs, about: Mapping[str, Any] | None = None
    ) -> Iterator[Change]:
        """Yield what stands at another place among what both versions have."""
        places = out_of_order([other for _, other in pairs])
        for pair in pairs:
            if pair[1] in places:
                [(_, other, whose)] = self.both(old, new, [pair], about)
                yield Change(
                    kind=ChangeKind.REORDERED, part=_part(other), before=pair[0] + 1, after=pair[1] + 1, **whose
                )

    def both(
        self, old: Sequence[Any], new: Sequence[Any], pairs: Pairs, about: Mapping[str, Any] | None = None
    ) -> Iterator[tuple[Any, Any, Mapping[str, Any]]]:
        """Yield what both versions have, in the new order, with the row or role it is about in either."""
        for one, other in sorted(pairs, key=lambda pair: pair[1]):
            whose = (
                {"old": self.old.about(old[one], one), "new": self.new.about(new[other], other)}
                if about is None
                else about
            )
            yield old[one], new[other], whose


def _marks(version: str, count: int, places: Sequence[int]) -> list[Hashable]:
    """Return the marks of so many rows: the number of the match that has their place, else one of this version only."""
    numbers = {place: number for number, place in enumerate(places)}
    return [numbers.get(place, (version, place)) for place in range(count)]


def _paired(old: Sequence[Sequence[Hashable]], new: Sequence[Sequence[Hashable]]) -> list[tuple[int, int]]:
    tiers: list[Tier] = list(zip(old, new, strict=True))
    return [(one, other) for one, other, _ in paired(tiers)]


def _rest(count: int, places: Sequence[int]) -> list[int]:
    return [place for place in range(count) if place not in places]


def _part(thing: Any) -> str | None:
    """Return which part of its row a value of the table is, where a row can have several."""
    if isinstance(thing, Outcome):
        return thing.code
    if isinstance(thing, Case):
        return thing.condition
    return thing.label if isinstance(thing, OutsideEvent) else None


def _case_keys(cases: Sequence[Case]) -> list[list[Hashable]]:
    return [
        [(case.condition, case.values) for case in cases],
        [case.condition for case in cases],
        [case.values for case in cases],
    ]


def _wait_keys(side: _Side) -> list[list[Hashable]]:
    """Return what tells waits apart: the rows they stand between, their message, the row they come after."""
    waits = side.table.outside_events
    below = [side.follows(side.places.get(wait.after), wait.before) for wait in waits]
    return [
        [(side.mark(wait.after), side.mark(wait.before)) for wait in waits],
        [side.mark(wait.after) if follows else None for wait, follows in zip(waits, below, strict=True)],
        [wait.message for wait in waits],
        [side.mark(wait.after) for wait in waits],
    ]


def _marks_of_subjects(side: _Side) -> dict[str, dict[str, Hashable]]:
    """Return, for each part of a table file whose paths name one of several, the mark behind each name."""
    table = side.table
    branches = {str(place): side.mark(branch.after) for place, branch in enumerate(table.branches, 1)}
    return {
        "activities": {str(row.number): side.mark(row.number) for row in table.activities if row.number is not None},
        "decisions": {str(decision.row): side.mark(decision.row) for decision in table.decisions},
        "peristiwa_luar": {str(wait.after): side.mark(wait.after) for wait in table.outside_events},
        "siklus": branches if len(branches) != 1 else {"": branches["1"]},
        "roles": dict(side.role_marks),
        "identitas.keterkaitan": {str(n): item.text for n, item in enumerate(table.identity.relations, 1)},
    }


def _path_key(
    path: str, marks: Mapping[str, Mapping[str, Hashable]], common: Mapping[str, set[Hashable]]
) -> Hashable | None:
    """Return a path with a mark for the name in it, None where it is about something that only one version has."""
    found = next((match for pattern in _PATHS if (match := pattern.fullmatch(path))), None)
    if found is None:
        return path
    mark = marks[found["subject"]].get(found["name"] or "", ("unknown", found["name"]))
    known = mark in common[found["subject"]] or mark == ("unknown", found["name"])
    return (found["subject"], mark, found["rest"]) if known else None
