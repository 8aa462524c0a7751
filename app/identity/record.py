"""What every change of people tells: that caches are old, and the trail, on the chain of the unit it concerns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.events import Chain, Event
from app.core.unit_of_work import UnitOfWork
from app.identity.models import identity_version, unit


def raise_version(uow: UnitOfWork) -> None:
    """Make everything that is cached about people old, and wait until nobody else is changing them."""
    uow.execute(sa.update(identity_version).values(value=identity_version.c.value + 1))


def record(uow: UnitOfWork, kind: str, *, actor: str, unit_id: UUID, now: datetime, data: Mapping[str, Any]) -> None:
    """Record an act on the chain of a unit; `data` never holds a password, nor anything made from one.

    It is written at once, since an act may be followed by another on the same chain in the same transaction.
    """
    row = uow.execute(
        sa.select(unit.c.chain_length, unit.c.chain_head).where(unit.c.id == unit_id).with_for_update()
    ).one()
    chain = Chain(f"unit:{unit_id}", row.chain_length, row.chain_head)
    uow.record(Event(kind, actor, now, unit_id, chain, data))
    uow.write(sa.update(unit).where(unit.c.id == unit_id), {"chain_length": chain.length, "chain_head": chain.head})
    uow.flush()
