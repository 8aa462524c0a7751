"""Acts that nobody asked for: due timers, signals of others. Where one fails, the instance becomes an incident."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
import structlog

from app import engine
from app.core.database import Database
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.identity.office import Office
from app.instances.aggregate import SYSTEM, Instance, apply_step, ask_engine, lock
from app.instances.calls import definition_of
from app.instances.errors import CannotMove
from app.instances.models import InstanceStatus, signal_delivery

_log = structlog.get_logger("alur.unattended")

_HEARD = sa.delete(signal_delivery).where(
    signal_delivery.c.instance_id == sa.bindparam("of_instance"),
    signal_delivery.c.name == sa.bindparam("of_name"),
    signal_delivery.c.cause == sa.bindparam("of_cause"),
)


def move(
    database: Database, catalogue: Catalogue, instance_id: UUID, act: Callable[[UnitOfWork], bool], now: datetime
) -> bool:
    """Do an act on an instance in a transaction of its own; returns whether it moved.

    Where the process cannot go on, nothing of the act is kept, and a second transaction makes it an incident.
    """
    try:
        return database.write(act)
    except CannotMove as failure:
        why = failure.detail
        _log.error("instance_cannot_go_on", process_instance_id=str(instance_id), exc_info=failure)
        database.write(lambda uow: raise_incident(uow, catalogue, instance_id=instance_id, reason=why, now=now))
        return False


def wake(uow: UnitOfWork, catalogue: Catalogue, *, office: Office, instance_id: UUID, now: datetime) -> bool:
    """Fire the timers of one instance that are due; returns whether any was.

    Nobody acts here: the trail names the system.
    """
    row = lock(uow, instance_id)
    if row is None or row.status != InstanceStatus.ACTIVE:
        return False
    instance = Instance.of(row, definition_of(uow.reader, catalogue, row.instance_id, row.definition_id))
    step = ask_engine(lambda: engine.wake(instance.definition.process, instance.state, now=now))
    if step.state == instance.state:
        return False
    opened = apply_step(uow, instance, step, office=office, now=now)
    data = {"tokens": list(step.waits_closed), "opened": [task["element_id"] for task in opened]}
    instance.record(uow, "timer.fired", SYSTEM, now, data)
    instance.save(uow)
    return True


def hear(
    uow: UnitOfWork,
    catalogue: Catalogue,
    *,
    office: Office,
    instance_id: UUID,
    name: str,
    cause: str,
    depth: int,
    now: datetime,
) -> bool:
    """Let one instance hear a signal that was thrown for it, the `depth`th in a row; returns whether it moved.

    What it waited for when the signal was thrown may be over by now: then it hears nothing.
    """
    row = lock(uow, instance_id)
    if row is None or row.status != InstanceStatus.ACTIVE:
        return False
    uow.write(_HEARD, {"of_instance": instance_id, "of_name": name, "of_cause": cause})
    instance = Instance.of(row, definition_of(uow.reader, catalogue, row.instance_id, row.definition_id))
    step = ask_engine(lambda: engine.signal(instance.definition.process, instance.state, name, {}, now=now))
    if step.state == instance.state:
        return False
    opened = apply_step(uow, instance, step, office=office, now=now, depth=depth + 1)
    data = {"signal": name, "cause": cause, "opened": [task["element_id"] for task in opened]}
    instance.record(uow, "signal.received", SYSTEM, now, data)
    instance.save(uow)
    return True


def raise_incident(uow: UnitOfWork, catalogue: Catalogue, *, instance_id: UUID, reason: str, now: datetime) -> None:
    """Stop an active instance that could not go on by itself, and say why in its trail."""
    row = lock(uow, instance_id)
    if row is None or row.status != InstanceStatus.ACTIVE:
        return
    instance = Instance.of(row, definition_of(uow.reader, catalogue, row.instance_id, row.definition_id))
    instance.status = InstanceStatus.INCIDENT
    instance.record(uow, "incident.raised", SYSTEM, now, {"reason": reason})
    instance.save(uow)
