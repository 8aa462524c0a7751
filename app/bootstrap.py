"""Who listens to whom, and which tables there are: the one page that knows all rooms."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit import feed, trail
from app.audit import models as _audit_models
from app.audit.keys import trail_key_of
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
from app.deliveries import commands, mail
from app.deliveries import models as _delivery_models
from app.deliveries.addresses import networks
from app.deliveries.news import tell_news
from app.deliveries.webhooks import relay, webhook_kind
from app.demo import models as _demo_models
from app.demo.clock import ShiftedClock
from app.identity import attempts
from app.identity import models as _identity_models
from app.identity.directory import Directory
from app.identity.models import unit
from app.instances import models as _instance_models
from app.instances.depths import count_what_waits
from app.instances.signals import deliver
from app.instances.timers import fire_due, overdue
from app.jobs import models as _job_models
from app.jobs import queue
from app.jobs.queue import Kind
from app.tasks import drafts
from app.tasks import models as _task_models

# Each event is heard in this order, inside the transaction of its act. The counters come last, so that their rows are
# locked for as short a time as can be.
LISTENERS: tuple[Listener, ...] = (trail.record, counters.raise_counter)

# Importing the tables is what makes them part of the metadata.
TABLES = (
    _audit_models,
    _definition_models,
    _delivery_models,
    _demo_models,
    _identity_models,
    _instance_models,
    _job_models,
    _task_models,
    counters,
    idempotency,
)

METADATA = metadata

# What a database needs that begins anew at an earlier moment, in the transaction that restores it.
AFTER_RESTORE: tuple[Callable[[Connection], object], ...] = (
    lambda connection: counters.skip_ahead(connection, connection.execute(sa.select(unit.c.id)).scalars()),
    feed.settle,
)


def office_clock(settings: Settings, database: Database, real: Clock) -> Clock:
    """Return the clock of the office: the real one, but in a demonstration one that somebody may have moved on."""
    return ShiftedClock(database, real) if settings.environment == "demo" else real


def heads_file(settings: Settings) -> Path:
    """Return the file to which heads of the trail are written out."""
    return settings.data_dir / "trail-heads.jsonl"


def seal_trail(settings: Settings, database: Database, now: datetime) -> None:
    """Seal the trail if it is time, and write out what this machine's file of heads does not have yet."""
    seal_when_due(database, trail_key_of(settings), now)
    with database.read() as connection:
        write_heads(connection, heads_file(settings))


def chores_of(
    settings: Settings, database: Database, directory: Directory, catalogue: Catalogue, clock: Clock
) -> Chores:
    """Return what a server or a worker does beside answering; `clock` is the office's, which may be shifted.

    An answer is kept for a day of real time, whatever day the office has; what goes out, its tries and heads of the
    trail tell real time too.
    """
    real = SystemClock()
    kinds = kinds_of(settings, database, real, clock)
    chores = [
        Chore("timers", 1, lambda: fire_due(database, directory, catalogue, clock)),
        Chore("signals", 1, lambda: deliver(database, directory, catalogue, clock)),
        Chore("webhooks", 1, lambda: relay(database, directory, real)),
        # One that waits for a slow receiver does not hold up the others.
        *(Chore(f"jobs {number}", 1, lambda: queue.work(database, kinds, real)) for number in range(1, SENDERS + 1)),
        Chore("connections in use", 1, database.sample),
        Chore("trail heads", 60, lambda: seal_trail(settings, database, real.now())),
        Chore("drafts", 3600, lambda: database.write(lambda uow: drafts.sweep(uow, clock.now()))),
        Chore("kept answers", 3600, lambda: database.write(lambda uow: idempotency.sweep(uow, real.now()))),
        Chore("failures to sign in", 600, lambda: database.write(lambda uow: attempts.sweep(uow, real.now()))),
        Chore("ended jobs", 3600, lambda: database.write(lambda uow: queue.sweep(uow, real.now()))),
    ]
    if mail.KIND in kinds:
        chores.append(Chore("news", 30, lambda: tell_news(database, directory, real, clock, settings.public_url)))
    if isinstance(clock, ShiftedClock):
        chores.append(Chore("shifted clock", 1, clock.refresh))
    return Chores(chores)


SENDERS = 3
"""How many jobs a process has in hand at once."""


def kinds_of(settings: Settings, database: Database, real: Clock, clock: Clock) -> Mapping[str, Kind]:
    """Return who does which kind of job; e-mail only where there is a server for it."""
    kinds = {commands.KIND: webhook_kind(database, networks(settings.webhook_allow), real, clock)}
    if settings.smtp_url is not None:
        server = mail.MailServer.of(settings.smtp_url.get_secret_value(), settings.mail_from)
        kinds[mail.KIND] = mail.mail_kind(server, real)
    return kinds


def lag(connection: Connection, chores: Chores, clock: Clock) -> float:
    """Return for how many seconds the job that is due longest has been due: a timer of anybody, a chore of this one."""
    return max(overdue(connection, clock.now()), chores.overdue())


def depths_of(connection: Connection, chores: Chores, clock: Clock) -> Iterator[Depth]:
    """Yield what the metrics tell of the database and of the chores of this process."""
    yield from count_what_waits(connection, clock.now())
    yield Depth.of_one(
        "alur_chore_lag_seconds", "For how long a chore of the process that answers has been due.", chores.overdue()
    )
