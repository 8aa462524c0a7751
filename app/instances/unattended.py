"""Acts that nobody asked for: due timers, signals of others. Where one fails, the instance becomes an incident.

What is due is claimed in the transaction that does it: the claim is the lock on the instance's row, which a process
loses with its life and its transaction. So any number of processes share the work, each act is done once, and none can
finish what it no longer holds (docs/decisions/0012-what-is-due.md).
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from app import engine
from app.core.database import Database
from app.core.problems import Unavailable
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.identity.office import Office
from app.instances.aggregate import SYSTEM, Instance, apply_step, ask_engine, lock
from app.instances.calls import definition_of
from app.instances.errors import CannotMove
from app.instances.models import InstanceStatus, signal_delivery

_log = structlog.get_logger("alur.unattended")

# After so many a chore lets its process look whether it should stop; what is left is done by the next run.
MOST_AT_ONCE = 100

_HEARD = sa.delete(signal_delivery).where(
    signal_delivery.c.instance_id == sa.bindparam("of_instance"),
    signal_delivery.c.name == sa.bindparam("of_name"),
    signal_delivery.c.cause == sa.bindparam("of_cause"),
)


def do_due(
    database: Database,
    catalogue: Catalogue,
    claim: sa.Select[Any],
    act: Callable[[UnitOfWork, Any], bool],
    now: datetime,
) -> int:
    """Do what is due, a transaction for each; returns how many instances moved.

    `claim` selects the first of what is due at `now` and locks its instance, named `instance_id`; on PostgreSQL it
    passes over what another process has claimed, on SQLite there is one writer. Where a process cannot go on, nothing
    of the act is kept, and a second transaction makes it an incident: it must not hold up those behind it.
    """
    moved = 0
    for _ in range(MOST_AT_ONCE):
        claimed: list[UUID] = []
        work = partial(_claim_and_act, claim=claim, act=act, now=now, claimed=claimed)
        try:
            moved += database.write(work)
        except Exception as failure:
            if not claimed or _is_of_database(failure):
                raise
            _raise_incident_of(database, catalogue, claimed[-1], failure, now)
        if not claimed:
            break
    return moved


def _claim_and_act(
    uow: UnitOfWork, claim: sa.Select[Any], act: Callable[[UnitOfWork, Any], bool], now: datetime, claimed: list[UUID]
) -> bool:
    # A transaction that is tried again may claim another instance, or none.
    claimed.clear()
    # On SQLite, nobody else may do it between this look and the act.
    _ = uow.connection
    row = uow.lock(claim, {"now": now})
    if row is None:
        return False
    claimed.append(row.instance_id)
    return act(uow, row)


def _is_of_database(failure: Exception) -> bool:
    """Whether it is the database that failed, and no instance of it: then all of them wait."""
    values_refused = isinstance(failure, sa.exc.IntegrityError | sa.exc.DataError)
    return isinstance(failure, sa.exc.SQLAlchemyError | Unavailable) and not values_refused


def _raise_incident_of(
    database: Database, catalogue: Catalogue, instance_id: UUID, failure: Exception, now: datetime
) -> None:
    _log.error("instance_cannot_go_on", process_instance_id=str(instance_id), exc_info=failure)
    if isinstance(failure, CannotMove):
        why = failure.detail
    else:
        why = f"The service failed when the process went on by itself ({type(failure).__name__}). Its log says where."
    database.write(lambda uow: raise_incident(uow, catalogue, instance_id=instance_id, reason=why, now=now))


def wake(uow: UnitOfWork, catalogue: Catalogue, *, office: Office, instance_id: UUID, now: datetime) -> bool:
    """Fire the timers of an instance that was claimed because one is due; returns whether it moved, which it must.

    Nobody acts here: the trail names the system.

    Raises:
        CannotMove: no gateway can decide, or the engine knows of no timer that is due.
    """
    row = lock(uow, instance_id)
    instance = Instance.of(row, definition_of(uow.reader, catalogue, row.instance_id, row.definition_id))
    step = ask_engine(lambda: engine.wake(instance.definition.process, instance.state, now=now))
    if step.state == instance.state:
        # It would be claimed again and again, before all others.
        raise CannotMove("A timer of this process is due, but the state of the process knows of none.")
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
    """Let an instance hear a signal that was claimed for it, the `depth`th in a row; returns whether it moved.

    What it waited for when the signal was thrown may be over by now: then it hears nothing.
    """
    row = lock(uow, instance_id)
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
