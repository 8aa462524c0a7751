"""`alur serve` as a process: how it begins on an old database, counts in several processes, and ends."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from app.core import migrations
from app.core.database import Database
from tests.house.tree import ROOT
from tests.office import API, SECRET, Clock, Json, Office, running_office

PATIENCE = 60.0


class Answered(NamedTuple):
    status: int
    text: str

    @property
    def content(self) -> Json:
        found: Json = json.loads(self.text)
        return found


class Served:
    """A running `alur serve`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    def ask(self, method: str, path: str, token: str = "", body: Json | None = None) -> Answered:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Content-Type": "application/json", "Connection": "close"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return Answered(answer.status, answer.read().decode())
        finally:
            connection.close()

    def wait_until(self, status: int) -> Answered:
        """Wait until it answers whether it is ready with this status."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self.process.poll() is None, self.process.returncode
            try:
                answer = self.ask("GET", "/health/ready")
            except OSError:
                time.sleep(0.05)
                continue
            if answer.status == status:
                return answer
            time.sleep(0.05)
        raise AssertionError(f"never answered {status}")


@contextmanager
def serving(url: str, *options: str, **settings: str) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ALUR_")}
    given = {"ENVIRONMENT": "demo", "DATABASE_URL": url, "SECRET_KEY": SECRET, "LOG_LEVEL": "error", **settings}
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--port", str(port), *options],
        cwd=ROOT,
        env=environment | {f"ALUR_{name}": value for name, value in given.items()},
        start_new_session=True,
    )
    try:
        yield Served(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def in_thread(work: threading.Thread) -> threading.Thread:
    work.start()
    return work


class TestSigterm:
    def test_lets_everything_end_that_has_begun_and_says_so_first(self, url: str) -> None:
        with running_office(url, Clock()) as office:
            office.hire("mesin", permissions=("work@disnaker",))
            tokens = {name: office.token(name) for name in ("sekretaris", "mesin", "kasubag_perencanaan")}
        waited: list[Answered] = []
        started: list[str] = []
        unanswered: list[Exception] = []

        with serving(url, DRAIN_SECONDS="1.5", SHUTDOWN_SECONDS="20") as served:
            served.wait_until(200)

            def wait_for_work() -> None:
                topics = [{"topicName": "surat", "lockDuration": 1000}]
                body = {"workerId": "w", "maxTasks": 1, "asyncResponseTimeout": 30_000, "topics": topics}
                waited.append(served.ask("POST", "/engine-rest/external-task/fetchAndLock", tokens["mesin"], body))

            def start_cases() -> None:
                body: Json = {"process_definition_key": "iku", "variables": {"tahun": 2027}}
                while True:
                    try:
                        answer = served.ask("POST", f"{API}/process-instances", tokens["sekretaris"], body)
                    except ConnectionError:
                        # Who comes to a door that is shut is refused or reset: what was begun is counted below.
                        return
                    except Exception as error:
                        unanswered.append(error)
                        return
                    assert answer.status == 201, answer.text
                    started.append(answer.content["id"])

            threads = [in_thread(threading.Thread(target=work)) for work in (wait_for_work, start_cases)]
            while len(started) < 3:
                time.sleep(0.02)
            began = time.monotonic()
            served.process.send_signal(signal.SIGTERM)
            draining = served.wait_until(503)
            for thread in threads:
                thread.join(PATIENCE)
            served.process.wait(PATIENCE)
            took = time.monotonic() - began

        assert "about to stop" in draining.content["checks"]["draining"]
        assert [(one.status, one.text) for one in waited] == [(200, "[]")]
        assert unanswered == []
        with running_office(url, Clock()) as office, office.database.read() as connection:
            cases = connection.exec_driver_sql("SELECT count(*) FROM process_instance").scalar_one()
        assert cases == len(started)
        assert 1.5 <= took < 20
        assert served.process.returncode in (0, -signal.SIGTERM)
        with running_office(url, Clock()) as office:
            assert _are_there(office, started)


def _are_there(office: Office, ids: list[str]) -> bool:
    return all(office.instance(one)["status"] == "active" for one in ids)


class TestSeveralProcesses:
    def test_count_together_whichever_is_asked_and_whichever_has_died(self, url: str) -> None:
        with serving(url, "--workers", "2") as served:
            served.wait_until(200)
            for _ in range(20):
                assert served.ask("GET", "/health/live").status == 200
            first = {_live(served) for _ in range(6)}
            for child in _children(served.process.pid):
                os.kill(child, signal.SIGKILL)
            served.wait_until(200)
            assert served.ask("GET", "/health/live").status == 200
            then = {_live(served) for _ in range(6)}

        assert first == {20.0}
        assert then == {21.0}


def _live(served: Served) -> float:
    answer = served.ask("GET", "/metrics")
    assert answer.status == 200, answer.text
    (counted,) = (
        sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == "alur_request_seconds_count" and sample.labels["route"] == "/health/live"
    )
    return counted


def _children(parent: int) -> list[int]:
    """Return the processes that serve: the parent has others that only keep its resources."""
    with open(f"/proc/{parent}/task/{parent}/children") as file:
        found = [int(one) for one in file.read().split()]
    return [one for one in found if b"spawn_main" in _command(one)]


def _command(process_id: int) -> bytes:
    with open(f"/proc/{process_id}/cmdline", "rb") as file:
        return file.read()


class TestWaiting:
    def test_begins_beside_the_version_before_and_is_ready_once_the_database_is(self, empty_url: str) -> None:
        migrations.upgrade(empty_url)
        _set_revision(empty_url, "0001")
        with serving(empty_url, "--wait") as served:
            before = served.wait_until(503)
            _set_revision(empty_url, migrations.newest())
            after = served.wait_until(200)

        assert "Run: alur migrate" in before.content["checks"]["migrations"]
        assert after.content["checks"]["migrations"] == "ok"

    def test_is_only_done_where_it_is_asked_for(self, empty_url: str) -> None:
        with serving(empty_url) as served:
            assert served.process.wait(PATIENCE) == 1


def _set_revision(url: str, revision: str) -> None:
    """Let a database say that it is at another revision than its tables are."""
    database = Database(url)
    database.write(lambda uow: uow.execute(sa.text("UPDATE alembic_version SET version_num = :to"), {"to": revision}))
    database.close()
