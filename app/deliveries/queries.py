"""What may be asked about webhooks and their deliveries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core import paging
from app.deliveries.commands import find, lane_of
from app.deliveries.models import webhook
from app.identity.office import Actor
from app.identity.policy import administered_units
from app.jobs.models import job, job_try

SORTS: Mapping[str, sa.ColumnElement[Any]] = {"created_at": job.c.number}


def list_webhooks(connection: Connection, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return the webhooks of the units that the actor administers, the oldest first.

    Raises:
        Forbidden: there are no such units.
    """
    units = administered_units(actor, now)
    rows = connection.execute(
        sa.select(webhook).where(webhook.c.unit_id.in_(sorted(units))).order_by(webhook.c.created_at, webhook.c.id)
    )
    return {"items": [_shown(row, actor) for row in rows]}


def show_webhook(
    connection: Connection, actor: Actor, webhook_id: UUID, now: datetime, *, secret: bool = False
) -> dict[str, Any]:
    """Return a webhook, with what signs its messages only where that is new.

    Raises:
        Forbidden, NotFound: the actor does not administer its unit.
    """
    row = find(connection, actor, webhook_id, now)
    return _shown(row, actor) | ({"secret": row.secret} if secret else {})


def list_deliveries(
    connection: Connection,
    actor: Actor,
    webhook_id: UUID,
    now: datetime,
    *,
    state: str | None,
    sort: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """Return a page of the deliveries of a webhook, each with its tries.

    Raises:
        Forbidden, NotFound: the actor does not administer its unit.
        Invalid: it cannot be sorted so.
    """
    find(connection, actor, webhook_id, now)
    field, descending = paging.parse_sort(sort, list(SORTS), "-created_at")
    query = sa.select(job).where(job.c.lane == lane_of(webhook_id))
    if state is not None:
        query = query.where(job.c.state == state)
    page = paging.fetch(connection, query, paging.Order((SORTS[field],), descending), limit=limit, cursor=cursor)
    return {"items": deliveries_json(connection, page.rows), "next_cursor": page.next_cursor}


def show_delivery(connection: Connection, delivery_id: UUID) -> dict[str, Any]:
    """Return a delivery with its tries; the caller has made sure that it may be seen."""
    rows = connection.execute(sa.select(job).where(job.c.id == delivery_id)).all()
    return deliveries_json(connection, rows)[0]


def deliveries_json(connection: Connection, rows: Any) -> list[dict[str, Any]]:
    """Return deliveries as the API shows them."""
    tries: dict[int, list[dict[str, Any]]] = {row.number: [] for row in rows}
    query = sa.select(job_try).where(job_try.c.job_number.in_(list(tries))).order_by(job_try.c.claim)
    for row in connection.execute(query):
        told = {"at": row.at, "milliseconds": row.milliseconds, "succeeded": row.succeeded, "told": row.told}
        tries[row.job_number].append(told)
    return [
        {
            "id": row.id,
            "state": row.state,
            "created_at": row.created_at,
            "next_try_at": row.due_at if row.state == "waiting" else None,
            "ended_at": row.ended_at,
            "message": orjson.loads(row.body),
            "tries": tries[row.number],
        }
        for row in rows
    ]


def _shown(row: Any, actor: Actor) -> dict[str, Any]:
    unit = actor.office.units[row.unit_id]
    return {
        "id": row.id,
        "unit": unit.key,
        "unit_name": unit.name,
        "url": row.url,
        "types": orjson.loads(row.types),
        "created_at": row.created_at,
        "created_by": row.created_by,
        "old_secret_until": row.old_secret_until,
        "disabled_at": row.disabled_at,
        "disabled_why": row.disabled_why,
    }
