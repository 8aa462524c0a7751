"""Many clients at work on cases of the load process until so many tasks are done, while somebody strikes."""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.clients import API, Client, Json, Misbehaved, Unanswered, complete_path, sign_in
from tests.faults.journal import Journal
from tests.faults.processes import DECISION, LOAD
from tests.faults.sites import deciders, makers

RETURN = {"keputusan": "dikembalikan", "alasan": "Target belum diisi."}
APPROVAL = {"keputusan": "setuju"}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is done: `completions` in all by `clients`, with `strikes` spread over them.

    `impatience` is how often a client hangs up and sends the same again, `rivalry` how often two go for one task.
    """

    completions: int
    strikes: int
    clients: int = 6
    impatience: float = 0.05
    rivalry: float = 0.1


@dataclass(slots=True)
class Outcome:
    """What a load came to: what it did, how long each strike was felt (seconds), and what clients complained of."""

    completions: int = 0
    cases: int = 0
    conflicts: int = 0
    refusals: int = 0
    seconds: float = 0.0
    recoveries: list[float] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class Load:
    """The clients of one run; what each chooses comes from the seed and its number, so a run can be seen again."""

    def __init__(self, port: int, folder: Path, seed: int, plan: Plan) -> None:
        self.outcome = Outcome()
        self._port = port
        self._folder = folder
        self._seed = seed
        self._plan = plan
        self._tokens = sign_in(port, [*makers(), *deciders()])
        self._invitations: list[queue.SimpleQueue[tuple[str, str]]] = [queue.SimpleQueue() for _ in range(plan.clients)]
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def run(self, strike: Callable[[Random], float]) -> Outcome:
        """Let everybody work, and strike so often; `strike` returns for how many seconds the service was away."""
        began = time.perf_counter()
        with ExitStack() as stack:
            threads = []
            for number in range(self._plan.clients):
                journal = stack.enter_context(Journal(self._folder / f"journal-{number:02}.jsonl"))
                client = self._client(journal, f"{self._seed}/{number}", impatience=self._plan.impatience)
                thread = threading.Thread(target=self._guarded, args=(number, client))
                thread.start()
                threads.append(thread)
            try:
                self._strike(strike)
                while self.outcome.completions < self._plan.completions and not self.outcome.complaints:
                    time.sleep(0.02)
            finally:
                self._stopping.set()
                for thread in threads:
                    thread.join()
        self.outcome.seconds = time.perf_counter() - began
        return self.outcome

    def finish(self) -> None:
        """Drive every case that is still open to its end, as whoever comes to work the next morning."""
        with Journal(self._folder / "journal-99.jsonl") as journal:
            client = self._client(journal, f"{self._seed}/end")
            path = f"{API}/process-instances?running=true&process_definition_key={LOAD}&limit=200"
            while cases := client.ask(makers()[0], path)["items"]:
                for case in cases:
                    tasks = case["open_tasks"]
                    while tasks:
                        status, answer = self._complete(client, 0, tasks[0]["id"], tasks[0]["element_id"], APPROVAL)
                        if status != 200:
                            raise Misbehaved(f"Case {case['id']} cannot go on: {status} {answer}")
                        tasks = answer["process_instance"]["open_tasks"]
            client.close()

    def _client(self, journal: Journal, seed: str, *, impatience: float = 0.0) -> Client:
        return Client(self._port, self._tokens, journal, Random(seed), impatience=impatience)

    def _strike(self, strike: Callable[[Random], float]) -> None:
        random = Random(f"{self._seed}/strikes")
        for number in range(self._plan.strikes):
            due = self._plan.completions * (number + random.random()) / self._plan.strikes
            while self.outcome.completions < due:
                if self.outcome.complaints:
                    return
                time.sleep(0.005)
            self.outcome.recoveries.append(strike(random))

    def _guarded(self, number: int, client: Client) -> None:
        try:
            self._work(number, client)
        except (Misbehaved, Unanswered) as error:
            self.outcome.complaints.append(f"client {number}: {error}")
        finally:
            client.close()
            with self._lock:
                self.outcome.refusals += client.refused

    def _work(self, number: int, client: Client) -> None:
        random = Random(f"{self._seed}/{number}/choices")
        case, tasks = "", list[Json]()
        while not self._stopping.is_set():
            try:
                task_id, element = self._invitations[number].get_nowait()
            except queue.Empty:
                pass
            else:
                self._complete(client, number, task_id, element, APPROVAL)
                continue
            if not tasks:
                case, tasks = self._start(client, number, random)
                continue
            task = random.choice(tasks)
            if random.random() < self._plan.rivalry:
                rival = random.randrange(self._plan.clients)
                self._invitations[rival].put((task["id"], task["element_id"]))
                time.sleep(random.uniform(0, 0.01))
            values = RETURN if random.random() < 0.3 else APPROVAL
            status, answer = self._complete(client, number, task["id"], task["element_id"], values)
            if status == 200:
                tasks = answer["process_instance"]["open_tasks"]
            else:
                tasks = client.ask(makers()[number % len(makers())], f"{API}/process-instances/{case}")["open_tasks"]

    def _start(self, client: Client, number: int, random: Random) -> tuple[str, list[Json]]:
        # The key is the case's business key too, so that a case that was started twice is seen in the database.
        key = f"{random.getrandbits(64):016x}"
        body = {"process_definition_key": LOAD, "business_key": key, "variables": {}}
        user = makers()[number % len(makers())]
        status, answer = client.act(user, f"{API}/process-instances", body, about=None, key=key)
        if status != 201:
            raise Misbehaved(f"A start was answered {status}: {answer}")
        with self._lock:
            self.outcome.cases += 1
        return answer["id"], answer["open_tasks"]

    def _complete(
        self, client: Client, number: int, task_id: str, element: str, values: dict[str, Any]
    ) -> tuple[int, Json]:
        people = deciders() if element == DECISION else makers()
        body = {"variables": values if element == DECISION else {}}
        status, answer = client.act(people[number % len(people)], complete_path(task_id), body, about=task_id)
        if status not in (200, 409):
            raise Misbehaved(f"Task {task_id} ({element}) was answered {status}: {answer}")
        with self._lock:
            self.outcome.completions += status == 200
            self.outcome.conflicts += status == 409
        return status, answer
