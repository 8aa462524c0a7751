"""How often anything changed in a unit: the version of every list that shows the unit.

A count is kept in shares, so that workers do not wait for each other's row, and is the sum of them. It is raised last
in the transaction of each act. The highest id or a sequence would not do: acts are committed in another order than they
are numbered, so a reader could take a version for complete that is not.
"""

import itertools
import os
import threading
from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from app.core.clock import SystemClock
from app.core.database import metadata
from app.core.events import Event
from app.core.unit_of_work import UnitOfWork

_SHARES = 16

unit_counter = sa.Table(
    "unit_counter",
    metadata,
    sa.Column("unit_id", sa.Uuid, primary_key=True),
    sa.Column("slot", sa.SmallInteger, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)


class _Share(threading.local):
    """The share that a thread of this process raises."""

    _numbers = itertools.count(os.getpid())

    def __init__(self) -> None:
        self.slot = next(self._numbers) % _SHARES


_share = _Share()
_RAISE = {
    name: insert(unit_counter)
    .values(unit_id=sa.bindparam("of_unit", type_=sa.Uuid), slot=sa.bindparam("of_slot"), value=1)
    .on_conflict_do_update(index_elements=["unit_id", "slot"], set_={"value": unit_counter.c.value + 1})
    for name, insert in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}


def raise_counter(uow: UnitOfWork, event: Event) -> None:
    """Count one act of a unit; a listener to every event."""
    uow.write(_RAISE[uow.dialect.name], {"of_unit": event.unit_id, "of_slot": _share.slot})


def skip_ahead(connection: Connection, unit_ids: Iterable[UUID]) -> None:
    """Set the versions of all units to what they never were, in a database that was restored.

    The counts of a copy are behind what clients have seen: counting on from there would tell them that nothing has
    changed. The share beside those that are raised takes the seconds of the present moment.
    """
    ahead = int(SystemClock().now().timestamp())
    connection.execute(sa.delete(unit_counter).where(unit_counter.c.slot == _SHARES))
    for unit_id in unit_ids:
        connection.execute(sa.insert(unit_counter).values(unit_id=unit_id, slot=_SHARES, value=ahead))
