from datetime import UTC, date, time, timedelta
from itertools import pairwise

import pytest

from app.calendar.office import (
    DEFAULT_HOURS,
    Holiday,
    HolidayKind,
    OfficeHours,
    Opening,
    Ramadan,
    SpecialDays,
    combined_days,
    five_days,
    listed_days,
    week_length,
)

MORNING = Opening(time(8), time(12))
AFTERNOON = Opening(time(13), time(16))


def breaks(day: tuple[Opening, ...]) -> list[tuple[time, time]]:
    return [(before.closes, after.opens) for before, after in pairwise(day)]


class TestDefaultHours:
    """Perpres 21/2023, article 4; where the breaks fall within the day is the usual practice, not the Perpres."""

    def test_an_ordinary_week_has_37_hours_30_minutes(self) -> None:
        assert week_length(DEFAULT_HOURS.ordinary) == timedelta(hours=37, minutes=30)

    def test_a_week_of_ramadan_has_32_hours_30_minutes(self) -> None:
        assert week_length(DEFAULT_HOURS.ramadan) == timedelta(hours=32, minutes=30)

    def test_every_day_is_equally_long(self) -> None:
        for week, minutes in ((DEFAULT_HOURS.ordinary, 450), (DEFAULT_HOURS.ramadan, 390)):
            lengths = {sum((opening.length for opening in day), timedelta()) for day in week[:5]}
            assert lengths == {timedelta(minutes=minutes)}

    def test_is_open_on_five_days(self) -> None:
        for week in (DEFAULT_HOURS.ordinary, DEFAULT_HOURS.ramadan):
            assert [bool(day) for day in week] == [True] * 5 + [False] * 2

    def test_starts_at_half_past_seven_and_in_ramadan_at_eight(self) -> None:
        assert {day[0].opens for day in DEFAULT_HOURS.ordinary[:5]} == {time(7, 30)}
        assert {day[0].opens for day in DEFAULT_HOURS.ramadan[:5]} == {time(8)}

    def test_breaks_are_60_minutes_and_90_on_friday_in_ramadan_30_and_60(self) -> None:
        assert breaks(DEFAULT_HOURS.ordinary[0]) == [(time(12), time(13))]
        assert breaks(DEFAULT_HOURS.ordinary[4]) == [(time(11, 30), time(13))]
        assert breaks(DEFAULT_HOURS.ramadan[0]) == [(time(12), time(12, 30))]
        assert breaks(DEFAULT_HOURS.ramadan[4]) == [(time(11, 30), time(12, 30))]


class TestOfficeHours:
    def test_refuses_an_opening_that_ends_before_it_begins(self) -> None:
        with pytest.raises(ValueError, match="16:00-08:00"):
            Opening(time(16), time(8))

    def test_refuses_clock_times_with_a_zone(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            Opening(time(8, tzinfo=UTC), time(16, tzinfo=UTC))

    def test_refuses_overlapping_openings(self) -> None:
        overlapping = five_days((MORNING, Opening(time(11), time(16))), (MORNING,))
        with pytest.raises(ValueError, match="without overlap"):
            OfficeHours(overlapping, DEFAULT_HOURS.ramadan)

    def test_refuses_openings_out_of_order(self) -> None:
        with pytest.raises(ValueError, match="without overlap"):
            OfficeHours(DEFAULT_HOURS.ordinary, five_days((AFTERNOON, MORNING), (MORNING,)))

    def test_refuses_a_week_of_six_days(self) -> None:
        with pytest.raises(ValueError, match="seven days, not 6"):
            OfficeHours(((MORNING,),) * 6, DEFAULT_HOURS.ramadan)

    def test_refuses_a_week_that_never_opens(self) -> None:
        with pytest.raises(ValueError, match="never open"):
            OfficeHours(((),) * 7, DEFAULT_HOURS.ramadan)

    def test_takes_six_working_days(self) -> None:
        six_days = OfficeHours((*((MORNING, AFTERNOON),) * 5, (MORNING,), ()), DEFAULT_HOURS.ramadan)
        assert week_length(six_days.ordinary) == timedelta(hours=39)


class TestSpecialDays:
    anniversary = Holiday(date(2026, 7, 7), "Hari Jadi Kabupaten", HolidayKind.REGIONAL, "SE Bupati")
    leave = Holiday(date(2026, 12, 24), "Cuti Bersama Natal", HolidayKind.COLLECTIVE_LEAVE, "SKB")

    def test_a_list_is_split_by_year_and_sorted(self) -> None:
        days_of = listed_days([self.leave, self.anniversary])

        assert days_of(2026).holidays == (self.anniversary, self.leave)
        assert days_of(2027).holidays == ()

    def test_a_ramadan_across_the_turn_of_the_year_belongs_to_both_years(self) -> None:
        ramadan = Ramadan(date(2030, 12, 26), date(2031, 1, 24), "perkiraan", estimated=True)
        days_of = listed_days([], [ramadan])

        assert days_of(2030).ramadan == days_of(2031).ramadan == (ramadan,)
        assert days_of(2029).ramadan == days_of(2032).ramadan == ()

    def test_sources_are_combined_in_order_of_date(self) -> None:
        together = combined_days(listed_days([self.leave]), listed_days([self.anniversary]))

        assert together(2026).holidays == (self.anniversary, self.leave)

    def test_a_year_is_provisional_until_collective_leave_is_announced(self) -> None:
        assert SpecialDays((self.anniversary,)).is_provisional
        assert not SpecialDays((self.anniversary, self.leave)).is_provisional

    def test_a_year_is_provisional_while_a_day_of_it_is_estimated(self) -> None:
        eid = Holiday(date(2026, 3, 21), "Idul Fitri", HolidayKind.NATIONAL, "hisab", estimated=True)
        ramadan = Ramadan(date(2026, 2, 19), date(2026, 3, 20), "hisab", estimated=True)

        assert SpecialDays((eid, self.leave)).is_provisional
        assert SpecialDays((self.leave,), (ramadan,)).is_provisional

    def test_refuses_a_ramadan_that_ends_before_it_begins(self) -> None:
        with pytest.raises(ValueError, match="after it begins"):
            Ramadan(date(2026, 3, 20), date(2026, 2, 19), "salah")
