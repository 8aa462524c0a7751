"""Pantauan: the head's three questions on one page, each answered in a sentence with its evidence below."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.engine import Connection

from app.calendar.standard_time import WORKING_DAY_SECONDS, StandardTimeInvalid, parse_standard_time
from app.definitions.queries import DefinitionFilter, list_definitions
from app.identity.names import names_of
from app.instances.queries import InstanceFilter, list_instances
from app.reports import evidence, queries
from app.reports.period import Period
from app.reports.queries import Scope
from app.reports.router import csv_response
from app.reports.schemas import ProcessStats, StepStats
from app.web.diagram import Heat, Overlay
from app.web.language import Speech
from app.web.page import show
from app.web.polling import show_news
from app.web.visit import Visit, Visitor

router = APIRouter()

_A_PAGE = 20
_MOST_LATE = 50
_MOST_GROUPS = 10
_MOST_SOPS = 200
# The times of steps are told of so many visits, the last ones: the usual time of an SOP does not need more of them.
_LATEST_VISITS = 1_000
# A month of the calendar as an office reckons its work, where heat compares it with hours.
_WORKING_DAYS_A_MONTH = 21
# A step as long as this many times its standard is as hot as any.
_HOTTEST = 2.0


def _(text: str) -> str:
    return text


PERIODS = {
    "bulan": _("Bulan ini"),
    "triwulan": _("Triwulan ini"),
    "tahun": _("Tahun ini"),
    "12-bulan": _("12 bulan terakhir"),
}


class Wanted(NamedTuple):
    """What the address of the page says: SOP, unit, period, and where in its two lists the reader is."""

    sop: str
    unit: str
    periode: str
    berjalan: str | None
    kembali: str | None

    def query(self, **changed: Any) -> str:
        """Return the address's query with some of it changed; a change starts at the first page of each list."""
        values = {**self._asdict(), "berjalan": None, "kembali": None, **changed}
        usual = {"periode": "12-bulan"}
        return urlencode({name: value for name, value in values.items() if value and usual.get(name) != value})

    @property
    def scope(self) -> Scope:
        """What the figures are about."""
        return Scope(self.sop or None, self.unit or None)


def _wanted(
    sop: Annotated[str, Query(max_length=255)] = "",
    unit: Annotated[str, Query(max_length=255)] = "",
    periode: str = "12-bulan",
    berjalan: Annotated[str | None, Query(max_length=2000)] = None,
    kembali: Annotated[str | None, Query(max_length=2000)] = None,
) -> Wanted:
    return Wanted(sop, unit, periode if periode in PERIODS else "12-bulan", berjalan, kembali)


Asked = Annotated[Wanted, Depends(_wanted)]


def _since(name: str, now: datetime, speech: Speech) -> datetime:
    """Return when a period begins, by the clock of the office."""
    today = now.astimezone(speech.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    match name:
        case "bulan":
            return today.replace(day=1)
        case "triwulan":
            return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        case "tahun":
            return today.replace(month=1, day=1)
        case _:
            return today - timedelta(days=365)


def _period(visit: Visit, wanted: Wanted) -> Period:
    return Period(_since(wanted.periode, visit.now, visit.speech), visit.now)


def _numbers(visit: Visit, wanted: Wanted, connection: Connection) -> dict[str, Any]:
    month = _since("bulan", visit.now, visit.speech)
    figures = queries.summary(connection, visit.actor, visit.now, wanted.scope, month)
    return {"wanted": wanted, "figures": figures, "capped": queries.MOST_COUNTED}


def _page(visit: Visit, wanted: Wanted, connection: Connection) -> dict[str, Any]:
    actor, now, scope, period = visit.actor, visit.now, wanted.scope, _period(visit, wanted)
    catalogue = visit.request.app.state.catalogue
    latest = DefinitionFilter(latest=True)
    sops = list_definitions(connection, actor, now, latest, sort="name", limit=_MOST_SOPS, cursor=None)["items"]
    running = list_instances(
        connection,
        catalogue,
        actor,
        now,
        InstanceFilter(running=True, process_definition_key=scope.process_definition_key, unit=scope.unit),
        sort=None,
        limit=_A_PAGE,
        cursor=wanted.berjalan,
    )
    late = evidence.list_late_tasks(connection, actor, now, scope, sort=None, limit=_MOST_LATE, cursor=None)
    returns = evidence.list_returns(
        connection, actor, now, scope, period, sort=None, limit=_A_PAGE, cursor=wanted.kembali
    )
    most = evidence.count_returns(connection, actor, now, scope, period, most=_MOST_GROUPS)
    steps = queries.step_stats(connection, actor, now, scope, period, latest=_LATEST_VISITS) if wanted.sop else []
    durations = None
    if wanted.sop:
        durations = queries.latest_durations(connection, actor, now, wanted.sop, scope, period)
    people = {task["assignee"] for one in running["items"] for task in one["open_tasks"]}
    people |= {task["assignee"] for task in late["items"]}
    return {
        **_numbers(visit, wanted, connection),
        "periods": PERIODS,
        "since": period.start,
        "sops": {one["key"]: one["name"] for one in sops},
        "units": _units(visit),
        "roles": {key: role.name for key, role in actor.office.roles.items()},
        "people": names_of(connection, people - {None}),
        "running": running,
        "late": _by_role(late["items"], actor.office.roles),
        "late_goes_on": late["next_cursor"] is not None,
        "returns": returns,
        "most": most,
        "steps": steps,
        "process": durations,
        "steps_are_latest": sum(one["visits"] for one in steps) == _LATEST_VISITS,
        "definition_id": next((one["id"] for one in sops if one["key"] == wanted.sop), None),
        "overlay": Overlay(heat=_heat(steps, visit.speech)),
        "minutes": minutes_of,
    }


def _units(visit: Visit) -> dict[str, str]:
    """The units of whose cases the visitor may see some; none where there is nothing to choose."""
    units = [unit for key, unit in visit.actor.office.units.items() if key in visit.actor.units_ever_seen]
    named = {unit.key: unit.name for unit in sorted(units, key=lambda unit: unit.name)}
    return named if len(named) > 1 else {}


def _by_role(tasks: list[dict[str, Any]], roles: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Group late tasks by the name of their role, by its letters: who waits for whom is no contest."""
    found: dict[str, list[dict[str, Any]]] = {}
    for task in tasks:
        found.setdefault(roles[task["role"]].name if task["role"] in roles else "", []).append(task)
    return dict(sorted(found.items()))


def minutes_of(written: str | None) -> int | None:
    """Return the minutes of a figure such as `PT450M`."""
    return None if written is None else int(written.removeprefix("PT").removesuffix("M"))


def _heat(steps: list[dict[str, Any]], speech: Speech) -> dict[str, Heat]:
    """How long each step usually takes against its standard, from 0 to 1; one without a standard is not coloured."""
    found = {}
    for step in steps:
        median, standard = minutes_of(step["median"]) or 0, _standard_minutes(step["standard_time"])
        if standard is None:
            continue
        took, allowed = speech.working_time(median), speech.standard_time(step["standard_time"])
        said = speech("%(took)s dari baku %(standard)s", took=took, standard=allowed)
        found[step["element_id"]] = Heat(min(median / standard, _HOTTEST) / _HOTTEST, said)
    return found


def _standard_minutes(written: str | None) -> float | None:
    if written is None:
        return None
    try:
        standard = parse_standard_time(written)
    except StandardTimeInvalid:
        return None
    days = standard.days + standard.months * _WORKING_DAYS_A_MONTH
    return (days * WORKING_DAY_SECONDS + standard.seconds) / 60


@router.get("/pantauan")
def show_monitoring(visit: Visitor, wanted: Asked) -> Response:
    """Show the page."""
    return show(visit, "monitoring/page.html", **visit.read(lambda connection: _page(visit, wanted, connection)))


@router.get("/pantauan/angka")
def show_numbers(visit: Visitor, wanted: Asked) -> Response:
    """Show the three numbers alone, for a page that is open and asks whether anything has changed."""
    month = _since("bulan", visit.now, visit.speech)
    return show_news(
        visit, "monitoring/numbers.html", lambda connection: _numbers(visit, wanted, connection), hold=f"{month:%Y%m}"
    )


@router.get("/pantauan/sop.csv")
def download_process_stats(visit: Visitor, wanted: Asked) -> Response:
    """Give the figures of each SOP as a table for a spreadsheet."""
    period = _period(visit, wanted)
    rows = visit.read(lambda one: queries.process_stats(one, visit.actor, visit.now, wanted.scope, period))
    return csv_response("sop", list(ProcessStats.model_fields), rows)


@router.get("/pantauan/langkah.csv")
def download_step_stats(visit: Visitor, wanted: Asked) -> Response:
    """Give the figures of each step as a table for a spreadsheet."""
    period = _period(visit, wanted)
    rows = visit.read(lambda one: queries.step_stats(one, visit.actor, visit.now, wanted.scope, period))
    return csv_response("langkah", list(StepStats.model_fields), rows)
