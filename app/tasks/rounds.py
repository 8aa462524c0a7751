"""What was before a task: the return that it answers, and the earlier visits of its row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit.models import event
from app.instances.models import TaskState, user_task
from app.tasks.commands import RETURNED

_MOST = 20


class Round(NamedTuple):
    """A completed visit of a row of work, and the values that were given in its form."""

    name: str
    visit: int
    role: str | None
    completed_at: datetime
    completed_by: str
    decision: str | None
    reason: str | None
    values: Mapping[str, Any]


class Before(NamedTuple):
    """What a task follows: the return of another row that led to it, and its own earlier visits, the last first."""

    returned: Round | None
    rounds: tuple[Round, ...]


def before(connection: Connection, task: Mapping[str, Any]) -> Before:
    """Return what was before a task, which the caller has made sure he may see, as it is from `queries.show_task`.

    A first visit follows a return only where that return opened it; a later one follows the last return since its own
    visit before. At most the last twenty visits and returns are looked at.
    """
    own, returned = user_task.c.element_id == task["element_id"], user_task.c.decision == RETURNED
    rows = connection.execute(
        sa.select(user_task)
        .where(
            user_task.c.instance_id == task["process_instance_id"],
            user_task.c.state == TaskState.COMPLETED,
            user_task.c.ended_at <= task["created_at"],
            user_task.c.id != task["id"],
            sa.or_(sa.and_(own, user_task.c.visit < task["visit"]), returned),
        )
        .order_by(user_task.c.ended_at.desc(), user_task.c.token.desc())
        .limit(_MOST)
    ).all()
    told = _told(connection, rows)
    last = rows[0] if rows and rows[0].element_id != task["element_id"] else None
    if last is not None and task["visit"] == 1 and task["element_id"] not in told[last.id]["opened"]:
        last = None
    return Before(
        None if last is None else _round(last, told),
        tuple(_round(row, told) for row in rows if row.element_id == task["element_id"]),
    )


def _told(connection: Connection, rows: Any) -> Mapping[UUID, Mapping[str, Any]]:
    """Return what the trail says of some completions; it is asked for their moments, so a long one is not read."""
    if not rows:
        return {}
    acts = connection.execute(
        sa.select(event.c.content).where(
            event.c.chain_id == str(rows[0].instance_id),
            event.c.type == "task.completed",
            event.c.at.in_(sorted({row.ended_at for row in rows})),
        )
    )
    found = (orjson.loads(act.content)["data"] for act in acts)
    return {UUID(data["task_id"]): data for data in found}


def _round(row: Any, told: Mapping[UUID, Mapping[str, Any]]) -> Round:
    return Round(
        name=row.name,
        visit=row.visit,
        role=row.role_key,
        completed_at=row.ended_at,
        completed_by=row.completed_by,
        decision=row.decision,
        reason=row.reason,
        values=told[row.id]["variables"],
    )
