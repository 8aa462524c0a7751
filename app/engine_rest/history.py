"""What was: process instances, and the visits of their user tasks, each ended or not."""

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from app.core.http import parse_id
from app.core.problems import NotFound
from app.engine_rest import listing
from app.engine_rest.http import Asking, Caller, EngineRoute, ask
from app.engine_rest.listing import Condition, Like, Moment, Text, Texts, Window, like
from app.engine_rest.wire import duration_between, moment_text
from app.instances.models import InstanceStatus, TaskState, process_instance, user_task
from app.instances.policy import seen_by

router = APIRouter(prefix="/history", route_class=EngineRoute)

_P, _T = process_instance.c, user_task.c
INSTANCE_SORTS = {
    "instanceId": _P.id,
    "definitionId": _P.definition_id,
    "definitionKey": _P.definition_key,
    "definitionVersion": _P.definition_version,
    "businessKey": _P.business_key,
    "startTime": _P.started_at,
    "endTime": _P.ended_at,
}
TASK_SORTS = {
    "taskId": _T.id,
    "activityInstanceId": _T.id,
    "activityInstanceID": _T.id,
    "processInstanceId": _T.instance_id,
    "instanceId": _T.instance_id,
    "executionId": _T.instance_id,
    "processDefinitionId": _P.definition_id,
    "definitionId": _P.definition_id,
    "taskName": _T.name,
    "activityName": _T.name,
    "activityId": _T.element_id,
    "taskDefinitionKey": _T.element_id,
    "assignee": _T.assignee,
    "priority": _T.priority,
    "dueDate": _T.due_at,
    "startTime": _T.created_at,
    "endTime": _T.ended_at,
}
_STATES = {
    InstanceStatus.ACTIVE: "ACTIVE",
    InstanceStatus.INCIDENT: "ACTIVE",
    InstanceStatus.SUSPENDED: "SUSPENDED",
    InstanceStatus.COMPLETED: "COMPLETED",
    InstanceStatus.CANCELLED: "EXTERNALLY_TERMINATED",
}


class InstanceHistoryQuery(Window):
    """Which process instances."""

    process_instance_id: Text | None = None
    process_instance_ids: Texts | None = None
    process_instance_business_key: Text | None = None
    process_instance_business_key_in: Texts | None = None
    process_instance_business_key_like: Like | None = None
    process_definition_id: Text | None = None
    process_definition_key: Text | None = None
    process_definition_key_in: Texts | None = None
    started_by: Text | None = None
    started_before: Moment | None = None
    started_after: Moment | None = None
    finished_before: Moment | None = None
    finished_after: Moment | None = None
    finished: bool | None = None
    unfinished: bool | None = None
    active: bool | None = None
    suspended: bool | None = None
    completed: bool | None = None
    externally_terminated: bool | None = None
    internally_terminated: bool | None = None
    with_incidents: bool | None = None
    root_process_instances: bool | None = None
    tenant_id_in: Texts | None = None


def _instances(asking: Asking, wanted: InstanceHistoryQuery) -> sa.Select[Any]:
    narrowed = listing.narrowed(
        wanted,
        {
            "process_instance_id": lambda text: _P.id == listing.uuid_of(text),
            "process_instance_ids": lambda texts: _P.id.in_(listing.uuids_of(texts)),
            "process_instance_business_key": _P.business_key.__eq__,
            "process_instance_business_key_in": _P.business_key.in_,
            "process_instance_business_key_like": lambda pattern: like(_P.business_key, pattern),
            "process_definition_id": _P.definition_id.__eq__,
            "process_definition_key": _P.definition_key.__eq__,
            "process_definition_key_in": _P.definition_key.in_,
            "started_by": _P.started_by.__eq__,
            "started_before": _P.started_at.__le__,
            "started_after": _P.started_at.__ge__,
            "finished_before": _P.ended_at.__le__,
            "finished_after": _P.ended_at.__ge__,
            "finished": lambda _: _P.ended_at.is_not(None),
            "unfinished": lambda _: _P.ended_at.is_(None),
            "active": lambda _: _P.status.in_([InstanceStatus.ACTIVE, InstanceStatus.INCIDENT]),
            "suspended": lambda _: _P.status == InstanceStatus.SUSPENDED,
            "completed": lambda _: _P.status == InstanceStatus.COMPLETED,
            "externally_terminated": lambda _: _P.status == InstanceStatus.CANCELLED,
            "internally_terminated": lambda _: sa.false(),
            "with_incidents": lambda _: _P.status == InstanceStatus.INCIDENT,
            "tenant_id_in": lambda keys: _P.unit_id.in_(listing.units_named(asking.actor, keys)),
        },
    )
    columns = [column for column in process_instance.columns if column.name not in ("state", "taken", "chain_head")]
    return sa.select(*columns).where(seen_by(asking.actor, asking.now), *narrowed)


def _instance_json(asking: Asking, row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "businessKey": row.business_key,
        "processDefinitionId": row.definition_id,
        "processDefinitionKey": row.definition_key,
        "processDefinitionName": asking.catalogue.get(asking.connection, row.definition_id).name,
        "processDefinitionVersion": row.definition_version,
        "startTime": moment_text(row.started_at),
        "endTime": moment_text(row.ended_at),
        "removalTime": None,
        "durationInMillis": duration_between(row.started_at, row.ended_at),
        "startUserId": row.started_by,
        "startActivityId": None,
        "deleteReason": None,
        "rootProcessInstanceId": row.id,
        "superProcessInstanceId": None,
        "superCaseInstanceId": None,
        "caseInstanceId": None,
        "tenantId": None,
        "state": _STATES[InstanceStatus(row.status)],
    }


listing.add_list(
    router,
    "/process-instance",
    listing.Listing(InstanceHistoryQuery, _instances, _instance_json, INSTANCE_SORTS, _P.id),
)


@router.get("/process-instance/{instance_id}")
def show_instance(request: Request, caller: Caller, instance_id: str) -> Response:
    """Show a process instance, whether it runs or has ended."""
    found = parse_id(instance_id, "process instance")

    def query(asking: Asking) -> dict[str, Any]:
        wanted = InstanceHistoryQuery.model_validate({"processInstanceId": str(found)})
        row = asking.connection.execute(_instances(asking, wanted)).one_or_none()
        if row is None:
            raise NotFound(f"Historic process instance with id {found} does not exist")
        return _instance_json(asking, row)

    return ask(request, caller, query)


class VisitQuery(Window):
    """What the lists of tasks and of activities have in common; an activity here is a user task."""

    process_instance_id: Text | None = None
    process_definition_id: Text | None = None
    process_definition_key: Text | None = None
    task_assignee: Text | None = None
    started_before: Moment | None = None
    started_after: Moment | None = None
    finished_before: Moment | None = None
    finished_after: Moment | None = None
    finished: bool | None = None
    unfinished: bool | None = None
    tenant_id_in: Texts | None = None


class TaskHistoryQuery(VisitQuery):
    """Which user tasks."""

    task_id: Text | None = None
    process_instance_business_key: Text | None = None
    process_instance_business_key_like: Like | None = None
    task_name: Text | None = None
    task_name_like: Like | None = None
    task_definition_key: Text | None = None
    task_definition_key_in: Texts | None = None
    task_delete_reason: Text | None = None
    task_assigned: bool | None = None
    task_unassigned: bool | None = None
    process_finished: bool | None = None
    process_unfinished: bool | None = None


class ActivityHistoryQuery(VisitQuery):
    """Which activities."""

    activity_instance_id: Text | None = None
    activity_id: Text | None = None
    activity_name: Text | None = None
    activity_name_like: Like | None = None
    activity_type: Text | None = None
    canceled: bool | None = None


_REASONS = {TaskState.COMPLETED: "completed", TaskState.CANCELLED: "deleted"}
_VISITS: dict[str, Condition] = {
    "process_instance_id": lambda text: _T.instance_id == listing.uuid_of(text),
    "process_definition_id": _P.definition_id.__eq__,
    "process_definition_key": _T.definition_key.__eq__,
    "task_assignee": _T.assignee.__eq__,
    "started_before": _T.created_at.__le__,
    "started_after": _T.created_at.__ge__,
    "finished_before": _T.ended_at.__le__,
    "finished_after": _T.ended_at.__ge__,
    "finished": lambda _: _T.ended_at.is_not(None),
    "unfinished": lambda _: _T.ended_at.is_(None),
}
_TASKS: dict[str, Condition] = {
    **_VISITS,
    "task_id": lambda text: _T.id == listing.uuid_of(text),
    "process_instance_business_key": _P.business_key.__eq__,
    "process_instance_business_key_like": lambda pattern: like(_P.business_key, pattern),
    "task_name": _T.name.__eq__,
    "task_name_like": lambda pattern: like(_T.name, pattern),
    "task_definition_key": _T.element_id.__eq__,
    "task_definition_key_in": _T.element_id.in_,
    "task_delete_reason": lambda text: _T.state.in_([state for state, reason in _REASONS.items() if reason == text]),
    "task_assigned": lambda _: _T.assignee.is_not(None),
    "task_unassigned": lambda _: _T.assignee.is_(None),
    "process_finished": lambda _: _P.ended_at.is_not(None),
    "process_unfinished": lambda _: _P.ended_at.is_(None),
}
_ACTIVITIES: dict[str, Condition] = {
    **_VISITS,
    "activity_instance_id": lambda text: _T.id == listing.uuid_of(text.rpartition(":")[2]),
    "activity_id": _T.element_id.__eq__,
    "activity_name": _T.name.__eq__,
    "activity_name_like": lambda pattern: like(_T.name, pattern),
    "activity_type": lambda kind: sa.true() if kind == "userTask" else sa.false(),
    "canceled": lambda _: _T.state == TaskState.CANCELLED,
}


def _visits(asking: Asking, wanted: VisitQuery) -> sa.Select[Any]:
    conditions = _TASKS if isinstance(wanted, TaskHistoryQuery) else _ACTIVITIES
    units: dict[str, Condition] = {"tenant_id_in": lambda keys: _T.unit_id.in_(listing.units_named(asking.actor, keys))}
    return (
        sa.select(*user_task.columns, _P.definition_id)
        .join(process_instance, _P.id == _T.instance_id)
        .where(seen_by(asking.actor, asking.now), *listing.narrowed(wanted, conditions | units))
    )


def _common(row: Any) -> dict[str, Any]:
    return {
        "processDefinitionKey": row.definition_key,
        "processDefinitionId": row.definition_id,
        "processInstanceId": row.instance_id,
        "executionId": row.instance_id,
        "assignee": row.assignee,
        "startTime": moment_text(row.created_at),
        "endTime": moment_text(row.ended_at),
        "tenantId": None,
        "removalTime": None,
        "rootProcessInstanceId": row.instance_id,
    }


def _task_json(_asking: Asking, row: Any) -> dict[str, Any]:
    return _common(row) | {
        "id": row.id,
        "caseDefinitionKey": None,
        "caseDefinitionId": None,
        "caseInstanceId": None,
        "caseExecutionId": None,
        "activityInstanceId": f"{row.element_id}:{row.id}",
        "name": row.name,
        "description": None,
        "deleteReason": _REASONS.get(row.state),
        "owner": None,
        "duration": duration_between(row.created_at, row.ended_at),
        "taskDefinitionKey": row.element_id,
        "priority": row.priority,
        "due": moment_text(row.due_at),
        "parentTaskId": None,
        "followUp": None,
    }


def _activity_json(_asking: Asking, row: Any) -> dict[str, Any]:
    return _common(row) | {
        "id": f"{row.element_id}:{row.id}",
        "parentActivityInstanceId": row.instance_id,
        "activityId": row.element_id,
        "activityName": row.name,
        "activityType": "userTask",
        "taskId": row.id,
        "calledProcessInstanceId": None,
        "calledCaseInstanceId": None,
        "durationInMillis": duration_between(row.created_at, row.ended_at),
        "canceled": row.state == TaskState.CANCELLED,
        "completeScope": False,
    }


listing.add_list(router, "/task", listing.Listing(TaskHistoryQuery, _visits, _task_json, TASK_SORTS, _T.id))
# Of activities, a history is kept outside the trail of user tasks alone.
listing.add_list(
    router, "/activity-instance", listing.Listing(ActivityHistoryQuery, _visits, _activity_json, TASK_SORTS, _T.id)
)
