"""Who listens to whom, and which tables there are: the one page that knows all rooms."""

from sqlalchemy.engine import Connection

from app.audit import models as _audit_models
from app.audit import trail
from app.core import counters, idempotency
from app.core.chores import Chore, Chores
from app.core.clock import Clock, SystemClock
from app.core.database import Database, metadata
from app.core.events import Listener
from app.core.settings import Settings
from app.definitions import models as _definition_models
from app.definitions.catalogue import Catalogue
from app.demo import models as _demo_models
from app.demo.clock import ShiftedClock
from app.identity import attempts
from app.identity import models as _identity_models
from app.identity.directory import Directory
from app.instances import models as _instance_models
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


def office_clock(settings: Settings, database: Database, real: Clock) -> Clock:
    """Return the clock of the office: the real one, but in a demonstration one that somebody may have moved on."""
    return ShiftedClock(database, real) if settings.environment == "demo" else real


def chores_of(database: Database, directory: Directory, catalogue: Catalogue, clock: Clock) -> Chores:
    """Return what a server or a worker does beside answering; `clock` is the office's, which may be shifted.

    An answer is kept for a day of real time, whatever day the office has.
    """
    real = SystemClock()
    return Chores(
        [
            Chore("timers", 1, lambda: fire_due(database, directory, catalogue, clock)),
            Chore("signals", 1, lambda: deliver(database, directory, catalogue, clock)),
            Chore("drafts", 3600, lambda: database.write(lambda uow: drafts.sweep(uow, clock.now()))),
            Chore("kept answers", 3600, lambda: database.write(lambda uow: idempotency.sweep(uow, real.now()))),
            Chore("failures to sign in", 600, lambda: database.write(lambda uow: attempts.sweep(uow, real.now()))),
            *([Chore("shifted clock", 1, clock.refresh)] if isinstance(clock, ShiftedClock) else []),
        ]
    )


def lag(connection: Connection, chores: Chores, clock: Clock) -> float:
    """Return for how many seconds the job that is due longest has been due: a timer of anybody, a chore of this one."""
    return max(overdue(connection, clock.now()), chores.overdue())
