"""Acts of the programs that do external tasks: fetch and lock, complete, fail, raise a BPMN error, and locks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app import engine
from app.core.problems import Invalid, NotFound, pointer
from app.core.text import is_blank
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue, Definition
from app.definitions.models import process_definition
from app.engine import Step
from app.identity.office import Actor
from app.instances.aggregate import LOCK_COLUMNS, Instance, apply_step, ask_engine
from app.instances.errors import WHY_NOT_ACTIVE, InstanceNotActive, LockedByAnother
from app.instances.models import InstanceStatus, external_task, process_instance
from app.instances.policy import ensure_manages, ensure_sees
from app.instances.variables import ensure_few, ensure_free, owned_by_forms

MOST_FETCHED = 100
MOST_TOPICS = 100
LONGEST_LOCK = timedelta(days=30)
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


@dataclass(frozen=True, slots=True)
class Topic:
    """What a worker does: a topic, for how long it wants each task, and of which instances; null narrows nothing."""

    name: str
    lock_for: timedelta
    business_key: str | None = None
    definition_ids: Sequence[str] | None = None
    definition_keys: Sequence[str] | None = None
    version_tag: str | None = None
    unit_ids: Sequence[UUID] | None = None

    def condition(self) -> sa.ColumnElement[bool]:
        """Return the topic as a condition on `external_task`, `process_instance` and `process_definition`."""
        found = [_T.topic == self.name]
        if self.business_key is not None:
            found.append(_P.business_key == self.business_key)
        if self.definition_ids is not None:
            found.append(_P.definition_id.in_(self.definition_ids))
        if self.definition_keys is not None:
            found.append(_P.definition_key.in_(self.definition_keys))
        if self.version_tag is not None:
            found.append(process_definition.c.version_tag == self.version_tag)
        if self.unit_ids is not None:
            found.append(_T.unit_id.in_(self.unit_ids))
        return sa.and_(*found)


class Fetch(NamedTuple):
    """A worker asks for tasks."""

    worker_id: str
    most: int
    topics: Sequence[Topic]
    by_priority: bool = False
    newest_first: bool = False


class Fetched(NamedTuple):
    """A task that a worker has now, with its instance as it stands."""

    row: Any
    definition: Definition
    variables: Mapping[str, Any]


# What is known of an external task beside its own row.
COLUMNS = (
    *external_task.columns,
    _P.definition_id,
    _P.definition_key,
    _P.business_key,
    _P.status,
    process_definition.c.version_tag,
)


def joined(*more: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Return the query of all external tasks with their instances."""
    return (
        sa.select(*COLUMNS, *more)
        .join(process_instance, _P.id == _T.instance_id)
        .join(process_definition, process_definition.c.id == _P.definition_id)
    )


def is_work(connection: Connection, actor: Actor, wanted: Fetch, *, now: datetime, at: datetime) -> bool:
    """Whether there is anything for a worker to fetch; asks without locking, for who waits."""
    query = sa.select(_available(actor, wanted, now, at).exists())
    return bool(connection.execute(query).scalar_one())


def fetch_and_lock(
    uow: UnitOfWork, catalogue: Catalogue, *, actor: Actor, wanted: Fetch, now: datetime, at: datetime
) -> list[Fetched]:
    """Give tasks to a worker, each for as long as its topic says; two workers never get the same one.

    Only tasks of units where the actor may `work`, of instances that are active. `at` is real time: locks end in it,
    whatever day the office has. A lock moves no instance, so it is no act of the trail.

    Raises:
        Invalid: the request asks for nothing, or for longer than a lock may last.
    """
    ensure_sound(wanted)
    order: list[sa.ColumnElement[Any]] = [_T.priority.desc()] if wanted.by_priority else []
    order += [_T.created_at.desc(), _T.id.desc()] if wanted.newest_first else [_T.created_at, _T.id]
    query = (
        _available(actor, wanted, now, at, _P.state.label("engine_state"))
        .order_by(*order)
        .limit(min(wanted.most, MOST_FETCHED))
        .with_for_update(of=external_task, skip_locked=True)
    )
    lock_for = {topic.name: topic.lock_for for topic in wanted.topics}
    fetched = []
    for found in uow.execute(query).all():
        until = at + lock_for[found.topic]
        _change(uow, found, worker_id=wanted.worker_id, locked_until=until)
        definition = catalogue.get(uow.reader, found.definition_id)
        row = {**found._mapping, "worker_id": wanted.worker_id, "locked_until": until}
        fetched.append(Fetched(row, definition, engine.where(definition.process, found.engine_state).variables))
    return fetched


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
        InstanceNotActive: its instance stands still.
        Invalid, CannotMove: it may not set such variables, or no gateway can decide with them.
    """
    task, instance = _lock_held(uow, catalogue, actor, task_id, worker_id, now)
    _ensure_active(instance)
    ensure_free(variables, owned=owned_by_forms(instance.definition))
    step = ask_engine(
        lambda: engine.finish(instance.definition.process, instance.state, task.token, variables, now=now)  # type: ignore[attr-defined]
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
    _ensure_active(instance)
    ensure_free(variables, owned=owned_by_forms(instance.definition))
    process = instance.definition.process
    step = ask_engine(
        lambda: engine.raise_error(process, instance.state, task.token, code, message, variables, now=now)  # type: ignore[attr-defined]
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
    _ensure_active(instance)
    message = message[:LONGEST_MESSAGE] if message is not None and not is_blank(message) else None
    _change(
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
        raise _unknown(task_id)
    definition = catalogue.get(uow.reader, row.definition_id)
    try:
        ensure_sees(actor, definition.role_keys, row.unit_id, row.started_by, now, row.instance_id)
    except NotFound:
        raise _unknown(task_id) from None
    ensure_manages(actor, definition.role_keys, row.unit_id, row.started_by, now)
    instance = Instance.of(row, definition)
    _change(uow, row, retries=retries, worker_id=None, locked_until=None)
    data = {**_data_of(row), "retries": retries}
    instance.record(uow, "external_task.retried", actor.username, now, data)
    others = sa.select(_T.id).where(_T.instance_id == instance.id, _T.id != task_id, _T.retries == 0).limit(1)
    if row.retries == 0 and instance.status == InstanceStatus.INCIDENT and uow.execute(others).first() is None:
        instance.status = InstanceStatus.ACTIVE
        instance.record(uow, "incident.resolved", actor.username, now, data)
    instance.save(uow)


def extend_lock(
    uow: UnitOfWork, *, actor: Actor, task_id: UUID, worker_id: str, lock_for: timedelta, now: datetime, at: datetime
) -> None:
    """Let a worker keep its task for this long from now on; a lock that has ended cannot be extended.

    Raises:
        NotFound: there is no such task where the actor may work.
        LockedByAnother: the worker does not have it, or not any more.
        Invalid: a lock cannot last this long.
    """
    ensure_lasts(lock_for)
    task = _lock_own(uow, actor, task_id, now)
    _ensure_held(task, worker_id)
    if task.locked_until is None or task.locked_until <= at:
        raise LockedByAnother(f"Cannot extend a lock that expired: external task {task_id}.")
    _change(uow, task, locked_until=at + lock_for)


def lock_one(
    uow: UnitOfWork, *, actor: Actor, task_id: UUID, worker_id: str, lock_for: timedelta, now: datetime, at: datetime
) -> None:
    """Give a worker one task that nobody else has now.

    Raises:
        NotFound: there is no such task where the actor may work.
        LockedByAnother: another worker has it.
        Invalid: a lock cannot last this long.
    """
    ensure_lasts(lock_for)
    task = _lock_own(uow, actor, task_id, now)
    if task.worker_id not in (None, worker_id) and task.locked_until is not None and task.locked_until > at:
        raise LockedByAnother(f"External task {task_id} is locked by worker '{task.worker_id}'.")
    _change(uow, task, worker_id=worker_id, locked_until=at + lock_for)


def unlock(uow: UnitOfWork, *, actor: Actor, task_id: UUID, now: datetime) -> None:
    """Give a task back, whoever has it.

    Raises:
        NotFound: there is no such task where the actor may work.
    """
    _change(uow, _lock_own(uow, actor, task_id, now), worker_id=None, locked_until=None)


def ensure_lasts(lock_for: timedelta) -> None:
    """Check for how long a worker wants a task.

    Raises:
        Invalid: it is no time at all, or too long.
    """
    if not timedelta(0) < lock_for <= LONGEST_LOCK:
        raise Invalid(f"A lock lasts more than 0 milliseconds and at most {LONGEST_LOCK.days} days.")


def _available(
    actor: Actor, wanted: Fetch, now: datetime, at: datetime, *more: sa.ColumnElement[Any]
) -> sa.Select[Any]:
    return joined(*more).where(
        sa.or_(sa.false(), *(topic.condition() for topic in wanted.topics)),
        _T.unit_id.in_(sorted(actor.units_with("work", now))),
        _P.status == InstanceStatus.ACTIVE,
        sa.or_(_T.locked_until.is_(None), _T.locked_until <= at),
        sa.or_(_T.retries.is_(None), _T.retries > 0),
    )


def ensure_sound(wanted: Fetch) -> None:
    """Check what a worker asks for, before it waits for it.

    Raises:
        Invalid: it asks for nothing, for a topic twice, or for longer than a lock may last.
    """
    names = [topic.name for topic in wanted.topics]
    if is_blank(wanted.worker_id) or wanted.most < 1 or not names or len(names) > MOST_TOPICS:
        raise Invalid(f"Fetching needs a workerId, at least one task to be wanted, and 1 to {MOST_TOPICS} topics.")
    if len(set(names)) < len(names):
        raise Invalid("A topic is named twice.")
    for topic in wanted.topics:
        ensure_lasts(topic.lock_for)


def _lock_held(
    uow: UnitOfWork, catalogue: Catalogue, actor: Actor, task_id: UUID, worker_id: str, now: datetime
) -> tuple[Any, Instance]:
    """Lock a task that the worker has, with its instance.

    The transaction begins before it is read, on SQLite too: a lock of a task is no act that its chain would guard.
    """
    row = uow.execute(_LOCK, {"task_id": task_id}).one_or_none()
    if row is None or not actor.has("work", row.unit_id, now):
        raise _unknown(task_id)
    _ensure_held(row, worker_id)
    return row, Instance.of(row, catalogue.get(uow.reader, row.definition_id))


def _lock_own(uow: UnitOfWork, actor: Actor, task_id: UUID, now: datetime) -> Any:
    """Lock a task alone, whose instance does not change."""
    row = uow.execute(sa.select(external_task).where(_T.id == task_id).with_for_update()).one_or_none()
    if row is None or not actor.has("work", row.unit_id, now):
        raise _unknown(task_id)
    return row


def _ensure_held(task: Any, worker_id: str) -> None:
    if task.worker_id is None:
        raise LockedByAnother(f"External task {task.id} is locked by nobody. Fetch it first.")
    if task.worker_id != worker_id:
        raise LockedByAnother(f"External task {task.id} is locked by worker '{task.worker_id}', not '{worker_id}'.")


def _ensure_active(instance: Instance) -> None:
    if instance.status != InstanceStatus.ACTIVE:
        raise InstanceNotActive(WHY_NOT_ACTIVE[instance.status])


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


def _change(uow: UnitOfWork, task: Any, **values: Any) -> None:
    uow.execute(sa.update(external_task).where(_T.id == task.id).values(**values))


def _unknown(task_id: UUID) -> NotFound:
    return NotFound(f"There is no external task '{task_id}'.")
