"""What is late and what was sent back, case by case: the evidence behind the figures.

Each list is read from an index of what it holds (open tasks by due time, returned visits by their end), so it costs
what it shows and the instances in between that the caller does not see.
"""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core import paging
from app.identity.office import Actor
from app.instances.models import process_instance, user_task
from app.reports.period import Period
from app.reports.queries import IS_OPEN, IS_RETURNED, Scope, tasks_of, within

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
    query = tasks_of(user_task, _P.title, _P.business_key).where(
        IS_OPEN, _T.due_order < now, *scope.conditions(actor, now)
    )
    page = paging.fetch(connection, query, order, limit=limit, cursor=cursor)
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
    query = tasks_of(user_task, _P.title, _P.business_key).where(
        IS_RETURNED, *within(_T.ended_at, period), *scope.conditions(actor, now)
    )
    page = paging.fetch(connection, query, order, limit=limit, cursor=cursor)
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
    """How often something was sent back: in all, and the steps and cases with the most."""

    times: int
    gates: list[dict[str, Any]]
    cases: list[dict[str, Any]]


def count_returns(
    connection: Connection, actor: Actor, now: datetime, scope: Scope, period: Period, *, most: int
) -> Returns:
    """Count the returns in a period by the step that sent back and by case, those with the most first."""
    seen = (IS_RETURNED, *within(_T.ended_at, period), *scope.conditions(actor, now))
    times = sa.func.count().label("times")
    gate = (_T.definition_key, _T.element_id)
    gates = tasks_of(*gate, sa.func.max(_T.activity_no).label("activity_no"), sa.func.max(_T.name).label("name"), times)
    cases = tasks_of(_T.instance_id, _T.definition_key, _P.title, _P.business_key, times)
    by_case = (_T.instance_id, _T.definition_key, _P.title, _P.business_key)

    def most_of(query: sa.Select[Any], *columns: Any) -> list[dict[str, Any]]:
        grouped = query.where(*seen).group_by(*columns).order_by(times.desc(), *columns[:2]).limit(most)
        return [dict(row._mapping) for row in connection.execute(grouped)]

    whole = connection.execute(tasks_of(times).where(*seen)).scalar_one()
    return Returns(whole, most_of(gates, *gate), most_of(cases, *by_case))


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
