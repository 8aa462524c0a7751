"""Kotak tugas: the tasks of the visitor and of his roles, as a list that is whole without a script."""

from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.engine import Connection

from app.core.http import names_tag
from app.core.search import split_words
from app.identity.names import names_of
from app.instances.polling import tag_of
from app.tasks import queries
from app.tasks.queries import TaskFilter
from app.web.page import show
from app.web.visit import Visit, Visitor

router = APIRouter()

_A_PAGE = 25
# For how many seconds the words for how much time is left hold: they change without any act.
_WORDS_HOLD = 300


def _(text: str) -> str:
    return text


class _Tab(NamedTuple):
    """A tab of the inbox; `counted` is its figure in the counts, null for one that is not counted."""

    key: str
    name: str
    counted: str | None
    scope: str
    state: str = "open"
    overdue: bool | None = None


TABS = {
    tab.key: tab
    for tab in (
        _Tab("saya", _("Saya"), "mine", "mine"),
        _Tab("tim", _("Tim"), "claimable", "claimable"),
        _Tab("terlambat", _("Terlambat"), "overdue", "involved", overdue=True),
        _Tab("selesai", _("Selesai"), None, "mine", state="completed"),
    )
}
SORTS = {
    "tenggat": ("due_at", _("Tenggat terdekat")),
    "lama": ("created_at", _("Paling lama menunggu")),
    "baru": ("-created_at", _("Terbaru")),
    "nama": ("name", _("Nama tugas")),
}


class Wanted(NamedTuple):
    """What the address of the inbox says: tab, words, SOP, order and page; all of it is in every link."""

    tab: str | None
    q: str
    sop: str
    urut: str
    cursor: str | None

    def query(self, **changed: Any) -> str:
        """Return the address's query with some of it changed; a change starts at the first page."""
        values = {**self._asdict(), "cursor": None, **changed}
        usual = {"urut": "tenggat"}
        return urlencode({name: value for name, value in values.items() if value and usual.get(name) != value})


def _wanted(
    tab: str | None = None,
    q: Annotated[str, Query(max_length=200)] = "",
    sop: Annotated[str, Query(max_length=255)] = "",
    urut: str = "tenggat",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Wanted:
    return Wanted(tab if tab in TABS else None, q, sop, urut if urut in SORTS else "tenggat", cursor)


def inbox_of(visit: Visit, wanted: Wanted, connection: Connection) -> dict[str, Any]:
    """Return what the list of the inbox shows: tabs with their counts, and a page of tasks."""
    catalogue = visit.request.app.state.catalogue
    counts = queries.count_tasks(connection, visit.actor, visit.now)
    tab = TABS[wanted.tab or ("saya" if counts["mine"] else "tim")]
    wanted = wanted._replace(tab=tab.key)
    narrowed = TaskFilter(
        scope=tab.scope,
        state=tab.state,
        overdue=tab.overdue,
        process_definition_key=wanted.sop or None,
        words=split_words(wanted.q),
    )
    sort = SORTS[wanted.urut][0] if tab.state == "open" else "-created_at"
    page = queries.list_tasks(
        connection,
        catalogue,
        visit.actor,
        visit.now,
        narrowed,
        sort=sort,
        limit=_A_PAGE,
        cursor=wanted.cursor,
    )
    return {
        "people": names_of(connection, {task["assignee"] for task in page["items"]} - {None}),
        "wanted": wanted,
        "tab": tab,
        "tabs": TABS.values(),
        "sorts": SORTS,
        "counts": counts,
        "tasks": page["items"],
        "next_cursor": page["next_cursor"],
    }


Asked = Annotated[Wanted, Depends(_wanted)]


@router.get("/tugas")
def show_inbox(visit: Visitor, wanted: Asked) -> Response:
    """Show the inbox."""
    return show(visit, "inbox/page.html", **visit.read(lambda connection: inbox_of(visit, wanted, connection)))


@router.get("/tugas/daftar")
def show_list(request: Request, visit: Visitor, wanted: Asked) -> Response:
    """Show the list alone, for a page that is open and asks whether anything has changed."""

    def query(connection: Connection) -> Response:
        tag = f'{tag_of(connection, visit.actor, visit.now, request)[:-1]}-{visit.now.timestamp() // _WORDS_HOLD:.0f}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if names_tag(request, tag):
            return Response(status_code=304, headers=headers)
        return show(visit, "inbox/list.html", headers=headers, **inbox_of(visit, wanted, connection))

    return visit.read(query)
