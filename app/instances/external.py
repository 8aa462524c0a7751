"""Acts of the programs that do external tasks: complete, fail, raise a BPMN error; and trying again after a failure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app import engine
from app.core.problems import Invalid, NotFound, pointer
from app.core.text import is_blank
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.engine import Step
from app.identity.office import Actor
from app.instances.aggregate import LOCK_COLUMNS, Instance, apply_step, ask_engine, ensure_at_work
from app.instances.calls import definition_of
from app.instances.errors import WHY_NOT_ACTIVE, InstanceNotActive
from app.instances.external_locks import LONGEST_LOCK, change, ensure_held, unknown_task
from app.instances.models import InstanceStatus, external_task, process_instance
from app.instances.policy import ensure_manages, ensure_sees
from app.instances.variables import ensure_few, ensure_free, owned_by_forms

# As much of a failure's words as is kept; a report of a failure is never refused for its length.
LONGEST_MESSAGE = 666
LONGEST_DETAILS = 10_000

_T, _P = external_task.c, process_instance.c
# As for user tasks: the instance is locked before its task, and both are, so that each is read anew after a wait.
_LOCK = (
    sa.select(*LOCK_COLUMNS, _T.id, _T.token, _T.element_id, _T.topic, _T.worker_id, _T.retries)
    .select_from(process_instance)
    .join(external_task, _T.instance_id == _P.id)
    .where(_T.id == sa.bindparam("task_id"))
    .with_for_update(of=[process_instance, external_task])
)


def complete_external(
    uow: UnitOfWork,
    catalogue: Catalogue,
    *,
    actor: Actor,
    task_id: UUID,
    worker_id: str,
    variables: Mapping[str, Any],
    now: datetime,
) -> None:
    """Complete an external task that the worker has, and move its process on.

    A lock that has ended still holds as long as nobody else has fetched the task.

    Raises:
        NotFound: there is no such task where the actor may work.
        LockedByAnother: the worker does not have it.
        InstanceNotActive: its instance is suspended, or the task was given up.
        Invalid, CannotMove: it may not set such variables, or no gateway can decide with them.
    """
    task, instance = _lock_held(uow, catalogue, actor, task_id, worker_id, now)
    _ensure_in_hand(task, instance)
    ensure_free(variables, owned=owned_by_forms(instance.definition))
    step = ask_engine(
        lambda: engine.finish(instance.definition.process, instance.state, task.token, variables, now=now)
    )
    data = {"variables": variables}
    _move(uow, instance, task, step, actor=actor, kind="external_task.completed", data=data, now=now)


def throw_bpmn_error(
    uow: UnitOfWork,
    catalogue: Catalogue,
    *,
    actor: Actor,
    task_id: UUID,
    worker_id: str,
    code: str,
    message: str | None,
    variables: Mapping[str, Any],
    now: datetime,
) -> None:
    """End an external task by an error of the process, which a boundary event around it must catch.

    Raises:
        NotFound, LockedByAnother, InstanceNotActive, Invalid: as for `complete_external`.
        CannotMove: nothing catches the error.
    """
    task, instance = _lock_held(uow, catalogue, actor, task_id, worker_id, now)
    _ensure_in_hand(task, instance)
    ensure_free(variables, owned=owned_by_forms(instance.definition))
    process = instance.definition.process
    step = ask_engine(
        lambda: engine.raise_error(process, instance.state, task.token, code, message, variables, now=now)
    )
    data = {"error_code": code, "error_message": message, "variables": variables}
    _move(uow, instance, task, step, actor=actor, kind="external_task.error_raised", data=data, now=now)


def fail(
    uow: UnitOfWork,
    catalogue: Catalogue,
    *,
    actor: Actor,
    task_id: UUID,
    worker_id: str,
    message: str | None,
    details: str | None,
    retries: int,
    retry_after: timedelta,
    now: datetime,
    at: datetime,
) -> None:
    """Take down that a worker could not do its task; it is for any worker again after a while.

    With no retries left it is nobody's, and its instance becomes an incident, until `set_retries`.

    Raises:
        NotFound, LockedByAnother, InstanceNotActive: as for `complete_external`.
    """
    task, instance = _lock_held(uow, catalogue, actor, task_id, worker_id, now)
    _ensure_in_hand(task, instance)
    message = message[:LONGEST_MESSAGE] if message is not None and not is_blank(message) else None
    change(
        uow,
        task,
        locked_until=at + min(retry_after, LONGEST_LOCK),
        retries=retries,
        error_message=message,
        error_details=details[:LONGEST_DETAILS] if details is not None else None,
    )
    data = {**_data_of(task), "worker_id": worker_id, "error_message": message, "retries": retries}
    instance.record(uow, "external_task.failed", actor.username, now, data)
    if retries == 0:
        instance.status = InstanceStatus.INCIDENT
        reason = message or "The worker gave no reason."
        instance.record(uow, "incident.raised", actor.username, now, {**_data_of(task), "reason": reason})
    instance.save(uow)


def set_retries(
    uow: UnitOfWork, catalogue: Catalogue, *, actor: Actor, task_id: UUID, retries: int, now: datetime
) -> None:
    """Say how often a task may still be tried; the incident of a task that had no retries left ends by this.

    Whoever manages the instance may: a worker does not decide that its own failure is over.

    Raises:
        NotFound, Forbidden: the actor does not see the instance, or may not manage it.
        Invalid: 0 would end in the same incident.
    """
    if retries < 1:
        message = "A task needs at least 1 retry to be tried again."
        raise Invalid(message, errors=[{"pointer": pointer("retries"), "message": message}])
    row = uow.execute(_LOCK, {"task_id": task_id}).one_or_none()
    if row is None:
        raise unknown_task(task_id)
    definition = definition_of(uow.reader, catalogue, row.instance_id, row.definition_id)
    try:
        ensure_sees(actor, definition.role_keys, row.unit_id, row.started_by, now, row.instance_id)
    except NotFound:
        raise unknown_task(task_id) from None
    ensure_manages(actor, definition.role_keys, row.unit_id, row.started_by, now)
    instance = Instance.of(row, definition)
    change(uow, row, retries=retries, worker_id=None, locked_until=None)
    data = {**_data_of(row), "retries": retries}
    instance.record(uow, "external_task.retried", actor.username, now, data)
    others = sa.select(_T.id).where(_T.instance_id == instance.id, _T.id != task_id, _T.retries == 0).limit(1)
    if row.retries == 0 and instance.status == InstanceStatus.INCIDENT and uow.execute(others).first() is None:
        instance.status = InstanceStatus.ACTIVE
        instance.record(uow, "incident.resolved", actor.username, now, data)
    instance.save(uow)


def _lock_held(
    uow: UnitOfWork, catalogue: Catalogue, actor: Actor, task_id: UUID, worker_id: str, now: datetime
) -> tuple[Any, Instance]:
    """Lock a task that the worker has, with its instance.

    The transaction begins before it is read, on SQLite too: a lock of a task is no act that its chain would guard.
    """
    row = uow.execute(_LOCK, {"task_id": task_id}).one_or_none()
    if row is None or not actor.has("work", row.unit_id, now):
        raise unknown_task(task_id)
    ensure_held(row, worker_id)
    return row, Instance.of(row, definition_of(uow.reader, catalogue, row.instance_id, row.definition_id))


def _ensure_in_hand(task: Any, instance: Instance) -> None:
    """A task that was given up is nobody's until `set_retries`; those of other branches go on meanwhile."""
    ensure_at_work(instance)
    if task.retries == 0:
        raise InstanceNotActive(WHY_NOT_ACTIVE[InstanceStatus.INCIDENT])


def _move(
    uow: UnitOfWork,
    instance: Instance,
    task: Any,
    step: Step,
    *,
    actor: Actor,
    kind: str,
    data: Mapping[str, Any],
    now: datetime,
) -> None:
    ensure_few(step.variables)
    opened = apply_step(uow, instance, step, office=actor.office, now=now)
    told = {**_data_of(task), "worker_id": task.worker_id, **data, "opened": [one["element_id"] for one in opened]}
    instance.record(uow, kind, actor.username, now, told)
    instance.save(uow)


def _data_of(task: Any) -> dict[str, Any]:
    return {"external_task_id": str(task.id), "element_id": task.element_id, "topic": task.topic}
