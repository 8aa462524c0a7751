"""Answers that have not changed: a weak ETag from counters, compared before anything is listed.

A poll that comes with the tag of its last answer is met by `Unchanged`, in front of the routes: most polls end there.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Request, Response
from sqlalchemy.engine import Connection

from app.core import prepared
from app.core.counters import unit_counter
from app.core.http import Message, Receive, Send, app_of, has_any, json_response, names_tag, next_link
from app.identity.directory import VERSION
from app.identity.errors import NotSignedIn
from app.identity.http import directory_of, known_actor
from app.identity.office import Actor
from app.instances.models import TaskState, user_task


def poll(request: Request, actor: Actor, query: Callable[[Connection, Actor, datetime], Any]) -> Response:
    """Answer a query with a weak ETag, or 304 where nothing of it can have changed.

    The tag covers the units that the caller sees, what he holds, the day, and the query itself; it may change where the
    answer does not, never the other way round.
    """
    parts = app_of(request)
    now = parts.clock.now()
    with parts.database.read() as connection:
        version, tag = _tag(connection, actor, now, request.scope)
        if version != actor.office.version:
            actor = directory_of(request).load(connection, actor.username)
            _, tag = _tag(connection, actor, now, request.scope)
        if names_tag(request, tag):
            return Response(status_code=304, headers=_headers(tag))
        answer = query(connection, actor, now)
    if has_any(request):
        return Response(status_code=304, headers=_headers(tag))
    return json_response(answer, headers=_headers(tag) | next_link(request, answer))


def tag_of(connection: Connection, actor: Actor, now: datetime, request: Request) -> str:
    """Return the tag of a page about what this person sees, as `poll` makes it; he must have been read just now."""
    return _tag(connection, actor, now, request.scope)[1]


class Unchanged:
    """Answers 304 to a poll whose tag still holds, before the request is routed and its parameters are read.

    No tag is made but by `poll`, for one person and one address, so one that still holds needs no other check. Whatever
    cannot be answered here at once goes on to the routes, which tell what is wrong with it.
    """

    def __init__(self, app: Callable[[Message, Receive, Send], Awaitable[None]], service: FastAPI) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] == "http" and scope["method"] == "GET":
            headers = dict(scope["headers"])
            if b"if-none-match" in headers:
                tag = await self._tag_that_holds(scope, headers.get(b"authorization", b"").decode("latin-1"))
                if tag is not None:
                    await Response(status_code=304, headers=_headers(tag))(scope, receive, send)
                    return
        await self.app(scope, receive, send)

    async def _tag_that_holds(self, scope: Message, authorization: str) -> str | None:
        try:
            actor = known_actor(self.service, authorization)
        except NotSignedIn:
            return None
        if actor is None:
            return None
        # The loop's own threads are a shorter way than the framework's, which is a good part of such an answer.
        try:
            version, tag = await asyncio.get_running_loop().run_in_executor(None, self._read, actor, scope)
        except sa.exc.SQLAlchemyError:
            # No tag can be told; what is wrong with the database is told by the route.
            return None
        return tag if version == actor.office.version and names_tag(Request(scope), tag) else None

    def _read(self, actor: Actor, scope: Message) -> tuple[int, str]:
        parts = self.service.state.parts
        with parts.database.read() as connection:
            return _tag(connection, actor, parts.clock.now(), scope)


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}


def _tag(connection: Connection, actor: Actor, now: datetime, scope: Message) -> tuple[int, str]:
    """Return the present version of who is who, and the tag that a query of this person has now."""
    units = sorted(actor.units_ever_seen)
    values = {"now": now, **{f"unit_{place}": unit for place, unit in enumerate(units)}}
    read = prepared.read(_tag_query(len(units)), tuple(values), connection.dialect)
    driver = connection.connection.driver_connection
    with prepared.driver_errors(connection.dialect, driver):
        row = read.fetch_one(driver, values)
    days = " ".join(str(day) for day in actor.office.todays(now))
    place = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
    made_of = f"{actor.username} {days} {row.changes} {row.identity_version} {row.latest_overdue} {place}"
    return row.identity_version, f'W/"{hashlib.blake2b(made_of.encode(), digest_size=12).hexdigest()}"'


@lru_cache(maxsize=64)
def _tag_query(units: int) -> sa.Select[Any]:
    places = [unit_counter.c.unit_id == sa.bindparam(f"unit_{place}", type_=sa.Uuid) for place in range(units)]
    changes = sa.select(sa.func.coalesce(sa.func.sum(unit_counter.c.value), 0)).where(sa.or_(sa.false(), *places))
    # What is overdue changes without a write: the tag takes the latest due time that has passed.
    latest_overdue = sa.select(sa.func.max(user_task.c.due_order)).where(
        user_task.c.state == sa.literal_column(repr(str(TaskState.OPEN))), user_task.c.due_order < sa.bindparam("now")
    )
    return sa.select(
        changes.scalar_subquery().label("changes"), VERSION, latest_overdue.scalar_subquery().label("latest_overdue")
    )
