"""A disk that is full, a database that takes no writes, no connections left: said so, nothing half done, and healed."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.faults import scarcity
from tests.faults.clients import API, Client, complete_path, sign_in
from tests.faults.journal import Heard, Intent, Journal, read
from tests.faults.observed import observe
from tests.faults.oracle import judge
from tests.faults.processes import LOAD, load_process
from tests.faults.service import Service, serving
from tests.faults.sites import Cluster, file_of, makers

USER = makers()[0]


class Worker:
    """Somebody who works while something runs out."""

    def __init__(self, service: Service, client: Client, journal: Journal) -> None:
        self.service = service
        self._client = client
        self._journal = journal
        self._number = 0

    def works(self) -> None:
        """Start a case and do its first task."""
        self._number += 1
        key = f"kasus-{self._number}"
        body = {"process_definition_key": LOAD, "business_key": key, "variables": {}}
        status, case = self._client.act(USER, f"{API}/process-instances", body, about=None, key=key)
        assert status == 201
        task_id = case["open_tasks"][0]["id"]
        assert self._client.act(USER, complete_path(task_id), {"variables": {}}, about=task_id)[0] == 200

    def until_refused(self, most: int = 400) -> Intent:
        """Start cases, each with one request, until one is refused; returns the request, which is not answered yet."""
        for _ in range(most):
            self._number += 1
            key = f"kasus-{self._number}"
            body = {"process_definition_key": LOAD, "business_key": key, "variables": {}}
            intent = Intent(key, USER, f"{API}/process-instances", json.dumps(body), None)
            self._journal.write(intent)
            status, answer, headers = self._client.send(intent)
            if status != 201:
                assert status in (503, 507), answer
                assert int(headers["Retry-After"]) >= 1
                return intent
            self._journal.write(Heard(key, status, answer.decode(), 0, False))
        raise AssertionError(f"{most} requests were taken, though nothing could be kept.")

    def does(self, intent: Intent) -> None:
        """Send a request again until it is done."""
        body = json.loads(intent.body)
        assert self._client.act(intent.user, intent.path, body, about=None, key=intent.key)[0] == 201


@contextmanager
def working(url: str, folder: Path, *, started_by: tuple[str, ...] = ()) -> Iterator[Worker]:
    """Serve a database to a worker, and judge in the end all that was done."""
    with (
        serving(url, folder, workers=1, started_by=started_by) as service,
        Journal(folder / "journal-00.jsonl") as journal,
    ):
        client = Client(service.port, sign_in(service.port, [USER]), journal, Random(1))
        yield Worker(service, client, journal)
        client.close()
    assert judge(read(folder), observe(url), {LOAD: load_process()}) == []


def goes_through(worker: Worker, shortage: AbstractContextManager[None]) -> None:
    worker.works()
    with shortage:
        refused = worker.until_refused()
    worker.does(refused)
    worker.works()


class TestSqlite:
    def test_without_room_for_its_files(self, sqlite_url: str, tmp_path: Path) -> None:
        with working(sqlite_url, tmp_path) as worker:
            worker.works()
            goes_through(worker, scarcity.no_room_in_files(worker.service))

    def test_whose_file_may_not_be_written(self, sqlite_url: str, tmp_path: Path) -> None:
        obeying = ("-m", "tests.faults.scarcity")
        file = file_of(sqlite_url)
        with working(sqlite_url, tmp_path, started_by=obeying) as worker:
            file.chmod(0o444)
            worker.service.kill(ready=False)
            refused = worker.until_refused()
            for one in file.parent.glob(f"{file.name}*"):
                # What SQLite made beside it meanwhile got its permissions.
                one.chmod(0o644)
            worker.does(refused)
            worker.works()


class TestPostgresql:
    @pytest.mark.parametrize("at_commit", [False, True], ids=["at a statement", "at the commit"])
    def test_without_room_for_its_tables(self, cluster_url: str, tmp_path: Path, at_commit: bool) -> None:
        with working(cluster_url, tmp_path) as worker:
            goes_through(worker, scarcity.no_room_in_tables(cluster_url, at_commit=at_commit))

    def test_that_takes_no_writes(self, cluster_url: str, tmp_path: Path) -> None:
        with working(cluster_url, tmp_path) as worker:
            goes_through(worker, scarcity.only_read_by(cluster_url))

    def test_without_a_connection_left(self, cluster: Cluster, cluster_url: str, tmp_path: Path) -> None:
        with working(cluster_url, tmp_path) as worker:
            goes_through(worker, scarcity.all_connections_taken(cluster_url))
