import pytest

from app.calendar.standard_time import StandardTime, parse_standard_time
from app.sop.facts import ActivityFacts, activity_facts, unreadable


class TestActivityFacts:
    def test_reads_a_row(self) -> None:
        facts = activity_facts(
            {"nomor": "4", "jenis": "kerja", "waktu": "P1M", "kelengkapan": "RPJMD\nRenstra", "output": "Konsep\n"}
        )

        assert facts == ActivityFacts(
            activity_no=4,
            standard_time="P1M",
            requirements=("RPJMD", "Renstra"),
            outputs=("Konsep",),
            kind="kerja",
            decision_for=None,
        )

    def test_a_decision_task_shows_the_number_of_the_row_it_decides(self) -> None:
        facts = activity_facts({"keputusan_untuk": "10"})

        assert (facts.activity_no, facts.decision_for, facts.standard_time) == (10, 10, None)

    def test_what_is_missing_or_unreadable_is_empty(self) -> None:
        facts = activity_facts({"nomor": "empat", "waktu": "15 menit", "jenis": "rapat", "lain": "x"})

        assert facts == ActivityFacts(None, None, (), (), None, None)

    @pytest.mark.parametrize(
        "written", ["PT30M", "PT2H", "PT45S", "P3D", "P1W", "P1M", "P1Y", "P1DT4H", "P1M1W2DT3H4M"]
    )
    def test_a_time_that_the_calendar_counts_is_not_lost(self, written: str) -> None:
        assert isinstance(parse_standard_time(written), StandardTime)
        assert activity_facts({"waktu": written}).standard_time == written


class TestUnreadable:
    def test_names_what_the_facts_leave_out(self) -> None:
        properties = {
            "nomor": "empat",
            "waktu": "15 menit",
            "jenis": "rapat",
            "keputusan_untuk": "lima",
            "asal": "kira-kira",
            "kelengkapan": "RPJMD",
            "lain": "x",
        }

        assert unreadable(properties) == ("nomor", "waktu", "jenis", "keputusan_untuk", "asal")

    def test_is_nothing_of_a_row_that_is_whole_or_empty(self) -> None:
        assert unreadable({"nomor": "4", "jenis": "kerja", "waktu": "P1M", "output": "", "simbol": " "}) == ()
