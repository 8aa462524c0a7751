"""Servers that are killed under load: nothing acknowledged is lost, nothing is done twice, nothing is stuck."""

from pathlib import Path

from tests.faults.load import Plan
from tests.faults.runs import kills


class TestKilledServers:
    def test_lose_double_and_block_nothing(self, equipped_url: str, tmp_path: Path) -> None:
        report = kills(equipped_url, tmp_path, 8, Plan(completions=120, strikes=2))

        assert report.faults == []
        assert report.figures["strikes"] == 2
        assert report.figures["acknowledged completions"] >= 120
        assert report.figures["answers replayed"] > 0
