"""Kotak tugas: the tasks of the visitor and of his roles, as a list that is whole without a script."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.engine import Connection

from app.core.search import split_words
from app.identity.names import holders_of, names_of
from app.tasks import queries
from app.tasks.queries import TaskFilter
from app.web.page import show
from app.web.polling import show_news
from app.web.visit import Visit, Visitor

router = APIRouter()

_A_PAGE = 25


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
    counts = queries.count_tasks(connection, visit.actor, visit.now)
    tab = TABS[wanted.tab or ("saya" if counts["mine"] else "tim")]
    wanted = wanted._replace(tab=tab.key)
    page = _page_of(visit, wanted, tab, connection, limit=_A_PAGE)
    return {
        "people": names_of(connection, {task["assignee"] for task in page["items"]} - {None}),
        "wanted": wanted,
        "tab": tab,
        "tabs": TABS.values(),
        "sorts": SORTS,
        "counts": counts,
        "tasks": page["items"],
        "colleagues": _colleagues(visit, page["items"], connection) if tab.key == "tim" else {},
        "next_cursor": page["next_cursor"],
    }


def first_of(visit: Visit, wanted: Wanted, connection: Connection) -> Any | None:
    """Return the first open task of the list that was asked for, null if it has none: what to go on with."""
    tab = TABS[wanted.tab or "saya"]
    if tab.state != "open":
        return None
    return next(iter(_page_of(visit, wanted._replace(cursor=None), tab, connection, limit=1)["items"]), None)


def _page_of(visit: Visit, wanted: Wanted, tab: _Tab, connection: Connection, *, limit: int) -> dict[str, Any]:
    narrowed = TaskFilter(
        scope=tab.scope,
        state=tab.state,
        overdue=tab.overdue,
        process_definition_key=wanted.sop or None,
        words=split_words(wanted.q),
    )
    sort = SORTS[wanted.urut][0] if tab.state == "open" else "-ended_at"
    catalogue = visit.request.app.state.catalogue
    return queries.list_tasks(
        connection, catalogue, visit.actor, visit.now, narrowed, sort=sort, limit=limit, cursor=wanted.cursor
    )


def _colleagues(visit: Visit, tasks: Sequence[Mapping[str, Any]], connection: Connection) -> dict[str, str]:
    """Return who could be given any of some tasks, by user names; the tasks' own rules decide for each."""
    office = visit.actor.office
    roles = {(task["role"], office.unit_keys[task["unit"]].id) for task in tasks if task["role"] is not None}
    return holders_of(connection, office, roles, visit.now)


Asked = Annotated[Wanted, Depends(_wanted)]


@router.get("/tugas")
def show_inbox(visit: Visitor, wanted: Asked) -> Response:
    """Show the inbox."""
    return show(visit, "inbox/page.html", **visit.read(lambda connection: inbox_of(visit, wanted, connection)))


@router.get("/tugas/daftar")
def show_list(visit: Visitor, wanted: Asked) -> Response:
    """Show the list alone, for a page that is open and asks whether anything has changed."""
    return show_news(visit, "inbox/list.html", lambda connection: inbox_of(visit, wanted, connection))
