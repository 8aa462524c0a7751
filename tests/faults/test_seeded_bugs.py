"""What shows that the harness would find a fault: bugs that it is given; the long form gives each to both databases."""

from pathlib import Path

import pytest

from tests.faults.seeded_bugs import BUGS
from tests.faults.seeded_runs import RUNS, missed


class TestASeededBugIsFound:
    @pytest.mark.parametrize("bug", ["two-transactions", "no-lock"])
    def test_on_sqlite(self, sqlite_url: str, tmp_path: Path, bug: str) -> None:
        assert missed(bug, RUNS[bug][0](sqlite_url, tmp_path, 1)) == []

    @pytest.mark.parametrize("bug", ["answer-before-commit", "no-idempotency"])
    def test_on_postgresql(self, cluster_url: str, tmp_path: Path, bug: str) -> None:
        assert missed(bug, RUNS[bug][0](cluster_url, tmp_path, 1)) == []

    def test_every_one_has_its_run(self) -> None:
        assert RUNS.keys() == BUGS.keys()
