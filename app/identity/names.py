"""What people are called, for pages that would otherwise show user names."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.identity.models import user_account


def names_of(connection: Connection, usernames: Collection[str]) -> dict[str, str]:
    """Return the name of each person by his user name; one who is not known is left out."""
    if not usernames:
        return {}
    people = sa.select(user_account.c.username, user_account.c.name)
    return {row.username: row.name for row in connection.execute(people.where(user_account.c.username.in_(usernames)))}
