"""Connections that PostgreSQL ended, or that were cut around a COMMIT: never a failure inside the service."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.unit_of_work import UnitOfWork
from tests.faults.cutting import Cut, Cutter
from tests.faults.scarcity import end_connections
from tests.faults.sites import Cluster
from tests.office import Clock, Office, problem, running_office


@contextmanager
def through(cutter: Cutter, url: str) -> Iterator[Office]:
    with running_office(cutter.url(url), Clock()) as office:
        yield office


@pytest.fixture
def cutter(cluster: Cluster) -> Iterator[Cutter]:
    opened = Cutter(cluster.socket)
    yield opened
    opened.close()


class TestAConnectionThatIsLost:
    def test_is_not_handed_out_again(self, cluster_url: str) -> None:
        database = Database(cluster_url, pool_size=1)
        with database.read() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.close()

        assert database.write(lambda uow: uow.reader.exec_driver_sql("SELECT 1").scalar_one()) == 1
        database.close()

    def test_while_a_command_reads_is_told_as_what_it_is(self, cluster_url: str) -> None:
        database = Database(cluster_url, pool_size=1)
        lock = sa.select(sa.literal(1).label("one"))

        def work(uow: UnitOfWork) -> None:
            uow.lock(lock, {})
            end_connections(cluster_url)
            uow.reader.exec_driver_sql("SELECT 1")

        with pytest.raises(sa.exc.OperationalError):
            database.write(work)
        assert database.write(lambda uow: uow.lock(lock, {}).one) == 1
        database.close()

    def test_is_answered_503_once_and_then_forgotten(self, cluster_url: str) -> None:
        with running_office(cluster_url, Clock()) as office:
            (task,) = office.start()["open_tasks"]
            tag = office.get("tasks", "staf").headers["etag"]

            end_connections(cluster_url)
            answers = [office.get("tasks", "staf"), office.get("tasks", "staf", headers={"If-None-Match": tag})]
            end_connections(cluster_url)
            answers += [office.complete(task), office.complete(task)]

            assert {answer.status_code for answer in answers} <= {200, 304, 409, 503}
            assert answers[-1].status_code in (200, 409)
            problem(answers[0], 503, "unavailable")


class TestACommitOfWhichNothingWasHeard:
    def test_is_looked_up_by_its_key(self, cutter: Cutter, cluster_url: str) -> None:
        with through(cutter, cluster_url) as office:
            (task,) = office.start()["open_tasks"]
            cutter.cut_next(Cut.DONE)
            path = f"tasks/{task['id']}/complete"

            first = office.post(path, "sekretaris", {}, key="sekali")
            again = office.post(path, "sekretaris", {}, key="sekali")

            assert first.status_code == again.status_code == 200
            assert first.content == again.content
            assert first.headers["idempotency-replayed"] == "true"
            assert cutter.cuts[Cut.DONE] == 1

    def test_without_a_key_is_said_to_be_unknown(self, cutter: Cutter, cluster_url: str) -> None:
        with through(cutter, cluster_url) as office:
            (task,) = office.start()["open_tasks"]
            cutter.cut_next(Cut.DONE)

            answer = office.complete(task)

            content = problem(answer, 503, "unavailable")
            assert "not known" in content["detail"]
            problem(office.complete(task), 409, "task-already-completed")

    def test_that_never_left_is_done_when_it_is_sent_again(self, cutter: Cutter, cluster_url: str) -> None:
        with through(cutter, cluster_url) as office:
            (task,) = office.start()["open_tasks"]
            cutter.cut_next(Cut.BEFORE)
            path = f"tasks/{task['id']}/complete"

            problem(office.post(path, "sekretaris", {}, key="sekali"), 503, "unavailable")
            again = office.post(path, "sekretaris", {}, key="sekali")

            assert again.status_code == 200
            assert "idempotency-replayed" not in again.headers
