"""What may be asked about process instances.

A list is put together from one short list a status, and a unit where the caller sees few, each read from its index in
the order that is asked for; so a page costs the same however many cases there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app import engine
from app.audit import trail
from app.audit.models import event
from app.core import paging
from app.core.problems import Invalid, NotFound
from app.core.search import begins_word
from app.definitions.catalogue import Catalogue, Definition
from app.identity.office import Actor, Office
from app.instances.calls import definition_of
from app.instances.models import RUNNING, InstanceStatus, TaskState, process_instance, user_task, wait
from app.instances.office_time import calendar_of
from app.instances.policy import ensure_sees, seen_by
from app.instances.views import Row, instance_json, is_overdue

SORTS: Mapping[str, sa.ColumnElement[Any]] = {
    "started_at": process_instance.c.started_at,
    "title": process_instance.c.title,
}
HISTORY_SORTS: Mapping[str, sa.ColumnElement[Any]] = {"created_at": user_task.c.created_at}
AUDIT_SORTS: Mapping[str, sa.ColumnElement[Any]] = {"sequence": event.c.sequence}
# Of whoever sees more units than these, each status is read at once: most of what is in it is his to see.
_FEW_UNITS = 4
_FEW_LATE = 1_000
_LISTED = [column for column in process_instance.columns if column.name not in ("state", "chain_head", "chain_length")]


@dataclass(frozen=True, slots=True)
class InstanceFilter:
    """Which instances a list shows; what is null does not narrow it."""

    status: str | None = None
    running: bool | None = None
    process_definition_key: str | None = None
    unit: str | None = None
    business_key: str | None = None
    overdue: bool | None = None
    started_after: datetime | None = None
    words: tuple[str, ...] = field(default=())


def list_instances(
    connection: Connection,
    catalogue: Catalogue,
    actor: Actor,
    now: datetime,
    wanted: InstanceFilter,
    *,
    sort: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """Return a page of the instances that the caller sees, the newest first unless asked otherwise."""
    name, descending = paging.parse_sort(sort, list(SORTS), "-started_at")
    order = paging.Order((SORTS[name], process_instance.c.id), descending)
    narrowed = [seen_by(actor, now), *_conditions(connection, wanted, actor, now)]
    if cursor is not None:
        narrowed.append(order.after(cursor))
    parts = [
        sa.select(process_instance.c.id, *order.columns[:1])
        .where(reached, *narrowed)
        .order_by(*order.clauses())
        .limit(limit + 1)
        .subquery()
        for reached in _reach(wanted, actor)
    ]
    ids = sa.union_all(*(sa.select(part.c.id) for part in parts)).subquery() if len(parts) > 1 else parts[0]
    query = sa.select(*_LISTED).join(ids, ids.c.id == process_instance.c.id)
    page = paging.page_of(connection.execute(query.order_by(*order.clauses()).limit(limit + 1)).all(), order, limit)
    items = _shown(connection, catalogue, actor.office, now, page.rows)
    return {"items": items, "next_cursor": page.next_cursor}


def show_instance(
    connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime, instance_id: UUID
) -> dict[str, Any]:
    """Return an instance with its open tasks and what it waits for.

    Raises:
        NotFound: there is none, or the caller does not see it.
    """
    row, _ = seen_row(connection, catalogue, actor, now, instance_id)
    (shown,) = _shown(connection, catalogue, actor.office, now, [row])
    return shown


def shown_instance(
    connection: Connection, catalogue: Catalogue, office: Office, now: datetime, instance_id: UUID
) -> dict[str, Any]:
    """Return an instance to somebody who may know of it, which the caller has made sure of."""
    query = sa.select(*_LISTED).where(process_instance.c.id == instance_id)
    (shown,) = _shown(connection, catalogue, office, now, connection.execute(query).all())
    return shown


def show_variables(
    connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime, instance_id: UUID
) -> dict[str, Any]:
    """Return the variables as they are now."""
    row, definition = seen_row(connection, catalogue, actor, now, instance_id)
    return {"variables": engine.where(definition.process, row.state).variables}


def show_history(
    connection: Connection,
    catalogue: Catalogue,
    actor: Actor,
    now: datetime,
    instance_id: UUID,
    *,
    sort: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """Return a page of the visits of user tasks, in the order of their opening, each with its working time."""
    row, _ = seen_row(connection, catalogue, actor, now, instance_id)
    name, descending = paging.parse_sort(sort, list(HISTORY_SORTS), "created_at")
    order = paging.Order((HISTORY_SORTS[name], user_task.c.token), descending)
    query = sa.select(user_task).where(user_task.c.instance_id == row.id)
    page = paging.fetch(connection, query, order, limit=limit, cursor=cursor)
    calendar = calendar_of(actor.office.units[row.unit_id].time_zone)
    items = []
    for task in page.rows:
        minutes = calendar.working_minutes(task.created_at, task.ended_at or now)
        items.append(
            {
                "task_id": task.id,
                "element_id": task.element_id,
                "activity_no": task.activity_no,
                "name": task.name,
                "role": task.role_key,
                "visit": task.visit,
                "state": task.state,
                "created_at": task.created_at,
                "completed_at": task.ended_at if task.state == TaskState.COMPLETED else None,
                "completed_by": task.completed_by,
                "on_behalf_of": task.on_behalf_of,
                "decision": task.decision,
                "reason": task.reason,
                "standard_time": task.standard_time,
                "working_time": f"PT{int(minutes)}M",
                "due_at": task.due_at,
                "late": is_overdue(task._mapping, now),
            }
        )
    return {"items": items, "next_cursor": page.next_cursor}


def show_diagram(
    connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime, instance_id: UUID, base: str
) -> dict[str, Any]:
    """Return what to draw on the diagram: where it stands, and how often each node and flow was reached."""
    row, definition = seen_row(connection, catalogue, actor, now, instance_id)
    step = engine.where(definition.process, row.state)
    taken = orjson.loads(row.taken)
    ended = row.status in (InstanceStatus.COMPLETED, InstanceStatus.CANCELLED)
    active = {task.element_id for task in step.open_tasks} | {one.element_id for one in step.waits}
    return {
        "xml_url": f"{base}/process-definitions/{definition.id}/xml",
        "active": [] if ended else sorted(active),
        "visits": taken["visits"],
        "flows_taken": taken["flows"],
    }


def show_audit(
    connection: Connection,
    catalogue: Catalogue,
    actor: Actor,
    now: datetime,
    instance_id: UUID,
    *,
    sort: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """Return a page of the trail of an instance, the oldest act first."""
    row, _ = seen_row(connection, catalogue, actor, now, instance_id)
    name, descending = paging.parse_sort(sort, list(AUDIT_SORTS), "sequence")
    order = paging.Order((AUDIT_SORTS[name],), descending)
    query = sa.select(event).where(event.c.chain_id == str(row.id))
    page = paging.fetch(connection, query, order, limit=limit, cursor=cursor)
    items = [
        {
            "sequence": act.sequence,
            "type": act.type,
            "actor": act.actor,
            "at": act.at,
            "data": orjson.loads(act.content)["data"],
            "hash": bytes(act.hash).hex(),
        }
        for act in page.rows
    ]
    return {"items": items, "next_cursor": page.next_cursor}


def verify_audit(
    connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime, instance_id: UUID
) -> dict[str, Any]:
    """Check the trail of an instance against its end."""
    row, _ = seen_row(connection, catalogue, actor, now, instance_id)
    return trail.verify(connection, str(row.id), length=row.chain_length, head=row.chain_head)._asdict()


def seen_row(
    connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime, instance_id: UUID
) -> tuple[Any, Definition]:
    """Return the row of an instance that the caller sees, with its definition.

    Raises:
        NotFound: there is none, or he does not.
    """
    row = connection.execute(sa.select(process_instance).where(process_instance.c.id == instance_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no process instance '{instance_id}'.")
    definition = definition_of(connection, catalogue, row.id, row.definition_id)
    ensure_sees(actor, definition.role_keys, row.unit_id, row.started_by, now, instance_id)
    return row, definition


def _reach(wanted: InstanceFilter, actor: Actor) -> list[sa.ColumnElement[bool]]:
    """The statuses and units that a list reaches, in parts that do not overlap and that each follow one index."""
    statuses = [
        status
        for status in InstanceStatus
        if wanted.status in (None, status) and wanted.running in (None, status in RUNNING)
    ]
    parts = [process_instance.c.status == status for status in statuses] or [sa.false()]
    units = sorted(actor.units_ever_seen)
    if len(units) > _FEW_UNITS:
        return parts
    return [sa.and_(process_instance.c.unit_id == unit, part) for unit in units for part in parts] or [sa.false()]


def _late(connection: Connection, now: datetime) -> sa.ColumnElement[bool]:
    """The condition that an instance has an open task past its due time: from whichever side there is less to read."""
    is_late = (user_task.c.state == sa.literal_column(repr(str(TaskState.OPEN))), user_task.c.due_order < now)
    late = sa.select(user_task.c.instance_id).where(*is_late).limit(_FEW_LATE).subquery()
    if connection.execute(sa.select(sa.func.count()).select_from(late)).scalar_one() < _FEW_LATE:
        return process_instance.c.id.in_(sa.select(late.c.instance_id))
    return sa.exists().where(user_task.c.instance_id == process_instance.c.id, *is_late)


def _conditions(
    connection: Connection, wanted: InstanceFilter, actor: Actor, now: datetime
) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.process_definition_key is not None:
        found.append(process_instance.c.definition_key == wanted.process_definition_key)
    if wanted.unit is not None:
        unit = actor.office.unit_keys.get(wanted.unit)
        if unit is None:
            message = f"There is no unit '{wanted.unit[:200]}'."
            raise Invalid(message, errors=[{"pointer": "?unit", "message": message}])
        found.append(process_instance.c.unit_id.in_(sorted(actor.office.subtree(unit.id))))
    if wanted.business_key is not None:
        found.append(process_instance.c.business_key == wanted.business_key)
    if wanted.started_after is not None:
        found.append(process_instance.c.started_at > wanted.started_after)
    if wanted.overdue is not None:
        late = _late(connection, now)
        found.append(late if wanted.overdue else ~late)
    for word in wanted.words:
        columns = (process_instance.c.title, process_instance.c.business_key)
        found.append(sa.or_(*(begins_word(column, word) for column in columns)))
    return found


def _by_instance(
    connection: Connection, table: sa.Table, ids: Sequence[UUID], *conditions: sa.ColumnElement[bool]
) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    if ids:
        query = sa.select(table).where(table.c.instance_id.in_(ids), *conditions).order_by(table.c.token)
        for row in connection.execute(query):
            found.setdefault(row.instance_id, []).append(row._mapping)
    return found


def _incidents(connection: Connection, rows: Sequence[Any]) -> dict[UUID, dict[str, Any]]:
    """Return why instances are stopped by an incident, and since when: what their trails say last of it."""
    stopped = {str(row.id): row.id for row in rows if row.status == InstanceStatus.INCIDENT}
    if not stopped:
        return {}
    query = (
        sa.select(event.c.chain_id, event.c.at, event.c.content)
        .where(event.c.chain_id.in_(sorted(stopped)), event.c.type == "incident.raised")
        .order_by(event.c.sequence)
    )
    return {
        stopped[act.chain_id]: {"reason": orjson.loads(act.content)["data"]["reason"], "raised_at": act.at}
        for act in connection.execute(query)
    }


def _shown(
    connection: Connection, catalogue: Catalogue, office: Office, now: datetime, rows: Sequence[Any]
) -> list[dict[str, Any]]:
    """Return instances with their open tasks, waits and incidents."""
    ids = [row.id for row in rows]
    tasks = _by_instance(connection, user_task, ids, user_task.c.state == TaskState.OPEN)
    waits = _by_instance(connection, wait, ids)
    incidents = _incidents(connection, rows)
    return [
        instance_json(
            id=row.id,
            definition=definition_of(connection, catalogue, row.id, row.definition_id),
            business_key=row.business_key,
            title=row.title,
            unit_id=row.unit_id,
            status=row.status,
            started_at=row.started_at,
            started_by=row.started_by,
            ended_at=row.ended_at,
            returns=row.returns,
            visits=orjson.loads(row.taken)["visits"],
            open_tasks=tasks.get(row.id, []),
            waits=waits.get(row.id, []),
            office=office,
            now=now.astimezone(UTC),
            incident=incidents.get(row.id),
        )
        for row in rows
    ]
