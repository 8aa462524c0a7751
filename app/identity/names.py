"""What people are called, for pages that would otherwise show user names."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.identity.models import role_holding, user_account
from app.identity.office import Office


def names_of(connection: Connection, usernames: Collection[str]) -> dict[str, str]:
    """Return the name of each person by his user name; one who is not known is left out."""
    if not usernames:
        return {}
    people = sa.select(user_account.c.username, user_account.c.name)
    return {row.username: row.name for row in connection.execute(people.where(user_account.c.username.in_(usernames)))}


def holders_of(
    connection: Connection, office: Office, roles: Collection[tuple[str, UUID]], now: datetime
) -> dict[str, str]:
    """Return who holds one of some roles now for instances of its unit: names by user names, in the names' order."""
    if not roles:
        return {}
    people = (
        sa.select(user_account.c.username, user_account.c.name, role_holding)
        .join(role_holding, role_holding.c.user_id == user_account.c.id)
        .where(user_account.c.is_active, role_holding.c.role_key.in_(sorted({key for key, _ in roles})))
        .order_by(user_account.c.name, user_account.c.username)
    )
    return {
        row.username: row.name
        for row in connection.execute(people)
        if office.holds(row.unit_id, row.valid_from, row.valid_to, now)
        and any(key == row.role_key and unit in office.served_from(row.role_key, row.unit_id) for key, unit in roles)
    }
