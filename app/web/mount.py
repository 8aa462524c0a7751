"""Where the pages are in the service: their addresses, loaded when one is first asked."""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.routing import Route

from app.core.http import Message, Receive, Send
from app.core.routes import API

if TYPE_CHECKING:
    from app.web.annex import Annex

DOCS = f"{API}/docs"
# The first part of every page's address; what begins otherwise is no page, and is answered as the API answers.
PLACES = (
    "/masuk",
    "/keluar",
    "/bahasa",
    "/tugas",
    "/berkas",
    "/pantauan",
    "/sop",
    "/jejak",
    "/pengguna",
    "/profil",
    "/peragaan",
    "/static",
)


def add_pages(service: FastAPI, load_annex: "Callable[[], Annex] | None" = None) -> None:
    """Serve the pages beside the API, with what is built onto them; it is loaded when the pages are."""
    pages = _WhenAsked(service, load_annex)
    service.router.routes += [Route(path, pages) for path in ("/", DOCS)]
    for place in PLACES:
        service.router.routes += [Route(place, pages), Route(place + "/{rest:path}", pages)]


class _WhenAsked:
    """The pages, made at the first request for one: a worker that only answers programs does not load them."""

    def __init__(self, service: FastAPI, load_annex: "Callable[[], Annex] | None") -> None:
        self.service = service
        self.load_annex = load_annex
        self.pages: FastAPI | None = None
        self.being_made = Lock()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        pages = self.pages if self.pages is not None else await run_in_threadpool(self._make)
        await pages(scope, receive, send)

    def _make(self) -> FastAPI:
        with self.being_made:
            if self.pages is None:
                from app.web.app import pages_app

                annex = None if self.load_annex is None else self.load_annex()
                self.pages = pages_app(self.service.state, annex)
            return self.pages
