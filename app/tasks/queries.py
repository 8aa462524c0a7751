"""What may be asked about user tasks.

A list of the tasks of several roles is put together from one short list a role, each read from its index in the order
that is asked for; so a page costs the same however many tasks are open elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core import paging
from app.core.problems import Invalid, NotFound
from app.core.search import begins_word
from app.definitions.catalogue import Catalogue, Definition
from app.definitions.models import process_definition
from app.definitions.queries import form_json
from app.identity.names import holders_of
from app.identity.office import Actor
from app.instances.calls import definition_of
from app.instances.models import TaskState, process_instance, user_task
from app.instances.policy import by_units
from app.tasks.comments import comments_of
from app.tasks.policy import acts_on, ensure_assigns, ensure_sees, seen_by
from app.tasks.views import task_json

MOST_COUNTED = 1_000
SORTS: Mapping[str, sa.ColumnElement[Any]] = {
    "created_at": user_task.c.created_at,
    "due_at": user_task.c.due_order,
    "priority": user_task.c.priority,
    "name": user_task.c.name,
}
# What has ended can be sorted by its end as well.
ENDED_SORTS: Mapping[str, sa.ColumnElement[Any]] = {**SORTS, "ended_at": user_task.c.ended_at}
_JOINED = (process_instance.c.business_key, process_instance.c.title, process_instance.c.definition_id)


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks a list shows; what is null does not narrow it.

    `scope` is whose tasks: `mine` (taken by the caller), `claimable` (of his roles, taken by nobody), `involved` (his
    or of his roles) or `all` that he may see.
    """

    scope: str = "involved"
    state: str = "open"
    role: str | None = None
    unit: str | None = None
    assignee: str | None = None
    process_definition_key: str | None = None
    process_instance_id: UUID | None = None
    business_key: str | None = None
    element_id: str | None = None
    due_before: datetime | None = None
    due_after: datetime | None = None
    overdue: bool | None = None
    words: tuple[str, ...] = field(default=())


def list_tasks(
    connection: Connection,
    catalogue: Catalogue,
    actor: Actor,
    now: datetime,
    wanted: TaskFilter,
    *,
    sort: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """Return a page of tasks."""
    sorts = SORTS if wanted.state == TaskState.OPEN else ENDED_SORTS
    name, descending = paging.parse_sort(sort, list(sorts), "created_at")
    order = paging.Order((sorts[name], user_task.c.id), descending)
    narrowed = _conditions(wanted, actor, now)
    if cursor is not None:
        narrowed.append(order.after(cursor))
    page = paging.page_of(_read(connection, actor, now, wanted, narrowed, order, limit + 1), order, limit)
    items = [
        task_json(
            row._mapping,
            row.business_key,
            row.title,
            definition_of(connection, catalogue, row.instance_id, row.definition_id),
            actor.office,
            now,
        )
        for row in page.rows
    ]
    return {"items": items, "next_cursor": page.next_cursor}


def count_tasks(connection: Connection, actor: Actor, now: datetime) -> dict[str, Any]:
    """Count the caller's open tasks, each figure exact up to 1,000."""
    wanted = {
        "mine": TaskFilter(scope="mine"),
        "claimable": TaskFilter(scope="claimable"),
        "overdue": TaskFilter(overdue=True),
    }
    counted = sa.select(*(_capped(actor, now, one).label(name) for name, one in wanted.items()))
    figures = connection.execute(counted).one()
    by_process = _count_by_process(connection, actor, now)
    return {
        **figures._mapping,
        "by_process": by_process,
        "capped": any(figure >= MOST_COUNTED for figure in (*figures, *by_process.values())),
    }


def show_task(
    connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime, task_id: UUID
) -> dict[str, Any]:
    """Return a task with its form, and what the caller may do with it now.

    Raises:
        NotFound: there is none, or the caller may not know what is in it.
    """
    row, definition = seen_task(connection, catalogue, actor, now, task_id)
    return {
        **task_json(row._mapping, row.business_key, row.title, definition, actor.office, now),
        "form": {"fields": form_json(definition.tasks[row.element_id].form)},
        "local_variables": orjson.loads(row.local) if row.local is not None else {},
        "acts": acts_on(actor, row, row.instance_status, now),
        "documents": [],
        "comments": comments_of(connection, task_id),
    }


def list_candidates(
    connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime, task_id: UUID
) -> dict[str, Any]:
    """Return the people to whom a task can be given: who holds its role now, by name.

    Raises:
        NotFound: there is no such task, or the caller may not know what is in it.
        NotYourTask: he may not assign it.
    """
    row, _ = seen_task(connection, catalogue, actor, now, task_id)
    ensure_assigns(actor, row, now)
    found = holders_of(connection, actor.office, [(row.role_key, row.unit_id)], now)
    return {"items": [{"username": username, "name": name} for username, name in found.items()]}


def seen_task(
    connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime, task_id: UUID
) -> tuple[Any, Definition]:
    """Return the row of a task that the caller sees, with its definition.

    Raises:
        NotFound: there is none, or he may not know what is in it.
    """
    row = connection.execute(
        sa.select(user_task, *_JOINED, process_instance.c.status.label("instance_status"))
        .join(process_instance, process_instance.c.id == user_task.c.instance_id)
        .where(user_task.c.id == task_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no task '{task_id}'.")
    ensure_sees(actor, row, now)
    return row, definition_of(connection, catalogue, row.instance_id, row.definition_id)


def _read(
    connection: Connection,
    actor: Actor,
    now: datetime,
    wanted: TaskFilter,
    narrowed: Sequence[sa.ColumnElement[bool]],
    order: paging.Order,
    most: int,
) -> Sequence[Any]:
    """Read the first rows of the union of what the scope reaches."""
    parts = [
        sa.select(user_task.c.id, *order.columns[:1])
        .where(reached, *narrowed)
        .order_by(*order.clauses())
        .limit(most)
        .subquery()
        for reached in _reach(wanted, actor, now)
    ]
    if not parts:
        return []
    ids = sa.union(*(sa.select(part.c.id) for part in parts)).subquery() if len(parts) > 1 else parts[0]
    return connection.execute(
        sa.select(user_task, *_JOINED)
        .join(ids, ids.c.id == user_task.c.id)
        .join(process_instance, process_instance.c.id == user_task.c.instance_id)
        .order_by(*order.clauses())
        .limit(most)
    ).all()


def _reach(wanted: TaskFilter, actor: Actor, now: datetime) -> list[sa.ColumnElement[bool]]:
    """Whose tasks a scope reaches, in parts that each follow one index."""
    mine = user_task.c.assignee == actor.username
    if wanted.scope == "mine":
        return [mine if wanted.state == TaskState.OPEN else user_task.c.completed_by == actor.username]
    if wanted.scope == "all":
        return [seen_by(actor, now)]
    nobody = user_task.c.assignee.is_(None)
    parts = [
        sa.and_(user_task.c.role_key == role_key, user_task.c.unit_id.in_(sorted(units)))
        for units, roles in by_units(actor.served(now)).items()
        for role_key in sorted(roles)
    ]
    if wanted.scope == "claimable":
        return [sa.and_(part, nobody) for part in parts]
    return [*parts, mine, *([user_task.c.completed_by == actor.username] if wanted.state != TaskState.OPEN else [])]


def _conditions(wanted: TaskFilter, actor: Actor, now: datetime) -> list[sa.ColumnElement[bool]]:
    """What narrows the tasks that a scope reaches."""
    found: list[sa.ColumnElement[bool]] = [user_task.c.state == sa.literal_column(repr(str(TaskState(wanted.state))))]
    if wanted.role is not None:
        found.append(user_task.c.role_key == wanted.role)
    if wanted.unit is not None:
        unit = actor.office.unit_keys.get(wanted.unit)
        if unit is None:
            message = f"There is no unit '{wanted.unit[:200]}'."
            raise Invalid(message, errors=[{"pointer": "?unit", "message": message}])
        found.append(user_task.c.unit_id.in_(sorted(actor.office.subtree(unit.id))))
    if wanted.assignee is not None:
        found.append(user_task.c.assignee == wanted.assignee)
    if wanted.process_definition_key is not None:
        found.append(user_task.c.definition_key == wanted.process_definition_key)
    if wanted.process_instance_id is not None:
        found.append(user_task.c.instance_id == wanted.process_instance_id)
    if wanted.element_id is not None:
        found.append(user_task.c.element_id == wanted.element_id)
    if wanted.due_before is not None:
        found.append(user_task.c.due_at < wanted.due_before)
    if wanted.due_after is not None:
        found.append(user_task.c.due_at > wanted.due_after)
    if wanted.overdue is not None:
        # An open task has not ended: this way its index says which are late.
        end = now if wanted.state == TaskState.OPEN else sa.func.coalesce(user_task.c.ended_at, now)
        found.append(user_task.c.due_order < end if wanted.overdue else user_task.c.due_order >= end)
    if wanted.business_key is not None or wanted.words:
        found.append(user_task.c.instance_id.in_(_instances(wanted)) if not wanted.words else _matching(wanted))
    return found


def _instances(wanted: TaskFilter) -> sa.Select[Any]:
    return sa.select(process_instance.c.id).where(process_instance.c.business_key == wanted.business_key)


def _matching(wanted: TaskFilter) -> sa.ColumnElement[bool]:
    """Every word begins a word of the task's name, or of its instance's title or business key."""
    instance = sa.select(process_instance.c.id).where(process_instance.c.id == user_task.c.instance_id)
    if wanted.business_key is not None:
        instance = instance.where(process_instance.c.business_key == wanted.business_key)
    each = [
        sa.or_(
            begins_word(user_task.c.name, word),
            begins_word(process_instance.c.title, word),
            begins_word(process_instance.c.business_key, word),
        )
        for word in wanted.words
    ]
    return instance.where(*each).correlate(user_task).exists()


def _capped(
    actor: Actor, now: datetime, wanted: TaskFilter, process: sa.Subquery | None = None
) -> sa.ScalarSelect[int]:
    """How many tasks a filter leaves, counted up to `MOST_COUNTED`; for each of the processes, where they are given."""
    narrowed = _conditions(wanted, actor, now)
    if process is not None:
        narrowed.append(user_task.c.definition_key == process.c.key)
    parts = [
        sa.select(user_task.c.id).where(reached, *narrowed).limit(MOST_COUNTED).correlate(process).subquery()
        for reached in _apart(_reach(wanted, actor, now), wanted)
    ]
    if not parts:
        return sa.select(sa.literal(0)).scalar_subquery()
    ids = sa.union_all(*(sa.select(part.c.id) for part in parts)).subquery()
    some = sa.select(ids.c.id).limit(MOST_COUNTED).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def _apart(reach: list[sa.ColumnElement[bool]], wanted: TaskFilter) -> list[sa.ColumnElement[bool]]:
    """Return the parts of what a scope reaches of the open tasks, none of which is in two of them."""
    *roles, mine = reach or [sa.false()]
    if wanted.scope != "involved" or not roles:
        return reach
    return [*roles, sa.and_(mine, sa.or_(user_task.c.role_key.is_(None), sa.not_(sa.or_(*roles))))]


def _count_by_process(connection: Connection, actor: Actor, now: datetime) -> dict[str, int]:
    """Count the open tasks of each process in the caller's reach; only processes that have one are named."""
    process = sa.select(process_definition.c.key).distinct().subquery()
    counted = _capped(actor, now, TaskFilter(), process).label("tasks")
    rows = connection.execute(sa.select(process.c.key, counted).order_by(process.c.key))
    return {row.key: row.tasks for row in rows if row.tasks}
