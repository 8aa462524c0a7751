"""Answers that have not changed: a weak ETag from counters, compared before anything is listed."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from fastapi import Request, Response
from sqlalchemy.engine import Connection

from app.core.counters import unit_counter
from app.core.http import app_of, json_response
from app.identity.directory import VERSION
from app.identity.http import directory_of
from app.identity.office import Actor
from app.instances.models import TaskState, user_task

# What is overdue changes without a write: the tag takes the latest due time that has passed.
_TAG = sa.select(
    sa.select(sa.func.coalesce(sa.func.sum(unit_counter.c.value), 0))
    .where(unit_counter.c.unit_id.in_(sa.bindparam("units", expanding=True)))
    .scalar_subquery(),
    VERSION,
    sa.select(sa.func.max(user_task.c.due_order))
    .where(
        user_task.c.state == sa.literal_column(repr(str(TaskState.OPEN))), user_task.c.due_order < sa.bindparam("now")
    )
    .scalar_subquery(),
)


def poll(request: Request, actor: Actor, query: Callable[[Connection, Actor, datetime], Any]) -> Response:
    """Answer a query with a weak ETag, or 304 where nothing of it can have changed.

    The tag covers the units that the caller sees, what he holds, the day, and the query itself; it may change where the
    answer does not, never the other way round.
    """
    parts = app_of(request)
    now = parts.clock.now()
    with parts.database.read() as connection:
        units = sorted(actor.units_ever_seen)
        row = connection.execute(_TAG, {"units": units, "now": now}).one()
        actor = directory_of(request).fresh(connection, actor, row.identity_version)
        days = " ".join(str(day) for day in actor.office.todays(now))
        made_of = f"{actor.username} {days} {row[0]} {row[1]} {row[2]} {request.url.path}?{request.url.query}"
        tag = f'W/"{hashlib.blake2b(made_of.encode(), digest_size=12).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
        given = request.headers.get("if-none-match", "")
        if tag in (one.strip() for one in given.split(",")):
            return Response(status_code=304, headers=headers)
        answer = query(connection, actor, now)
    cursor = answer.get("next_cursor")
    if cursor is not None:
        headers["Link"] = f'<{request.url.include_query_params(cursor=cursor)}>; rel="next"'
    return json_response(answer, headers=headers)
