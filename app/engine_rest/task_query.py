"""The filters of the task list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field

from app.core import text
from app.core.problems import Forbidden
from app.engine_rest import listing
from app.engine_rest.listing import Like, Moment, Text, Texts, Window, like
from app.identity.office import Actor
from app.instances.models import InstanceStatus, TaskState, process_instance, user_task
from app.instances.policy import by_units
from app.tasks.policy import seen_by

_T, _P = user_task.c, process_instance.c
COLUMNS = (*user_task.columns, _P.definition_id, _P.business_key, _P.status)
SORTS = {
    "instanceId": _T.instance_id,
    "executionId": _T.instance_id,
    "dueDate": _T.due_at,
    "created": _T.created_at,
    "assignee": _T.assignee,
    "name": _T.name,
    "nameCaseInsensitive": sa.func.lower(_T.name),
    "priority": _T.priority,
    "id": _T.id,
}
Priority = Field(default=None, ge=-(2**15), lt=2**15)


class TaskQuery(Window):
    """Which open tasks. A candidate's tasks are those that nobody has taken, unless `include_assigned_tasks` is set."""

    task_id: Text | None = None
    task_id_in: Texts | None = None
    process_instance_id: Text | None = None
    process_instance_id_in: Texts | None = None
    process_instance_business_key: Text | None = None
    process_instance_business_key_in: Texts | None = None
    process_instance_business_key_like: Like | None = None
    process_definition_id: Text | None = None
    process_definition_key: Text | None = None
    process_definition_key_in: Texts | None = None
    assignee: Text | None = None
    assignee_in: Texts | None = None
    assigned: bool | None = None
    unassigned: bool | None = None
    candidate_group: Text | None = None
    candidate_groups: Texts | None = None
    candidate_user: Text | None = None
    include_assigned_tasks: bool | None = None
    task_definition_key: Text | None = None
    task_definition_key_in: Texts | None = None
    task_definition_key_like: Like | None = None
    name: Text | None = None
    name_like: Like | None = None
    name_not_like: Like | None = None
    priority: int | None = Priority
    min_priority: int | None = Priority
    max_priority: int | None = Priority
    due_date: Moment | None = None
    due_before: Moment | None = None
    due_after: Moment | None = None
    without_due_date: bool | None = None
    created_on: Moment | None = None
    created_before: Moment | None = None
    created_after: Moment | None = None
    tenant_id_in: Texts | None = None
    active: bool | None = None
    suspended: bool | None = None


def task_query(actor: Actor, now: datetime, wanted: TaskQuery) -> sa.Select[Any]:
    """Return the query of the open tasks that the caller sees and asks for."""
    nobodys: sa.ColumnElement[bool] = sa.true() if wanted.include_assigned_tasks else _T.assignee.is_(None)

    def of_groups(groups: Sequence[str]) -> sa.ColumnElement[bool]:
        return sa.and_(_T.role_key.in_(groups), nobodys)

    narrowed = listing.narrowed(
        wanted,
        {
            "task_id": lambda text: _T.id == listing.uuid_of(text),
            "task_id_in": lambda texts: _T.id.in_(listing.uuids_of(texts)),
            "process_instance_id": lambda text: _T.instance_id == listing.uuid_of(text),
            "process_instance_id_in": lambda texts: _T.instance_id.in_(listing.uuids_of(texts)),
            "process_instance_business_key": _P.business_key.__eq__,
            "process_instance_business_key_in": _P.business_key.in_,
            "process_instance_business_key_like": lambda pattern: like(_P.business_key, pattern),
            "process_definition_id": _P.definition_id.__eq__,
            "process_definition_key": _T.definition_key.__eq__,
            "process_definition_key_in": _T.definition_key.in_,
            "assignee": _T.assignee.__eq__,
            "assignee_in": _T.assignee.in_,
            "assigned": lambda _: _T.assignee.is_not(None),
            "unassigned": lambda _: _T.assignee.is_(None),
            "candidate_group": lambda group: of_groups([group]),
            "candidate_groups": of_groups,
            "candidate_user": lambda user: sa.and_(_of_candidate(actor, now, user), nobodys),
            "task_definition_key": _T.element_id.__eq__,
            "task_definition_key_in": _T.element_id.in_,
            "task_definition_key_like": lambda pattern: like(_T.element_id, pattern),
            "name": _T.name.__eq__,
            "name_like": lambda pattern: like(_T.name, pattern),
            "name_not_like": lambda pattern: sa.not_(like(_T.name, pattern)),
            "priority": _T.priority.__eq__,
            "min_priority": _T.priority.__ge__,
            "max_priority": _T.priority.__le__,
            "due_date": _T.due_at.__eq__,
            "due_before": _T.due_at.__lt__,
            "due_after": _T.due_at.__gt__,
            "without_due_date": lambda _: _T.due_at.is_(None),
            "created_on": _T.created_at.__eq__,
            "created_before": _T.created_at.__lt__,
            "created_after": _T.created_at.__gt__,
            "tenant_id_in": lambda keys: _T.unit_id.in_(listing.units_named(actor, keys)),
            "active": lambda _: _P.status != InstanceStatus.SUSPENDED,
            "suspended": lambda _: _P.status == InstanceStatus.SUSPENDED,
        },
    )
    return (
        sa.select(*COLUMNS)
        .join(process_instance, _P.id == _T.instance_id)
        .where(_T.state == sa.literal_column(repr(str(TaskState.OPEN))), seen_by(actor, now), *narrowed)
    )


def _of_candidate(actor: Actor, now: datetime, user: str) -> sa.ColumnElement[bool]:
    """The tasks of all roles that a person holds; whose roles they are is nobody else's business.

    Raises:
        Forbidden: it is not the caller who is asked for.
    """
    if user != actor.username:
        raise Forbidden(
            text.Text(
                "Anda hanya boleh menanyakan tugas yang dapat Anda ambil sendiri.",
                "You may ask for your own candidate tasks only.",
            )
        )
    held = [
        sa.and_(_T.role_key.in_(sorted(roles)), _T.unit_id.in_(sorted(units)))
        for units, roles in by_units(actor.served(now)).items()
    ]
    return sa.or_(sa.false(), *held)
