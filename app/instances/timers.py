"""Fires due timers, a transaction for each instance, and tells how late it is with them."""

from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.clock import Clock
from app.core.database import Database
from app.definitions.catalogue import Catalogue
from app.identity.directory import Directory
from app.instances.models import InstanceStatus, process_instance, wait
from app.instances.queries import next_due
from app.instances.unattended import move, wake


def fire_due(database: Database, directory: Directory, catalogue: Catalogue, clock: Clock) -> int:
    """Fire every timer that is due; returns how many instances moved.

    The instance is locked before it is asked, so any number of processes may do this: each timer fires once.
    """
    now = clock.now()
    with database.read() as connection:
        office, due = directory.office(connection), next_due(connection, now)
    moved = 0
    for instance_id in due:
        act = partial(wake, catalogue=catalogue, office=office, instance_id=instance_id, now=now)
        moved += move(database, catalogue, instance_id, act, now)
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
