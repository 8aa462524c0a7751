"""Cases to look at: what an office has on its desks, as of now, made by the commands that everybody uses.

Each act is done at a moment of the past, told by the working time since: so on any day some cases are late, one was
returned twice, one is complete, one waits for the Bupati and one has just begun, and the trail tells how it came so.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from app.calendar.working_time import WorkingCalendar
from app.core.database import Database
from app.core.unit_of_work import UnitOfWork
from app.demo.acts import has_happened, lock_office, record
from app.identity.office import Actor
from app.instances.commands import NewInstance, start
from app.instances.models import TaskState, user_task
from app.instances.office_time import calendar_of
from app.tasks.commands import RETURNED, Desk, complete

ADDED = "demo.cases_added"
_APPROVED = "setuju"
_A_WORKING_DAY = timedelta(hours=7, minutes=30)
# When the office of a demonstration got its SOPs: before the first of its cases began, whatever holidays lie between.
OPENED_BEFORE = timedelta(days=90)


class Act(NamedTuple):
    """A task completed so many working days ago, with the decision of its row; a return has its reason."""

    days_ago: float
    decision: str | None = None
    reason: str | None = None


class Case(NamedTuple):
    """A case: who started it how many working days ago, and what was done since, each by whom the SOP names."""

    sop: str
    business_key: str
    title: str
    started_by: str
    days_ago: float
    acts: tuple[Act, ...]
    variables: dict[str, Any]


def cases(year: int, month: int) -> Iterator[Case]:
    """Yield the cases of an office in a month of a year."""
    quarter = (month - 1) // 3 + 1
    before, of_year = (quarter - 1, year) if quarter > 1 else (4, year - 1)
    yield Case(
        "renja",
        f"RENJA-{year + 1}",
        f"Renja Dinas Tenaga Kerja Tahun {year + 1}",
        "sekretaris",
        16,
        (
            Act(15.9),
            Act(14),
            Act(11),
            Act(8),
            Act(
                7,
                RETURNED,
                "Target indikator program pelatihan kerja belum sama dengan RKPD. Selaraskan, lalu ajukan kembali.",
            ),
            Act(5),
            Act(3, RETURNED, "Pagu indikatif subkegiatan penempatan tenaga kerja belum dirinci per lokasi."),
        ),
        {"tahun": year + 1},
    )
    yield Case(
        "renja",
        f"RENJA-PERUBAHAN-{year}",
        f"Perubahan Renja Tahun {year}",
        "sekretaris",
        30,
        (
            Act(29.9),
            Act(28),
            Act(24),
            Act(14),
            Act(12, _APPROVED),
            Act(11.5, _APPROVED),
            Act(11.4),
            Act(10),
            Act(2, _APPROVED),
        ),
        {"tahun": year},
    )
    yield Case(
        "lkj",
        f"LKJ-{year - 1}",
        f"Laporan Kinerja Tahun {year - 1}",
        "sekretaris",
        25,
        (
            Act(24.9),
            Act(24.7),
            Act(24.6),
            Act(24),
            Act(22),
            Act(21, _APPROVED),
            Act(20.8),
            Act(20, RETURNED, "Capaian triwulan IV belum dilampiri data dukung dari bidang."),
            Act(18.5),
            Act(18, _APPROVED),
            Act(17.8),
            Act(17, _APPROVED),
            Act(16.9),
            Act(16),
        ),
        {"tahun": year - 1},
    )
    yield Case(
        "iku",
        f"IKU-{year + 1}",
        f"Indikator Kinerja Utama Tahun {year + 1}",
        "sekretaris",
        6,
        (Act(5.9), Act(5.8), Act(4.5), Act(3)),
        {"tahun": year + 1},
    )
    yield Case(
        "evaluasi_kinerja",
        f"EVALUASI-{of_year}-TW{before}",
        f"Evaluasi Kinerja Triwulan {_ROMAN[before]} Tahun {of_year}",
        "kepala_dinas",
        12,
        (Act(11.9), Act(11.5), Act(11.3), Act(10.5), Act(8), Act(6.5)),
        {"tahun": of_year},
    )
    yield Case(
        "renstra",
        f"RENSTRA-{year + 1}",
        f"Renstra Tahun {year + 1} sampai {year + 5}",
        "sekretaris",
        14,
        (
            Act(13.9),
            Act(13.5),
            Act(13.3),
            Act(13),
            Act(12),
            Act(11),
            Act(7),
            Act(5),
            Act(4, _APPROVED),
            Act(3.8),
            Act(0.01, _APPROVED),
        ),
        {"tahun": year + 1},
    )
    yield Case(
        "pengumpulan_data_kinerja",
        f"DATA-{of_year}-TW{before}",
        f"Data Kinerja Triwulan {_ROMAN[before]} Tahun {of_year}",
        "sekretaris",
        2,
        (Act(1.9),),
        {"tahun": of_year, "triwulan": before},
    )
    yield Case(
        "pengumpulan_data_kinerja",
        f"DATA-{year}-TW{quarter}",
        f"Data Kinerja Triwulan {_ROMAN[quarter]} Tahun {year}",
        "sekretaris",
        0.01,
        (),
        {"tahun": year, "triwulan": quarter},
    )


_ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}


def add_cases(database: Database, desk: Desk, *, by: str, now: datetime) -> int:
    """Add the cases to a demonstration, all or none and only once; returns how many were added."""
    return database.write(lambda uow: _add(uow, desk, by=by, now=now))


def _add(uow: UnitOfWork, desk: Desk, *, by: str, now: datetime) -> int:
    office = desk.directory.office(uow.connection)
    place = lock_office(uow, office)
    if has_happened(uow.connection, office, ADDED):
        return 0
    calendar = calendar_of(office.units[place.unit_id].time_zone)
    today = office.today(place.unit_id, now)
    people: dict[str, Actor] = {}

    def actor(username: str) -> Actor:
        if username not in people:
            people[username] = desk.directory.load(uow.reader, username)
        return people[username]

    added = list(cases(today.year, today.month))
    for case in added:
        wanted = NewInstance(case.sop, None, case.business_key, case.title, None, case.variables)
        started = moment_before(calendar, now, case.days_ago)
        instance = start(uow, desk.catalogue, actor=actor(case.started_by), wanted=wanted, now=started)
        for act in case.acts:
            # What an act writes is sent at the end of its transaction, and the next one reads it.
            uow.flush()
            task = uow.execute(
                sa.select(user_task.c.id, user_task.c.role_key).where(
                    user_task.c.instance_id == instance["id"], user_task.c.state == str(TaskState.OPEN)
                )
            ).one()
            given = {} if act.decision is None else {"keputusan": act.decision, "alasan": act.reason}
            performer, at = actor(task.role_key), moment_before(calendar, now, act.days_ago)
            complete(uow, desk, actor=performer, task_id=task.id, variables=given, now=at)
        uow.flush()
    record(uow, place, ADDED, by, now, {"business_keys": [case.business_key for case in added]})
    return len(added)


def moment_before(calendar: WorkingCalendar, now: datetime, days: float) -> datetime:
    """Return the latest second since which the office was open for so many working days of 7 h 30 min."""
    amount = days * _A_WORKING_DAY
    back = timedelta(days=7)
    while calendar.working_time(now - back, now) < amount:
        back *= 2
    early, late = 0, int(back.total_seconds())
    # In seconds ago: not enough time has passed since `early`, and enough since `late`.
    while late - early > 1:
        middle = (early + late) // 2
        if calendar.working_time(now - timedelta(seconds=middle), now) < amount:
            early = middle
        else:
            late = middle
    return now - timedelta(seconds=late)
