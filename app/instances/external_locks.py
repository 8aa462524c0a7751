"""Who has an external task, and for how long: fetch and lock, extend, give back. A lock is no act of the trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app import engine
from app.core.problems import Invalid, NotFound
from app.core.text import is_blank
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue, Definition
from app.definitions.models import process_definition
from app.identity.office import Actor
from app.instances.calls import definition_of
from app.instances.errors import LockedByAnother
from app.instances.models import AT_WORK, external_task, process_instance

MOST_FETCHED = 100
MOST_TOPICS = 100
LONGEST_LOCK = timedelta(days=30)

_T, _P = external_task.c, process_instance.c


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
        change(uow, found, worker_id=wanted.worker_id, locked_until=until)
        definition = definition_of(uow.reader, catalogue, found.instance_id, found.definition_id)
        row = {**found._mapping, "worker_id": wanted.worker_id, "locked_until": until}
        fetched.append(Fetched(row, definition, engine.where(definition.process, found.engine_state).variables))
    return fetched


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
    ensure_held(task, worker_id)
    if task.locked_until is None or task.locked_until <= at:
        raise LockedByAnother(f"Cannot extend a lock that expired: external task {task_id}.")
    change(uow, task, locked_until=at + lock_for)


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
    change(uow, task, worker_id=worker_id, locked_until=at + lock_for)


def unlock(uow: UnitOfWork, *, actor: Actor, task_id: UUID, now: datetime) -> None:
    """Give a task back, whoever has it.

    Raises:
        NotFound: there is no such task where the actor may work.
    """
    change(uow, _lock_own(uow, actor, task_id, now), worker_id=None, locked_until=None)


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
        _P.status.in_(AT_WORK),
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


def _lock_own(uow: UnitOfWork, actor: Actor, task_id: UUID, now: datetime) -> Any:
    """Lock a task alone, whose instance does not change."""
    row = uow.execute(sa.select(external_task).where(_T.id == task_id).with_for_update()).one_or_none()
    if row is None or not actor.has("work", row.unit_id, now):
        raise unknown_task(task_id)
    return row


def ensure_held(task: Any, worker_id: str) -> None:
    """Check that a worker has a task; a lock that has ended holds until somebody else fetches the task.

    Raises:
        LockedByAnother: another worker has it, or nobody.
    """
    if task.worker_id is None:
        raise LockedByAnother(f"External task {task.id} is locked by nobody. Fetch it first.")
    if task.worker_id != worker_id:
        raise LockedByAnother(f"External task {task.id} is locked by worker '{task.worker_id}', not '{worker_id}'.")


def change(uow: UnitOfWork, task: Any, **values: Any) -> None:
    """Change columns of an external task that this unit of work has locked."""
    uow.execute(sa.update(external_task).where(_T.id == task.id).values(**values))


def unknown_task(task_id: UUID) -> NotFound:
    """Return the refusal of who names a task that is none, or of which he may not know."""
    return NotFound(f"There is no external task '{task_id}'.")
