"""Many instances of the Renja, migrated in bulk to an edited version: `python -m tests.instances.many_migrations`.

Each is returned 0 to 5 times and waits somewhere else, so that every row and the wait for the Bupati is stood at. The
plan is read first and must tell what then happens. After the migration each instance is played to its end and held to
the edited table at every step; the deadlines of what was open are those of before. `--count 2000` is the long run, some
minutes; it prints what it did and how long a plan and a migration took. `--postgresql` runs it there and not on SQLite.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.bpmn.sop_walk import DIKEMBALIKAN, Stop, Wait, sops
from tests.databases import SqliteFiles, fill, running_postgresql
from tests.instances.renja_versions import (
    ADDED,
    ADDED_ID,
    ADDED_NAME,
    MOVED,
    element,
    newer_diagram,
    newer_table,
)
from tests.office import Clock, Json, Office, running_office

MOST_RETURNS = 5
REASON = "Target belum sesuai."
KEPT = ("id", "visit", "created_at", "due_at", "state")


@dataclass(slots=True)
class Run:
    """One instance: where it stood before the migration, and what must happen from there on."""

    before: Json
    ahead: list[Stop | Wait]
    returns: int


@dataclass(slots=True)
class Report:
    """From where how many were migrated after how many returns, and the seconds that planning and migrating took."""

    stood_at: Counter[str] = field(default_factory=Counter)
    returned: Counter[int] = field(default_factory=Counter)
    released: int = 0
    planning: float = 0.0
    migrating: float = 0.0
    steps_after: int = 0


def migrate_many(office: Office, count: int, seed: int = 0) -> Report:
    """Start instances, migrate them together, and play them to their ends; fails where anything is otherwise."""
    random, report = Random(seed), Report()
    (definition,) = office.read("process-definitions", "analis", key="renja", latest=True)["items"]
    runs = [_start(office, random, number, report) for number in range(count)]
    office.clock.advance(timedelta(days=3, hours=2))
    deployed = office.deploy(renja=newer_diagram())
    assert deployed.status_code == 201, deployed.text
    target = deployed.json()["process_definitions"][0]["id"]

    plans, report.planning = _in_bulk(office, definition["id"], target, dry_run=True)
    for run in runs:
        _check_plan(run, plans[run.before["id"]])
    untouched = office.instance(runs[0].before["id"])
    assert untouched["process_definition_id"] == definition["id"], "a plan did something"
    migrated, report.migrating = _in_bulk(office, definition["id"], target, dry_run=False)
    assert migrated.keys() == plans.keys()
    for run in runs:
        _check_migrated(run, migrated[run.before["id"]], target, report)
    for run in runs:
        report.steps_after += _finish(office, run, migrated[run.before["id"]])
    return report


def _start(office: Office, random: Random, number: int, report: Report) -> Run:
    """Start an instance, return it some times, and leave it at a step that is another one for each of the first."""
    returned = Counter(random.choices(sops()["renja"].decisions, k=random.randint(0, MOST_RETURNS)))
    steps = list(sops()["renja"].walk())
    if number < len(steps):
        returned, done = Counter(), number
    else:
        steps = list(sops()["renja"].walk(returned))
        done = random.randrange(len(steps))
    instance = office.start("sekretaris", "renja", business_key=f"RENJA-{number}", variables={"tahun": 2027})
    for step in steps[:done]:
        instance = _take(office, instance, step)
    here = steps[done]
    if isinstance(here, Stop) and (here.row == MOVED or random.random() < 0.5):
        office.post(f"tasks/{instance['open_tasks'][0]['id']}/claim", here.role)
        instance = office.instance(instance["id"])
    report.stood_at[str(here.row) if isinstance(here, Stop) else here.message] += 1
    report.returned[instance["returns"]] += 1
    return Run(instance, list(_ahead(returned, done)), sum(returned.values()))


def _ahead(returned: Counter[int], done: int) -> Iterator[Stop | Wait]:
    """Yield the steps of the edited table from where so many of the older table's steps have been done."""
    passed = -1
    added = 0
    for step in newer_table().walk(returned):
        if isinstance(step, Stop) and step.row == ADDED:
            if passed >= done:
                added += 1
                yield replace(step, visit=added)
            continue
        passed += 1
        if passed >= done:
            yield step


def _in_bulk(office: Office, old: str, new: str, *, dry_run: bool) -> tuple[dict[str, Json], float]:
    """Plan or migrate all instances of a definition, an answer after the other; returns the results and the time."""
    found: dict[str, Json] = {}
    body: dict[str, Any] = {"process_definition_id": new, "from_process_definition_id": old, "dry_run": dry_run}
    began = time.perf_counter()
    while True:
        answer = office.post("process-instances/migrate", "analis", body)
        assert answer.status_code == 200, answer.text
        for result in answer.json()["results"]:
            assert result["status"] == 200, result
            found[result["process_instance_id"]] = result["result"]
        if answer.json()["next_after"] is None:
            return found, time.perf_counter() - began
        body["after"] = answer.json()["next_after"]


def _check_plan(run: Run, plan: Json) -> None:
    """Make sure that a plan tells what will be: the rows before and after, who keeps a task, and what waits on."""
    assert plan["allowed"]
    assert plan["rows_added"] == [{"element_id": ADDED_ID, "activity_no": ADDED, "name": ADDED_NAME}]
    assert (plan["rows_removed"], plan["variables_lost"], plan["variables_missing"]) == ([], [], [])
    waits = [(wait["element_id"], wait["element_id_after"], wait["becomes"]) for wait in plan["waits"]]
    assert waits == [(wait["element_id"], wait["element_id"], "kept") for wait in run.before["waiting_for"]]
    assert len(plan["tasks"]) == len(run.before["open_tasks"])
    for task, before in zip(plan["tasks"], run.before["open_tasks"], strict=True):
        here = run.ahead[0]
        assert isinstance(here, Stop)
        shown = {"activity_no": before["activity_no"], "name": before["name"], "role": before["role"]}
        assert task["before"].items() >= shown.items()
        assert task["after"].items() >= {"activity_no": here.row, "name": here.name, "role": here.role}.items()
        assert (task["task_id"], task["due_at"]) == (before["id"], before["due_at"])
        released = before["assignee"] is not None and here.row == MOVED
        assert (task["assignee_before"], task["assignee_after"]) == (
            before["assignee"],
            None if released else before["assignee"],
        )
        codes = [(finding["code"], finding["element_id"]) for finding in plan["findings"]]
        assert codes == ([("assignee-released", element(MOVED))] if released else [])


def _check_migrated(run: Run, after: Json, target: str, report: Report) -> None:
    """Make sure that nothing is lost by a migration, and that what is open follows the edited table."""
    assert (after["process_definition_id"], after["process_definition_version"]) == (target, 2)
    same = ("id", "title", "business_key", "status", "started_at", "started_by", "returns", "waiting_for")
    assert {name: after[name] for name in same} == {name: run.before[name] for name in same}
    assert len(after["open_tasks"]) == len(run.before["open_tasks"])
    for task, before in zip(after["open_tasks"], run.before["open_tasks"], strict=True):
        here = run.ahead[0]
        assert isinstance(here, Stop)
        assert {name: task[name] for name in KEPT} == {name: before[name] for name in KEPT}, "a deadline was moved"
        assert (task["activity_no"], task["name"], task["role"], task["lane"]) == (
            here.row,
            here.name,
            here.role,
            here.lane,
        )
        released = before["assignee"] is not None and here.row == MOVED
        report.released += released
        assert task["assignee"] == (None if released else before["assignee"])


def _finish(office: Office, run: Run, instance: Json) -> int:
    """Play an instance to its end by the edited table; returns how many steps that took."""
    for step in run.ahead:
        if isinstance(step, Stop):
            (task,) = instance["open_tasks"]
            shown = (task["activity_no"], task["name"], task["role"], task["lane"], task["visit"])
            assert shown == (step.row, step.name, step.role, step.lane, step.visit)
        instance = _take(office, instance, step)
    assert (instance["status"], instance["returns"]) == ("completed", run.returns)
    assert office.read(f"process-instances/{instance['id']}/audit/verify", "inspektorat")["valid"] is True
    return len(run.ahead)


def _take(office: Office, instance: Json, step: Stop | Wait) -> Json:
    """Do what a step asks for; returns the instance behind it."""
    if isinstance(step, Wait):
        (waiting,) = instance["waiting_for"]
        assert waiting["message_name"] == step.message
        body = {"name": step.message, "process_instance_id": instance["id"]}
        assert office.post("messages", "sekretaris", body).json() == {"correlated": 1}
        return office.instance(instance["id"])
    given = {} if step.decision is None else {"keputusan": step.decision}
    if step.decision == DIKEMBALIKAN:
        given["alasan"] = REASON
    answer = office.complete(instance["open_tasks"][0]["id"], step.role, **given)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["process_instance"]
    return found


@contextmanager
def _new_office(postgresql: bool) -> Iterator[Office]:
    with tempfile.TemporaryDirectory() as folder:
        if postgresql:
            with running_postgresql("migrations") as server:
                url = server.empty()
                fill(url)
                with running_office(url, Clock()) as office:
                    yield office
                server.drop(url)
        else:
            url = SqliteFiles(Path(folder)).empty()
            fill(url)
            with running_office(url, Clock()) as office:
                yield office


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description="Migrate many instances of the Renja to an edited version.")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--postgresql", action="store_true")
    chosen = parser.parse_args()
    began = time.perf_counter()
    with _new_office(chosen.postgresql) as office:
        report = migrate_many(office, chosen.count, chosen.seed)
    print(
        f"{chosen.count} instances migrated and completed as the edited table says, {report.released} tasks released."
    )
    print(f"They stood at: {', '.join(f'{place} {n}' for place, n in sorted(report.stood_at.items()))}")
    print(f"Returns before: {', '.join(f'{n} times {many}' for n, many in sorted(report.returned.items()))}")
    for what, seconds in (("plan", report.planning), ("migration", report.migrating)):
        print(f"A {what}: {1000 * seconds / chosen.count:.2f} ms in bulk")
    print(f"{report.steps_after} steps after it; {time.perf_counter() - began:.0f} s in all.")


if __name__ == "__main__":
    main()
