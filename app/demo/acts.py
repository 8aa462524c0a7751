"""What is done to a demonstration itself, in the trail of its office like every other act."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit.models import event
from app.core.events import Chain, Event
from app.core.unit_of_work import UnitOfWork
from app.identity.first_office import OFFICE
from app.identity.models import unit
from app.identity.office import Office


class Place(NamedTuple):
    """The unit of the demonstration and the end of its chain, locked for one act."""

    unit_id: UUID
    chain: Chain


def lock_office(uow: UnitOfWork, office: Office) -> Place:
    """Lock the unit of the demonstration: acts on the demonstration follow one another. An act must be recorded."""
    unit_id = office.unit_keys[OFFICE].id
    ends = sa.select(unit.c.chain_length, unit.c.chain_head).where(unit.c.id == unit_id).with_for_update()
    row = uow.execute(ends).one()
    return Place(unit_id, Chain(_chain_id(unit_id), row.chain_length, row.chain_head))


def record(uow: UnitOfWork, place: Place, kind: str, actor: str, at: datetime, data: Mapping[str, Any]) -> None:
    """Add an act to the unit's chain."""
    uow.record(Event(kind, actor, at, place.unit_id, place.chain, data))
    ends = {"chain_length": place.chain.length, "chain_head": place.chain.head}
    uow.write(sa.update(unit).where(unit.c.id == place.unit_id), ends)


def has_happened(connection: Connection, office: Office, kind: str) -> bool:
    """Whether an act of this kind was ever recorded."""
    chain_id = _chain_id(office.unit_keys[OFFICE].id)
    found = sa.select(event.c.position).where(event.c.chain_id == chain_id, event.c.type == kind).limit(1)
    return connection.execute(found).first() is not None


def _chain_id(unit_id: UUID) -> str:
    return f"unit:{unit_id}"
