"""The trail over all chains that somebody sees, the newest act first.

A page looks at the next 20,000 acts at most, whoever asks and however little fits: a search for something rare goes on
with the cursor, which may come with an empty page. Whether an act is seen is asked of its instance by primary key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit import feed
from app.audit.feed import Place
from app.audit.models import event
from app.core import paging
from app.core.search import begins_word
from app.identity.office import Actor
from app.instances.models import process_instance
from app.instances.policy import seen_by

LOOKED_AT = 20_000
OF_UNIT = "unit:"
SORTS: Mapping[str, sa.ColumnElement[Any]] = {"position": event.c.position}


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which acts a list shows; what is null or empty does not narrow it. `types` may name whole kinds (`task.`)."""

    process_instance_id: UUID | None = None
    actors: tuple[str, ...] | None = None
    types: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    words: tuple[str, ...] = ()


def list_acts(
    connection: Connection,
    actor: Actor,
    now: datetime,
    wanted: TrailFilter,
    *,
    sort: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """Return a page of the acts on instances that the caller sees, and on units that he administers or audits."""
    _, descending = paging.parse_sort(sort, list(SORTS), "-position")
    order = paging.Order((event.c.position,), descending)
    looked_at: list[sa.ColumnElement[bool]] = []
    if wanted.process_instance_id is not None:
        looked_at.append(event.c.chain_id == str(wanted.process_instance_id))
    if cursor is not None:
        looked_at.append(order.after(cursor))
    last = sa.select(event.c.position).where(*looked_at).order_by(*order.clauses()).offset(LOOKED_AT - 1).limit(1)
    edge = connection.execute(last).one_or_none()
    if edge is not None:
        position = event.c.position
        looked_at.append(position >= edge.position if order.descending else position <= edge.position)
    found = (
        sa.select(event, *(column.label(f"instance_{column.name}") for column in _INSTANCE))
        .outerjoin(process_instance, process_instance.c.id == _instance_id(connection))
        .where(*looked_at, *_conditions(wanted, actor, now))
        .order_by(*order.clauses())
        .limit(limit + 1)
    )
    page = paging.page_of(connection.execute(found).all(), order, limit)
    next_cursor = page.next_cursor or (None if edge is None else order.cursor(edge))
    return {"items": [_shown(row, actor) for row in page.rows], "next_cursor": next_cursor}


def follow(
    connection: Connection, actor: Actor, now: datetime, wanted: TrailFilter, *, after: Place | None, limit: int
) -> tuple[list[dict[str, Any]], Place]:
    """Return the acts behind a place that the caller sees, the oldest first, and the place to go on from.

    Without a place it begins at the end: nothing, and the place behind everything that there is. An act appears when
    nothing older can come any more, which is at once but for acts that are still being written.
    """
    if after is None:
        return [], feed.end(connection)
    last = feed.step(connection, after)
    if last == after:
        return [], after
    found = (
        sa.select(event, *(column.label(f"instance_{column.name}") for column in _INSTANCE))
        .outerjoin(process_instance, process_instance.c.id == _instance_id(connection))
        .where(*feed.between(connection, after, last), *_conditions(wanted, actor, now))
        .order_by(*feed.order(connection))
        .limit(limit)
    )
    rows = connection.execute(found).all()
    if len(rows) == limit:
        last = Place(rows[-1].transaction_no, rows[-1].position)
    return [_shown(row, actor) for row in rows], last


_INSTANCE = (process_instance.c.id, process_instance.c.title, process_instance.c.business_key)


def _instance_id(connection: Connection) -> sa.ColumnElement[Any]:
    """The id of the instance that a chain is of; null for a chain of a unit."""
    is_unit = event.c.chain_id.startswith(OF_UNIT)
    if connection.dialect.name == "sqlite":
        # There an id is kept as its 32 digits.
        named: sa.ColumnElement[Any] = sa.type_coerce(sa.func.replace(event.c.chain_id, "-", ""), sa.Uuid)
    else:
        named = sa.cast(event.c.chain_id, sa.Uuid)
    return sa.case((is_unit, sa.null()), else_=named)


def _conditions(wanted: TrailFilter, actor: Actor, now: datetime) -> list[sa.ColumnElement[bool]]:
    watched = actor.units_with("audit", now) | actor.units_with("administer", now)
    of_unit = sa.and_(process_instance.c.id.is_(None), event.c.unit_id.in_(sorted(watched)))
    found: list[sa.ColumnElement[bool]] = []
    if wanted.actors is not None:
        found.append(event.c.actor.in_(wanted.actors))
    if wanted.types:
        found.append(feed.of_types(wanted.types))
    if wanted.start is not None:
        found.append(event.c.at >= wanted.start)
    if wanted.end is not None:
        found.append(event.c.at < wanted.end)
    for word in wanted.words:
        columns = (process_instance.c.title, process_instance.c.business_key)
        found.append(sa.or_(*(begins_word(column, word) for column in columns)))
    seen = sa.and_(process_instance.c.id.is_not(None), seen_by(actor, now))
    return [*found, sa.or_(seen, of_unit) if watched else seen]


def _shown(row: Any, actor: Actor) -> dict[str, Any]:
    unit = actor.office.units.get(row.unit_id)
    return {
        "position": row.position,
        "process_instance_id": row.instance_id,
        "business_key": row.instance_business_key,
        "instance_title": row.instance_title,
        "unit": unit.key if unit is not None else str(row.unit_id),
        "sequence": row.sequence,
        "type": row.type,
        "actor": row.actor,
        "at": row.at,
        "data": orjson.loads(row.content)["data"],
        "hash": bytes(row.hash).hex(),
    }
