"""Fires due timers, a transaction for each instance, and tells how late it is with them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.clock import Clock
from app.core.database import Database
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.identity.directory import Directory
from app.instances.models import InstanceStatus, process_instance, wait
from app.instances.unattended import do_due, wake


def fire_due(database: Database, directory: Directory, catalogue: Catalogue, clock: Clock) -> int:
    """Fire timers that are due, the longest due first; returns how many instances moved.

    Any number of processes may do this: they share the instances among them, and each timer fires once.
    """
    now = clock.now()
    with database.read() as connection:
        office = directory.office(connection)

    def fire(uow: UnitOfWork, row: Any) -> bool:
        return wake(uow, catalogue, office=office, instance_id=row.instance_id, now=now)

    return do_due(database, catalogue, _CLAIM, fire, now)


def overdue(connection: Connection, now: datetime) -> float:
    """Return for how many seconds the timer that is due longest has been due; those of stopped instances wait."""
    oldest: datetime | None = connection.execute(_OLDEST_DUE, {"now": now}).scalar_one_or_none()
    return 0.0 if oldest is None else (now - oldest).total_seconds()


def _first_due(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .join_from(wait, process_instance, process_instance.c.id == wait.c.instance_id)
        .where(wait.c.due_at <= sa.bindparam("now"), process_instance.c.status == InstanceStatus.ACTIVE)
        .order_by(wait.c.due_at)
        .limit(1)
    )


_OLDEST_DUE = _first_due(wait.c.due_at)
# The wait is locked too: PostgreSQL looks again only at what it locks, and another process may have ended it just now.
_CLAIM = _first_due(wait.c.instance_id).with_for_update(of=[process_instance, wait], skip_locked=True)
