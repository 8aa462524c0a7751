"""Due dates and elapsed working time of one office.

Days are proleptic ordinals and clock times microseconds since local midnight: whole numbers throughout, so
nothing is ever rounded. Each year is laid out once as a table with the working time before each day;
afterwards a question costs a binary search, however long the allowance.
"""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from app.calendar.holidays_id import national_days
from app.calendar.office import DEFAULT_HOURS, Holiday, OfficeHours, Opening, SpecialDaysOf
from app.calendar.standard_time import StandardTime

_MICROSECOND = timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1)
_HORIZON_YEARS = 100


class NoWorkingTime(ValueError):
    """The calendar closes the office for good, so an allowance never ends."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working time of one office: its zone, its hours and its special days.

    Moments go in with any time zone and come out in UTC. Hours are clock times of `zone`, which is
    expected to have no daylight saving, as WIB, WITA and WIT have none. Laid-out years are kept for as long
    as the object lives: make one for each set of data and share it; changed data means a new one.
    """

    zone: ZoneInfo
    hours: OfficeHours = DEFAULT_HOURS
    special_days: SpecialDaysOf = national_days
    _years: dict[int, "_Year"] = field(default_factory=dict, init=False, repr=False, compare=False)

    def due_at(self, start: datetime, standard: StandardTime) -> datetime:
        """Return the moment at which `standard` runs out for work that begins at `start`.

        Days end at closing time: `PnD` at that of the nth working day after the local date of `start`, whatever
        its hour, so work of Friday morning, Friday evening and Saturday is all due on Monday for `P1D`. `PnM` is
        closing time on the same date n months later, or that month's last day; if the office is closed then, the
        next working day of that month, else its last one. Months go first, then days, then working
        time, which passes only while the office is open and may end exactly at closing time.

            >>> from app.calendar.office import WIB
            >>> from app.calendar.standard_time import parse_standard_time
            >>> office = WorkingCalendar(WIB)
            >>> friday = datetime(2026, 8, 14, 15, tzinfo=WIB)  # Monday 17 August is a holiday
            >>> office.due_at(friday, parse_standard_time("PT3H")).astimezone(WIB).isoformat()
            '2026-08-18T09:00:00+07:00'
            >>> office.due_at(friday, parse_standard_time("P1D")).astimezone(WIB).isoformat()
            '2026-08-18T16:00:00+07:00'

        Raises:
            ValueError: `start` has no time zone.
            NoWorkingTime: the office is not open for so long in the next hundred years.
        """
        day, clock = self._local(start)
        if standard.months:
            day = self._months_later(day, standard.months)
        if standard.days:
            day = self._working_days_later(day, standard.days)
        if standard.months or standard.days:
            clock = self._year_of(day).hours_on(day).closes
        if standard.seconds:
            day, clock = self._advance(day, clock, standard.seconds * 1_000_000)
        return self._moment(day, clock)

    def add_working_time(self, start: datetime, amount: timedelta) -> datetime:
        """Return the earliest moment by which `amount` of working time has passed since `start`.

        A deadline is put off by the working time of a pause with this. Zero leaves `start` where it is.

        Raises:
            ValueError: `start` has no time zone, or `amount` is negative.
            NoWorkingTime: the office is not open for so long in the next hundred years.
        """
        if amount < timedelta():
            raise ValueError("Working time can only be added; the amount is negative.")
        day, clock = self._local(start)
        if amount:
            day, clock = self._advance(day, clock, amount // _MICROSECOND)
        return self._moment(day, clock)

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """Return the exact time for which the office is open between two moments.

        Raises:
            ValueError: a moment has no time zone, or `end` lies before `start`.
        """
        if _aware(end) < _aware(start):
            raise ValueError("The end lies before the start.")
        first, last = start.astimezone(self.zone), end.astimezone(self.zone)
        opened, closed = self._year(first.year), self._year(last.year)
        passed = closed.before(last.toordinal(), _microseconds(last))
        passed -= opened.before(first.toordinal(), _microseconds(first))
        if opened is not closed:
            passed += sum(self._year(year).total for year in range(opened.year, closed.year))
        return timedelta(microseconds=passed)

    def working_minutes(self, start: datetime, end: datetime) -> float:
        """Return `working_time` in minutes: whole when the seconds are, else the nearest float."""
        return self.working_time(start, end) / _MINUTE

    def holidays_between(self, first: date, last: date) -> Iterator[Holiday]:
        """Yield the holidays from `first` to `last` that close a day of the ordinary week, to explain a due date."""
        for year in range(first.year, last.year + 1):
            for holiday in self.special_days(year).holidays:
                if first <= holiday.date <= last and self.hours.ordinary[holiday.date.weekday()]:
                    yield holiday

    def _local(self, moment: datetime) -> tuple[int, int]:
        local = _aware(moment).astimezone(self.zone)
        return local.toordinal(), _microseconds(local)

    def _moment(self, day: int, clock: int) -> datetime:
        local = datetime.fromordinal(day).replace(tzinfo=self.zone) + clock * _MICROSECOND
        return local.astimezone(UTC)

    def _year(self, year: int) -> "_Year":
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = _lay_out(year, self.hours, self.special_days)
        return known

    def _year_of(self, day: int) -> "_Year":
        return self._year(date.fromordinal(day).year)

    def _years_from(self, day: int) -> Iterator["_Year"]:
        first = date.fromordinal(day).year
        for year in range(first, first + _HORIZON_YEARS):
            yield self._year(year)
        raise NoWorkingTime(f"The calendar has too little working time between {first} and {year}.")

    def _advance(self, day: int, clock: int, amount: int) -> tuple[int, int]:
        target = amount + self._year_of(day).before(day, clock)
        years = self._years_from(day)
        table = next(years)
        while target > table.total:
            target -= table.total
            table = next(years)
        return table.when_reached(target)

    def _working_days_later(self, day: int, count: int) -> int:
        years = self._years_from(day)
        table = next(years)
        index = bisect_right(table.working_days, day) + count - 1
        while index >= len(table.working_days):
            index -= len(table.working_days)
            table = next(years)
        return table.working_days[index]

    def _months_later(self, day: int, months: int) -> int:
        start = date.fromordinal(day)
        years, month = divmod(start.month - 1 + months, 12)
        year, month = start.year + years, month + 1
        length = monthrange(year, month)[1]
        first = date(year, month, 1).toordinal()
        working_days = self._year(year).working_days
        this_month = working_days[bisect_left(working_days, first) : bisect_left(working_days, first + length)]
        if not this_month:
            return self._working_days_later(first + length - 1, 1)
        index = bisect_left(this_month, first + start.day - 1)  # past the end too where the month has no such date
        return this_month[min(index, len(this_month) - 1)]


@dataclass(frozen=True, slots=True)
class _Hours:
    """The openings of one day as microseconds since midnight."""

    openings: tuple[tuple[int, int], ...]
    total: int
    closes: int

    def before(self, clock: int) -> int:
        worked = 0
        for opens, closes in self.openings:
            if clock <= opens:
                break
            worked += min(clock, closes) - opens
        return worked

    def when_reached(self, amount: int) -> int:
        """The earliest clock time by which `amount`, more than none and at most the total, has been worked."""
        clock = 0
        for opens, closes in self.openings:
            clock = min(opens + amount, closes)
            amount -= clock - opens
            if not amount:
                break
        return clock


@dataclass(frozen=True, slots=True)
class _Year:
    """A year laid out: the hours of each day, the working time before each day, and the working days."""

    year: int
    first: int
    hours: list[_Hours]
    worked_before: list[int]
    working_days: list[int]

    @property
    def total(self) -> int:
        return self.worked_before[-1]

    def hours_on(self, day: int) -> _Hours:
        return self.hours[day - self.first]

    def before(self, day: int, clock: int) -> int:
        """Working time from the beginning of the year to a moment in it."""
        index = day - self.first
        return self.worked_before[index] + self.hours[index].before(clock)

    def when_reached(self, amount: int) -> tuple[int, int]:
        """The earliest moment of the year by which `amount` (more than none, at most the total) has been worked."""
        index = bisect_left(self.worked_before, amount) - 1
        return self.first + index, self.hours[index].when_reached(amount - self.worked_before[index])


def _lay_out(year: int, hours: OfficeHours, special_days: SpecialDaysOf) -> _Year:
    special = special_days(year)
    closed = {holiday.date for holiday in special.holidays}
    ordinary = [_hours(day) for day in hours.ordinary]
    fasting = [_hours(day) for day in hours.ramadan]
    never = _hours(())

    first = date(year, 1, 1).toordinal()
    by_day = []
    for ordinal in range(first, date(year, 12, 31).toordinal() + 1):
        day = date.fromordinal(ordinal)
        week = fasting if any(month.first <= day <= month.last for month in special.ramadan) else ordinary
        by_day.append(never if day in closed else week[day.weekday()])
    return _Year(
        year=year,
        first=first,
        hours=by_day,
        worked_before=list(accumulate((day.total for day in by_day), initial=0)),
        working_days=[first + index for index, day in enumerate(by_day) if day.total],
    )


def _hours(openings: tuple[Opening, ...]) -> _Hours:
    spans = tuple((_microseconds(opening.opens), _microseconds(opening.closes)) for opening in openings)
    return _Hours(spans, sum(closes - opens for opens, closes in spans), spans[-1][1] if spans else 0)


def _microseconds(clock: time | datetime) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no time zone.")
    return moment
