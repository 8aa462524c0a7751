"""Instances and tasks as clients get them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.engine import RowMapping

from app.definitions.catalogue import Definition
from app.engine import Node, Wait
from app.identity.office import Office
from app.instances.models import TaskState

# A row of a table, read or just made.
Row = Mapping[str, Any] | RowMapping


def task_summary(row: Row, now: datetime) -> dict[str, Any]:
    """Return what everybody who sees an instance may know of its tasks."""
    return {
        "id": row["id"],
        "name": row["name"],
        "element_id": row["element_id"],
        "activity_no": row["activity_no"],
        "state": row["state"],
        "visit": row["visit"],
        "lane": row["lane"],
        "role": row["role_key"],
        "assignee": row["assignee"],
        "created_at": row["created_at"],
        "due_at": row["due_at"],
        "overdue": is_overdue(row, now),
    }


def is_overdue(row: Row, now: datetime) -> bool:
    """Whether a task is open past its due time, or was ended past it."""
    if row["due_at"] is None:
        return False
    end = now if row["state"] == TaskState.OPEN else row["ended_at"]
    return bool(end > row["due_at"])


def wait_row(one: Wait, nodes: Mapping[str, Node]) -> dict[str, Any]:
    """Return a wait as the table of waits has it."""
    node = nodes[one.element_id]
    return {
        "element_id": one.element_id,
        "name": node.name or node.id,
        "kind": one.kind,
        "awaited": one.name,
        "due_at": one.due_at,
    }


def instance_json(
    *,
    id: UUID,
    definition: Definition,
    business_key: str | None,
    title: str,
    unit_id: UUID,
    status: str,
    started_at: datetime,
    started_by: str,
    ended_at: datetime | None,
    returns: int,
    visits: Mapping[str, int],
    open_tasks: Sequence[Row],
    waits: Sequence[Row],
    office: Office,
    now: datetime,
    incident: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return an instance with its open tasks, what it waits for, and why it is stopped where that is an incident."""
    return {
        "id": id,
        "process_definition_id": definition.id,
        "process_definition_key": definition.key,
        "process_definition_version": definition.version,
        "business_key": business_key,
        "title": title,
        "unit": office.units[unit_id].key,
        "status": status,
        "started_at": started_at,
        "started_by": started_by,
        "ended_at": ended_at,
        "open_tasks": [task_summary(task, now) for task in open_tasks],
        "waiting_for": [
            {
                "element_id": wait["element_id"],
                "name": wait["name"],
                "kind": wait["kind"],
                "message_name": wait["awaited"] if wait["kind"] == "message" else None,
                "signal_name": wait["awaited"] if wait["kind"] == "signal" else None,
                "topic": wait["awaited"] if wait["kind"] == "external" else None,
                "due_at": wait["due_at"],
            }
            for wait in waits
        ],
        "progress": {
            "activity_no": _activity_no(definition, visits, open_tasks),
            "activity_count": definition.activity_count,
        },
        "returns": returns,
        "incident": incident,
        "overdue": any(is_overdue(task, now) for task in open_tasks),
    }


def _activity_no(definition: Definition, visits: Mapping[str, int], open_tasks: Sequence[Row]) -> int | None:
    """The lowest row that is open; where none is, the highest one that was reached."""
    open_rows = [task["activity_no"] for task in open_tasks if task["activity_no"] is not None]
    if open_rows:
        return int(min(open_rows))
    reached = [
        plan.activity_no
        for plan in definition.tasks.values()
        if plan.activity_no is not None and visits.get(plan.element_id)
    ]
    return max(reached, default=None)
