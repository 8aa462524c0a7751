"""Jejak rekam: a search over all acts that the visitor may see, each as a sentence, and the proof that none is lost."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.engine import Connection

from app.audit import trail as chains
from app.core.http import parse_id
from app.core.problems import Invalid
from app.core.search import split_words
from app.core.text import Text
from app.identity.names import usernames_like
from app.instances.queries import seen_row
from app.reports.heads import latest
from app.reports.router import exported
from app.reports.trail import TrailFilter, list_acts
from app.web.acts import KINDS, Actors, tell
from app.web.language import Speech
from app.web.page import show
from app.web.visit import Visit, Visitor

router = APIRouter()

_A_PAGE = 50


class Wanted(NamedTuple):
    """What the address of the page says."""

    q: str
    orang: str
    jenis: str
    dari: str
    sampai: str
    berkas: str
    cursor: str | None

    def query(self, **changed: Any) -> str:
        """Return the address's query with some of it changed; a change starts at the first page."""
        values = {**self._asdict(), "cursor": None, **changed}
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def narrows(self) -> bool:
        """Whether it is a search."""
        return any((self.q, self.orang, self.jenis, self.dari, self.sampai, self.berkas))


def _wanted(
    q: Annotated[str, Query(max_length=200)] = "",
    orang: Annotated[str, Query(max_length=200)] = "",
    jenis: str = "",
    dari: Annotated[str, Query(max_length=10)] = "",
    sampai: Annotated[str, Query(max_length=10)] = "",
    berkas: Annotated[str, Query(max_length=36)] = "",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Wanted:
    return Wanted(q, orang, jenis if jenis in KINDS else "", dari, sampai, berkas, cursor)


Asked = Annotated[Wanted, Depends(_wanted)]


def _beginning(day: str, name: str, speech: Speech, *, after: int = 0) -> datetime | None:
    """Return when a day begins where the office is, or the one so many days after it; null for none."""
    if not day:
        return None
    try:
        first = date.fromisoformat(day) + timedelta(days=after)
        return datetime(first.year, first.month, first.day, tzinfo=speech.zone)
    except (ValueError, OverflowError):
        said = Text(
            f"“{day}” bukan tanggal. Tulis misalnya 2026-08-17.", f"'{day}' is no date. Write for example 2026-08-17."
        )
        raise Invalid(said, errors=[{"pointer": f"?{name}", "message": said.en}]) from None


def _filter(visit: Visit, wanted: Wanted, connection: Connection) -> TrailFilter:
    people = split_words(wanted.orang)
    return TrailFilter(
        process_instance_id=parse_id(wanted.berkas, "process instance") if wanted.berkas else None,
        actors=usernames_like(connection, people) if people else None,
        types=KINDS[wanted.jenis][1] if wanted.jenis else (),
        start=_beginning(wanted.dari, "dari", visit.speech),
        end=_beginning(wanted.sampai, "sampai", visit.speech, after=1),
        words=split_words(wanted.q),
    )


def _page(visit: Visit, wanted: Wanted, connection: Connection) -> dict[str, Any]:
    narrowed = _filter(visit, wanted, connection)
    page = list_acts(connection, visit.actor, visit.now, narrowed, sort=None, limit=_A_PAGE, cursor=wanted.cursor)
    actors = Actors.of(connection, page["items"], visit.actor.office)
    acts = [
        {**act, "told": tell(act, actors, visit.speech), "person": actors.name(act["actor"], visit.speech)}
        for act in page["items"]
    ]
    case = None
    if narrowed.process_instance_id is not None:
        case = _case(visit, narrowed.process_instance_id, connection)
    return {
        "wanted": wanted,
        "kinds": KINDS,
        "acts": acts,
        "next_cursor": page["next_cursor"],
        "case": case,
        "head": latest(connection, visit.request.app.state.trail_key),
    }


def _case(visit: Visit, instance_id: UUID, connection: Connection) -> Any:
    row, _ = seen_row(connection, visit.request.app.state.catalogue, visit.actor, visit.now, instance_id)
    return row


@router.get("/jejak")
def show_trail(visit: Visitor, wanted: Asked) -> Response:
    """Show the search and what it finds."""
    return show(visit, "trail/page.html", **visit.read(lambda connection: _page(visit, wanted, connection)))


@router.get("/jejak/{instance_id}/periksa")
def check_trail(visit: Visitor, instance_id: str) -> Response:
    """Check every act of a case against the one before it, and say what came of it."""
    found = parse_id(instance_id, "process instance")

    def query(connection: Connection) -> dict[str, Any]:
        row = _case(visit, found, connection)
        verdict = chains.verify(connection, str(row.id), length=row.chain_length, head=row.chain_head)
        return {"case": row, "verdict": verdict}

    return show(visit, "trail/verdict.html", **visit.read(query))


@router.get("/jejak/{instance_id}/unduh")
def download_trail(visit: Visitor, instance_id: str) -> Response:
    """Give the trail of a case with its hashes, to be checked elsewhere."""
    found = parse_id(instance_id, "process instance")
    return visit.read(lambda connection: exported(connection, _case(visit, found, connection)))
