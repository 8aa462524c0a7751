"""Who listens to whom, and which tables there are: the one page that knows all rooms."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit import models as _audit_models
from app.audit import trail
from app.audit.keys import TrailKey
from app.audit.sealing import seal_when_due
from app.audit.written_heads import write_heads
from app.core import counters, idempotency
from app.core.chores import Chore, Chores
from app.core.clock import Clock, SystemClock
from app.core.database import Database, metadata
from app.core.events import Listener
from app.core.metrics import Depth
from app.core.settings import Settings
from app.definitions import models as _definition_models
from app.definitions.catalogue import Catalogue
from app.demo import models as _demo_models
from app.demo.clock import ShiftedClock
from app.identity import models as _identity_models
from app.identity.directory import Directory
from app.identity.models import unit
from app.instances import models as _instance_models
from app.instances.depths import count_what_waits
from app.instances.signals import deliver
from app.instances.timers import fire_due, overdue
from app.tasks import drafts
from app.tasks import models as _task_models

# Each event is heard in this order, inside the transaction of its act. The counters come last, so that their rows are
# locked for as short a time as can be.
LISTENERS: tuple[Listener, ...] = (trail.record, counters.raise_counter)

# Importing the tables is what makes them part of the metadata.
TABLES = (
    _audit_models,
    _definition_models,
    _demo_models,
    _identity_models,
    _instance_models,
    _task_models,
    counters,
    idempotency,
)

METADATA = metadata

# What a database needs that begins anew at an earlier moment, in the transaction that restores it.
AFTER_RESTORE: tuple[Callable[[Connection], object], ...] = (
    lambda connection: counters.skip_ahead(connection, connection.execute(sa.select(unit.c.id)).scalars()),
)


def office_clock(settings: Settings, database: Database, real: Clock) -> Clock:
    """Return the clock of the office: the real one, but in a demonstration one that somebody may have moved on."""
    return ShiftedClock(database, real) if settings.environment == "demo" else real


def heads_file(settings: Settings) -> Path:
    """Return the file to which heads of the trail are written out."""
    return settings.data_dir / "trail-heads.jsonl"


def seal_trail(database: Database, key: TrailKey | None, heads: Path, now: datetime) -> None:
    """Seal the trail if it is time, and write out what this machine's file of heads does not have yet."""
    seal_when_due(database, key, now)
    with database.read() as connection:
        write_heads(connection, heads)


def chores_of(
    database: Database,
    directory: Directory,
    catalogue: Catalogue,
    clock: Clock,
    *,
    trail_key: TrailKey | None,
    heads: Path,
) -> Chores:
    """Return what a server or a worker does beside answering; `clock` is the office's, which may be shifted.

    An answer is kept for a day of real time, and a head tells real time, whatever day the office has.
    """
    real = SystemClock()
    return Chores(
        [
            Chore("timers", 1, lambda: fire_due(database, directory, catalogue, clock)),
            Chore("signals", 1, lambda: deliver(database, directory, catalogue, clock)),
            Chore("connections in use", 1, database.sample),
            Chore("drafts", 3600, lambda: database.write(lambda uow: drafts.sweep(uow, clock.now()))),
            Chore("kept answers", 3600, lambda: database.write(lambda uow: idempotency.sweep(uow, real.now()))),
            Chore("trail heads", 60, lambda: seal_trail(database, trail_key, heads, real.now())),
            *([Chore("shifted clock", 1, clock.refresh)] if isinstance(clock, ShiftedClock) else []),
        ]
    )


def lag(connection: Connection, chores: Chores, clock: Clock) -> float:
    """Return for how many seconds the job that is due longest has been due: a timer of anybody, a chore of this one."""
    return max(overdue(connection, clock.now()), chores.overdue())


def depths_of(connection: Connection, chores: Chores, clock: Clock) -> Iterator[Depth]:
    """Yield what the metrics tell of the database and of the chores of this process."""
    yield from count_what_waits(connection, clock.now())
    yield Depth.of_one(
        "alur_chore_lag_seconds", "For how long a chore of the process that answers has been due.", chores.overdue()
    )
