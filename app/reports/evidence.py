"""What is late and what was sent back, case by case: the evidence behind the figures.

Each list is read from an index of what it holds (open tasks by due time, returned visits by their end), so it costs
what it shows and the instances in between that the caller does not see.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core import paging
from app.identity.office import Actor
from app.instances.models import process_instance, user_task
from app.reports.period import Period
from app.reports.queries import IS_OPEN, IS_RETURNED, MOST_COUNTED, Scope, within

RETURN_SORTS = {"returned_at": user_task.c.ended_at}
LATE_SORTS = {"due_at": user_task.c.due_order}
_P, _T = process_instance.c, user_task.c


def list_late_tasks(
    connection: Connection,
    actor: Actor,
    now: datetime,
    scope: Scope,
    *,
    sort: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """Return a page of the open tasks past their due time, the longest due first; of each, what its instance tells."""
    _, descending = paging.parse_sort(sort, list(LATE_SORTS), "due_at")
    order = paging.Order((_T.due_order, _T.id), descending)
    found = sa.select(_T.id).where(IS_OPEN, _T.due_order < now, *scope.of_tasks(actor, now))
    columns = (_T.due_order, _T.assignee, _T.created_at, _T.due_at, _T.standard_time)
    page = _page(connection, found, columns, order, limit, cursor)
    items = [
        {
            **_of_case(row),
            "assignee": row.assignee,
            "created_at": row.created_at,
            "due_at": row.due_at,
            "standard_time": row.standard_time,
        }
        for row in page.rows
    ]
    return {"items": items, "next_cursor": page.next_cursor}


def list_returns(
    connection: Connection,
    actor: Actor,
    now: datetime,
    scope: Scope,
    period: Period,
    *,
    sort: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """Return a page of the returns in a period with their reasons, the latest first."""
    _, descending = paging.parse_sort(sort, list(RETURN_SORTS), "-returned_at")
    order = paging.Order((_T.ended_at, _T.id), descending)
    found = sa.select(_T.id).where(IS_RETURNED, *within(_T.ended_at, period), *scope.of_tasks(actor, now))
    page = _page(connection, found, (_T.ended_at, _T.reason), order, limit, cursor)
    items = [
        {
            **_of_case(row),
            "returned_at": row.ended_at,
            "reason": row.reason,
        }
        for row in page.rows
    ]
    return {"items": items, "next_cursor": page.next_cursor}


class Returns(NamedTuple):
    """How often something was sent back, `MOST_COUNTED` times at most, and the steps and cases with the most of it."""

    times: int
    gates: list[dict[str, Any]]
    cases: list[dict[str, Any]]


def count_returns(
    connection: Connection, actor: Actor, now: datetime, scope: Scope, period: Period, *, most: int
) -> Returns:
    """Count the latest returns in a period by the step that sent back and by case, those with the most first."""
    # The id as text: it is made an id again only for the cases that are shown.
    case = sa.cast(_T.instance_id, sa.Text).label("case")
    query = (
        sa.select(case, _T.definition_key, _T.element_id, _T.activity_no, _T.name)
        .where(IS_RETURNED, *within(_T.ended_at, period), *scope.of_tasks(actor, now))
        .order_by(_T.ended_at.desc(), _T.id.desc())
        .limit(MOST_COUNTED)
    )
    rows = connection.execute(query).all()
    # A step is called as its last return calls it.
    steps = {(row.definition_key, row.element_id): row for row in reversed(rows)}
    by_step = Counter((row.definition_key, row.element_id) for row in rows)
    by_case = Counter(row.case for row in rows)
    gates = [{**steps[step]._mapping, "times": times} for step, times in _most(by_step, most)]
    cases = [(UUID(case), times) for case, times in _most(by_case, most)]
    return Returns(len(rows), gates, _cases(connection, cases))


def _most(counted: Counter[Any], most: int) -> list[tuple[Any, int]]:
    """Return what was counted most; of what is as frequent, the same each time."""
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:most]


def _cases(connection: Connection, counted: list[tuple[UUID, int]]) -> list[dict[str, Any]]:
    columns = (_P.id.label("instance_id"), _P.definition_key, _P.title, _P.business_key)
    query = sa.select(*columns).where(_P.id.in_([instance_id for instance_id, _ in counted]))
    found = {row.instance_id: row for row in connection.execute(query)}
    return [{**found[instance_id]._mapping, "times": times} for instance_id, times in counted]


def _page(
    connection: Connection,
    found: sa.Select[Any],
    columns: Sequence[sa.ColumnElement[Any]],
    order: paging.Order,
    limit: int,
    cursor: str | None,
) -> paging.Page:
    """Return a page of tasks with their cases: which they are is read from an index first, and then only they.

    `columns` are read beside what `_of_case` tells.
    """
    if cursor is not None:
        found = found.where(order.after(cursor))
    some = found.order_by(*order.clauses()).limit(limit + 1).subquery()
    whole = (
        sa.select(_T.id, *_OF_CASE, *columns)
        .join(some, some.c.id == _T.id)
        .join(process_instance, _P.id == _T.instance_id)
    )
    return paging.page_of(connection.execute(whole.order_by(*order.clauses())).all(), order, limit)


_OF_CASE = (
    *(_T.instance_id, _T.definition_key, _P.business_key, _P.title),
    *(_T.element_id, _T.activity_no, _T.name, _T.role_key, _T.visit),
)


def _of_case(row: Any) -> dict[str, Any]:
    return {
        "process_instance_id": row.instance_id,
        "process_definition_key": row.definition_key,
        "business_key": row.business_key,
        "instance_title": row.title,
        "element_id": row.element_id,
        "activity_no": row.activity_no,
        "name": row.name,
        "role": row.role_key,
        "visit": row.visit,
    }
