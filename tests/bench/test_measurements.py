"""The benchmarks run, on the smallest sizes, and leave nothing behind. What they measure here is of no account."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.completion import measure_one_client, measure_returns
from bench.counting import measure_instance, measure_statements
from bench.databases import SQLITE
from bench.gate import measure_gate
from bench.lists import measure_lists
from bench.load import ROOT, Load, Step, clients
from bench.pages import PAGES, POLLED, measure_pages
from bench.servers import children
from bench.stage import QUICK, Plan, Stage, open_stage

TINY = Plan(
    batches=2,
    count=3,
    seconds=0.1,
    clients=1,
    returns=3,
    few_tasks=130,
    many_tasks=260,
    starts=1,
    instances=1,
)
COMMAND = (sys.executable, "-m", "bench", "--quick", "--database", SQLITE)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(SQLITE, TINY, tmp_path_factory.mktemp("bench") / "sqlite") as stage:
        yield stage


class TestMeasurements:
    def test_time_a_completion_beside_the_reference(self, stage: Stage) -> None:
        figures = {figure.name: figure for figure in measure_one_client(stage)}

        completion = figures["completion, 1 client"]
        assert completion.ours > 0
        assert completion.reference is not None
        assert completion.reference > 0
        assert completion.met is not None

    def test_time_a_late_return_beside_a_first_one(self, stage: Stage) -> None:
        (figure,) = measure_returns(stage)

        assert figure.name == "return 3 against the first"
        assert figure.ours > 0

    def test_list_a_full_page_at_both_sizes(self, stage: Stage) -> None:
        names = [figure.name for figure in measure_lists(stage)]

        assert "task list of a role in one office, 260 open against 130" in names
        assert "poll answered 304, 260 open" in names

    def test_time_every_page_at_both_sizes(self, stage: Stage) -> None:
        figures = measure_pages(stage)

        names = {*PAGES, *(f"{name}, 304" for name in POLLED)}
        assert {figure.name for figure in figures} == {f"page: {name}, 260 open against 130" for name in names}
        assert all(figure.ours > 0 for figure in figures)

    def test_time_a_deployment_of_each_size(self, stage: Stage) -> None:
        figures = measure_gate(stage)

        assert [figure.name for figure in figures] == ["deploy, 15 rows", "deploy, 60 rows"]
        assert all(figure.ours > 0 for figure in figures)

    def test_count_statements_and_transactions(self, stage: Stage) -> None:
        statements, transactions = measure_statements(stage)

        assert statements.note.count("UPDATE process_instance") == 1
        assert statements.ours >= 3
        assert transactions.ours == 1

    def test_count_the_rows_of_a_finished_instance(self, stage: Stage) -> None:
        _size, rows = measure_instance(stage)

        assert "process_instance 1, " in rows.note
        assert "user_task 13" in rows.note


class TestClient:
    def test_follows_the_task_that_each_answer_opens(self, stage: Stage) -> None:
        with stage.reference(chains=2) as (_server, (load, *_)):
            before = [task for task, _steps in load.chains]
            took = stage.clients[0].run(load, count=5)

        assert len(took.times) == 5
        assert [steps for _task, steps in load.chains] == [3, 2]
        assert not {task for task, _steps in load.chains} & set(before)

    def test_stops_at_an_answer_that_is_not_expected(self, stage: Stage) -> None:
        with (
            stage.reference() as (server, _),
            clients(1) as (client,),
            pytest.raises(RuntimeError, match="A client stopped"),
        ):
            client.run(Load(server.port, [Step("GET", "/nothing-here")]), count=1)


class TestCommand:
    def test_prints_a_table_and_writes_the_figures(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [*COMMAND, "--only", "statements", "--output", str(tmp_path / "bench.json")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )

        written = json.loads((tmp_path / "bench.json").read_text())
        assert "| statements a completion   | SQLite" in done.stdout
        assert [figure["name"] for figure in written["figures"]] == [
            "statements a completion",
            "transactions a completion",
        ]

    def test_leaves_no_server_behind_when_it_is_stopped(self, tmp_path: Path) -> None:
        process = subprocess.Popen(
            [*COMMAND, "--only", "returns", "--output", str(tmp_path / "bench.json")],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )
        while len(started := children(process.pid)) <= QUICK.clients:
            assert process.poll() is None
            time.sleep(0.05)

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=60) != 0
        assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []
