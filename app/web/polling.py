"""The part of an open page that asks again and again whether anything has changed."""

from collections.abc import Callable
from typing import Any

from fastapi import Response
from sqlalchemy.engine import Connection

from app.core.http import names_tag
from app.instances.polling import tag_of
from app.web.page import show
from app.web.visit import Visit

# For how many seconds the words for how long something waits, or has left, hold: they change without any act.
_WORDS_HOLD = 300


def show_news(
    visit: Visit, template: str, query: Callable[[Connection], dict[str, Any]], *, hold: str | None = None
) -> Response:
    """Show a part of a page with what the query returns, or answer 304 where nothing of it can have changed.

    `hold` names the stretch of time in which the part says the same; by default that of the words for times.
    """
    hold = f"{visit.now.timestamp() // _WORDS_HOLD:.0f}" if hold is None else hold

    def answer(connection: Connection) -> Response:
        tag = f'{tag_of(connection, visit.actor, visit.now, visit.request)[:-1]}-{hold}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if names_tag(visit.request, tag):
            return Response(status_code=304, headers=headers)
        return show(visit, template, headers=headers, **query(connection))

    return visit.read(answer)
