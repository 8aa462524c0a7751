"""Every page there is, with an example address and who looks at it: what axe is shown, and what is photographed.

The pages are those of the application's own routes: a new route has to be given an example here.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from fastapi.routing import APIRoute
from playwright.sync_api import FilePayload, Page

from app.demo import pages as demonstration
from app.web.app import SCREENS
from app.web.mount import DOCS
from tests.web.history import History, edited_renja
from tests.web.looking import settle

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
    "/pantauan/angka",
    "/pantauan/sop.csv",
    "/pantauan/langkah.csv",
    "/jejak/{instance_id}/unduh",
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
    "/pantauan": (
        ("/pantauan", ("kepala_dinas", "staf")),
        ("/pantauan?sop=renja", ("inspektorat",)),
    ),
    "/jejak": (
        ("/jejak", ("inspektorat", "kasubag_perencanaan")),
        ("/jejak?berkas={returned}", ("inspektorat",)),
        ("/jejak?q=tidak+ada", ("staf",)),
    ),
    "/jejak/{instance_id}/periksa": (("/jejak/{returned}/periksa", ("inspektorat",)),),
    "/pengguna": (("/pengguna", ("admin",)), ("/pengguna?q=tidak+ada", ("admin",))),
    "/pengguna/jabatan": (("/pengguna/jabatan", ("admin",)),),
    "/pengguna/tambah": (("/pengguna/tambah", ("admin",)),),
    "/pengguna/orang/{username}": (("/pengguna/orang/kasubag_perencanaan", ("admin",)),),
    "/profil": (("/profil", ("kasubag_perencanaan", "admin")),),
    DOCS: ((DOCS, (NOBODY,)),),
    "/peragaan": (("/peragaan", ("sekretaris",)),),
}
# Answers that are pages too, and have no route of their own.
REFUSALS = (
    ("/tugas?cursor=keliru", "staf"),
    ("/berkas/tidak/ada/di/sini", "staf"),
    ("/sop/unggah", "staf"),
)

# What is changed in the Renja before it is uploaded: a role that the office has not, a time that nobody can read, and
# something that may be.
_NO_ROLE = (b'name="Tim Penyusun Renja"', b'name="Panitia Renja"')
_NO_TIME = (b'name="waktu" value="P3D"', b'name="waktu" value="tiga hari"')
_ANOTHER_TIME = (b'name="waktu" value="P3D"', b'name="waktu" value="P2D"')


class Place(NamedTuple):
    """A page as one person sees it; `name` is its address with the names of what stands for ids.

    Where there is an act, the page is what that answers; it changes nothing, so it can be done again.
    """

    name: str
    username: str | None
    act: Callable[[Page], None] | None = None

    def path(self, history: History) -> str:
        """Return its address in an office with a history."""
        return self.name.format_map(history._asdict())

    def reach(self, page: Page, history: History) -> None:
        """Bring a window here, and wait until everything that belongs to the page has come."""
        page.goto(self.path(history))
        if self.act is not None:
            self.act(page)
        settle(page)

    @property
    def what(self) -> str:
        """What is to be seen, whoever sees it."""
        return self.name if self.act is None else f"{self.name} {self.act.__name__.strip('_')}"

    def __str__(self) -> str:
        return f"{self.what} {self.username or 'nobody'}"


def page_routes() -> list[str]:
    """Return the path of every route that answers a GET."""
    routers = (*(screen.router for screen in SCREENS), demonstration.router)
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    return sorted({route.path for route in routes if "GET" in (route.methods or ())})


def places() -> list[Place]:
    """Return every page as everybody of its example sees it."""
    return list(_places())


def answers() -> list[Place]:
    """Return the pages that answer what somebody sends, and have no address of their own."""
    return [
        Place("/masuk", NOBODY, _sign_in_wrongly),
        Place("/profil", "staf", _choose_a_short_password),
        Place("/pengguna/tambah", "admin", _add_a_person_without_a_name),
        Place("/tugas/{deciding_task}", "sekretaris", _return_without_a_reason),
        Place("/sop/unggah", "analis", _upload_mistakes),
        Place("/sop/unggah", "analis", _upload_changes),
    ]


def _places() -> Iterator[Place]:
    for examples in EXAMPLES.values():
        for name, people in examples:
            for username in people:
                yield Place(name, username)
    for name, username in REFUSALS:
        yield Place(name, username)


def _sign_in_wrongly(page: Page) -> None:
    page.goto("/masuk?lanjut=/tugas")
    if page.locator("details:has(#username):not([open])").count():
        page.locator("details:has(#username) > summary").click()
    page.locator("#username").fill("staf")
    page.locator("#password").fill("keliru")
    _send(page, "form[action='/masuk']")


def _choose_a_short_password(page: Page) -> None:
    for name, typed in (("lama", "demo"), ("baru", "pendek"), ("ulang", "pendek")):
        page.locator(f"#{name}").fill(typed)
    _send(page, "form:has(#lama)")


def _add_a_person_without_a_name(page: Page) -> None:
    _send(page, "main form")


def _return_without_a_reason(page: Page) -> None:
    page.locator("#isian button[value=dikembalikan]").click()
    page.locator(".wrong:visible").first.wait_for()


def _upload_mistakes(page: Page) -> None:
    _upload(page, "renja.bpmn", edited_renja().replace(*_NO_ROLE).replace(*_NO_TIME))


def _upload_changes(page: Page) -> None:
    _upload(page, "renja.bpmn", edited_renja().replace(*_ANOTHER_TIME))


def _upload(page: Page, name: str, content: bytes) -> None:
    given: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.locator("input[type=file]").set_input_files([given])
    _send(page, "form:has(input[type=file])")


def _send(page: Page, form: str) -> None:
    """Send a form as it is, though the browser would ask for more."""
    with page.expect_navigation():
        page.locator(form).first.evaluate("(form) => { form.noValidate = true; form.requestSubmit(); }")
