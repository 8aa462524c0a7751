"""Two and more at the same moment, through two workers: one wins where one may, and all do where all may."""

from pathlib import Path

from tests.faults.crowds import joins, races


class TestARaceForOneTask:
    def test_has_one_winner_and_tells_the_others_who(self, equipped_url: str, tmp_path: Path) -> None:
        report = races(equipped_url, tmp_path, 1, 24)

        assert report.faults == []
        assert report.figures["completed"] == 24
        assert report.figures["refused with 409"] == 24 * 3


class TestBranchesCompletedAtOnce:
    def test_are_all_accepted_and_join_once(self, equipped_url: str, tmp_path: Path) -> None:
        report = joins(equipped_url, tmp_path, 1, 7)

        assert report.faults == []
        assert report.figures["completed"] == sum(range(2, 9)) + 7
        assert report.figures["refused with 409"] == 0
