"""Where the pages are in the service: their addresses, loaded when one is first asked."""

from threading import Lock

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.routing import Route

from app.core.http import Message, Receive, Send
from app.core.routes import API

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


def add_pages(service: FastAPI) -> None:
    """Serve the pages beside the API."""
    pages = _WhenAsked(service)
    service.router.routes += [Route(path, pages) for path in ("/", DOCS)]
    for place in PLACES:
        service.router.routes += [Route(place, pages), Route(place + "/{rest:path}", pages)]


class _WhenAsked:
    """The pages, made at the first request for one: a worker that only answers programs does not load them."""

    def __init__(self, service: FastAPI) -> None:
        self.service = service
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

                self.pages = pages_app(self.service.state)
            return self.pages
