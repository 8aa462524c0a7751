"""Whole runs: load, faults, the end of every case, and the judgement; each leaves its journals in a folder."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.clients import API, Client, Misbehaved, Unanswered, sign_in
from tests.faults.cutting import Cut, Cutter
from tests.faults.journal import Asked, Journal, read
from tests.faults.load import Load, Outcome, Plan
from tests.faults.observed import Observed, observe
from tests.faults.oracle import judge, still_open
from tests.faults.processes import LOAD, load_process
from tests.faults.service import HEALTHY_WITHIN, NotHealthy, Service, serving
from tests.faults.sites import Cluster, back_up, makers

PROCESSES = {LOAD: load_process()}


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found: its figures, and everything that was wrong."""

    run: str
    seed: int
    figures: dict[str, Any]
    faults: list[str] = field(default_factory=list)

    @property
    def slowest_recovery(self) -> float:
        """Seconds from the slowest strike to a service that is ready again."""
        return float(self.figures["slowest recovery (s)"])

    def write(self, folder: Path) -> None:
        """Leave the report beside the journals."""
        (folder / "report.json").write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def kills(url: str, folder: Path, seed: int, plan: Plan, *, workers: int = 2, seeded: str | None = None) -> Report:
    """Kill workers, and now and then the whole server, while clients work."""

    def strike(service: Service, random: Random) -> float:
        # The whole server in one of five; the others go on with their sockets.
        return service.kill() if random.random() < 0.2 else service.kill_a_worker(random)

    return _run("kills", url, folder, seed, plan, strike, workers=workers, seeded=seeded)


def restarts(cluster: Cluster, url: str, folder: Path, seed: int, plan: Plan, *, workers: int = 2) -> Report:
    """Stop PostgreSQL at once and let it recover, while clients work."""

    def strike(service: Service, _random: Random) -> float:
        began = time.perf_counter()
        cluster.restart()
        service.wait_until_ready()
        return time.perf_counter() - began

    return _run("restarts", url, folder, seed, plan, strike, workers=workers)


def cuts(cluster: Cluster, url: str, folder: Path, seed: int, plan: Plan, *, workers: int = 2) -> Report:
    """Cut connections to PostgreSQL around a COMMIT, while clients work; most between its end and its answer."""
    cutter = Cutter(cluster.socket)
    turns = cycle((Cut.DONE, Cut.BEHIND, Cut.DONE, Cut.BEFORE, Cut.DONE, Cut.BEHIND, Cut.DONE))

    def strike(service: Service, _random: Random) -> float:
        began = time.perf_counter()
        cutter.cut_next(next(turns))
        while not cutter.done():
            time.sleep(0.002)
        service.wait_until_ready()
        return time.perf_counter() - began

    try:
        report = _run("cuts", url, folder, seed, plan, strike, workers=workers, through=cutter.url(url))
    finally:
        cutter.close()
    report.figures["cuts"] = {cut.value: number for cut, number in cutter.cuts.items()}
    report.write(folder)
    return report


def _run(
    name: str,
    url: str,
    folder: Path,
    seed: int,
    plan: Plan,
    strike: Callable[[Service, Random], float],
    *,
    workers: int,
    through: str | None = None,
    seeded: str | None = None,
) -> Report:
    """Do a run. The database is read at `url`; Alur reaches it `through` another address where one is given."""
    outcome, faults = Outcome(), list[str]()
    with serving(through or url, folder, workers=workers, seeded=seeded) as service:
        load = Load(service.port, folder, seed, plan)
        try:
            outcome = load.run(lambda random: strike(service, random))
            faults += outcome.complaints
            if not faults:
                load.finish()
                faults += replays(service, folder, Random(seed), most=2_000)
                faults += verified(service)
        except (Misbehaved, Unanswered, NotHealthy) as error:
            faults.append(str(error))
    asked, observed = read(folder), observe(url)
    faults += judge(asked, observed, PROCESSES)
    if not outcome.complaints:
        faults += still_open(observed)
    report = Report(name, seed, _figures(outcome, plan, asked, observed), faults)
    report.write(folder)
    if faults and seeded is None:
        back_up(url, folder / "database")
    return report


def _figures(outcome: Outcome, plan: Plan, asked: Asked, observed: Observed) -> dict[str, Any]:
    heard = asked.answers.values()
    return {
        "strikes": len(outcome.recoveries),
        "acknowledged completions": sum(1 for _ in asked.answered(200, starts=False)),
        "cases": len(observed.cases),
        "clients": plan.clients,
        "refused with 409": sum(answer.status == 409 for answer in heard),
        "sent again": sum(answer.unheard for answer in heard),
        "answers replayed": sum(answer.replayed for answer in heard),
        "503 heard": outcome.refusals,
        "slowest recovery (s)": round(max(outcome.recoveries, default=0.0), 2),
        "recoveries over 5 s": sum(seconds > HEALTHY_WITHIN for seconds in outcome.recoveries),
        "seconds under load": round(outcome.seconds, 1),
    }


def replays(service: Service, folder: Path, random: Random, *, most: int) -> list[str]:
    """Send what was acknowledged once more with the same keys; returns each answer that is not the first again."""
    asked = read(folder)
    acknowledged = [heard for heard in asked.answers.values() if heard.status < 300]
    chosen = random.sample(acknowledged, min(most, len(acknowledged)))
    users = sorted({asked.intents[heard.key].user for heard in chosen})
    wrong = []
    with Journal(folder / "replays.jsonl") as journal:
        client = Client(service.port, sign_in(service.port, users), journal, random)
        for heard in chosen:
            status, body, headers = client.send(asked.intents[heard.key])
            if (status, body) != (heard.status, heard.body.encode()) or headers.get("Idempotency-Replayed") != "true":
                wrong.append(f"forgotten: key {heard.key} was answered {status} {body[:200]!r} the second time")
        client.close()
    return wrong


def verified(service: Service, *, most: int = 200) -> list[str]:
    """Let Alur check the trails: some over the API, all with `alur audit verify`; returns what it complains of."""
    wrong = []
    told = service.alur("audit", "verify")
    if told.returncode != 0 or not json.loads(told.stdout)["valid"]:
        wrong.append(f"broken: alur audit verify says {told.stdout}{told.stderr}")
    user = makers()[0]
    with unwritten(service, [user]) as client:
        path = f"{API}/process-instances?process_definition_key={LOAD}&limit={most}&sort=-started_at"
        for case in client.ask(user, path)["items"]:
            verdict = client.ask(user, f"{API}/process-instances/{case['id']}/audit/verify")
            if not verdict["valid"]:
                wrong.append(f"broken: the API says so of case {case['id']}: {verdict}")
    return wrong


@contextmanager
def unwritten(service: Service, users: list[str]) -> Iterator[Client]:
    """Yield a client that only asks."""
    with Journal(Path("/dev/null")) as journal:
        client = Client(service.port, sign_in(service.port, users), journal, Random(0))
        try:
            yield client
        finally:
            client.close()
