"""People with all that they hold, held or will hold, for whoever administers them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.identity.models import permission_grant, role_holding, user_account
from app.identity.office import Grant, Holding, Office

_HOLDING = ("role_key", "unit_id", "kind", "letter", "valid_from", "valid_to")
_GRANT = ("permission", "unit_id", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Person:
    """An account; `holdings` and `grants` are those of all times, in the order of their first days."""

    id: UUID
    username: str
    name: str
    is_active: bool
    created_at: datetime
    holdings: tuple[Holding, ...]
    grants: tuple[Grant, ...]

    @property
    def _everything(self) -> list[Holding | Grant]:
        return [*self.holdings, *self.grants]

    def places(self, office: Office, now: datetime) -> frozenset[UUID]:
        """The units that he belongs to: where he holds something or will; else where he ever did; else the topmost."""
        lasting = frozenset(one.unit_id for one in self._everything if lasts(one, office, now))
        return lasting or self.known_in(office)

    def known_in(self, office: Office) -> frozenset[UUID]:
        """The units whose administrators know him: wherever he ever held something; the topmost, if nowhere."""
        return frozenset(one.unit_id for one in self._everything) or office.roots

    def reach(self, office: Office, now: datetime) -> frozenset[UUID]:
        """The units that whoever signs in as him can touch, now or later; at least those that he belongs to."""
        found = self.places(office, now)
        for holding in self.holdings:
            if lasts(holding, office, now):
                found |= office.served_from(holding.role_key, holding.unit_id)
        for grant in self.grants:
            if lasts(grant, office, now):
                found |= office.subtree(grant.unit_id)
        return found


def lasts(held: Holding | Grant, office: Office, now: datetime) -> bool:
    """Whether what is held has not ended; it may not have begun either."""
    return held.valid_to is None or held.valid_to >= office.today(held.unit_id, now)


def find_person(connection: Connection, username: str) -> Person | None:
    """Return a person by his user name, null if there is none."""
    rows = connection.execute(sa.select(user_account).where(user_account.c.username == username)).all()
    return next(iter(people_of(connection, rows)), None)


def people_of(connection: Connection, rows: Collection[Any]) -> list[Person]:
    """Return the people of rows of accounts, in their order; two queries read what they all hold."""
    holdings: dict[UUID, list[Holding]] = {row.id: [] for row in rows}
    grants: dict[UUID, list[Grant]] = {row.id: [] for row in rows}
    if rows:
        held, granted = role_holding.c, permission_grant.c
        query = sa.select(held.user_id, *(held[name] for name in _HOLDING)).where(held.user_id.in_(holdings))
        for row in connection.execute(query.order_by(held.valid_from, held.role_key)):
            holdings[row.user_id].append(Holding(*row[1:]))
        query = sa.select(granted.user_id, *(granted[name] for name in _GRANT)).where(granted.user_id.in_(grants))
        for row in connection.execute(query.order_by(granted.valid_from, granted.permission)):
            grants[row.user_id].append(Grant(*row[1:]))
    return [
        Person(
            id=row.id,
            username=row.username,
            name=row.name,
            is_active=row.is_active,
            created_at=row.created_at,
            holdings=tuple(holdings[row.id]),
            grants=tuple(grants[row.id]),
        )
        for row in rows
    ]
