"""Fires due timers, a transaction for each instance, and tells how late it is with them."""

from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from app.core.clock import Clock
from app.core.database import Database
from app.definitions.catalogue import Catalogue
from app.identity.directory import Directory
from app.instances.commands import raise_incident, wake
from app.instances.errors import CannotMove
from app.instances.models import InstanceStatus, process_instance, wait
from app.instances.queries import next_due

_log = structlog.get_logger("alur.timers")


def fire_due(database: Database, directory: Directory, catalogue: Catalogue, clock: Clock) -> int:
    """Fire every timer that is due; returns how many instances moved.

    The instance is locked before it is asked, so any number of processes may do this: each timer fires once. Where the
    process cannot go on, nothing of it is kept and the instance becomes an incident, since nobody is there to be told.
    """
    now = clock.now()
    with database.read() as connection:
        office, due = directory.office(connection), next_due(connection, now)
    moved = 0
    for instance_id in due:
        try:
            moved += database.write(
                lambda uow, one=instance_id: wake(uow, catalogue, office=office, instance_id=one, now=now)  # type: ignore[misc]
            )
        except CannotMove as failure:
            _log.error("timer_failed", process_instance_id=str(instance_id), exc_info=failure)
            database.write(
                lambda uow, one=instance_id, why=failure.detail: raise_incident(  # type: ignore[misc]
                    uow, catalogue, instance_id=one, reason=why, now=now
                )
            )
    return moved


def overdue(connection: Connection, now: datetime) -> float:
    """Return for how many seconds the timer that is due longest has been due; those of stopped instances wait."""
    oldest: datetime | None = connection.execute(_OLDEST_DUE, {"now": now}).scalar_one_or_none()
    return 0.0 if oldest is None else (now - oldest).total_seconds()


_OLDEST_DUE = (
    sa.select(wait.c.due_at)
    .join(process_instance, process_instance.c.id == wait.c.instance_id)
    .where(wait.c.due_at <= sa.bindparam("now"), process_instance.c.status == InstanceStatus.ACTIVE)
    .order_by(wait.c.due_at)
    .limit(1)
)
