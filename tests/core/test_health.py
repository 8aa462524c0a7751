"""Whether the service lives, and whether it can work."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.core.database import Database
from app.core.health import MOST_LAG
from app.core.settings import Settings
from app.instances.timers import fire_due
from app.main import create_app
from tests.drawings import with_deadline
from tests.office import SECRET, Clock, Office, problem, running_office


class TestHealth:
    def test_is_live_and_ready(self, office: Office) -> None:
        assert office.get("/health/live", None).json() == {"status": "ok"}
        ready = office.get("/health/ready", None)
        assert (ready.status_code, ready.json()["status"]) == (200, "ok")
        assert ready.json()["checks"] == {"database": "ok", "disk": "ok", "migrations": "ok", "job_lag": "ok"}
        assert ready.json()["job_lag_seconds"] == 0

    def test_is_live_but_not_ready_without_its_database(self) -> None:
        with running_office("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2", Clock()) as office:
            assert office.get("/health/live", None).status_code == 200
            ready = office.get("/health/ready", None)

        assert ready.status_code == 503
        assert "does not answer" in ready.json()["checks"]["database"]
        assert ready.json()["checks"].keys() == {"database"}
        assert ready.json()["job_lag_seconds"] is None

    def test_without_its_database_answers_503_and_when_to_come_back(self) -> None:
        with running_office("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2", Clock()) as office:
            answer = office.sign_in("staf")

        problem(answer, 503, "unavailable")
        assert int(answer.headers["retry-after"]) >= 1


class TestTheLagOfJobs:
    @pytest.fixture
    def path(self, office: Office) -> str:
        """An instance whose timer is due in two hours; nobody fires timers here."""
        assert office.deploy(tenggat=with_deadline()).status_code == 201
        return f"process-instances/{office.start('staf', 'tenggat', variables={})['id']}"

    @pytest.mark.parametrize(("late", "status"), [(0, 200), (MOST_LAG, 200), (MOST_LAG + 1, 503)])
    @pytest.mark.usefixtures("path")
    def test_is_told_and_only_a_long_one_makes_the_service_not_ready(
        self, office: Office, late: int, status: int
    ) -> None:
        office.clock.advance(timedelta(hours=2, seconds=late))

        ready = office.get("/health/ready", None)

        assert (ready.status_code, ready.json()["job_lag_seconds"]) == (status, late)
        assert (ready.json()["checks"]["job_lag"] == "ok") is (status == 200)
        assert office.get("/health/live", None).status_code == 200

    def test_does_not_count_a_timer_that_waits_for_its_instance(self, office: Office, path: str) -> None:
        office.post(f"{path}/suspend", "staf")
        office.clock.advance(timedelta(days=3))

        assert office.get("/health/ready", None).json()["job_lag_seconds"] == 0

    @pytest.mark.usefixtures("path")
    def test_is_over_when_the_timers_have_fired(self, office: Office) -> None:
        office.clock.advance(timedelta(days=3))
        late = office.get("/health/ready", None)
        state = office.app.state
        fire_due(office.database, state.directory, state.catalogue, office.clock)

        assert late.status_code == 503
        assert office.get("/health/ready", None).json()["job_lag_seconds"] == 0


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


class TestWhyNotReady:
    def test_is_that_the_server_is_about_to_stop(self, office: Office) -> None:
        office.app.state.draining.begun = True

        ready = office.get("/health/ready", None)

        assert ready.status_code == 503
        assert "about to stop" in ready.json()["checks"]["draining"]
        assert ready.headers["connection"] == "close"
        assert office.get("/health/live", None).status_code == 200

    def test_is_a_disk_without_room(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        """Only the disk of SQLite is this machine's; what PostgreSQL's has is not seen from here."""
        monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=2**20))

        ready = office.get("/health/ready", None)

        assert ("make room" in ready.json()["checks"]["disk"]) is office.database.is_sqlite
        assert ready.status_code == (503 if office.database.is_sqlite else 200)

    def test_is_that_all_connections_are_in_use(self, url: str) -> None:
        database = Database(url, pool_size=1)
        database.engine.pool._timeout = 0.1  # type: ignore[attr-defined]
        settings = Settings(environment="demo", database_url=url, secret_key=SecretStr(SECRET), log_level="error")
        client = TestClient(create_app(settings, database=database))
        with database.read(), database.read():
            ready = client.get("/health/ready")
        client.close()
        database.close()

        assert ready.status_code == 503
        assert "ALUR_DATABASE_POOL" in ready.json()["checks"]["database"]
