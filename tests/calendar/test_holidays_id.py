from datetime import date, timedelta

import pytest

from app.calendar.holidays_id import national_days
from app.calendar.office import HolidayKind


def dates(year: int, kind: HolidayKind) -> list[date]:
    return sorted({holiday.date for holiday in national_days(year).holidays if holiday.kind is kind})


def month_days(year: int, *days: tuple[int, int]) -> list[date]:
    return [date(year, month, day) for month, day in days]


class TestNationalDays:
    def test_2026_has_the_17_holidays_of_the_joint_decree(self) -> None:
        """SKB 1497/2025, 2/2025, 5/2025."""
        assert dates(2026, HolidayKind.NATIONAL) == month_days(
            2026,
            (1, 1),  # Tahun Baru
            (1, 16),  # Isra Mikraj
            (2, 17),  # Imlek
            (3, 19),  # Nyepi
            (3, 21),  # Idul Fitri
            (3, 22),
            (4, 3),  # Wafat Yesus Kristus
            (4, 5),  # Paskah
            (5, 1),  # Hari Buruh
            (5, 14),  # Kenaikan Yesus Kristus
            (5, 27),  # Idul Adha
            (5, 31),  # Waisak
            (6, 1),  # Hari Lahir Pancasila
            (6, 16),  # Tahun Baru Islam
            (8, 17),  # Kemerdekaan
            (8, 25),  # Maulid
            (12, 25),  # Natal
        )

    def test_2026_has_the_8_days_of_collective_leave_of_the_joint_decree(self) -> None:
        assert dates(2026, HolidayKind.COLLECTIVE_LEAVE) == month_days(
            2026, (2, 16), (3, 18), (3, 20), (3, 23), (3, 24), (5, 15), (5, 28), (12, 24)
        )

    @pytest.mark.parametrize(
        ("year", "national", "leave"),
        [
            (2024, 19, 10),  # 17 and the two election days, 14 February and 27 November
            (2025, 17, 11),  # 10 and 18 August, which was added in that year
            (2026, 17, 8),
        ],
    )
    def test_knows_how_many_days_recent_years_had(self, year: int, national: int, leave: int) -> None:
        assert len(dates(year, HolidayKind.NATIONAL)) == national
        assert len(dates(year, HolidayKind.COLLECTIVE_LEAVE)) == leave

    def test_gives_both_holidays_that_fall_on_one_day(self) -> None:
        on_the_day = [holiday.name for holiday in national_days(2021).holidays if holiday.date == date(2021, 5, 13)]

        assert sorted(on_the_day) == ["Hari Raya Idul Fitri", "Kenaikan Yesus Kristus"]

    def test_names_are_indonesian_and_cite_their_source(self) -> None:
        independence = next(day for day in national_days(2026).holidays if day.date == date(2026, 8, 17))

        assert independence.name == "Hari Kemerdekaan Republik Indonesia"
        assert independence.source.startswith("python-holidays ")

    def test_estimated_dates_are_kept_and_marked(self) -> None:
        estimated = {holiday.name for holiday in national_days(2030).holidays if holiday.estimated}

        assert "Hari Raya Idul Fitri" in estimated
        assert "Hari Raya Natal" not in estimated
        assert not any("perkiraan" in name for name in estimated)

    def test_decided_years_have_no_estimated_date(self) -> None:
        for year in (2024, 2025, 2026):
            assert not any(holiday.estimated for holiday in national_days(year).holidays)
            assert not national_days(year).is_provisional

    def test_a_year_without_collective_leave_is_provisional(self) -> None:
        assert dates(2040, HolidayKind.COLLECTIVE_LEAVE) == []
        assert national_days(2040).is_provisional


class TestRamadan:
    @pytest.mark.parametrize(
        ("first", "last"),
        [
            (date(2023, 3, 23), date(2023, 4, 21)),
            (date(2024, 3, 12), date(2024, 4, 9)),  # 29 days
            (date(2025, 3, 1), date(2025, 3, 30)),
            (date(2026, 2, 19), date(2026, 3, 20)),
        ],
    )
    def test_begins_as_the_sidang_isbat_decided_and_ends_on_the_eve_of_eid(self, first: date, last: date) -> None:
        (ramadan,) = national_days(first.year).ramadan

        assert (ramadan.first, ramadan.last, ramadan.estimated) == (first, last, False)
        assert "sidang isbat" in ramadan.source

    def test_an_undecided_month_is_taken_as_30_days_and_marked(self) -> None:
        (ramadan,) = national_days(2029).ramadan

        assert ramadan.estimated
        assert ramadan.last - ramadan.first == timedelta(days=29)
        assert ramadan.last + timedelta(days=1) in dates(2029, HolidayKind.NATIONAL)

    def test_two_months_may_touch_one_year_and_one_month_two_years(self) -> None:
        first, second = national_days(2030).ramadan

        assert (first.first.year, second.first.year) == (2030, 2030)
        assert national_days(2031).ramadan[0] == second
