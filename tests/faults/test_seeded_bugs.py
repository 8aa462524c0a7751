"""What shows that the harness would find a fault: bugs that it is given, with the sizes of the short form."""

from collections.abc import Sequence
from pathlib import Path

from tests.faults.crowds import joins
from tests.faults.load import Plan
from tests.faults.runs import kills

PLAN = Plan(completions=120, strikes=3, impatience=0.2)


def kinds(faults: Sequence[str]) -> set[str]:
    """The first words of what the oracle found; a client's own complaint is none of them."""
    return {fault.partition(":")[0] for fault in faults if not fault.startswith("client")}


class TestASeededBugIsFound:
    def test_answer_before_commit(self, equipped_url: str, tmp_path: Path) -> None:
        report = kills(equipped_url, tmp_path, 1, PLAN, workers=1, seeded="answer-before-commit")

        assert any("was answered 404" in fault for fault in report.faults)
        assert "inconsistent" in kinds(report.faults)

    def test_completion_in_two_transactions(self, equipped_url: str, tmp_path: Path) -> None:
        report = kills(equipped_url, tmp_path, 1, PLAN, workers=1, seeded="two-transactions")

        assert {"broken", "unasked"} <= kinds(report.faults)

    def test_no_record_of_what_was_answered(self, equipped_url: str, tmp_path: Path) -> None:
        report = kills(equipped_url, tmp_path, 1, PLAN, workers=1, seeded="no-idempotency")

        assert {"unasked", "forgotten"} <= kinds(report.faults)

    def test_a_lock_left_out(self, equipped_url: str, tmp_path: Path) -> None:
        report = joins(equipped_url, tmp_path, 1, 7, workers=1, seeded="no-lock")

        assert {"not joined", "broken", "wrong way"} <= kinds(report.faults)
