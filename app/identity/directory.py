"""Who somebody is, read once and kept until the identity tables change."""

import threading

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.database import Database
from app.core.text import Text
from app.identity.errors import NotSignedIn
from app.identity.models import identity_version, permission_grant, role, role_alias, role_holding, unit, user_account
from app.identity.office import Actor, Grant, Holding, Office, Role, Unit

# Ask for this beside whatever a command locks first: it tells whether what is cached is still true.
VERSION = sa.select(identity_version.c.value).scalar_subquery().label("identity_version")

_MOST_ACTORS = 10_000


class Directory:
    """Caches the office and its people in one process; `fresh` makes sure that nothing old decides.

    Every change of people, units or roles raises `identity_version` in its own transaction, so a cached actor is right
    exactly as long as its version is the one in the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._office: Office | None = None
        self._actors: dict[str, Actor] = {}

    def cached(self, username: str) -> Actor | None:
        """Return a person as last read, without asking the database; null if he was not read yet."""
        return self._actors.get(username)

    def actor(self, username: str) -> Actor:
        """Return a person, read now.

        Raises:
            NotSignedIn: there is no such active person.
        """
        with self._database.read() as connection:
            return self.load(connection, username)

    def fresh(self, connection: Connection, actor: Actor, version: int | None = None) -> Actor:
        """Return the actor as he is now; `version` is the present one where the caller has read it already."""
        if version is None:
            version = connection.execute(sa.select(VERSION)).scalar_one()
        return actor if actor.office.version == version else self.load(connection, actor.username)

    def office(self, connection: Connection) -> Office:
        """Return the office as it is now."""
        version = connection.execute(sa.select(VERSION)).scalar_one()
        office = self._office
        if office is None or office.version != version:
            office = self._office = _load_office(connection, version)
        return office

    def load(self, connection: Connection, username: str) -> Actor:
        """Return a person as the database has him now.

        Raises:
            NotSignedIn: there is no such active person.
        """
        office = self.office(connection)
        person = connection.execute(
            sa.select(user_account.c.id, user_account.c.name).where(
                user_account.c.username == username, user_account.c.is_active
            )
        ).one_or_none()
        if person is None:
            self._actors.pop(username, None)
            raise NotSignedIn(
                Text("Akun ini tidak ada atau sudah ditutup.", "This account does not exist or is closed.")
            )
        held = sa.select(
            role_holding.c.role_key,
            role_holding.c.unit_id,
            role_holding.c.kind,
            role_holding.c.letter,
            role_holding.c.valid_from,
            role_holding.c.valid_to,
        ).where(role_holding.c.user_id == person.id)
        granted = sa.select(
            permission_grant.c.permission,
            permission_grant.c.unit_id,
            permission_grant.c.valid_from,
            permission_grant.c.valid_to,
        ).where(permission_grant.c.user_id == person.id)
        actor = Actor(
            username=username,
            name=person.name,
            holdings=tuple(Holding(*row) for row in connection.execute(held)),
            grants=tuple(Grant(*row) for row in connection.execute(granted)),
            office=office,
        )
        with self._lock:
            if len(self._actors) >= _MOST_ACTORS:
                self._actors.clear()
            self._actors[username] = actor
        return actor


def _load_office(connection: Connection, version: int) -> Office:
    units = [
        Unit(*row)
        for row in connection.execute(
            sa.select(unit.c.id, unit.c.key, unit.c.name, unit.c.kind, unit.c.parent_id, unit.c.time_zone)
        )
    ]
    roles = [
        Role(*row)
        for row in connection.execute(
            sa.select(role.c.key, role.c.name, role.c.reports_to, role.c.kind, role.c.reach).order_by(role.c.key)
        )
    ]
    aliases = connection.execute(sa.select(role_alias.c.unit_id, role_alias.c.alias, role_alias.c.role_key))
    return Office(
        version=version,
        units={one.id: one for one in units},
        roles={one.key: one for one in roles},
        aliases={(row.unit_id, row.alias): row.role_key for row in aliases},
    )
