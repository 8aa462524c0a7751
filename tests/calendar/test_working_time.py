from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

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
    SpecialDays,
    combined_days,
    five_days,
    listed_days,
)
from app.calendar.standard_time import StandardTime, parse_standard_time
from app.calendar.working_time import NoWorkingTime, WorkingCalendar

OFFICE = WorkingCalendar(WIB)
ANNIVERSARY = listed_days([Holiday(date(2026, 8, 5), "Hari Jadi Kabupaten", HolidayKind.REGIONAL, "SE Bupati")])


def at(text: str, zone: ZoneInfo = WIB) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def opens_on(office: WorkingCalendar, day: date) -> bool:
    midnight = datetime.combine(day, time(), office.zone)
    return office.working_time(midnight, midnight + timedelta(days=1)) > timedelta()


def due(start: str, standard: str, office: WorkingCalendar = OFFICE) -> str:
    moment = office.due_at(at(start, office.zone), parse_standard_time(standard))
    return f"{moment.astimezone(office.zone):%a %Y-%m-%d %H:%M}"


class TestMinutesOfWork:
    @pytest.mark.parametrize(
        ("start", "standard", "expected"),
        [
            ("2026-08-03 08:00", "PT15M", "Mon 2026-08-03 08:15"),
            # before opening, in the break, after closing: counted from the next opening
            ("2026-08-03 05:00", "PT10M", "Mon 2026-08-03 07:40"),
            ("2026-08-03 12:15", "PT10M", "Mon 2026-08-03 13:10"),
            ("2026-08-03 19:00", "PT10M", "Tue 2026-08-04 07:40"),
            # the break of an hour, on Friday an hour and a half
            ("2026-08-03 11:50", "PT30M", "Mon 2026-08-03 13:20"),
            ("2026-08-07 11:00", "PT1H", "Fri 2026-08-07 13:30"),
            # what ends exactly at a closing stays there; one minute more is the next opening
            ("2026-08-03 11:30", "PT30M", "Mon 2026-08-03 12:00"),
            ("2026-08-03 15:00", "PT1H", "Mon 2026-08-03 16:00"),
            ("2026-08-03 15:00", "PT1H1M", "Tue 2026-08-04 07:31"),
            ("2026-08-07 16:00", "PT30M", "Fri 2026-08-07 16:30"),
            # handed in on Friday evening; before the Monday of 17 August
            ("2026-08-07 18:00", "PT2H", "Mon 2026-08-10 09:30"),
            ("2026-08-14 18:00", "PT1H", "Tue 2026-08-18 08:30"),
            # hours are hours of work: 7.5 + 7.5 + 7.5 + 1.5
            ("2026-08-03 07:30", "PT24H", "Thu 2026-08-06 09:00"),
        ],
    )
    def test_pass_only_while_the_office_is_open(self, start: str, standard: str, expected: str) -> None:
        assert due(start, standard) == expected

    @pytest.mark.parametrize(
        ("start", "standard", "expected"),
        [
            # 1 Ramadan 1447 H is Thursday 19 February 2026
            ("2026-02-18 15:30", "PT1H", "Thu 2026-02-19 08:30"),
            ("2026-02-23 08:00", "PT8H", "Tue 2026-02-24 09:30"),  # 6.5 + 1.5
            ("2026-02-23 11:45", "PT30M", "Mon 2026-02-23 12:45"),  # break of 30 minutes
            ("2026-02-27 11:00", "PT1H", "Fri 2026-02-27 13:00"),  # break of an hour
            # last working day of Ramadan is the 17th: leave 18, Nyepi 19, leave 20, Eid 21-22, leave 23-24 March
            ("2026-03-17 14:30", "PT1H", "Wed 2026-03-25 08:00"),
        ],
    )
    def test_follow_the_hours_of_ramadan(self, start: str, standard: str, expected: str) -> None:
        assert due(start, standard) == expected

    @pytest.mark.parametrize(
        ("start", "standard", "expected"),
        [
            ("2025-12-31 15:00", "PT2H", "Fri 2026-01-02 08:30"),  # New Year
            ("2026-12-23 15:00", "PT2H", "Mon 2026-12-28 08:30"),  # leave 24, Christmas 25, weekend
            ("2026-12-31 15:30", "PT1H", "Mon 2027-01-04 08:00"),  # New Year on a Friday
            ("2024-02-28 15:30", "PT1H", "Thu 2024-02-29 08:00"),  # a leap day is a working day
        ],
    )
    def test_cross_years_and_leap_days(self, start: str, standard: str, expected: str) -> None:
        assert due(start, standard) == expected

    def test_keep_seconds_and_fractions_of_the_start(self) -> None:
        start = datetime(2026, 8, 3, 15, 59, 30, 250_000, tzinfo=WIB)

        assert OFFICE.due_at(start, StandardTime(seconds=60)) == datetime(2026, 8, 4, 7, 30, 30, 250_000, tzinfo=WIB)


class TestWorkingDays:
    @pytest.mark.parametrize(
        ("start", "standard", "expected"),
        [
            ("2026-08-03 08:00", "P1D", "Tue 2026-08-04 16:00"),
            ("2026-08-06 08:00", "P1D", "Fri 2026-08-07 16:30"),
            # a day is a working day, not 24 hours, whether of the clock or of work
            ("2026-08-07 07:00", "P1D", "Mon 2026-08-10 16:00"),
            # the day a task starts is its date, whatever the hour
            ("2026-08-07 00:00", "P1D", "Mon 2026-08-10 16:00"),
            ("2026-08-07 19:00", "P1D", "Mon 2026-08-10 16:00"),
            ("2026-08-08 09:00", "P1D", "Mon 2026-08-10 16:00"),
            ("2026-08-09 23:59", "P1D", "Mon 2026-08-10 16:00"),
            ("2026-08-10 00:00", "P1D", "Tue 2026-08-11 16:00"),
            # five working days
            ("2026-08-03 08:00", "P1W", "Mon 2026-08-10 16:00"),
            ("2026-08-12 08:00", "P1W", "Thu 2026-08-20 16:00"),  # over 17 August
            # Ascension Day 14 May and its collective leave 15 May
            ("2026-05-13 10:00", "P2D", "Tue 2026-05-19 16:00"),
            # Monday 16 February is collective leave, 17 February Imlek; Ramadan closes earlier from the 19th
            ("2026-02-13 10:00", "P1D", "Wed 2026-02-18 16:00"),
            ("2026-02-13 10:00", "P2D", "Thu 2026-02-19 15:00"),
            ("2026-02-13 10:00", "P3D", "Fri 2026-02-20 15:30"),
            # 16, 17 March, then seven days of Nyepi and Eid, 25, 26 March
            ("2026-03-13 10:00", "P4D", "Thu 2026-03-26 16:00"),
            # the year turns: 1 January 2027 is a Friday, 5 January Isra Mikraj
            ("2026-12-31 10:00", "P1D", "Mon 2027-01-04 16:00"),
            ("2026-12-31 10:00", "P2D", "Wed 2027-01-06 16:00"),
        ],
    )
    def test_end_at_closing_of_the_nth_working_day_after_the_start(
        self, start: str, standard: str, expected: str
    ) -> None:
        assert due(start, standard) == expected

    def test_come_before_working_time(self) -> None:
        assert due("2026-08-03 10:00", "P1DT4H") == "Wed 2026-08-05 11:30"

    def test_run_over_several_years(self) -> None:
        start = at("2024-01-02 10:00")
        moment = OFFICE.due_at(start, parse_standard_time("P2600D"))

        assert sum(opens_on(OFFICE, start.date() + timedelta(days=n)) for n in range(1, 4500)) > 2600
        assert OFFICE.working_time(start, moment) > OFFICE.working_time(start, moment - timedelta(days=1))
        assert moment.astimezone(WIB).year == 2034


class TestMonths:
    @pytest.mark.parametrize(
        ("start", "standard", "expected"),
        [
            ("2026-08-03 09:00", "P1M", "Thu 2026-09-03 16:00"),
            ("2026-06-05 09:00", "P1M", "Mon 2026-07-06 16:00"),  # a Sunday moves forward
            ("2026-07-15 09:00", "P1M", "Tue 2026-08-18 16:00"),  # Saturday, Sunday, 17 August
            ("2026-03-31 09:00", "P1M", "Thu 2026-04-30 16:00"),  # no 31 April
            # 31 January -> Saturday 28 February, with nothing left: Friday 27, in Ramadan
            ("2026-01-31 09:00", "P1M", "Fri 2026-02-27 15:30"),
            ("2026-04-30 09:00", "P1M", "Fri 2026-05-29 16:30"),  # Saturday 30, Waisak 31 May
            ("2025-12-25 09:00", "P1M", "Mon 2026-01-26 16:00"),  # from a holiday, over the year
            ("2024-01-31 09:00", "P1M", "Thu 2024-02-29 16:00"),
            ("2024-02-29 09:00", "P1Y", "Fri 2025-02-28 16:30"),
            ("2026-08-03 09:00", "P1Y", "Tue 2027-08-03 16:00"),
            ("2026-08-31 09:00", "P18M", "Tue 2028-02-29 16:00"),
        ],
    )
    def test_end_at_closing_on_the_same_date_or_the_next_working_day_of_that_month(
        self, start: str, standard: str, expected: str
    ) -> None:
        assert due(start, standard) == expected

    def test_come_before_days_and_working_time(self) -> None:
        assert due("2026-08-03 09:00", "P1M1D") == "Fri 2026-09-04 16:30"
        assert due("2026-08-03 09:00", "P1M1DT1H") == "Mon 2026-09-07 08:30"

    def test_go_on_to_the_next_month_when_a_whole_month_is_closed(self) -> None:
        september = [date(2026, 9, 1) + timedelta(days=n) for n in range(30)]
        closed = listed_days(Holiday(day, "Ditutup", HolidayKind.REGIONAL, "contoh") for day in september)

        assert due("2026-08-03 09:00", "P1M", WorkingCalendar(WIB, special_days=closed)) == "Thu 2026-10-01 16:00"


class TestZones:
    def test_the_same_clock_time_means_another_moment_in_each_zone(self) -> None:
        quarter = parse_standard_time("PT15M")

        for zone, offset in ((WIB, 7), (WITA, 8), (WIT, 9)):
            moment = WorkingCalendar(zone).due_at(at("2026-08-03 10:00", zone), quarter)

            assert moment == datetime(2026, 8, 3, 10 - offset, 15, tzinfo=UTC)
            assert moment.tzinfo is UTC

    def test_the_date_of_the_start_is_that_of_the_office(self) -> None:
        sunday_night = datetime(2026, 8, 2, 15, 30, tzinfo=UTC)  # Monday 00:30 in Jayapura
        one_day = parse_standard_time("P1D")

        assert WorkingCalendar(WIB).due_at(sunday_night, one_day) == at("2026-08-03 16:00", WIB)
        assert WorkingCalendar(WITA).due_at(sunday_night, one_day) == at("2026-08-03 16:00", WITA)
        assert WorkingCalendar(WIT).due_at(sunday_night, one_day) == at("2026-08-04 16:00", WIT)

    def test_new_years_eve_in_utc_may_be_new_year_in_the_office(self) -> None:
        start = datetime(2025, 12, 31, 22, 30, tzinfo=UTC)  # Thursday 1 January, 07:30 in Jayapura

        assert WorkingCalendar(WIT).due_at(start, parse_standard_time("PT1H")) == at("2026-01-02 08:30", WIT)

    def test_a_moment_may_come_in_any_zone(self) -> None:
        in_utc = datetime(2026, 8, 3, 1, tzinfo=UTC)

        assert OFFICE.due_at(in_utc, StandardTime(days=1)) == OFFICE.due_at(
            in_utc.astimezone(WIT), StandardTime(days=1)
        )

    def test_a_moment_without_a_zone_is_refused(self) -> None:
        naive, aware = datetime(2026, 8, 3, 8), datetime(2026, 8, 3, 8, tzinfo=UTC)  # noqa: DTZ001

        with pytest.raises(ValueError, match="2026-08-03T08:00:00 has no time zone"):
            OFFICE.due_at(naive, StandardTime(days=1))
        with pytest.raises(ValueError, match="no time zone"):
            OFFICE.add_working_time(naive, timedelta(hours=1))
        with pytest.raises(ValueError, match="no time zone"):
            OFFICE.working_time(naive, aware)
        with pytest.raises(ValueError, match="no time zone"):
            OFFICE.working_time(aware, naive)


class TestWorkingTime:
    @pytest.mark.parametrize(
        ("start", "end", "minutes"),
        [
            ("2026-08-03 08:00", "2026-08-03 08:00", 0),
            ("2026-08-03 08:00", "2026-08-03 08:15", 15),
            ("2026-08-03 11:50", "2026-08-03 13:20", 30),
            ("2026-08-03 12:10", "2026-08-03 12:50", 0),
            ("2026-08-07 16:00", "2026-08-10 08:00", 60),
            ("2026-08-08 00:00", "2026-08-09 23:00", 0),
            ("2026-08-03 00:00", "2026-08-10 00:00", 2250),  # an ordinary week
            ("2026-03-02 00:00", "2026-03-09 00:00", 1950),  # a week of Ramadan
            ("2026-03-17 15:00", "2026-03-25 07:30", 0),  # Nyepi and Eid
            ("2025-12-31 15:00", "2026-01-02 08:30", 120),
            # 240 working days in 2026: 261 weekdays, less 13 holidays and 8 days of leave; 19 of them in Ramadan
            ("2026-01-01 00:00", "2027-01-01 00:00", 221 * 450 + 19 * 390),
        ],
    )
    def test_counts_what_the_office_was_open(self, start: str, end: str, minutes: int) -> None:
        assert OFFICE.working_minutes(at(start), at(end)) == minutes

    def test_is_exact_below_a_minute(self) -> None:
        start = datetime(2026, 8, 3, 15, 59, 59, 999_999, tzinfo=WIB)
        end = datetime(2026, 8, 4, 7, 30, 0, 2, tzinfo=WIB)

        assert OFFICE.working_time(start, end) == timedelta(microseconds=3)
        assert OFFICE.working_minutes(start, start + timedelta(hours=24)) == 450

    def test_refuses_an_end_before_the_start(self) -> None:
        with pytest.raises(ValueError, match="before the start"):
            OFFICE.working_time(at("2026-08-03 08:00"), at("2026-08-03 07:59"))

    def test_a_deadline_is_put_off_by_the_working_time_of_a_pause(self) -> None:
        pause = OFFICE.working_time(at("2026-08-04 10:00"), at("2026-08-06 10:00"))

        assert pause == timedelta(hours=15)
        assert OFFICE.add_working_time(at("2026-08-07 16:30"), pause) == at("2026-08-11 16:00")

    def test_adding_nothing_changes_nothing_even_when_closed(self) -> None:
        assert OFFICE.add_working_time(at("2026-08-09 03:00"), timedelta()) == at("2026-08-09 03:00")

    def test_refuses_to_add_less_than_nothing(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            OFFICE.add_working_time(at("2026-08-09 03:00"), timedelta(minutes=-1))


class TestDataOfAnOffice:
    def test_regional_days_are_added_to_the_national_ones(self) -> None:
        regional = WorkingCalendar(WIB, special_days=combined_days(national_days, ANNIVERSARY))

        assert due("2026-08-04 10:00", "P1D", regional) == "Thu 2026-08-06 16:00"
        assert due("2026-08-14 10:00", "P1D", regional) == "Tue 2026-08-18 16:00"
        assert due("2026-08-04 10:00", "P1D") == "Wed 2026-08-05 16:00"

    def test_an_office_may_replace_all_days(self) -> None:
        own = WorkingCalendar(WIB, special_days=ANNIVERSARY)

        assert opens_on(own, date(2026, 8, 17))
        assert not opens_on(own, date(2026, 8, 5))
        assert due("2026-03-02 07:30", "PT7H30M", own) == "Mon 2026-03-02 16:00"

    def test_both_ends_of_a_ramadan_keep_its_hours(self) -> None:
        two_days = listed_days([], [Ramadan(date(2026, 8, 4), date(2026, 8, 5), "contoh")])
        own = WorkingCalendar(WIB, special_days=two_days)

        closings = [due(f"2026-08-0{day} 10:00", "P1D", own)[-5:] for day in (2, 3, 4, 5)]
        assert closings == ["16:00", "15:00", "15:00", "16:00"]

    def test_an_office_may_have_hours_of_its_own(self) -> None:
        morning = (Opening(time(8), time(12)),)
        six_days = WorkingCalendar(WIB, OfficeHours((morning,) * 6 + ((),), five_days(morning, morning)))

        assert opens_on(six_days, date(2026, 8, 8))
        assert due("2026-08-07 11:00", "PT2H", six_days) == "Sat 2026-08-08 09:00"
        assert due("2026-08-07 11:00", "P1D", six_days) == "Sat 2026-08-08 12:00"

    def test_working_days_are_told_from_weekends_holidays_and_leave(self) -> None:
        assert opens_on(OFFICE, date(2026, 8, 14))
        assert not opens_on(OFFICE, date(2026, 8, 15))
        assert not opens_on(OFFICE, date(2026, 8, 17))
        assert not opens_on(OFFICE, date(2026, 12, 24))

    def test_holidays_that_put_a_deadline_off_can_be_named(self) -> None:
        passed = [(day.date.day, day.kind) for day in OFFICE.holidays_between(date(2026, 3, 17), date(2026, 3, 25))]

        assert passed == [
            (18, HolidayKind.COLLECTIVE_LEAVE),
            (19, HolidayKind.NATIONAL),
            (20, HolidayKind.COLLECTIVE_LEAVE),
            (23, HolidayKind.COLLECTIVE_LEAVE),
            (24, HolidayKind.COLLECTIVE_LEAVE),
        ]

    def test_holidays_are_named_across_the_turn_of_the_year(self) -> None:
        passed = [day.date for day in OFFICE.holidays_between(date(2026, 12, 23), date(2027, 1, 4))]

        assert passed == [date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 1)]

    def test_calendars_of_equal_data_are_equal(self) -> None:
        used, fresh = WorkingCalendar(WIB), WorkingCalendar(WIB, DEFAULT_HOURS, national_days)
        opens_on(used, date(2026, 1, 1))

        assert used == fresh
        assert hash(used) == hash(fresh)
        assert used != WorkingCalendar(WITA)

    @pytest.mark.parametrize("standard", ["PT1H", "P1D", "P1M"])
    def test_a_calendar_without_working_days_is_refused_instead_of_searched_for_ever(self, standard: str) -> None:
        def always_closed(year: int) -> SpecialDays:
            days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
            return listed_days(Holiday(day, "Ditutup", HolidayKind.REGIONAL, "contoh") for day in days)(year)

        with pytest.raises(NoWorkingTime, match="between 2026 and 2125"):
            due("2026-08-03 10:00", standard, WorkingCalendar(WIB, special_days=always_closed))
