"""Timers under workers that race and are killed: `python -m tests.jobs.timers --count 2000`.

Instances wait for timers that are due at different moments, some are cancelled before, and several `alur worker` fire
them, real processes that are killed with SIGKILL and started again. What must hold is read from the trail: each timer
fired once and not before it was due, none of a cancelled instance, every chain whole, and no instance stopped.
`--fault` gives the workers a bug that this must find: `early` looks at a clock that is ahead, `unclaimed` fires what it
has seen due without claiming it. `--postgresql` runs it there; the seed is printed, and the same seed draws the same.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from app.audit import trail
from app.audit.models import event
from app.cli import main as alur
from app.core.clock import SystemClock
from app.core.database import Database
from app.core.unit_of_work import UnitOfWork
from app.instances import timers as firing
from app.instances import unattended
from app.instances.errors import CannotMove
from app.instances.models import InstanceStatus, process_instance, wait
from tests.databases import SqliteFiles, fill, running_postgresql
from tests.drawings import with_deadline
from tests.office import SECRET, Office, running_office

SECONDS = (1, 5, 10)
"""How long the timers wait."""
_LONGEST = timedelta(minutes=10)


@dataclass(frozen=True)
class Waiting:
    """An instance with its timer; `cancelled` is when it was cancelled, null if it was not."""

    instance_id: UUID
    due_at: datetime
    cancelled: bool


class Workers:
    """Some `alur worker` on a database, each a process of its own."""

    def __init__(self, url: str, count: int, fault: str | None) -> None:
        self._command = [sys.executable, "-m", "tests.jobs.timers", "--as-worker", fault or "none"]
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.getcwd(),
            "ALUR_ENVIRONMENT": "production",
            "ALUR_SECRET_KEY": SECRET,
            "ALUR_DATABASE_URL": url,
            "ALUR_LOG_LEVEL": "error",
        }
        self._running = [self._started() for _ in range(count)]
        for worker in self._running:
            _await_work(worker)

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def kill_some(self, times: int, random: Random) -> None:
        """Kill a worker so many times, a moment after it began, and start another in its place."""
        for _ in range(times):
            self._kill_one(random)

    def _kill_one(self, random: Random) -> None:
        place = random.randrange(len(self._running))
        worker = self._running[place]
        time.sleep(random.uniform(0, 0.5))
        worker.send_signal(signal.SIGKILL)
        _end(worker)
        self._running[place] = self._started()
        _await_work(self._running[place])

    def stop(self) -> list[int]:
        """Ask all of them to end, as an operator does; returns their exit statuses."""
        for worker in self._running:
            worker.send_signal(signal.SIGTERM)
        return [_end(worker) for worker in self._running]


def _await_work(worker: subprocess.Popen[bytes]) -> None:
    """Wait until a worker says that it works, or ends."""
    assert worker.stdout is not None
    worker.stdout.readline()


class Watch:
    """Sees with a clock of its own when timers have fired: what a worker writes down is by the worker's clock."""

    def __init__(self, database: Database) -> None:
        self.seen: dict[str, datetime] = {}
        self._database = database
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _look(self) -> None:
        fired = sa.select(event.c.chain_id).where(event.c.type == "timer.fired")
        while not self._stopping.wait(0.1):
            with self._database.read() as connection:
                chains = connection.execute(fired).scalars().all()
            now = SystemClock().now()
            for chain in chains:
                self.seen.setdefault(chain, now)


def _end(worker: subprocess.Popen[bytes]) -> int:
    status = worker.wait(60)
    if worker.stdout is not None:
        worker.stdout.close()
    return status


def prepare(office: Office, count: int, random: Random) -> list[Waiting]:
    """Start instances that wait for timers, and cancel each tenth before its timer is due."""
    files = {f"tenggat{seconds}": with_deadline(f"tenggat{seconds}", f"PT{seconds}S") for seconds in SECONDS}
    assert office.deploy("analis", **files).status_code == 201
    found = []
    for number in range(count):
        cancelled = number % 10 == 9
        seconds = SECONDS[-1] if cancelled else random.choice(SECONDS)
        instance = office.start("staf", f"tenggat{seconds}", variables={})
        due_at = datetime.fromisoformat(instance["waiting_for"][0]["due_at"])
        if cancelled:
            answer = office.post(f"process-instances/{instance['id']}/cancel", "staf", {"reason": "Salah."})
            assert answer.status_code == 200, answer.text
        found.append(Waiting(UUID(instance["id"]), due_at, cancelled))
    return found


def run(url: str, *, count: int, workers: int, kills: int, seed: int, fault: str | None = None) -> list[str]:
    """Let workers fire timers on a filled database; returns what was wrong, a sentence each."""
    random = Random(seed)
    with running_office(url, SystemClock()) as office:  # type: ignore[arg-type]
        at_work, watch = Workers(url, workers, fault), Watch(office.database)
        with ThreadPoolExecutor(1) as threads:
            killed = threads.submit(at_work.kill_some, kills, random)
            waiting = prepare(office, count, Random(seed))
            killed.result()
        last = max(one.due_at for one in waiting)
        end = datetime.now(last.tzinfo) + _LONGEST
        while datetime.now(last.tzinfo) < end and (datetime.now(last.tzinfo) <= last or _is_due(office.database)):
            time.sleep(0.1)
        statuses = at_work.stop()
        watch.stop()
        faults = [f"a worker ended with {status}" for status in statuses if status != 0]
        for one in waiting:
            faults += check(office.database, one)
            seen = watch.seen.get(str(one.instance_id))
            if seen is not None and seen < one.due_at:
                faults.append(f"{one.instance_id}: was seen fired at {seen}, due at {one.due_at}")
        return faults


def _is_due(database: Database) -> bool:
    with database.read() as connection:
        return firing.overdue(connection, SystemClock().now()) > 0


def check(database: Database, one: Waiting) -> Iterator[str]:
    """Yield what is wrong with an instance, by its trail and its row."""
    with database.read() as connection:
        row = connection.execute(sa.select(process_instance).where(process_instance.c.id == one.instance_id)).one()
        acts = connection.execute(
            sa.select(event.c.type, event.c.at, event.c.content)
            .where(event.c.chain_id == str(one.instance_id))
            .order_by(event.c.sequence)
        ).all()
        verdict = trail.verify(connection, str(one.instance_id), length=row.chain_length, head=bytes(row.chain_head))
    fired = [act.at for act in acts if act.type == "timer.fired"]
    opened = [orjson.loads(act.content)["data"]["opened"] for act in acts if act.type == "timer.fired"]
    if not verdict.valid:
        yield f"{one.instance_id}: {verdict.fault}"
    if len(fired) != (0 if one.cancelled else 1):
        yield f"{one.instance_id}: fired {len(fired)} times, cancelled: {one.cancelled}"
    if any(at < one.due_at for at in fired):
        yield f"{one.instance_id}: fired at {fired[0]}, due at {one.due_at}"
    if opened not in ([], [["naik"]]):
        yield f"{one.instance_id}: opened {opened}"
    if row.status != (InstanceStatus.CANCELLED if one.cancelled else InstanceStatus.ACTIVE):
        yield f"{one.instance_id}: is {row.status}"


def _see_early() -> None:
    now = SystemClock.now
    SystemClock.now = lambda self: now(self) + timedelta(seconds=3)  # type: ignore[method-assign]


def _fire_unclaimed() -> None:
    """Fire whatever is seen due, some at a time, without a lock between the look and the act."""
    seen = sa.select(wait.c.instance_id).where(wait.c.due_at <= sa.bindparam("now")).limit(20)

    def do_due(
        database: Database, catalogue: Any, claim: Any, act: Callable[[UnitOfWork, Any], bool], now: datetime
    ) -> int:
        if claim is not firing._CLAIM:
            return 0
        with database.read() as connection:
            rows = connection.execute(seen, {"now": now}).all()
        time.sleep(0.3)
        for row in rows:
            try:
                database.write(lambda uow, row=row: act(uow, row))  # type: ignore[misc]
            except CannotMove as failure:
                unattended._raise_incident_of(database, catalogue, row.instance_id, failure, now)
        return len(rows)

    vars(firing)["do_due"] = do_due


FAULTS: dict[str, Callable[[], None]] = {"early": _see_early, "unclaimed": _fire_unclaimed}


@contextmanager
def _database(postgresql: bool) -> Iterator[str]:
    if postgresql:
        with running_postgresql(f"timers-{os.getpid()}") as server:
            yield server.empty()
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield SqliteFiles(Path(folder)).empty()


def main() -> None:
    """Run it as the command line says; the exit status is 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--fault", choices=FAULTS)
    parser.add_argument("--as-worker", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.as_worker is not None:
        FAULTS.get(given.as_worker, lambda: None)()
        sys.argv = ["alur", "worker"]
        alur()
        return
    with _database(given.postgresql) as url:
        fill(url)
        began = time.monotonic()
        wrong = run(
            url,
            count=given.count,
            workers=given.workers,
            kills=given.kills,
            seed=given.seed,
            fault=given.fault,
        )
    took = time.monotonic() - began
    kind = "PostgreSQL" if given.postgresql else "SQLite"
    print(f"{kind}, seed {given.seed}: {given.count} timers, {given.kills} kills, {took:.0f} s, {len(wrong)} wrong")
    print("\n".join(wrong[:20]))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
