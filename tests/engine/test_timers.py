from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.timers import MAX_YEARS, Timer, TimerKind, TimerRefused, parse_timer

NOW = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
JAKARTA = ZoneInfo("Asia/Jakarta")

days = st.dates(date(1990, 1, 1), date(2080, 1, 1))
month_ends = days.map(lambda day: day.replace(day=1) - timedelta(days=1))


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    day = draw(month_ends if draw(st.booleans()) else days)
    return datetime.combine(day, time(tzinfo=UTC)) + timedelta(microseconds=draw(st.integers(0, 24 * 3600 * 10**6 - 1)))


def refusal(kind: TimerKind, source: str) -> TimerRefused:
    with pytest.raises(TimerRefused) as caught:
        parse_timer(kind, source)
    return caught.value


def month_lengths(year: int) -> list[int]:
    return [31, 29 if isleap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def months_later(moment: datetime, months: int) -> datetime:
    """Walk the calendar one month at a time: the independent check of calendar arithmetic."""
    year, month = moment.year, moment.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    day = min(moment.day, month_lengths(year)[month - 1])
    return datetime.combine(date(year, month, day), moment.timetz())


class TestDuration:
    @pytest.mark.parametrize(
        ("source", "due"),
        [
            ("PT1S", datetime(2026, 1, 31, 10, 0, 1, tzinfo=UTC)),
            ("PT0.5S", datetime(2026, 1, 31, 10, 0, 0, 500_000, tzinfo=UTC)),
            ("PT1,5H", datetime(2026, 1, 31, 11, 30, tzinfo=UTC)),
            ("PT90M", datetime(2026, 1, 31, 11, 30, tzinfo=UTC)),
            ("P1D", datetime(2026, 2, 1, 10, 0, tzinfo=UTC)),
            ("P0.5D", datetime(2026, 1, 31, 22, 0, tzinfo=UTC)),
            ("P2W", datetime(2026, 2, 14, 10, 0, tzinfo=UTC)),
            ("P1W1D", datetime(2026, 2, 8, 10, 0, tzinfo=UTC)),
            ("P1M", datetime(2026, 2, 28, 10, 0, tzinfo=UTC)),
            ("P1MT14H", datetime(2026, 3, 1, 0, 0, tzinfo=UTC)),
            ("P1Y1M", datetime(2027, 2, 28, 10, 0, tzinfo=UTC)),
            ("P25M", datetime(2028, 2, 29, 10, 0, tzinfo=UTC)),
            ("P1Y2M3DT4H5M6.25S", datetime(2027, 4, 3, 14, 5, 6, 250_000, tzinfo=UTC)),
            ("P10Y", datetime(2036, 1, 31, 10, 0, tzinfo=UTC)),
            (" PT1H\n", datetime(2026, 1, 31, 11, 0, tzinfo=UTC)),
        ],
    )
    def test_is_counted_on_the_calendar(self, source: str, due: datetime) -> None:
        timer = parse_timer("duration", source)

        assert timer.first_due(NOW) == due
        assert timer.repeats == 1

    def test_a_moment_in_another_zone_gives_a_due_time_in_utc(self) -> None:
        due = parse_timer("duration", "PT1H").first_due(NOW.astimezone(JAKARTA))

        assert due == NOW + timedelta(hours=1)
        assert due.tzinfo is UTC

    def test_a_moment_without_zone_is_a_mistake_of_the_caller(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            parse_timer("duration", "PT1H").first_due(NOW.replace(tzinfo=None))

    @pytest.mark.parametrize(
        "source",
        ["", "P", "PT", "P1DT", "1D", "P1", "P1S", "PT1D", "pt1h", "-P1D", "P-1D", "+P1D", "P1H", "PT1M1H", "P1D1M",
         "PT1H30", "P 1D", "P1D\x00", "P\u0661D", "P1DPT1H", "PT1.H", "PT.5H", "PT1e3S", "P0001-01-01T00:00",
         "1 jam", "__import__('os')", "timedelta(days=1)", "${lama}", "#{lama}", "P1234567890D"],
    )  # fmt: skip
    def test_refuses_what_is_no_duration(self, source: str) -> None:
        assert refusal("duration", source).text.id

    @pytest.mark.parametrize("source", ["PT1.5H30M", "P0.5DT1H", "P0.5M", "P1.5Y", "P1.5Y2M"])
    def test_refuses_decimals_anywhere_but_in_the_last_fixed_part(self, source: str) -> None:
        assert "decimals" in refusal("duration", source).text.en

    @pytest.mark.parametrize("source", ["PT0S", "P0D", "P0Y0M0DT0H0M0S", "PT0.0000001S"])
    def test_refuses_nothing_at_all(self, source: str) -> None:
        assert "longer than zero" in refusal("duration", source).text.en

    @pytest.mark.parametrize("source", ["P10YT1S", "P11Y", "P121M", "P3654D", "PT999999999H", "P999999999Y", "P522W"])
    def test_refuses_more_than_ten_years(self, source: str) -> None:
        assert "10 years" in refusal("duration", source).text.en

    @given(moments(), st.integers(0, 9), st.integers(0, 11), st.integers(0, 20), st.integers(1, 10**5))
    def test_agrees_with_walking_the_calendar(
        self, now: datetime, years: int, months: int, days: int, seconds: int
    ) -> None:
        due = parse_timer("duration", f"P{years}Y{months}M{days}DT{seconds}S").first_due(now)

        assert due == months_later(now, years * 12 + months) + timedelta(days=days, seconds=seconds)

    @given(moments(), st.integers(1, 10**9 - 1))
    def test_decimals_are_exact_to_the_microsecond(self, now: datetime, nanoseconds: int) -> None:
        timer = parse_timer("duration", f"PT1.{nanoseconds:09}S")

        assert timer.first_due(now) == now + timedelta(seconds=1, microseconds=nanoseconds // 1000)


class TestDate:
    @pytest.mark.parametrize(
        ("source", "due"),
        [
            ("2026-08-17T09:00:00Z", datetime(2026, 8, 17, 9, tzinfo=UTC)),
            ("2026-08-17T09:00+07:00", datetime(2026, 8, 17, 2, tzinfo=UTC)),
            ("2026-08-17T09:00-0330", datetime(2026, 8, 17, 12, 30, tzinfo=UTC)),
            ("2026-08-17T09:00+07", datetime(2026, 8, 17, 2, tzinfo=UTC)),
            ("2026-08-17T09:00:30.123456789Z", datetime(2026, 8, 17, 9, 0, 30, 123456, tzinfo=UTC)),
            ("2028-02-29", datetime(2028, 2, 29, tzinfo=UTC)),
            ("2020-01-01", datetime(2020, 1, 1, tzinfo=UTC)),
        ],
    )
    def test_is_due_at_its_moment_even_if_past(self, source: str, due: datetime) -> None:
        assert parse_timer("date", source).first_due(NOW) == due

    def test_without_a_zone_is_read_in_the_given_one(self) -> None:
        noon = parse_timer("date", "2026-08-17T12:00", JAKARTA)
        day = parse_timer("date", "2026-08-17", JAKARTA)

        assert noon.first_due(NOW) == datetime(2026, 8, 17, 5, tzinfo=UTC)
        assert day.first_due(NOW) == datetime(2026, 8, 16, 17, tzinfo=UTC)

    def test_a_written_zone_counts_more_than_the_given_one(self) -> None:
        assert parse_timer("date", "2026-08-17T12:00Z", JAKARTA).first_due(NOW) == datetime(2026, 8, 17, 12, tzinfo=UTC)

    @pytest.mark.parametrize(
        "source",
        ["", "2026", "2026-08", "2026-8-17", "17-08-2026", "17 Agustus 2026", "2026-02-30", "2027-02-29", "2026-13-01",
         "2026-08-17T24:00", "2026-08-17T09:60", "2026-08-17T09", "2026-08-17 09:00", "20260817T090000Z",
         "2026-08-17Z", "2026-08-17T09:00+15:00", "2026-08-17T09:00+07:60", "2026-08-17T09:00z", "202\u0666-08-17",
         "0000-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "P1D", "now()", "${tenggat}",
         "2026-08-17T09:00:00[Asia/Jakarta]"],
    )  # fmt: skip
    def test_refuses_what_is_no_moment(self, source: str) -> None:
        assert refusal("date", source).text.id

    def test_refuses_to_wait_for_more_than_ten_years(self) -> None:
        timer = parse_timer("date", "2036-01-31T10:00:00Z")

        assert timer.first_due(NOW).year == NOW.year + MAX_YEARS
        with pytest.raises(TimerRefused, match="10 years"):
            timer.first_due(NOW - timedelta(seconds=1))

    @given(moments(), st.integers(-14 * 60, 14 * 60))
    def test_the_same_moment_is_due_however_its_zone_is_written(self, moment: datetime, minutes: int) -> None:
        local = moment.astimezone(timezone(timedelta(minutes=minutes)))

        assert parse_timer("date", local.isoformat()).first_due(moment) == moment


class TestCycle:
    @pytest.mark.parametrize(("source", "repeats"), [("R3/PT1H", 3), ("R/PT1H", None), ("R1/P1D", 1)])
    def test_says_how_often_it_fires(self, source: str, repeats: int | None) -> None:
        assert parse_timer("cycle", source).repeats == repeats

    def test_without_a_start_counts_from_the_last_firing(self) -> None:
        timer = parse_timer("cycle", "R/PT1H")

        first = timer.first_due(NOW)

        assert first == NOW + timedelta(hours=1)
        assert timer.next_due(first, first) == NOW + timedelta(hours=2)

    def test_with_a_start_ahead_fires_first_at_the_start(self) -> None:
        timer = parse_timer("cycle", "R3/2026-08-17T09:00+07:00/P1D")

        assert timer.first_due(NOW) == datetime(2026, 8, 17, 2, tzinfo=UTC)
        assert timer.next_due(timer.first_due(NOW), NOW) == datetime(2026, 8, 18, 2, tzinfo=UTC)

    def test_with_a_start_behind_keeps_to_its_grid(self) -> None:
        timer = parse_timer("cycle", "R/2025-12-01T07:00Z/PT24H")

        assert timer.first_due(NOW) == datetime(2026, 2, 1, 7, tzinfo=UTC)
        assert timer.first_due(datetime(2026, 1, 31, 7, tzinfo=UTC)) == datetime(2026, 1, 31, 7, tzinfo=UTC)

    def test_what_passed_unattended_is_left_out_and_the_grid_kept(self) -> None:
        for source in ("R/PT1H", "R/2026-01-31T00:00Z/PT1H"):
            timer = parse_timer("cycle", source)
            first = timer.first_due(NOW)

            assert timer.next_due(first, first + timedelta(hours=2.5)) == first + timedelta(hours=3)
            assert timer.next_due(first, first + timedelta(hours=3)) == first + timedelta(hours=4)
            assert timer.next_due(first, first - timedelta(days=1)) == first + timedelta(hours=1)

    def test_months_from_a_start_do_not_drift(self) -> None:
        timer = parse_timer("cycle", "R/2026-01-31T00:00Z/P1M")
        due = [timer.first_due(datetime(2026, 1, 1, tzinfo=UTC))]
        for _ in range(4):
            due.append(timer.next_due(due[-1], due[-1]))

        assert [(moment.month, moment.day) for moment in due] == [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31)]

    @pytest.mark.parametrize("source", ["R/PT59S", "R/PT59.999S", "R3/PT1S", "R/2026-08-17/PT0.5M"])
    def test_refuses_a_period_under_a_minute(self, source: str) -> None:
        assert "once a minute" in refusal("cycle", source).text.en
        assert parse_timer("cycle", "R/PT60S").repeats is None

    @pytest.mark.parametrize("source", ["R0/PT1H", "R000/2026-08-17/PT1H"])
    def test_refuses_to_fire_never(self, source: str) -> None:
        assert "R0" in refusal("cycle", source).text.id

    @pytest.mark.parametrize(
        "source",
        ["", "R", "R3", "R3/", "PT1H", "3/PT1H", "R-1/PT1H", "R3/PT1H/2026-08-17", "R3/2026-08-17/2026-08-18",
         "R3/2026-08-17/PT1H/2026-09-17", "R3/PT0S", "R/P11Y", "0 0 9 * * ?", "0 0/5 * * * *", "r3/PT1H", "R3 /PT1H",
         "R1234567890/PT1H", "${siklus}", "R\u0663/PT1H", "R/2026-02-30/P1D"],
    )  # fmt: skip
    def test_refuses_what_is_no_cycle(self, source: str) -> None:
        assert refusal("cycle", source).text.en

    def test_only_a_cycle_is_due_again(self) -> None:
        with pytest.raises(ValueError, match="fires once"):
            parse_timer("duration", "PT1H").next_due(NOW, NOW)

    @given(moments(), st.integers(-3600, 365), st.integers(0, 30), st.integers(0, 40), st.integers(6 * 3600, 10**6))
    def test_every_firing_lies_on_the_grid_in_order(
        self, start: datetime, days_since: int, months: int, days: int, seconds: int
    ) -> None:
        now = start + timedelta(days=days_since)
        timer = parse_timer("cycle", f"R/{start.isoformat()}/P{months}M{days}DT{seconds}S")
        step = timedelta(days=days, seconds=seconds)

        first = timer.first_due(now)
        second = timer.next_due(first, first)

        times = 0
        while (grid := months_later(start, months * times) + step * times) < now:
            times += 1
        assert first == grid
        assert second == months_later(start, months * (times + 1)) + step * (times + 1)

    def test_a_start_long_ago_costs_nothing(self) -> None:
        timer = parse_timer("cycle", "R/1970-01-01/PT1M")

        assert timer.first_due(NOW) == NOW
        assert timer.next_due(NOW + timedelta(seconds=1), NOW) == NOW + timedelta(minutes=1)


class TestAnyText:
    @given(st.sampled_from(get_args(TimerKind)), st.text("PTRYMWDHS0123456789.,-+:/Z ${}", max_size=40) | st.text())
    def test_gives_a_timer_or_a_refusal(self, kind: TimerKind, source: str) -> None:
        try:
            outcome: object = parse_timer(kind, source)
        except TimerRefused as refused:
            outcome = refused.text

        assert outcome

    def test_a_timer_is_a_value(self) -> None:
        timer = parse_timer("cycle", "R3/2026-08-17/P1M")

        assert timer == parse_timer("cycle", "R3/2026-08-17/P1M")
        assert len({timer, parse_timer("cycle", "R4/2026-08-17/P1M")}) == 2
        with pytest.raises(AttributeError):
            timer.repeats = 9  # type: ignore[misc]
        assert isinstance(timer, Timer)
