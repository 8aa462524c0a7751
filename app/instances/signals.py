"""Lets instances hear the signals that others threw, a transaction for each."""

from typing import Any

import sqlalchemy as sa

from app.core.clock import Clock
from app.core.database import Database
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.identity.directory import Directory
from app.instances.models import InstanceStatus, process_instance, signal_delivery
from app.instances.unattended import do_due, hear

_CLAIM = (
    sa.select(signal_delivery.c.instance_id, signal_delivery.c.name, signal_delivery.c.cause, signal_delivery.c.depth)
    .join(process_instance, process_instance.c.id == signal_delivery.c.instance_id)
    .where(process_instance.c.status == InstanceStatus.ACTIVE)
    .order_by(signal_delivery.c.thrown_at, signal_delivery.c.cause, signal_delivery.c.instance_id)
    .limit(1)
    .with_for_update(of=[process_instance, signal_delivery], skip_locked=True)
)


def deliver(database: Database, directory: Directory, catalogue: Catalogue, clock: Clock) -> int:
    """Deliver signals that were thrown, the oldest first; returns how many instances moved.

    A stopped instance hears them when it goes on. What an instance heard is deleted with what it did, so any number of
    processes may do this: each hears a signal once.
    """
    now = clock.now()
    with database.read() as connection:
        office = directory.office(connection)

    def let_hear(uow: UnitOfWork, row: Any) -> bool:
        return hear(
            uow,
            catalogue,
            office=office,
            instance_id=row.instance_id,
            name=row.name,
            cause=row.cause,
            depth=row.depth,
            now=now,
        )

    return do_due(database, catalogue, _CLAIM, let_hear, now)
