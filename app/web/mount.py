"""Where the pages are in the service: their addresses, loaded when one is first asked."""

from functools import partial

from fastapi import FastAPI
from starlette.datastructures import State
from starlette.routing import Route

from app.core.lazily import Application, WhenAsked
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
    pages = WhenAsked(partial(_pages, service.state))
    service.router.routes += [Route(path, pages) for path in ("/", DOCS)]
    for place in PLACES:
        service.router.routes += [Route(place, pages), Route(place + "/{rest:path}", pages)]


def _pages(state: State) -> Application:
    from app.web.app import pages_app

    return pages_app(state)
