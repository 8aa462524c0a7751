"""PostgreSQL that goes away under load, and connections that are cut around a COMMIT."""

from pathlib import Path

from tests.faults.cutting import Cut
from tests.faults.load import Plan
from tests.faults.runs import cuts, restarts
from tests.faults.sites import Cluster


class TestPostgresqlThatStopsAtOnce:
    def test_costs_nobody_anything_but_time(self, cluster: Cluster, cluster_url: str, tmp_path: Path) -> None:
        report = restarts(cluster, cluster_url, tmp_path, 1, Plan(completions=80, strikes=2), workers=1)

        assert report.faults == []
        assert report.figures["strikes"] == 2
        assert report.figures["acknowledged completions"] >= 80


class TestAConnectionCutAroundACommit:
    def test_gives_the_same_answer_to_the_same_key(self, cluster: Cluster, cluster_url: str, tmp_path: Path) -> None:
        report = cuts(cluster, cluster_url, tmp_path, 1, Plan(completions=80, strikes=12, impatience=0), workers=1)

        assert report.faults == []
        assert sum(report.figures["cuts"].values()) >= 12
        assert report.figures["cuts"].keys() == {cut.value for cut in Cut}
