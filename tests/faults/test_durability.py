"""An answered act is on the disk: kill -9 does not show that, so the live connections are asked."""

from app.core.database import Database
from tests.faults.sites import query
from tests.office import Office


def asked(database: Database, *statements: str) -> list[object]:
    with database.read() as connection:
        return [connection.exec_driver_sql(statement).scalar_one() for statement in statements]


class TestEveryConnection:
    def test_waits_for_the_disk(self, office: Office) -> None:
        office.start()

        if office.database.is_sqlite:
            full = 2
            assert asked(office.database, "PRAGMA synchronous", "PRAGMA journal_mode") == [full, "wal"]
        else:
            assert asked(office.database, "SHOW synchronous_commit") == ["on"]


class TestThePostgresqlThatIsStopped:
    def test_waits_for_the_disk(self, cluster_url: str) -> None:
        assert query(cluster_url, "SHOW fsync") == [("on",)]
        assert query(cluster_url, "SHOW full_page_writes") == [("on",)]
