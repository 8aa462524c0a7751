"""Jobs that are done outside the transaction that asked for them: at least once, with tries over about a day.

A job is claimed in one transaction, done without any, and finished in another. The claim ends by time, so that what a
killed process had in hand is done by another; and it is a fence: only the last claim can finish the job. What is done
may so be done twice, and carries the job's id, by which whoever receives it can tell.
"""

import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa
import structlog

from app.core.clock import Clock
from app.core.database import Database
from app.core.ids import new_id
from app.core.unit_of_work import UnitOfWork
from app.jobs.models import job as job_table
from app.jobs.models import job_try

_log = structlog.get_logger("alur.jobs")

LEASE = timedelta(minutes=2)
"""How long a claim holds; a handler must be done well before."""
MOST_TRIES = 11
KEPT_FOR = timedelta(days=30)
_FIRST_PAUSE, _FACTOR, _LONGEST_PAUSE = 10.0, 3.0, 6 * 3600.0
_MOST_TOLD = 300


class Job(NamedTuple):
    """A job in hand; `tries` counts this one, and `claim` is what finishes it."""

    number: int
    id: UUID
    kind: str
    lane: str | None
    body: str
    created_at: datetime
    tries: int
    claim: int


class Outcome(NamedTuple):
    """What became of a try, and a short text about it for whoever looks."""

    result: Literal["done", "again", "never"]
    told: str


class Kind(NamedTuple):
    """How jobs of a kind are done, and what is told when one is given up, in the transaction that gives it up."""

    do: Callable[[Job], Outcome]
    give_up: Callable[[UnitOfWork, Job, Outcome], None]


def add(uow: UnitOfWork, *, kind: str, lane: str | None, body: str, now: datetime) -> UUID:
    """Add a job in the transaction of the caller; it is due at once."""
    job_id = new_id()
    row = {"id": job_id, "kind": kind, "lane": lane, "body": body, "created_at": now, "due_at": now}
    uow.write(_ADD, {**row, "state": "waiting", "tries": 0, "claim": 0})
    return job_id


def replay(uow: UnitOfWork, *, lane: str, job_id: UUID, now: datetime) -> bool:
    """Let a job of a lane that ended be done once more, with all its tries; returns whether it had ended."""
    replayed = uow.execute(
        sa.update(job_table)
        .where(job_table.c.id == job_id, job_table.c.lane == lane, job_table.c.state != "waiting")
        .values(state="waiting", due_at=now, tries=0, ended_at=None)
    )
    return replayed.rowcount == 1


def work(database: Database, kinds: Mapping[str, Kind], clock: Clock) -> int:
    """Do the job of these kinds that is due longest, for as long as it takes; returns how many were done, 0 or 1."""
    job = claim(database, list(kinds), clock.now())
    if job is None:
        return 0
    began, at = time.monotonic(), clock.now()
    outcome = _outcome(kinds[job.kind], job)
    took = timedelta(seconds=time.monotonic() - began)
    database.write(lambda uow: finish(uow, kinds[job.kind], job, outcome, at=at, took=took, now=clock.now()))
    return 1


def claim(database: Database, kinds: list[str], now: datetime) -> Job | None:
    """Claim the job that is due longest, null if there is none that is not in hand and whose lane is free."""
    if not kinds:
        return None
    due = _due(kinds, now)
    with database.read() as connection:
        if connection.execute(due.with_only_columns(job_table.c.number)).first() is None:
            return None

    def work(uow: UnitOfWork) -> Job | None:
        # On SQLite, nobody else may claim it between this look and the claim.
        row = uow.connection.execute(due.with_for_update(of=job_table, skip_locked=True)).first()
        if row is None:
            return None
        uow.execute(
            sa.update(job_table)
            .where(job_table.c.number == row.number)
            .values(tries=row.tries + 1, claim=row.claim + 1, claimed_until=now + LEASE)
        )
        return Job(
            row.number, row.id, row.kind, row.lane, row.body, row.created_at, tries=row.tries + 1, claim=row.claim + 1
        )

    try:
        return database.write(work)
    except sa.exc.IntegrityError:
        # Another process took another job of the lane in the same moment.
        return None


def finish(
    uow: UnitOfWork, kind: Kind, job: Job, outcome: Outcome, *, at: datetime, took: timedelta, now: datetime
) -> bool:
    """Write down what became of a job; returns False, and changes nothing, where its claim is not the last one."""
    ended, pause = outcome.result != "again", timedelta(0)
    if not ended:
        ended, pause = job.tries >= MOST_TRIES, pause_after(job.tries)
    held = uow.execute(
        sa.update(job_table)
        .where(job_table.c.number == job.number, job_table.c.claim == job.claim)
        .where(job_table.c.claimed_until.is_not(None))
        .values(
            state="done" if outcome.result == "done" else "dead" if ended else "waiting",
            due_at=now + pause,
            claimed_until=None,
            ended_at=now if ended else None,
        )
    )
    if held.rowcount != 1:
        _log.warning("job_claim_lost", job=str(job.id), kind=job.kind, claim=job.claim)
        return False
    uow.write(
        _TRIED,
        {
            "job_number": job.number,
            "claim": job.claim,
            "at": at,
            "milliseconds": int(took / timedelta(milliseconds=1)),
            "succeeded": outcome.result == "done",
            "told": outcome.told[:_MOST_TOLD],
        },
    )
    if ended and outcome.result != "done":
        kind.give_up(uow, job, outcome)
    return True


def pause_after(tries: int) -> timedelta:
    """Return how long to wait after so many failures: from 10 seconds up to 6 hours, a fifth more or less by chance.

    Eleven tries take about a day.
    """
    pause = min(_FIRST_PAUSE * _FACTOR ** (tries - 1), _LONGEST_PAUSE)
    return timedelta(seconds=pause * random.uniform(0.8, 1.2))


def sweep(uow: UnitOfWork, now: datetime) -> None:
    """Forget the jobs that ended thirty days ago."""
    uow.execute(sa.delete(job_table).where(job_table.c.ended_at < now - KEPT_FOR))


def _outcome(kind: Kind, job: Job) -> Outcome:
    if job.tries > MOST_TRIES:
        return Outcome("never", "It was begun again and again, and never ended: its process died each time.")
    try:
        return kind.do(job)
    except Exception as error:
        # A bug in one kind of job must not keep its lane for ever.
        _log.exception("job_failed", job=str(job.id), kind=job.kind)
        return Outcome("again", f"The service failed ({type(error).__name__}). Its log says where.")


def _due(kinds: list[str], now: datetime) -> sa.Select[Any]:
    other = job_table.alias("other")
    lane_taken = (
        sa.select(other.c.number)
        .where(other.c.lane == job_table.c.lane, other.c.number != job_table.c.number)
        .where(other.c.claimed_until.is_not(None))
    )
    return (
        sa.select(job_table)
        .where(job_table.c.state == "waiting", job_table.c.due_at <= now, job_table.c.kind.in_(kinds))
        .where(sa.or_(job_table.c.claimed_until.is_(None), job_table.c.claimed_until <= now))
        .where(~lane_taken.exists())
        .order_by(job_table.c.due_at, job_table.c.number)
        .limit(1)
    )


_ADD = sa.insert(job_table)
_TRIED = sa.insert(job_try)
