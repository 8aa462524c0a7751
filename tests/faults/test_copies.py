"""A copy of the database that is taken while people work is one that they could go on with."""

from pathlib import Path

from tests.databases import Server
from tests.faults.copies import copy_at_work
from tests.faults.load import Plan


class TestACopyTakenAtWork:
    def test_holds_what_was_acknowledged_before_it(self, server: Server, equipped_url: str, tmp_path: Path) -> None:
        empty = server.empty()

        report = copy_at_work(equipped_url, empty, tmp_path, 1, Plan(completions=60, strikes=1))

        assert report.faults == []
        assert report.figures["acknowledged completions"] >= 60
        server.drop(empty)
