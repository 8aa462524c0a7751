"""Every page there is, with an example address and who looks at it: what axe is shown, and what is photographed.

The pages are those of the application's own routes: a new route has to be given an example here.
"""

from collections.abc import Iterator
from typing import NamedTuple

from fastapi.routing import APIRoute

from app.web.app import SCREENS
from tests.web.history import History

NOBODY = None

# Addresses that are no pages: what they answer is a part of one, a file, or a way to one.
NO_PAGES = (
    "/",
    "/static/{name}",
    "/tugas/daftar",
    "/berkas/daftar",
    "/berkas/{instance_id}/sekarang",
    "/tugas/{task_id}/keadaan",
    "/sop/{definition_id}/bpmn",
)

_INBOX = ("kasubag_perencanaan", "kepala_dinas", "analis")

# The path of a route: example addresses, whose fields are those of `History`, and who looks at each.
EXAMPLES: dict[str, tuple[tuple[str, tuple[str | None, ...]], ...]] = {
    "/masuk": (("/masuk", (NOBODY,)),),
    "/tugas": (
        ("/tugas", _INBOX),
        ("/tugas?tab=tim", ("kasubag_perencanaan",)),
        ("/tugas?tab=terlambat", ("sekretaris",)),
        ("/tugas?tab=selesai", ("kasubag_perencanaan",)),
        ("/tugas?tab=tim&q=tidak+ada", ("staf",)),
    ),
    "/tugas/{task_id}": (
        ("/tugas/{drafting_task}", ("kasubag_perencanaan", "sekretaris")),
        ("/tugas/{deciding_task}", ("sekretaris",)),
        ("/tugas/{completed_task}", ("inspektorat",)),
    ),
    "/berkas": (("/berkas", ("kasubag_perencanaan", "inspektorat")),),
    "/berkas/mulai": (("/berkas/mulai", ("sekretaris", "analis")),),
    "/berkas/mulai/{key}": (("/berkas/mulai/renja", ("sekretaris",)),),
    "/berkas/{instance_id}": (
        ("/berkas/{returned}", ("kasubag_perencanaan", "inspektorat")),
        ("/berkas/{waiting}", ("sekretaris", "admin")),
        ("/berkas/{complete}", ("staf",)),
    ),
    "/sop": (("/sop", ("kasubag_perencanaan", "analis")),),
    "/sop/unggah": (("/sop/unggah", ("analis",)),),
    "/sop/diberlakukan/{deployment_id}": (("/sop/diberlakukan/{deployment}", ("analis",)),),
    "/sop/{definition_id}": (("/sop/{definition}", ("kasubag_perencanaan", "analis")),),
    "/sop/{definition_id}/pindahkan": (("/sop/{newer}/pindahkan", ("analis",)),),
}
# Answers that are pages too, and have no route of their own.
REFUSALS = (("/tugas?cursor=keliru", "staf"), ("/berkas/tidak/ada/di/sini", "staf"))


class Place(NamedTuple):
    """A page as one person sees it; `name` is its address with the names of what stands for ids."""

    name: str
    username: str | None

    def path(self, history: History) -> str:
        """Return its address in an office with a history."""
        return self.name.format_map(history._asdict())

    def __str__(self) -> str:
        return f"{self.name} {self.username or 'nobody'}"


def page_routes() -> list[str]:
    """Return the path of every route that answers a GET."""
    routes = [route for screen in SCREENS for route in screen.router.routes if isinstance(route, APIRoute)]
    return sorted({route.path for route in routes if "GET" in (route.methods or ())})


def places() -> list[Place]:
    """Return every page as everybody of its example sees it."""
    return list(_places())


def _places() -> Iterator[Place]:
    for examples in EXAMPLES.values():
        for name, people in examples:
            for username in people:
                yield Place(name, username)
    for name, username in REFUSALS:
        yield Place(name, username)
