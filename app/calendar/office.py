"""What an office says about its working time: opening hours, holidays and Ramadan, as plain data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
WITA = ZoneInfo("Asia/Makassar")
WIT = ZoneInfo("Asia/Jayapura")


@dataclass(frozen=True, slots=True)
class Opening:
    """One unbroken stretch of working time of a day, in local clock time; a break lies between two openings."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens.tzinfo is not None or self.closes.tzinfo is not None:
            raise ValueError("Opening hours are local clock times and carry no time zone.")
        if self.opens >= self.closes:
            raise ValueError(f"An opening must end after it begins: {self.opens:%H:%M}-{self.closes:%H:%M}.")

    @property
    def length(self) -> timedelta:
        """How long the opening lasts."""
        return _since_midnight(self.closes) - _since_midnight(self.opens)


Week = tuple[tuple[Opening, ...], ...]
"""The openings of the seven weekdays, Monday first; an empty tuple is a day on which the office is closed."""


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The weekly opening hours of an office, in ordinary weeks and in Ramadan.

    Raises:
        ValueError: a week has not seven days, its openings overlap or are out of order, or it is never open.
    """

    ordinary: Week
    ramadan: Week

    def __post_init__(self) -> None:
        for week in (self.ordinary, self.ramadan):
            if len(week) != 7:
                raise ValueError(f"A week has seven days, not {len(week)}.")
            if not any(week):
                raise ValueError("The office is never open in this week.")
            for day in week:
                if any(later.opens < earlier.closes for earlier, later in pairwise(day)):
                    raise ValueError("The openings of a day must follow one another without overlap.")


def week_length(week: Week) -> timedelta:
    """Return the working time of a whole week, without the breaks; Perpres 21/2023 fixes it for an office."""
    return sum((opening.length for day in week for opening in day), timedelta())


def five_days(monday_to_thursday: tuple[Opening, ...], friday: tuple[Opening, ...]) -> Week:
    """Return a week that is open Monday to Friday, Friday having hours of its own."""
    return (*(monday_to_thursday,) * 4, friday, (), ())


DEFAULT_HOURS = OfficeHours(
    ordinary=five_days(
        (Opening(time(7, 30), time(12)), Opening(time(13), time(16))),
        (Opening(time(7, 30), time(11, 30)), Opening(time(13), time(16, 30))),
    ),
    ramadan=five_days(
        (Opening(time(8), time(12)), Opening(time(12, 30), time(15))),
        (Opening(time(8), time(11, 30)), Opening(time(12, 30), time(15, 30))),
    ),
)
"""Hours that fit Perpres 21/2023, for an office that has not entered its own.

The Perpres (article 4) fixes the week at 37 h 30 min and 32 h 30 min in Ramadan, the start at 07:30 and
08:00, and the breaks: 60 minutes, Friday 90; in Ramadan 30, Friday 60. When the breaks and the closing
time fall is for the head of personnel of each office to decide: those hours are the usual ones and an assumption.
"""


class HolidayKind(StrEnum):
    """Why the office is closed on a day of its ordinary week."""

    NATIONAL = "libur_nasional"
    COLLECTIVE_LEAVE = "cuti_bersama"
    REGIONAL = "libur_daerah"


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which the office is closed; `source` cites the decision or the data it was taken from."""

    date: date
    name: str
    kind: HolidayKind
    source: str
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Ramadan:
    """One month of Ramadan, both days included.

    `estimated` says that the sidang isbat of the Ministry of Religious Affairs, which alone decides the
    first day, had not met or was not known when the entry was made; it may move by a day.
    """

    first: date
    last: date
    source: str
    estimated: bool = False

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"Ramadan must end after it begins: {self.first} to {self.last}.")


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """What sets one calendar year apart from the ordinary week: its holidays and the Ramadan that falls in it.

    A Ramadan that crosses the turn of the year is listed in both years.
    """

    holidays: tuple[Holiday, ...] = ()
    ramadan: tuple[Ramadan, ...] = ()

    @property
    def is_provisional(self) -> bool:
        """Whether due dates in this year may still move: an estimated day, or no collective leave announced yet."""
        return (
            any(holiday.estimated for holiday in self.holidays)
            or any(ramadan.estimated for ramadan in self.ramadan)
            or all(holiday.kind is not HolidayKind.COLLECTIVE_LEAVE for holiday in self.holidays)
        )


SpecialDaysOf = Callable[[int], SpecialDays]
"""Gives the special days of a year; the same year must always give the same answer."""


def listed_days(holidays: Iterable[Holiday], ramadan: Iterable[Ramadan] = ()) -> SpecialDaysOf:
    """Return the special days of each year out of one list, such as the days a region or an office has entered."""
    all_holidays = tuple(sorted(holidays, key=lambda holiday: holiday.date))
    all_ramadan = tuple(sorted(ramadan, key=lambda month: month.first))

    def days_of(year: int) -> SpecialDays:
        return SpecialDays(
            tuple(holiday for holiday in all_holidays if holiday.date.year == year),
            tuple(month for month in all_ramadan if month.first.year <= year <= month.last.year),
        )

    return days_of


def combined_days(*sources: SpecialDaysOf) -> SpecialDaysOf:
    """Return the special days of several sources together, such as the national days and those of a region."""

    def days_of(year: int) -> SpecialDays:
        found = [source(year) for source in sources]
        return SpecialDays(
            tuple(sorted((day for days in found for day in days.holidays), key=lambda holiday: holiday.date)),
            tuple(month for days in found for month in days.ramadan),
        )

    return days_of


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)
