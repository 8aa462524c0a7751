"""Lets instances hear the signals that others threw, a transaction for each."""

from functools import partial

import sqlalchemy as sa

from app.core.clock import Clock
from app.core.database import Database
from app.definitions.catalogue import Catalogue
from app.identity.directory import Directory
from app.instances.models import InstanceStatus, process_instance, signal_delivery
from app.instances.unattended import hear, move

_WAITING = (
    sa.select(signal_delivery.c.instance_id, signal_delivery.c.name, signal_delivery.c.cause, signal_delivery.c.depth)
    .join(process_instance, process_instance.c.id == signal_delivery.c.instance_id)
    .where(process_instance.c.status == InstanceStatus.ACTIVE)
    .order_by(signal_delivery.c.thrown_at, signal_delivery.c.cause, signal_delivery.c.instance_id)
    .limit(100)
)


def deliver(database: Database, directory: Directory, catalogue: Catalogue, clock: Clock) -> int:
    """Deliver the signals that were thrown, the oldest first; returns how many instances moved.

    A stopped instance hears them when it goes on. The instance is locked before it is asked, and what it heard is
    deleted with what it did, so any number of processes may do this: each hears a signal once.
    """
    now = clock.now()
    with database.read() as connection:
        office, waiting = directory.office(connection), connection.execute(_WAITING).all()
    moved = 0
    for row in waiting:
        act = partial(
            hear,
            catalogue=catalogue,
            office=office,
            instance_id=row.instance_id,
            name=row.name,
            cause=row.cause,
            depth=row.depth,
            now=now,
        )
        moved += move(database, catalogue, row.instance_id, act, now)
    return moved
