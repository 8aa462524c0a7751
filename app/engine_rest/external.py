"""External tasks that there are, and what becomes of them: completed, failed, kept for longer, given back."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app.core.http import app_of, parse_id
from app.core.problems import NotFound
from app.core.unit_of_work import UnitOfWork
from app.engine_rest import listing
from app.engine_rest.http import (
    Asking,
    Caller,
    EngineRoute,
    Sent,
    Words,
    act_silently,
    ask,
    catalogue_of,
)
from app.engine_rest.listing import Moment, Text, Texts, Window
from app.engine_rest.values import Typed, TypedField, plain_values
from app.engine_rest.wire import moment_text
from app.identity.http import directory_of
from app.identity.office import Actor
from app.instances import external, external_locks
from app.instances.models import InstanceStatus, external_task, process_instance
from app.instances.policy import seen_by

router = APIRouter(prefix="/external-task", route_class=EngineRoute)

_WHAT = "external task"
_T, _P = external_task.c, process_instance.c
Milliseconds = Annotated[int, Field(ge=0, lt=2**63)]
WorkerId = Annotated[str, Field(min_length=1, max_length=255)]


def duration(milliseconds: int) -> timedelta:
    """Return a duration, no longer than any that is allowed by much, so that it can be reckoned with."""
    return timedelta(milliseconds=min(milliseconds, 10**13))


def real_time(request: Request) -> datetime:
    """Return the moment in which locks are reckoned, whatever day the office has."""
    moment: datetime = request.app.state.real_clock.now()
    return moment


def external_task_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an external task with every key that clients index."""
    return {
        "id": row["id"],
        "activityId": row["element_id"],
        "activityInstanceId": f"{row['element_id']}:{row['id']}",
        "createTime": moment_text(row["created_at"]),
        "errorMessage": row["error_message"],
        "executionId": row["instance_id"],
        "lockExpirationTime": moment_text(row["locked_until"]),
        "processDefinitionId": row["definition_id"],
        "processDefinitionKey": row["definition_key"],
        "processDefinitionVersionTag": row["version_tag"],
        "processInstanceId": row["instance_id"],
        "retries": row["retries"],
        "suspended": row["status"] == InstanceStatus.SUSPENDED,
        "tenantId": None,
        "topicName": row["topic"],
        "workerId": row["worker_id"],
        "priority": row["priority"],
        "businessKey": row["business_key"],
    }


class ExternalTaskQuery(Window):
    """Which external tasks."""

    external_task_id: Text | None = None
    external_task_id_in: Texts | None = None
    topic_name: Text | None = None
    worker_id: Text | None = None
    locked: bool | None = None
    not_locked: bool | None = None
    with_retries_left: bool | None = None
    no_retries_left: bool | None = None
    lock_expiration_before: Moment | None = None
    lock_expiration_after: Moment | None = None
    activity_id: Text | None = None
    activity_id_in: Texts | None = None
    execution_id: Text | None = None
    process_instance_id: Text | None = None
    process_instance_id_in: Texts | None = None
    process_definition_id: Text | None = None
    process_definition_key: Text | None = None
    process_definition_key_in: Texts | None = None
    priority_higher_than_or_equals: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    priority_lower_than_or_equals: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    tenant_id_in: Texts | None = None
    active: bool | None = None
    suspended: bool | None = None


SORTS = {
    "id": _T.id,
    "lockExpirationTime": _T.locked_until,
    "processInstanceId": _T.instance_id,
    "processDefinitionId": _P.definition_id,
    "processDefinitionKey": _P.definition_key,
    "taskPriority": _T.priority,
    "createTime": _T.created_at,
}


def _query(asking: Asking, wanted: ExternalTaskQuery) -> sa.Select[Any]:
    """Return the query of what the caller may work on, and of what stands in instances that he sees."""
    at = real_time(asking.request)
    narrowed = listing.narrowed(
        wanted,
        {
            "external_task_id": lambda text: _T.id == listing.uuid_of(text),
            "external_task_id_in": lambda texts: _T.id.in_(listing.uuids_of(texts)),
            "topic_name": _T.topic.__eq__,
            "worker_id": _T.worker_id.__eq__,
            "locked": lambda _: _T.locked_until > at,
            "not_locked": lambda _: sa.or_(_T.locked_until.is_(None), _T.locked_until <= at),
            "with_retries_left": lambda _: sa.or_(_T.retries.is_(None), _T.retries > 0),
            "no_retries_left": lambda _: _T.retries == 0,
            "lock_expiration_before": _T.locked_until.__lt__,
            "lock_expiration_after": _T.locked_until.__gt__,
            "activity_id": _T.element_id.__eq__,
            "activity_id_in": _T.element_id.in_,
            "execution_id": lambda text: _T.instance_id == listing.uuid_of(text),
            "process_instance_id": lambda text: _T.instance_id == listing.uuid_of(text),
            "process_instance_id_in": lambda texts: _T.instance_id.in_(listing.uuids_of(texts)),
            "process_definition_id": _P.definition_id.__eq__,
            "process_definition_key": _P.definition_key.__eq__,
            "process_definition_key_in": _P.definition_key.in_,
            "priority_higher_than_or_equals": _T.priority.__ge__,
            "priority_lower_than_or_equals": _T.priority.__le__,
            "tenant_id_in": lambda keys: _T.unit_id.in_(listing.units_named(asking.actor, keys)),
            "active": lambda _: _P.status != InstanceStatus.SUSPENDED,
            "suspended": lambda _: _P.status == InstanceStatus.SUSPENDED,
        },
    )
    own = _T.unit_id.in_(sorted(asking.actor.units_with("work", asking.now)))
    return external_locks.joined().where(sa.or_(own, seen_by(asking.actor, asking.now)), *narrowed)


listing.add_list(
    router,
    "",
    listing.Listing(ExternalTaskQuery, _query, lambda _, row: external_task_json(row._mapping), SORTS, _T.id),
)


@router.get("/{task_id}")
def show_external_task(request: Request, caller: Caller, task_id: str) -> Response:
    """Show an external task."""
    found = parse_id(task_id, _WHAT)
    return ask(request, caller, lambda asking: external_task_json(_row(asking, found)._mapping))


@router.get("/{task_id}/errorDetails")
def show_error_details(request: Request, caller: Caller, task_id: str) -> Response:
    """Show at length why an external task failed last, as plain text."""
    found, parts = parse_id(task_id, _WHAT), app_of(request)
    with parts.database.read() as connection:
        actor = directory_of(request).fresh(connection, caller)
        row = _row(Asking(connection, actor, catalogue_of(request), parts.clock.now(), request), found)
    return Response(row.error_details or "", media_type="text/plain", status_code=200 if row.error_details else 204)


def _row(asking: Asking, task_id: UUID) -> Any:
    wanted = ExternalTaskQuery.model_validate({"externalTaskId": str(task_id)})
    row = asking.connection.execute(_query(asking, wanted)).one_or_none()
    if row is None:
        raise NotFound(f"External task with id {task_id} does not exist")
    return row


class Completed(Words):
    """A worker has done its task; there are no local variables here."""

    worker_id: WorkerId
    variables: Typed | None = TypedField
    local_variables: Typed | None = Field(default=None, max_length=0)


@router.post("/{task_id}/complete")
def complete_external_task(
    request: Request, caller: Caller, task_id: str, sent: Annotated[Completed, Depends(Sent(Completed))]
) -> Response:
    """Complete an external task; its process instance moves on at once."""
    found, catalogue, variables = parse_id(task_id, _WHAT), catalogue_of(request), plain_values(sent.variables)
    return act_silently(
        request,
        caller,
        lambda uow, actor, now: external.complete_external(
            uow, catalogue, actor=actor, task_id=found, worker_id=sent.worker_id, variables=variables, now=now
        ),
    )


class Failed(Words):
    """A worker could not do its task; without `retries` there are none left."""

    worker_id: WorkerId
    error_message: str | None = None
    error_details: str | None = None
    retries: int | None = Field(default=None, ge=0, lt=2**31)
    retry_timeout: Milliseconds | None = None
    variables: Typed | None = Field(default=None, max_length=0)
    local_variables: Typed | None = Field(default=None, max_length=0)


@router.post("/{task_id}/failure")
def fail_external_task(
    request: Request, caller: Caller, task_id: str, sent: Annotated[Failed, Depends(Sent(Failed))]
) -> Response:
    """Report that an external task could not be done; with no retries left, its instance becomes an incident."""
    found, catalogue, at = parse_id(task_id, _WHAT), catalogue_of(request), real_time(request)
    return act_silently(
        request,
        caller,
        lambda uow, actor, now: external.fail(
            uow,
            catalogue,
            actor=actor,
            task_id=found,
            worker_id=sent.worker_id,
            message=sent.error_message,
            details=sent.error_details,
            retries=sent.retries or 0,
            retry_after=duration(sent.retry_timeout or 0),
            now=now,
            at=at,
        ),
    )


class Raised(Words):
    """A worker ends its task by an error of the process."""

    worker_id: WorkerId
    error_code: str = Field(min_length=1, max_length=255)
    error_message: str | None = Field(default=None, max_length=external.LONGEST_DETAILS)
    variables: Typed | None = TypedField


@router.post("/{task_id}/bpmnError")
def raise_bpmn_error(
    request: Request, caller: Caller, task_id: str, sent: Annotated[Raised, Depends(Sent(Raised))]
) -> Response:
    """End an external task by a BPMN error, which an event around it catches."""
    found, catalogue, variables = parse_id(task_id, _WHAT), catalogue_of(request), plain_values(sent.variables)
    return act_silently(
        request,
        caller,
        lambda uow, actor, now: external.throw_bpmn_error(
            uow,
            catalogue,
            actor=actor,
            task_id=found,
            worker_id=sent.worker_id,
            code=sent.error_code,
            message=sent.error_message,
            variables=variables,
            now=now,
        ),
    )


class Extended(Words):
    """For how much longer a worker keeps its task."""

    worker_id: WorkerId
    new_duration: Milliseconds


@router.post("/{task_id}/extendLock")
def extend_lock(
    request: Request, caller: Caller, task_id: str, sent: Annotated[Extended, Depends(Sent(Extended))]
) -> Response:
    """Let a worker keep its task for longer."""
    return _lock(request, caller, task_id, sent.worker_id, sent.new_duration, external_locks.extend_lock)


class Locked(Words):
    """Which worker takes a task, and for how long."""

    worker_id: WorkerId
    lock_duration: Milliseconds


@router.post("/{task_id}/lock")
def lock_external_task(
    request: Request, caller: Caller, task_id: str, sent: Annotated[Locked, Depends(Sent(Locked))]
) -> Response:
    """Give a worker one task."""
    return _lock(request, caller, task_id, sent.worker_id, sent.lock_duration, external_locks.lock_one)


def _lock(
    request: Request, caller: Actor, task_id: str, worker_id: str, milliseconds: int, command: Callable[..., None]
) -> Response:
    found, at = parse_id(task_id, _WHAT), real_time(request)

    def work(uow: UnitOfWork, actor: Actor, now: datetime) -> None:
        command(uow, actor=actor, task_id=found, worker_id=worker_id, lock_for=duration(milliseconds), now=now, at=at)

    return act_silently(request, caller, work)


@router.post("/{task_id}/unlock")
def unlock_external_task(request: Request, caller: Caller, task_id: str) -> Response:
    """Give a task back for any worker."""
    found = parse_id(task_id, _WHAT)
    return act_silently(
        request, caller, lambda uow, actor, now: external_locks.unlock(uow, actor=actor, task_id=found, now=now)
    )


class Retries(Words):
    """How often a task may still be tried."""

    retries: int = Field(ge=0, lt=2**31)


@router.put("/{task_id}/retries")
def set_retries(
    request: Request, caller: Caller, task_id: str, sent: Annotated[Retries, Depends(Sent(Retries))]
) -> Response:
    """Let a task be tried again, which ends the incident of its instance."""
    found, catalogue = parse_id(task_id, _WHAT), catalogue_of(request)
    return act_silently(
        request,
        caller,
        lambda uow, actor, now: external.set_retries(
            uow, catalogue, actor=actor, task_id=found, retries=sent.retries, now=now
        ),
    )
