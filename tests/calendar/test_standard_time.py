import pytest

from app.calendar.standard_time import StandardTime, StandardTimeInvalid, parse_standard_time


class TestParseStandardTime:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("PT2M", StandardTime(seconds=2 * 60)),
            ("PT15M", StandardTime(seconds=15 * 60)),
            ("PT1H", StandardTime(seconds=3600)),
            ("PT1H30M", StandardTime(seconds=5400)),
            ("PT90S", StandardTime(seconds=90)),
            ("P1D", StandardTime(days=1)),
            ("P4D", StandardTime(days=4)),
            ("P1W", StandardTime(days=5)),
            ("P2W3D", StandardTime(days=13)),
            ("P1M", StandardTime(months=1)),
            ("P1Y", StandardTime(months=12)),
            ("P1Y6M", StandardTime(months=18)),
            ("P1DT4H", StandardTime(days=1, seconds=4 * 3600)),
            ("P1Y2M3W4DT5H6M7S", StandardTime(months=14, days=19, seconds=5 * 3600 + 6 * 60 + 7)),
            ("P0DT30M", StandardTime(seconds=1800)),
        ],
    )
    def test_reads_working_time(self, text: str, expected: StandardTime) -> None:
        assert parse_standard_time(text) == expected

    def test_a_month_is_written_before_the_t_and_minutes_after_it(self) -> None:
        assert parse_standard_time("P5M") == StandardTime(months=5)
        assert parse_standard_time("PT5M") == StandardTime(seconds=300)

    @pytest.mark.parametrize("text", ["PT0S", "P0D", "P0Y0M0W0DT0H0M0S"])
    def test_refuses_zero(self, text: str) -> None:
        with pytest.raises(StandardTimeInvalid, match="longer than zero"):
            parse_standard_time(text)

    @pytest.mark.parametrize("text", ["-P1D", "P-1D", "PT-5M"])
    def test_refuses_a_negative_time(self, text: str) -> None:
        with pytest.raises(StandardTimeInvalid, match="negative"):
            parse_standard_time(text)

    @pytest.mark.parametrize("text", ["PT1.5H", "PT1,5H", "PT0.5S", "P0.5D"])
    def test_refuses_fractions_and_names_a_way_out(self, text: str) -> None:
        with pytest.raises(StandardTimeInvalid, match=r"fraction\. Use a smaller unit"):
            parse_standard_time(text)

    @pytest.mark.parametrize(
        "text",
        ["", "P", "PT", "P1DT", "1D", "P1", "P1H", "PT1D", "P1D2W", "p1d", " P1D", "P1D\n", "P٣D", "R3/PT1H", "2 hari"],
    )
    def test_refuses_what_is_no_duration_and_shows_examples(self, text: str) -> None:
        with pytest.raises(StandardTimeInvalid, match=r"not an ISO 8601 duration\. Write for example PT30M"):
            parse_standard_time(text)

    @pytest.mark.parametrize("text", ["P11Y", "P121M", "P521W", "P2601D", "PT19501H"])
    def test_refuses_more_than_ten_years(self, text: str) -> None:
        with pytest.raises(StandardTimeInvalid, match="ten years"):
            parse_standard_time(text)

    def test_accepts_ten_years_of_each_measure(self) -> None:
        assert parse_standard_time("P10Y") == parse_standard_time("P120M") == StandardTime(months=120)
        assert parse_standard_time("P520W") == parse_standard_time("P2600D") == StandardTime(days=2600)
        assert parse_standard_time("PT19500H") == StandardTime(seconds=19500 * 3600)

    def test_refuses_a_long_text_without_reading_it(self) -> None:
        with pytest.raises(StandardTimeInvalid, match="more than 40 characters"):
            parse_standard_time("P" + "9" * 5000 + "D")

    def test_the_refusal_is_a_value_error_that_quotes_the_text(self) -> None:
        with pytest.raises(ValueError, match="'PT0M'"):
            parse_standard_time("PT0M")
