"""Figures on SOPs and their steps, over the instances that the caller sees.

Cost: `process_stats` reads one narrow row for each instance that ended in the period and has the running ones counted
by the database; `step_stats` reads one for each visit that was completed in it (10,000 visits: about 0.3 s on one
core), of instances that were alive in it. A period has at most two years (`period.LONGEST`), and nothing is kept
between two requests but how long the latest of what has ended took. Times are working time where the instance's unit
is (`office_time.calendar_of`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.problems import Invalid
from app.definitions.models import process_definition
from app.identity.office import Actor
from app.instances.models import RUNNING, InstanceStatus, TaskState, process_instance, user_task
from app.instances.office_time import calendar_of
from app.instances.policy import seen_by, seen_with_task_by
from app.reports.figures import median_of, p90_of, share
from app.reports.period import Period
from app.sop.table import RETURNED

MOST_COUNTED = 1_000
_P, _T = process_instance.c, user_task.c
IS_OPEN = _T.state == sa.literal_column(repr(str(TaskState.OPEN)))
IS_RETURNED = _T.decision == sa.literal_column(repr(RETURNED))
IS_COMPLETED = _T.state == sa.literal_column(repr(str(TaskState.COMPLETED)))


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose instances figures are about: of one SOP, of a unit and what is below it; null does not narrow it."""

    process_definition_key: str | None = None
    unit: str | None = None

    def conditions(self, actor: Actor, now: datetime) -> list[sa.ColumnElement[bool]]:
        """Return what an instance in the scope, and in the caller's sight, fulfils.

        Raises:
            Invalid: there is no such unit.
        """
        found = [_P.unit_id.in_(self._units(actor)), seen_by(actor, now)]
        if self.process_definition_key is not None:
            found.append(_P.definition_key == self.process_definition_key)
        return found

    def of_tasks(self, actor: Actor, now: datetime) -> list[sa.ColumnElement[bool]]:
        """Return the same as a condition on tasks, for whoever reads some in their order.

        Raises:
            Invalid: there is no such unit.
        """
        found: list[sa.ColumnElement[bool]] = [_T.unit_id.in_(self._units(actor))]
        if self.process_definition_key is not None:
            found.append(_T.definition_key == self.process_definition_key)
        return [*found, seen_with_task_by(actor, now)]

    def zone(self, actor: Actor, unit_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[str]:
        """Return the time zone of a row's unit as an expression: told by name, it is read sooner than the unit's id.

        Raises:
            Invalid: there is no such unit.
        """
        units: dict[str, list[UUID]] = {}
        for one in self._units(actor):
            units.setdefault(actor.office.units[one].time_zone, []).append(one)
        if len(units) < 2:
            return sa.literal(next(iter(units), ""))
        return sa.case(*((unit_id.in_(those), sa.literal(zone)) for zone, those in units.items()))

    def _units(self, actor: Actor) -> list[UUID]:
        if self.unit is None:
            return sorted(actor.units_ever_seen)
        unit = actor.office.unit_keys.get(self.unit)
        if unit is None:
            message = f"There is no unit '{self.unit[:200]}'."
            raise Invalid(message, errors=[{"pointer": "?unit", "message": message}])
        return sorted(actor.office.subtree(unit.id))


def summary(connection: Connection, actor: Actor, now: datetime, scope: Scope, since: datetime) -> dict[str, Any]:
    """Count the running instances, the open tasks past their due time, and the returns since a moment.

    Each figure is exact up to 1,000 and stays there.
    """
    running = sa.select(_P.id).where(_P.status.in_(RUNNING), *scope.conditions(actor, now))
    late = sa.select(_T.id).where(IS_OPEN, _T.due_order < now, *scope.of_tasks(actor, now))
    returned = sa.select(_T.id).where(IS_RETURNED, _T.ended_at >= since, *scope.of_tasks(actor, now))
    figures = {"running": running, "overdue": late, "returned": returned}
    counted = sa.select(*(_capped(query).label(name) for name, query in figures.items()))
    return {**connection.execute(counted).one()._mapping, "since": since}


@dataclass(slots=True)
class _Process:
    running: int = 0
    completed: int = 0
    cancelled: int = 0
    overdue: int = 0
    returns: int = 0
    minutes: list[float] = field(default_factory=list)


def process_stats(
    connection: Connection, actor: Actor, now: datetime, scope: Scope, period: Period
) -> list[dict[str, Any]]:
    """Return the figures of each SOP of which the caller sees an instance, by its key.

    Running and overdue (running, with an open task past its due time) are as of now; the others are of what ended, and
    was returned, in the period. A duration counts the time outside of the office too, as at Bappeda.
    """
    seen = scope.conditions(actor, now)
    found: dict[str, _Process] = {}

    def of(key: str) -> _Process:
        return found.setdefault(key, _Process())

    for key, count in _by_key(connection, sa.func.count(), _P.status.in_(RUNNING), *seen):
        of(key).running = count
    is_late = sa.exists().where(_T.instance_id == _P.id, IS_OPEN, _T.due_at < now)
    for key, count in _by_key(connection, sa.func.count(), _P.status.in_(RUNNING), is_late, *seen):
        of(key).overdue = count
    zone = scope.zone(actor, _P.unit_id).label("zone")
    ended = sa.select(_P.definition_key, zone, _P.status, _P.started_at, _P.ended_at)
    for row in connection.execute(ended.where(*within(_P.ended_at, period), *seen)).all():
        one = of(row.definition_key)
        if row.status == InstanceStatus.CANCELLED:
            one.cancelled += 1
            continue
        one.completed += 1
        one.minutes.append(_minutes(row.zone, row.started_at, row.ended_at))
    returned = tasks_of(_P.definition_key, sa.func.count()).where(IS_RETURNED, *within(_T.ended_at, period), *seen)
    for key, count in connection.execute(returned.group_by(_P.definition_key)):
        of(key).returns = count
    names = names_of_processes(connection, list(found))
    return [
        {
            "process_definition_key": key,
            "name": names.get(key, key),
            "running": one.running,
            "completed": one.completed,
            "cancelled": one.cancelled,
            "overdue": one.overdue,
            "returns": one.returns,
            "median": median_of(one.minutes),
            "p90": p90_of(one.minutes),
        }
        for key, one in sorted(found.items())
    ]


class Durations(NamedTuple):
    """How many cases were completed, and how long they took as ISO 8601; null for none."""

    completed: int
    median: str | None
    p90: str | None


def latest_durations(
    connection: Connection, actor: Actor, now: datetime, key: str, scope: Scope, period: Period
) -> Durations:
    """Return how long the cases of an SOP took that were completed last in a period, `MOST_COUNTED` at most."""
    completed = (
        sa.select(scope.zone(actor, _P.unit_id), _P.started_at, _P.ended_at)
        .where(_P.definition_key == key, _P.status == InstanceStatus.COMPLETED, *within(_P.ended_at, period))
        .where(*scope.conditions(actor, now))
        .order_by(_P.ended_at.desc())
        .limit(MOST_COUNTED)
    )
    minutes = [_minutes(*row) for row in connection.execute(completed).all()]
    return Durations(len(minutes), median_of(minutes), p90_of(minutes))


def step_stats(
    connection: Connection, actor: Actor, now: datetime, scope: Scope, period: Period, *, latest: int | None = None
) -> list[dict[str, Any]]:
    """Return the figures of each step that was completed in the period, by SOP and in the order of its rows.

    `latest` looks at no more than so many visits, the last ones.

    `returns` are visits that sent the case back, `repeated` those that were not a case's first. A name, a role and a
    standard time are those of the last visit: a step keeps its id when a new version renames it. The late share is that
    of the visits which had a due time.
    """
    visits: dict[tuple[str, str], list[Any]] = {}
    for row in _completed(connection, actor, now, scope, period, latest):
        visits.setdefault((row.definition_key, row.element_id), []).append(row)
    return sorted(map(_step, visits.values()), key=_place_in_its_table)


def _step(visits: Sequence[Any]) -> dict[str, Any]:
    last = max(visits, key=_when)
    minutes = [_minutes(row.zone, row.created_at, row.ended_at) for row in visits]
    timed = [row.late for row in visits if row.late is not None]
    return {
        "process_definition_key": last.definition_key,
        "element_id": last.element_id,
        "activity_no": last.activity_no,
        "name": last.name,
        "role": last.role_key,
        "visits": len(visits),
        "repeated": sum(row.visit > 1 for row in visits),
        "returns": sum(row.decision == RETURNED for row in visits),
        "median": median_of(minutes),
        "p90": p90_of(minutes),
        "standard_time": last.standard_time,
        "late_share": share(sum(timed), len(timed)),
    }


_when = attrgetter("ended_at", "created_at")


def names_of_processes(connection: Connection, keys: list[str]) -> dict[str, str]:
    """Return what SOPs are called in their newest version, by key."""
    query = sa.select(process_definition.c.key, process_definition.c.name).where(process_definition.c.key.in_(keys))
    return {row.key: row.name for row in connection.execute(query.order_by(process_definition.c.version))}


def _completed(
    connection: Connection, actor: Actor, now: datetime, scope: Scope, period: Period, latest: int | None
) -> Sequence[Any]:
    """Return the visits that were completed in a period, no more than the last ones where only these are wanted."""
    columns = (
        *(_T.definition_key, _T.element_id, _T.activity_no, _T.name, _T.role_key, _T.visit, _T.decision),
        *(_T.created_at, _T.ended_at, _T.standard_time, (_T.ended_at > _T.due_at).label("late")),
        scope.zone(actor, _T.unit_id).label("zone"),
    )
    completed = (IS_COMPLETED, *within(_T.ended_at, period))
    if latest is not None:
        query = sa.select(*columns).where(*completed, *scope.of_tasks(actor, now)).order_by(_T.ended_at.desc())
        return connection.execute(query.limit(latest)).all()
    alive = sa.and_(_P.started_at < period.end, sa.or_(_P.ended_at.is_(None), _P.ended_at >= period.start))
    return connection.execute(tasks_of(*columns).where(alive, *completed, *scope.conditions(actor, now))).all()


def tasks_of(*columns: Any) -> sa.Select[Any]:
    """Select columns of user tasks and of their instances."""
    return sa.select(*columns).join_from(process_instance, user_task, _T.instance_id == _P.id)


def _by_key(connection: Connection, figure: Any, *conditions: sa.ColumnElement[bool]) -> Iterator[tuple[str, int]]:
    query = sa.select(_P.definition_key, figure).where(*conditions).group_by(_P.definition_key)
    yield from ((row[0], row[1]) for row in connection.execute(query))


def within(column: sa.ColumnElement[Any], period: Period) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a moment lies in a period."""
    return column >= period.start, column < period.end


def _capped(query: sa.Select[Any]) -> sa.ScalarSelect[int]:
    """How many rows a query has, counted up to `MOST_COUNTED`."""
    return sa.select(sa.func.count()).select_from(query.limit(MOST_COUNTED).subquery()).scalar_subquery()


@lru_cache(maxsize=8_192)
def _minutes(time_zone: str, start: datetime, end: datetime) -> float:
    """Return the working minutes of what has ended: kept, as whoever looks at figures looks again at most of them."""
    return calendar_of(time_zone).working_minutes(start, end)


def _place_in_its_table(row: dict[str, Any]) -> tuple[Any, ...]:
    number = row["activity_no"]
    return row["process_definition_key"], number is None, number or 0, row["element_id"]
