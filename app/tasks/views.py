"""A task as its performer gets it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson

from app.definitions.catalogue import Definition
from app.identity.office import Office
from app.instances.models import TaskState
from app.instances.views import Row, is_overdue


def task_json(
    row: Row,
    business_key: str | None,
    title: str,
    definition: Definition,
    office: Office,
    now: datetime,
) -> dict[str, Any]:
    """Return a task with the standard of its row; `satisfied` is null until somebody has said so."""
    plan = definition.tasks[row["element_id"]]
    completed = row["state"] == TaskState.COMPLETED
    said = checked(row["checklist"])
    return {
        "id": row["id"],
        "name": row["name"],
        "element_id": row["element_id"],
        "activity_no": row["activity_no"],
        "state": row["state"],
        "visit": row["visit"],
        "process_instance_id": row["instance_id"],
        "process_definition_key": definition.key,
        "process_definition_version": definition.version,
        "process_definition_name": definition.name,
        "activity_count": definition.activity_count,
        "business_key": business_key,
        "instance_title": title,
        "unit": office.units[row["unit_id"]].key,
        "lane": row["lane"],
        "role": row["role_key"],
        "assignee": row["assignee"],
        "priority": row["priority"],
        "created_at": row["created_at"],
        "claimed_at": row["claimed_at"],
        "due_at": row["due_at"],
        "overdue": is_overdue(row, now),
        "completed_at": row["ended_at"] if completed else None,
        "completed_by": row["completed_by"],
        "on_behalf_of": row["on_behalf_of"],
        "decision": row["decision"],
        "reason": row["reason"],
        "standard_time": row["standard_time"],
        "requirements": _standard(plan.requirements, said["requirements"]),
        "outputs": _standard(plan.outputs, said["outputs"]),
    }


def checked(content: bytes | None) -> dict[str, dict[str, bool]]:
    """Return what has been said of the requirements and of the outputs of a task, by their names."""
    found: dict[str, dict[str, bool]] = {"requirements": {}, "outputs": {}}
    return found if content is None else {**found, **orjson.loads(content)}


def _standard(names: Iterable[str], said: Mapping[str, bool]) -> list[dict[str, Any]]:
    return [{"name": name, "satisfied": said.get(name)} for name in names]
