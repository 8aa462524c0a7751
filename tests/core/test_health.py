"""Whether the service lives, and whether it can work."""

import sqlalchemy as sa

from tests.office import Clock, Office, problem, running_office


class TestHealth:
    def test_is_live_and_ready(self, office: Office) -> None:
        assert office.get("/health/live", None).json() == {"status": "ok"}
        ready = office.get("/health/ready", None)
        assert (ready.status_code, ready.json()["status"]) == (200, "ok")
        assert ready.json()["checks"] == {"database": "ok", "migrations": "ok"}

    def test_is_live_but_not_ready_without_its_database(self) -> None:
        with running_office("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2", Clock()) as office:
            assert office.get("/health/live", None).status_code == 200
            ready = office.get("/health/ready", None)

        assert ready.status_code == 503
        assert "does not answer" in ready.json()["checks"]["database"]

    def test_without_its_database_answers_503_and_when_to_come_back(self) -> None:
        with running_office("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2", Clock()) as office:
            answer = office.sign_in("staf")

        problem(answer, 503, "unavailable")
        assert int(answer.headers["retry-after"]) >= 1


class TestDurability:
    def test_is_what_both_databases_are_told(self, office: Office) -> None:
        """Killing a process does not test a loss of power, so what the database is told is looked at."""
        with office.database.read() as connection:
            if office.database.is_sqlite:
                assert connection.execute(sa.text("PRAGMA synchronous")).scalar_one() == 2
                assert connection.execute(sa.text("PRAGMA journal_mode")).scalar_one() == "wal"
                assert connection.execute(sa.text("PRAGMA foreign_keys")).scalar_one() == 1
            else:
                assert connection.execute(sa.text("SHOW synchronous_commit")).scalar_one() == "on"
