"""Everything that the pages say is there in both languages, and moments and times are said as an office says them."""

from datetime import UTC, datetime, timedelta

import pytest

from app.web.language import ENGLISH, INDONESIAN, Speech, english_texts
from tests.web.texts import missing, texts

MORNING = datetime(2026, 11, 23, 3, 5, tzinfo=UTC)


class TestTheCatalogues:
    def test_have_the_english_of_every_text(self) -> None:
        assert missing() == {}

    def test_have_nothing_that_no_page_says(self) -> None:
        said = {text for text, _ in texts()}
        ids = [one.id if isinstance(one.id, str) else one.id[0] for one in english_texts() if one.id]
        assert [text for text in ids if text not in said] == []

    def test_keep_the_values_of_a_text(self) -> None:
        for message in english_texts():
            if not isinstance(message.id, str) or not message.id:
                continue
            assert message.python_format == ("%(" in message.id), message.id
            assert sorted(_values(message.id)) == sorted(_values(str(message.string))), message.id


def _values(text: str) -> list[str]:
    return [part.partition(")")[0] for part in text.split("%(")[1:]]


class TestATime:
    @pytest.mark.parametrize(
        ("language", "said"), [(INDONESIAN, "23 Nov 2026, 10.05 WIB"), (ENGLISH, "23 Nov 2026, 10:05 WIB")]
    )
    def test_is_that_of_the_office(self, language: str, said: str) -> None:
        assert Speech(language, "Asia/Jakarta").moment(MORNING) == said

    def test_that_began_and_ended_on_one_day_names_it_once(self) -> None:
        speech = Speech(INDONESIAN, "Asia/Jakarta")
        assert speech.span(MORNING, None) == "23 Nov 2026, 10.05 WIB"
        assert speech.span(MORNING, MORNING + timedelta(hours=2)) == "23 Nov 2026, 10.05\N{EN DASH}12.05 WIB"
        # Not yet the next day in London.
        assert (
            speech.span(MORNING, MORNING + timedelta(hours=15))
            == "23 Nov 2026, 10.05 \N{EN DASH} 24 Nov 2026, 01.05 WIB"
        )

    def test_names_the_zone_of_the_east(self) -> None:
        assert Speech(INDONESIAN, "Asia/Jayapura").moment(MORNING) == "23 Nov 2026, 12.05 WIT"

    def test_left_is_working_time(self) -> None:
        friday = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
        speech = Speech(INDONESIAN, "Asia/Jakarta")
        assert speech.deadline(friday + timedelta(days=3), friday) == "1 hari kerja lagi"
        assert speech.deadline(friday - timedelta(hours=1), friday) == "Terlambat 1 jam kerja"

    def test_waited_is_working_time_and_just_now_what_has_only_come(self) -> None:
        friday = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)  # 22.00 in Jakarta
        speech = Speech(INDONESIAN, "Asia/Jakarta")
        assert speech.waited(friday, friday + timedelta(seconds=59)) == "baru saja"
        assert speech.waited(friday, friday + timedelta(hours=2)) == "0 menit kerja"

    def test_has_a_plural_in_english(self) -> None:
        speech = Speech(ENGLISH, "Asia/Jakarta")
        assert [speech.standard_time(one) for one in ("P1D", "P2D", "P1DT4H30M", "P1M")] == [
            "1 working day",
            "2 working days",
            "1 working day 4 hours 30 minutes",
            "1 month",
        ]

    def test_that_cannot_be_read_is_shown_as_it_is_written(self) -> None:
        assert Speech(INDONESIAN, "Asia/Jakarta").standard_time("secepatnya") == "secepatnya"
