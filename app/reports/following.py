"""HTTP for who follows what happens: at once, or as soon as something does."""

import asyncio
import re
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from app.audit import feed
from app.audit.feed import Place
from app.core import paging
from app.core.http import Limit, Named, app_of, json_response
from app.core.openapi import problems
from app.core.problems import Invalid
from app.core.routes import strict_router
from app.identity.http import SignedIn, directory_of
from app.identity.office import Actor
from app.reports import trail
from app.reports.schemas import EventFeed
from app.reports.trail import TrailFilter

router = strict_router("reports")

# Whoever waits longer asks again: so a server that is to stop need not wait for him.
LONGEST_WAIT = 30
_PAUSE = 0.5
_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,9})\"?\s*(?:[,;]|$)", re.ASCII | re.IGNORECASE)

After = Annotated[
    str | None,
    Query(
        max_length=100,
        description="`next_after` of the last answer, or `0` for everything there is; left out, it begins with now.",
    ),
]


@router.get(
    "/events",
    response_model=EventFeed,
    responses=problems(),
    openapi_extra={
        "parameters": [
            {
                "name": "Prefer",
                "in": "header",
                "required": False,
                "description": "`wait=20`: where there is nothing yet, answer as soon as there is, "
                f"or after 20 seconds; at most {LONGEST_WAIT}.",
                "schema": {"type": "string"},
                "example": "wait=20",
            }
        ]
    },
)
async def follow_events(
    request: Request,
    actor: SignedIn,
    after: After = None,
    kind: Annotated[Named, Query(alias="type", description="An act, or a kind of act: `task.`")] = None,
    limit: Limit = paging.DEFAULT_LIMIT,
) -> Response:
    """Follow the acts on all instances that the caller sees, and on units that he administers or audits.

    Each act comes once and in the same order for everybody, and none is missed by who goes on from `next_after`.
    """
    place, wanted = _place(after), TrailFilter(types=(kind,) if kind else ())
    asked = _WAIT.search(request.headers.get("prefer", ""))
    wait = min(int(asked.group(1)), LONGEST_WAIT) if asked else 0
    loop = asyncio.get_running_loop()
    end = loop.time() + wait
    while True:
        # Between two looks nothing of the database is held.
        items, place = await run_in_threadpool(_look, request, actor, wanted, place, limit)
        left = end - loop.time()
        ending = request.app.state.draining.begun or await request.is_disconnected()
        if items or after is None or left <= 0 or ending:
            headers = {"Cache-Control": "private, no-store"} | ({"Preference-Applied": f"wait={wait}"} if asked else {})
            return json_response({"items": items, "next_after": str(place)}, headers=headers)
        await asyncio.sleep(min(_PAUSE, left))


def _look(
    request: Request, actor: Actor, wanted: TrailFilter, after: Place | None, limit: int
) -> tuple[list[dict[str, Any]], Place]:
    parts = app_of(request)
    with parts.database.read() as connection:
        present = directory_of(request).fresh(connection, actor)
        return trail.follow(connection, present, parts.clock.now(), wanted, after=after, limit=limit)


def _place(after: str | None) -> Place | None:
    if after is None:
        return None
    place = feed.BEGINNING if after == "0" else feed.parse(after)
    if place is None:
        message = "This is no cursor of the feed. Begin with 0, or without one."
        raise Invalid(message, errors=[{"pointer": "?after", "message": message}])
    return place
