"""What an operator reads of the service, and who may read it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.core import metrics
from app.core.database import Database
from app.core.metrics import FirstFew
from app.core.unit_of_work import UnitOfWork
from tests.drawings import with_deadline
from tests.office import API, Clock, Office, problem, running_office

TOKEN = "a token for the metrics alone"


@contextmanager
def here(office: Office) -> Iterator[TestClient]:
    """A client on the machine of the service."""
    client = TestClient(office.app, client=("127.0.0.1", 50000))
    yield client
    client.close()


def told(office: Office) -> dict[tuple[str, ...], float]:
    """Return every number that is told, by its name and the values of its labels in the order of their names."""
    with here(office) as client:
        answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


class Growth:
    """By how much numbers grow from here on."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._before = told(office)

    def __call__(self) -> dict[tuple[str, ...], float]:
        after = told(self._office)
        return {name: value - self._before.get(name, 0) for name, value in after.items()}


def requests(growth: dict[tuple[str, ...], float]) -> dict[tuple[str, ...], float]:
    return {name[1:]: value for name, value in growth.items() if name[0] == "alur_request_seconds_count" and value}


class TestWhatIsCounted:
    def test_acts_by_type_and_sop_once_they_are_committed(self, office: Office) -> None:
        grown = Growth(office)
        instance = office.start()
        (task,) = instance["open_tasks"]

        refused = office.complete(task, nonsense=1)
        office.advance(instance)

        growth = grown()
        assert refused.status_code == 422
        assert growth["alur_acts_total", "iku", "process_instance.started"] == 1
        assert growth["alur_acts_total", "iku", "task.completed"] == 1

    def test_requests_by_the_template_of_their_route_and_their_status(self, office: Office) -> None:
        grown = Growth(office)
        instance = office.start()
        office.get(f"tasks/{instance['id']}", "staf")
        office.get("/nowhere/at-all", None)
        office.get("/engine-rest/task/count", None)
        office.get("/berkas/not-an-id", None, follow_redirects=False)
        tag = office.get("tasks", "staf").headers["etag"]
        office.get("tasks", "staf", headers={"If-None-Match": tag})

        counted = requests(grown())
        del counted["GET", "/metrics", "200"]
        assert counted == {
            ("POST", f"{API}/auth/token", "200"): 2,
            ("POST", f"{API}/process-instances", "201"): 1,
            ("GET", f"{API}/tasks/{{task_id}}", "404"): 1,
            ("GET", "(none)", "404"): 1,
            ("GET", "/engine-rest/task/count", "401"): 1,
            ("GET", "/berkas/{instance_id}", "401"): 1,
            ("GET", f"{API}/tasks", "200"): 1,
            ("GET", "(unchanged)", "304"): 1,
        }

    def test_answers_that_were_given_before_and_wrong_passwords(self, office: Office) -> None:
        (task,) = office.start()["open_tasks"]
        grown = Growth(office)

        for _ in range(3):
            answer = office.post(f"tasks/{task['id']}/complete", task["role"], {"variables": {}}, key="k")
            assert answer.status_code == 200
        assert office.sign_in("staf", "wrong").status_code == 401
        assert office.sign_in("nobody", "wrong").status_code == 401

        growth = grown()
        assert growth["alur_answers_replayed_total",] == 2
        assert growth["alur_sign_ins_refused_total",] == 2

    def test_transactions_that_began_anew(self, office: Office) -> None:
        grown = Growth(office)
        failures = iter([True, True, False])

        def work(uow: UnitOfWork) -> None:
            if next(failures):
                raise sa.exc.OperationalError("", None, _Deadlock())

        office.database.write(work)

        assert grown()["alur_transactions_retried_total",] == 2

    def test_no_more_processes_than_can_be_told_apart(self) -> None:
        few = FirstFew(2)

        assert [few.of(value) for value in ("a", "b", "c", "a", "d")] == ["a", "b", metrics.OTHERS, "a", metrics.OTHERS]


class _Deadlock(Exception):
    sqlstate = "40P01"


class TestWhatWaits:
    def test_is_told_by_kind(self, office: Office) -> None:
        assert office.deploy(tenggat=with_deadline()).status_code == 201
        office.start("staf", "tenggat", variables={})
        office.start()

        now = told(office)

        assert now["alur_open_tasks",] == 2
        assert now["alur_instances", "active"] == 2
        assert now["alur_instances", "incident"] == 0
        assert now["alur_waits", "timer"] == 1
        assert now["alur_waits_due",] == 0
        assert now["alur_signals_undelivered",] == 0
        assert now["alur_timer_lag_seconds",] == 0
        assert now["alur_database_up",] == 1

    def test_is_late_once_its_time_has_passed(self, office: Office) -> None:
        assert office.deploy(tenggat=with_deadline()).status_code == 201
        office.start("staf", "tenggat", variables={})
        office.clock.advance(timedelta(hours=3))

        now = told(office)

        assert now["alur_waits_due",] == 1
        assert now["alur_timer_lag_seconds",] == 3600

    def test_names_the_version_and_the_connections(self, office: Office) -> None:
        now = told(office)

        assert [name for name in now if name[0] == "alur_build_info"]
        assert now["alur_database_connections_at_most",] == 2 * 10
        assert now["alur_database_connections_in_use",] == 0

    def test_is_not_told_without_the_database_but_the_rest_is(self) -> None:
        with running_office("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2", Clock()) as office:
            now = told(office)

        assert now["alur_database_up",] == 0
        assert ("alur_open_tasks",) not in now
        assert ("alur_answers_replayed_total",) in now


class TestConnections:
    def test_that_are_waited_for_are_counted(self, url: str) -> None:
        database = Database(url, pool_size=1)
        before = metrics.CONNECTION_WAITS._sum.get()
        waited = []

        def read() -> None:
            with database.read():
                waited.append(metrics.CONNECTION_WAITS._sum.get() - before)

        with database.read(), database.read():
            database.sample()
            in_use = metrics.CONNECTIONS_IN_USE._value.get()
            other = threading.Thread(target=read)
            other.start()
            threading.Event().wait(0.2)
        other.join()
        database.close()

        assert in_use == 2
        assert waited[0] > 0.1


class TestWhoMayRead:
    def test_is_nobody_from_elsewhere_by_default(self, office: Office) -> None:
        problem(office.get("/metrics", None), 404, "not-found")
        problem(office.get("/metrics", "admin"), 404, "not-found")

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
    def test_is_nobody_behind_a_proxy_of_the_same_machine(self, office: Office, header: str) -> None:
        with here(office) as client:
            assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404
            assert client.get("/metrics").status_code == 200

    def test_is_whoever_has_the_token_and_nobody_else_once_there_is_one(self, url: str) -> None:
        with running_office(url, Clock(), metrics_token=SecretStr(TOKEN)) as office, here(office) as client:
            right = office.get("/metrics", None, headers={"Authorization": f"Bearer {TOKEN}"})
            refusals: list[Any] = [
                office.get("/metrics", None),
                office.get("/metrics", "admin"),
                office.get("/metrics", None, headers={"Authorization": f"Basic {TOKEN}"}),
                client.get("/metrics"),
            ]

        assert right.status_code == 200
        assert right.headers["content-type"].startswith("text/plain")
        for refusal in refusals:
            problem(refusal, 401, "metrics-refused")
            assert refusal.headers["www-authenticate"] == "Bearer"
