"""Where the pages are in the service: their addresses, loaded when one is first asked."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.datastructures import State
from starlette.routing import Route

from app.core.lazily import Application, WhenAsked
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
    pages = WhenAsked(partial(_pages, service.state, load_annex))
    service.router.routes += [Route(path, pages) for path in ("/", DOCS)]
    for place in PLACES:
        service.router.routes += [Route(place, pages), Route(place + "/{rest:path}", pages)]


def _pages(state: State, load_annex: "Callable[[], Annex] | None") -> Application:
    from app.web.app import pages_app

    return pages_app(state, None if load_annex is None else load_annex())
