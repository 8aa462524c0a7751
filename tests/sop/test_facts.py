from app.sop.facts import ActivityFacts, activity_facts


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
