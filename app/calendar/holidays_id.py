"""The national holidays, collective leave and Ramadan of Indonesia, out of the `holidays` package.

The package is a copy of what the yearly joint decree of three ministers (SKB) says, and it estimates Islamic
dates that no decree has fixed yet. It is the starting point of an office's calendar; what the office enters
with a citation replaces it.
"""

from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version

from holidays import GOVERNMENT, PUBLIC, HolidayBase, country_holidays

from app.calendar.office import Holiday, HolidayKind, Ramadan, SpecialDays

SOURCE = f"python-holidays {version('holidays')}"

_KINDS = ((PUBLIC, HolidayKind.NATIONAL), (GOVERNMENT, HolidayKind.COLLECTIVE_LEAVE))
_ESTIMATED = " (perkiraan)"
_EID_AL_FITR = "Hari Raya Idul Fitri"

_RAMADAN_DECIDED = {
    date(2023, 3, 23): "Keputusan sidang isbat 1 Ramadan 1444 H",
    date(2024, 3, 12): "Keputusan sidang isbat 1 Ramadan 1445 H",
    date(2025, 3, 1): "Keputusan sidang isbat 1 Ramadan 1446 H",
    date(2026, 2, 19): "Keputusan sidang isbat 1 Ramadan 1447 H",
}


@lru_cache(maxsize=256)
def national_days(year: int) -> SpecialDays:
    """Return the national holidays, collective leave and Ramadan of a year.

    Known from 1946 to 2100; other years have none. Collective leave exists only for years whose decree the
    package knows, so next year may still lack it: see `SpecialDays.is_provisional`.
    """
    periods = (_ramadan_before(eid) for eid in _eids_al_fitr(year) + _eids_al_fitr(year + 1))
    return SpecialDays(
        holidays=_holidays(year),
        ramadan=tuple(period for period in periods if period.first.year <= year <= period.last.year),
    )


@lru_cache(maxsize=256)
def _holidays(year: int) -> tuple[Holiday, ...]:
    found = []
    for category, kind in _KINDS:
        book: HolidayBase = country_holidays("ID", years=year, expand=False, categories=(category,), language="id")
        found += [
            Holiday(day, name.removesuffix(_ESTIMATED), kind, SOURCE, estimated=name.endswith(_ESTIMATED))
            for day in book
            for name in book.get_list(day)
        ]
    return tuple(sorted(found, key=lambda holiday: holiday.date))


def _eids_al_fitr(year: int) -> tuple[Holiday, ...]:
    """The first days of Eid al-Fitr; 2000 and 2033 have two of them."""
    return tuple(holiday for holiday in _holidays(year) if holiday.name == _EID_AL_FITR)


def _ramadan_before(eid: Holiday) -> Ramadan:
    """The month that ends on the eve of Eid al-Fitr.

    The package gives no first day for Indonesia. Where no decision of the sidang isbat is recorded here, 30
    days are assumed and the period is marked as estimated: a month of 29 days begins one day later.
    """
    last = eid.date - timedelta(days=1)
    for length in (29, 30):
        first = eid.date - timedelta(days=length)
        if first in _RAMADAN_DECIDED:
            return Ramadan(first, last, _RAMADAN_DECIDED[first], estimated=eid.estimated)
    return Ramadan(eid.date - timedelta(days=30), last, f"Idul Fitri - 30 hari ({eid.source})", estimated=True)
