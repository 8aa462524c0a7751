"""Working time against a model that counts single minutes, and the laws that any such clock keeps."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.calendar.holidays_id import national_days
from app.calendar.office import (
    DEFAULT_HOURS,
    WIB,
    WIT,
    WITA,
    Holiday,
    HolidayKind,
    OfficeHours,
    Opening,
    Ramadan,
    Week,
    listed_days,
    week_length,
)
from app.calendar.standard_time import StandardTime
from app.calendar.working_time import WorkingCalendar
from tests.calendar.slow_model import SlowOffice
from tests.calendar.test_working_time import opens_on

MICROSECOND = timedelta(microseconds=1)

clock_times = st.integers(0, 24 * 60 - 1).map(lambda minute: time(*divmod(minute, 60)))


@st.composite
def openings(draw: st.DrawFn) -> tuple[Opening, ...]:
    ends = sorted(draw(st.sets(clock_times, min_size=2, max_size=6)))
    return tuple(Opening(opens, closes) for opens, closes in zip(ends[::2], ends[1::2], strict=False))


# Ten hours a week at least, so that the longest allowance ends within a few years.
weeks = st.tuples(*[st.one_of(st.just(()), openings())] * 7).filter(
    lambda week: week_length(week) >= timedelta(hours=10)
)
dates = st.dates(date(2025, 11, 1), date(2027, 2, 28))


@st.composite
def odd_offices(draw: st.DrawFn) -> WorkingCalendar:
    """Offices with hours that no decree would fix, to find what orderly ones hide."""
    ordinary: Week = draw(weeks)
    fasting: Week = draw(weeks)
    closed = draw(st.sets(dates, max_size=30))
    begin = draw(dates)
    return WorkingCalendar(
        draw(st.sampled_from([WIB, WITA, WIT])),
        OfficeHours(ordinary, fasting),
        listed_days(
            [Holiday(day, "Libur", HolidayKind.REGIONAL, "contoh") for day in closed],
            [Ramadan(begin, begin + timedelta(days=draw(st.integers(0, 40))), "contoh")],
        ),
    )


orderly_office = WorkingCalendar(WIB, DEFAULT_HOURS, national_days)
offices = st.one_of(st.just(orderly_office), odd_offices())
starts = st.datetimes(datetime(2025, 12, 1), datetime(2027, 1, 15))  # noqa: DTZ001 - clock times of the office
whole_minutes = starts.map(lambda moment: moment.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
amounts = st.timedeltas(timedelta(), timedelta(hours=1000))
standards = st.builds(
    StandardTime, months=st.integers(0, 14), days=st.integers(0, 40), seconds=st.integers(1, 200 * 3600)
)


def model_of(office: WorkingCalendar) -> SlowOffice:
    return SlowOffice(office.hours, office.special_days)


def due(office: WorkingCalendar, start: datetime, standard: StandardTime) -> datetime:
    """The due date in the local clock time of the office, from a start in it."""
    moment = office.due_at(start.replace(tzinfo=office.zone), standard)
    return moment.astimezone(office.zone).replace(tzinfo=None)


class TestAgainstTheSlowModel:
    @settings(deadline=None)
    @given(offices, whole_minutes, st.integers(1, 3000))
    def test_minutes_of_work_end_in_the_same_minute(
        self, office: WorkingCalendar, start: datetime, minutes: int
    ) -> None:
        assert due(office, start, StandardTime(seconds=minutes * 60)) == model_of(office).after_minutes(start, minutes)

    @settings(deadline=None)
    @given(offices, whole_minutes, st.integers(1, 30))
    def test_working_days_end_at_the_same_closing(self, office: WorkingCalendar, start: datetime, days: int) -> None:
        assert due(office, start, StandardTime(days=days)) == model_of(office).after_days(start, days)

    @settings(deadline=None)
    @given(offices, whole_minutes, st.integers(1, 30))
    def test_months_end_at_the_same_closing(self, office: WorkingCalendar, start: datetime, months: int) -> None:
        assert due(office, start, StandardTime(months=months)) == model_of(office).after_months(start, months)

    @settings(deadline=None)
    @given(offices, whole_minutes, st.integers(0, 40 * 24 * 60))
    def test_working_time_counts_the_same_minutes(self, office: WorkingCalendar, start: datetime, span: int) -> None:
        end = start + timedelta(minutes=span)
        counted = office.working_minutes(start.replace(tzinfo=office.zone), end.replace(tzinfo=office.zone))

        assert counted == model_of(office).minutes_between(start, end)


class TestLaws:
    @settings(deadline=None)
    @given(offices, moments, amounts)
    def test_what_is_added_is_what_has_passed(
        self, office: WorkingCalendar, start: datetime, amount: timedelta
    ) -> None:
        assert office.working_time(start, office.add_working_time(start, amount)) == amount

    @settings(deadline=None)
    @given(offices, moments, amounts)
    def test_the_due_moment_is_the_earliest_one(
        self, office: WorkingCalendar, start: datetime, amount: timedelta
    ) -> None:
        end = office.add_working_time(start, amount)

        assert end == start or office.working_time(start, end - MICROSECOND) == amount - MICROSECOND

    @settings(deadline=None)
    @given(offices, moments, amounts, amounts)
    def test_two_allowances_in_a_row_are_their_sum(
        self, office: WorkingCalendar, start: datetime, first: timedelta, second: timedelta
    ) -> None:
        in_a_row = office.add_working_time(office.add_working_time(start, first), second)

        assert in_a_row == office.add_working_time(start, first + second)

    @settings(deadline=None)
    @given(offices, st.lists(moments, min_size=3, max_size=3).map(sorted))
    def test_working_time_of_neighbouring_spans_adds_up(self, office: WorkingCalendar, span: list[datetime]) -> None:
        start, middle, end = span
        parts = office.working_time(start, middle) + office.working_time(middle, end)

        assert parts == office.working_time(start, end)
        assert timedelta() <= parts <= end - start

    @settings(deadline=None)
    @given(offices, moments, moments, standards)
    def test_a_later_start_is_never_due_earlier(
        self, office: WorkingCalendar, one: datetime, other: datetime, standard: StandardTime
    ) -> None:
        earlier, later = sorted((one, other))

        assert office.due_at(earlier, standard) <= office.due_at(later, standard)

    @settings(deadline=None)
    @given(offices, moments, standards, st.integers(0, 3), st.integers(0, 9), st.integers(0, 9000))
    def test_a_longer_allowance_is_never_due_earlier(
        self, office: WorkingCalendar, start: datetime, standard: StandardTime, months: int, days: int, seconds: int
    ) -> None:
        longer = StandardTime(standard.months + months, standard.days + days, standard.seconds + seconds)

        assert start < office.due_at(start, standard) <= office.due_at(start, longer)

    @settings(deadline=None)
    @given(offices, moments, st.integers(0, 14), st.integers(1, 40))
    def test_days_end_at_a_closing_of_the_office(
        self, office: WorkingCalendar, start: datetime, months: int, days: int
    ) -> None:
        moment = office.due_at(start, StandardTime(months=months, days=days))
        local = moment.astimezone(office.zone)

        assert opens_on(office, local.date())
        assert local.time() in {
            day[-1].closes for week in (office.hours.ordinary, office.hours.ramadan) for day in week if day
        }
