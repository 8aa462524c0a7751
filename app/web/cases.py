"""Berkas: the list of the cases that the visitor sees, each with where it stands, for whom it waits and how long."""

from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.engine import Connection

from app.core.search import split_words
from app.definitions.queries import DefinitionFilter, list_definitions
from app.identity.names import names_of
from app.instances import queries
from app.instances.models import InstanceStatus
from app.instances.queries import InstanceFilter
from app.web.page import show
from app.web.polling import show_news
from app.web.visit import Visit, Visitor

router = APIRouter()

_A_PAGE = 25
_MOST_SOPS = 200


def _(text: str) -> str:
    return text


class _Tab(NamedTuple):
    """A tab of the list: what of the cases it shows."""

    key: str
    name: str
    status: InstanceStatus | None = None
    overdue: bool | None = None


TABS = {
    tab.key: tab
    for tab in (
        _Tab("berjalan", _("Berjalan"), InstanceStatus.ACTIVE),
        _Tab("terlambat", _("Terlambat"), overdue=True),
        _Tab("terkendala", _("Terkendala"), InstanceStatus.INCIDENT),
        _Tab("ditangguhkan", _("Ditangguhkan"), InstanceStatus.SUSPENDED),
        _Tab("selesai", _("Selesai"), InstanceStatus.COMPLETED),
        _Tab("dibatalkan", _("Dibatalkan"), InstanceStatus.CANCELLED),
        _Tab("semua", _("Semua")),
    )
}
SORTS = {
    "baru": ("-started_at", _("Terbaru")),
    "lama": ("started_at", _("Terlama")),
    "judul": ("title", _("Judul")),
}
# The name of each status, how it looks, and its sign: never colour alone.
STATUSES = {
    InstanceStatus.ACTIVE: (_("Berjalan"), "act", "circle-play"),
    InstanceStatus.SUSPENDED: (_("Ditangguhkan"), "warn", "circle-pause"),
    InstanceStatus.INCIDENT: (_("Terkendala"), "late", "triangle-alert"),
    InstanceStatus.COMPLETED: (_("Selesai"), "good", "check"),
    InstanceStatus.CANCELLED: (_("Dibatalkan"), "calm", "circle-x"),
}


class Wanted(NamedTuple):
    """What the address of the list says: tab, words, SOP, order and page; all of it is in every link."""

    keadaan: str
    q: str
    sop: str
    urut: str
    cursor: str | None

    def query(self, **changed: Any) -> str:
        """Return the address's query with some of it changed; a change starts at the first page."""
        values = {**self._asdict(), "cursor": None, **changed}
        usual = {"keadaan": "berjalan", "urut": "baru"}
        return urlencode({name: value for name, value in values.items() if value and usual.get(name) != value})


def _wanted(
    keadaan: str = "berjalan",
    q: Annotated[str, Query(max_length=200)] = "",
    sop: Annotated[str, Query(max_length=255)] = "",
    urut: str = "baru",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Wanted:
    return Wanted(keadaan if keadaan in TABS else "berjalan", q, sop, urut if urut in SORTS else "baru", cursor)


Asked = Annotated[Wanted, Depends(_wanted)]


def cases_of(visit: Visit, wanted: Wanted, connection: Connection) -> dict[str, Any]:
    """Return what the list shows: a page of cases, and the names of their SOPs and of the people in them."""
    catalogue, tab = visit.request.app.state.catalogue, TABS[wanted.keadaan]
    page = queries.list_instances(
        connection,
        catalogue,
        visit.actor,
        visit.now,
        InstanceFilter(
            status=tab.status,
            process_definition_key=wanted.sop or None,
            overdue=tab.overdue,
            words=split_words(wanted.q),
        ),
        sort=SORTS[wanted.urut][0],
        limit=_A_PAGE,
        cursor=wanted.cursor,
    )
    cases = page["items"]
    latest = list_definitions(
        connection, visit.actor, visit.now, DefinitionFilter(latest=True), sort=None, limit=_MOST_SOPS, cursor=None
    )
    people = {task["assignee"] for case in cases for task in case["open_tasks"]} - {None}
    return {
        "wanted": wanted,
        "tabs": TABS.values(),
        "tab": tab,
        "sorts": SORTS,
        "cases": cases,
        "statuses": STATUSES,
        "sops": {one["key"]: one["name"] for one in latest["items"]},
        "sop_names": {one["id"]: catalogue.get(connection, one["process_definition_id"]).name for one in cases},
        "people": names_of(connection, people),
        "roles": visit.actor.office.roles,
        "next_cursor": page["next_cursor"],
    }


@router.get("/berkas")
def show_cases(visit: Visitor, wanted: Asked) -> Response:
    """Show the list of cases."""
    return show(visit, "cases/page.html", **visit.read(lambda connection: cases_of(visit, wanted, connection)))


@router.get("/berkas/daftar")
def show_list(visit: Visitor, wanted: Asked) -> Response:
    """Show the list alone, for a page that is open and asks whether anything has changed."""
    return show_news(visit, "cases/list.html", lambda connection: cases_of(visit, wanted, connection))
