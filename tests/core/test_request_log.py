"""Each request leaves one line: what it was, how it ended, by whom; nothing of what was typed or asked for."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.core import chores as chores_module
from app.core import trace
from app.core.chores import Chore, Chores
from app.core.settings import Settings
from tests.office import API, Clock, Json, Office, problem, running_office

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture
def talking(url: str) -> Iterator[Office]:
    """An office whose service logs each request."""
    with running_office(url, Clock(), log_level="info") as office:
        yield office


def lines(capsys: pytest.CaptureFixture[str]) -> list[Json]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines() if '"event":"request"' in line]


class TestALine:
    def test_tells_a_completion_with_its_act_and_its_trace(
        self, talking: Office, capsys: pytest.CaptureFixture[str]
    ) -> None:
        instance = talking.start()
        (task,) = instance["open_tasks"]
        talking.token(task["role"])
        capsys.readouterr()

        answer = talking.complete(task)

        (line,) = lines(capsys)
        acts = talking.read(f"process-instances/{instance['id']}/audit", "inspektorat")["items"]
        assert line["trace_id"] == answer.headers["x-trace-id"]
        assert line["milliseconds"] > 0
        assert line["acts"] == [f"task.completed {instance['id']} {len(acts)}"]
        assert (line["level"], line["logger"]) == ("info", "alur.request")
        told = {name: line[name] for name in ("method", "route", "status", "user")}
        route = f"{API}/tasks/{{task_id}}/complete"
        assert told == {"method": "POST", "route": route, "status": 200, "user": task["role"]}

    def test_bears_the_trace_id_of_the_problem(self, talking: Office, capsys: pytest.CaptureFixture[str]) -> None:
        content = problem(talking.get("process-instances/none", "staf"), 404)

        line = lines(capsys)[-1]
        assert (line["trace_id"], line["status"], line["user"]) == (content["trace_id"], 404, "staf")

    def test_names_who_was_at_a_page_and_who_called_in_camundas_words(
        self, talking: Office, capsys: pytest.CaptureFixture[str]
    ) -> None:
        talking.client.post("/masuk", data={"username": "staf", "password": "demo"}, follow_redirects=False)
        talking.client.get("/tugas")
        talking.get("/engine-rest/task/count", None, headers={"Authorization": "Basic c3RhZjpkZW1v"})

        told = {(line["route"], line["user"]) for line in lines(capsys)}
        assert ("/tugas", "staf") in told
        assert ("/engine-rest/task/count", "staf") in told

    def test_holds_nothing_that_was_typed_or_asked_for(
        self, talking: Office, capsys: pytest.CaptureFixture[str]
    ) -> None:
        talking.sign_in("sangat-rahasia", "sangat-rahasia")
        talking.get("tasks", "staf", params={"q": "sangat-rahasia"})
        talking.get("/berkas/sangat-rahasia?x=sangat-rahasia", None)

        written = capsys.readouterr().err
        assert written.count('"event":"request"') == 4
        assert "rahasia" not in written

    def test_is_not_written_where_only_warnings_are_asked_for(
        self, office: Office, capsys: pytest.CaptureFixture[str]
    ) -> None:
        office.get("/health/live", None)

        assert lines(capsys) == []


class TestATraceFromOutside:
    @pytest.mark.parametrize(
        ("address", "sent", "is_taken"),
        [
            ("127.0.0.1", TRACEPARENT, True),
            ("127.0.0.1", TRACEPARENT.replace("00-", "01-", 1) + "-more", True),
            ("192.0.2.7", TRACEPARENT, False),
            ("127.0.0.1", TRACEPARENT.upper(), False),
            ("127.0.0.1", f"ff-{TRACE}-00f067aa0ba902b7-01", False),
            ("127.0.0.1", f"00-{'0' * 32}-00f067aa0ba902b7-01", False),
            ("127.0.0.1", f"00-{TRACE}-{'0' * 16}-01", False),
            ("127.0.0.1", f"00-{TRACE}", False),
        ],
    )
    def test_is_taken_over_from_a_trusted_proxy_alone(
        self, shared_office: Office, address: str, sent: str, is_taken: bool
    ) -> None:
        client = TestClient(shared_office.app, client=(address, 50000))
        answer = client.get("/health/live", headers={"traceparent": sent})
        client.close()

        assert (answer.headers["x-trace-id"] == TRACE) is is_taken
        assert len(answer.headers["x-trace-id"]) == 32

    def test_proxies_elsewhere_are_trusted_where_the_settings_name_them(self, url: str) -> None:
        with running_office(url, Clock(), trusted_proxies="192.0.2.0/24") as office:
            client = TestClient(office.app, client=("192.0.2.7", 50000))
            answer = client.get("/health/live", headers={"traceparent": TRACEPARENT})
            client.close()

        assert answer.headers["x-trace-id"] == TRACE

    def test_names_that_are_no_addresses_are_refused_at_the_start(self) -> None:
        with pytest.raises(ValueError, match="'proxy' is neither an address nor a network"):
            Settings(environment="demo", trusted_proxies="10.0.0.1, proxy")


class TestChores:
    def test_log_their_acts_under_a_trace_of_their_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lines: list[dict[str, Any]] = []

        class Log:
            def info(self, event: str, **said: Any) -> None:
                lines.append({"event": event, "trace_id": trace.current_id(), **said})

        monkeypatch.setattr(chores_module, "_log", Log())
        done = threading.Event()

        def work() -> None:
            here = trace.current()
            assert here is not None
            here.acts.append(trace.NotedAct("timer.fired", "iku", "chain", 7))
            done.set()

        chores = Chores([Chore("timers", 0.2, work)])
        chores.start()
        reached = done.wait(10)
        chores.stop()

        line, *_ = lines
        assert reached
        assert len(line.pop("trace_id")) == 32
        assert (line["event"], line["chore"], line["type"]) == ("act", "timers", "timer.fired")
        assert (line["process"], line["chain"], line["sequence"]) == ("iku", "chain", 7)
