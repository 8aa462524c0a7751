"""Clients who act at the same moment: races for one task, and branches that are completed at once."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.clients import API, Client, Json, Misbehaved, Unanswered, complete_path, sign_in
from tests.faults.journal import Journal, read
from tests.faults.observed import observe
from tests.faults.oracle import judge, still_open
from tests.faults.processes import LOAD, MOST_BRANCHES, branches, load_process
from tests.faults.runs import Report
from tests.faults.service import serving
from tests.faults.sites import PEOPLE, deciders, makers

Answer = tuple[int, Json]


class Crowd:
    """Some clients, each with a person and a connection of his own."""

    def __init__(self, clients: Sequence[Client], threads: ThreadPoolExecutor) -> None:
        self.clients = clients
        self._threads = threads

    def at_once(self, acts: Sequence[Callable[[Client], Answer]]) -> list[Answer]:
        """Let a client each act at the same moment; returns what they were answered."""
        barrier = threading.Barrier(len(acts))

        def act(number: int) -> Answer:
            barrier.wait(timeout=60)
            return acts[number](self.clients[number])

        return list(self._threads.map(act, range(len(acts))))

    def start(self, key: str, number: int) -> Json:
        """Start a process; returns the case."""
        business_key = f"{key}-{number}"
        body = {"process_definition_key": key, "business_key": business_key, "variables": {}}
        status, case = self.clients[0].act(makers()[0], f"{API}/process-instances", body, about=None, key=business_key)
        if status != 201:
            raise Misbehaved(f"A start was answered {status}: {case}")
        return case


@contextmanager
def crowd(port: int, folder: Path, seed: int) -> Iterator[Crowd]:
    """Open a crowd of as many clients as there are people."""
    tokens = sign_in(port, [*makers(), *deciders()])
    with ExitStack() as stack:
        clients = []
        for number in range(PEOPLE):
            journal = stack.enter_context(Journal(folder / f"journal-{number:02}.jsonl"))
            client = Client(port, tokens, journal, Random(f"{seed}/{number}"))
            stack.callback(client.close)
            clients.append(client)
        yield Crowd(clients, stack.enter_context(ThreadPoolExecutor(PEOPLE)))


def races(
    url: str, folder: Path, seed: int, count: int, *, rivals: int = 4, workers: int = 2, seeded: str | None = None
) -> Report:
    """Let rivals complete one task at once, so many times; in every fourth race they claim it instead."""
    faults: list[str] = []
    with serving(url, folder, workers=workers, seeded=seeded) as service, crowd(service.port, folder, seed) as people:
        for number in range(count):
            case = people.start(LOAD, number)
            task_id = case["open_tasks"][0]["id"]
            try:
                if number % 4 == 3:
                    faults += _claimed_by_one(people, task_id, rivals)
                else:
                    people.at_once([_completing(name, task_id) for name in makers()[:rivals]])
            except (Misbehaved, Unanswered) as error:
                faults.append(str(error))
    return _report("races", url, folder, seed, {"races": count, "rivals": rivals}, faults, [LOAD])


def joins(url: str, folder: Path, seed: int, count: int, *, workers: int = 2, seeded: str | None = None) -> Report:
    """Complete 2 to 8 branches of a case at once, from as many clients, so many times; each must join once."""
    faults: list[str] = []
    with serving(url, folder, workers=workers, seeded=seeded) as service, crowd(service.port, folder, seed) as people:
        for number in range(count):
            try:
                faults += _joined(people, f"cabang{2 + number % (MOST_BRANCHES - 1)}", number)
            except (Misbehaved, Unanswered) as error:
                faults.append(str(error))
    keys = [f"cabang{number}" for number in range(2, MOST_BRANCHES + 1)]
    report = _report("joins", url, folder, seed, {"cases": count}, faults, keys)
    if not report.faults:
        report.faults.extend(still_open(observe(url, keys)))
    return report


def _joined(people: Crowd, key: str, number: int) -> list[str]:
    """Complete all branches of a new case at once, and the task behind their join; returns what was wrong."""
    case = people.start(key, number)
    tasks = case["open_tasks"]
    acts = [_completing(name, task["id"]) for name, task in zip(makers(), tasks, strict=False)]
    statuses = [status for status, _ in people.at_once(acts)]
    if statuses != [200] * len(tasks):
        return [f"refused: branches of case {case['id']} were answered {statuses}"]
    client = people.clients[0]
    behind = client.ask(makers()[0], f"{API}/process-instances/{case['id']}")["open_tasks"]
    if [task["element_id"] for task in behind] != ["akhir"]:
        return [f"not joined: case {case['id']} has {[task['element_id'] for task in behind]} open"]
    _completing(makers()[0], behind[0]["id"])(client)
    return []


def _completing(user: str, task_id: str) -> Callable[[Client], Answer]:
    return lambda client: client.act(user, complete_path(task_id), {"variables": {}}, about=task_id)


def _claimed_by_one(people: Crowd, task_id: str, rivals: int) -> list[str]:
    """Let rivals claim a task, and the one who got it complete it; returns what was wrong."""

    def claiming(user: str) -> Callable[[Client], Answer]:
        path = f"{API}/tasks/{task_id}/claim"
        return lambda client: client.act(user, path, {}, about=None)

    names = makers()[:rivals]
    answers = people.at_once([claiming(name) for name in names])
    won = [name for name, (status, _) in zip(names, answers, strict=True) if status == 200]
    told = {answer.get("assignee") for _, answer in answers}
    if len(won) != 1 or told != set(won) or sorted(status for status, _ in answers)[1:] != [409] * (rivals - 1):
        return [f"claimed by {won}: task {task_id} was answered {answers}"]
    _completing(won[0], task_id)(people.clients[0])
    return []


def _report(
    name: str, url: str, folder: Path, seed: int, figures: dict[str, Any], faults: list[str], keys: Sequence[str]
) -> Report:
    asked = read(folder)
    files = {LOAD: load_process()} | {f"cabang{n}": branches(n) for n in range(2, MOST_BRANCHES + 1)}
    faults += judge(asked, observe(url, keys), {key: files[key] for key in keys})
    won = sum(1 for _ in asked.answered(200, starts=False))
    lost = sum(heard.status == 409 for heard in asked.answers.values())
    report = Report(name, seed, figures | {"completed": won, "refused with 409": lost}, faults)
    report.write(folder)
    return report
