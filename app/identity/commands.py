"""Acts on people, units and roles; every one raises the identity version, so that no cache outlives it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.ids import new_id
from app.core.problems import Invalid, NotFound
from app.core.text import Text, is_blank
from app.core.unit_of_work import UnitOfWork
from app.identity.errors import NameTaken, WrongCredentials
from app.identity.models import (
    identity_version,
    permission_grant,
    role,
    role_alias,
    role_holding,
    unit,
    user_account,
)
from app.identity.office import fold
from app.identity.passwords import Passwords
from app.identity.sessions import close_sessions

PERMISSIONS = ("administer", "deploy", "audit", "work")


class NewUnit(NamedTuple):
    """A unit to be set up; `parent` is the key of the unit above it."""

    key: str
    name: str
    kind: str
    parent: str | None
    time_zone: str


class NewRole(NamedTuple):
    """A role to be set up, with the names that lanes give it."""

    key: str
    name: str
    reports_to: str | None
    kind: str
    reach: str
    aliases: Sequence[str]


def sign_in(connection: Connection, passwords: Passwords, *, username: str, password: str) -> str:
    """Check a name and a password; returns the name as it is kept.

    Raises:
        WrongCredentials: one of them is wrong, or the account is closed.
    """
    row = connection.execute(
        sa.select(user_account.c.username, user_account.c.password_hash).where(
            user_account.c.username == username, user_account.c.is_active
        )
    ).one_or_none()
    if not passwords.matches(password, row.password_hash if row is not None else None) or row is None:
        raise WrongCredentials(Text("Nama pengguna atau kata sandi salah.", "The user name or the password is wrong."))
    return str(row.username)


def set_up_office(uow: UnitOfWork, *, units: Sequence[NewUnit], roles: Sequence[NewRole]) -> None:
    """Create units and roles that are not there yet; aliases belong to the first unit and hold below it.

    Units come with those above them first, roles in any order.
    """
    known = {row.key: row.id for row in uow.execute(sa.select(unit.c.key, unit.c.id))}
    for new in units:
        if new.key not in known:
            known[new.key] = new_id()
            values = new._asdict()
            parent = values.pop("parent")
            row = {**values, "id": known[new.key], "parent_id": known[parent] if parent else None}
            uow.execute(sa.insert(unit), {**row, "chain_head": bytes(32)})
    there = set(uow.execute(sa.select(role.c.key)).scalars())
    for new_role in roles:
        if new_role.key not in there:
            row = {**new_role._asdict(), "reports_to": None}
            del row["aliases"]
            uow.execute(sa.insert(role), row)
    for new_role in roles:
        if new_role.reports_to is not None and new_role.key not in there:
            uow.execute(sa.update(role).where(role.c.key == new_role.key), {"reports_to": new_role.reports_to})
    owner = known[units[0].key]
    aliased = set(uow.execute(sa.select(role_alias.c.alias).where(role_alias.c.unit_id == owner)).scalars())
    for new_role in roles:
        for alias in {fold(alias) for alias in new_role.aliases} - aliased:
            uow.execute(sa.insert(role_alias), {"unit_id": owner, "alias": alias, "role_key": new_role.key})
    _changed(uow)


def add_user(uow: UnitOfWork, passwords: Passwords, *, username: str, name: str, password: str, now: datetime) -> UUID:
    """Open an account.

    Raises:
        NameTaken: there is an account of that name.
        Invalid: a name or the password is empty.
    """
    if is_blank(username) or is_blank(name) or not password:
        raise Invalid("A user needs a user name, a name and a password.")
    if uow.execute(sa.select(user_account.c.id).where(user_account.c.username == username)).first() is not None:
        raise NameTaken(f"There is a user '{username}' already.")
    user_id = new_id()
    row = {"id": user_id, "username": username, "name": name, "password_hash": passwords.hash(password)}
    uow.execute(sa.insert(user_account), {**row, "is_active": True, "created_at": now})
    _changed(uow)
    return user_id


def set_password(uow: UnitOfWork, passwords: Passwords, *, username: str, password: str) -> None:
    """Replace a person's password; whoever is signed in by the old one no longer is.

    Raises:
        NotFound: there is no such account.
    """
    if not password:
        raise Invalid("The password must not be empty.")
    user_id = uow.execute(sa.select(user_account.c.id).where(user_account.c.username == username)).scalar_one_or_none()
    if user_id is None:
        raise NotFound(f"There is no user '{username}'.")
    uow.execute(
        sa.update(user_account).where(user_account.c.id == user_id), {"password_hash": passwords.hash(password)}
    )
    close_sessions(uow, user_id)
    _changed(uow)


def give_role(
    uow: UnitOfWork,
    *,
    user_id: UUID,
    role_key: str,
    unit_key: str,
    valid_from: date,
    valid_to: date | None = None,
    kind: str = "definitif",
    letter: str | None = None,
) -> None:
    """Let a person hold a role in a unit for a period; an acting one (plt, plh) needs its letter and its last day.

    Raises:
        Invalid: there is no such role or unit, or an acting holder has no letter or no last day.
        NameTaken: he holds it there already in that period.
    """
    if kind != "definitif" and (letter is None or valid_to is None):
        raise Invalid("An acting holder (plt, plh) needs a letter and a last day.")
    known = sorted(uow.execute(sa.select(role.c.key)).scalars())
    if role_key not in known:
        raise Invalid(f"There is no role '{role_key}'. Known: {', '.join(known)}.")
    unit_id = _unit(uow, unit_key).id
    _ensure_not_held(uow, _role_held(user_id, role_key, unit_id), f"{role_key}@{unit_key}", valid_from, valid_to)
    row: Mapping[str, Any] = {
        "id": new_id(),
        "user_id": user_id,
        "role_key": role_key,
        "unit_id": unit_id,
        "kind": kind,
        "letter": letter,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
    uow.execute(sa.insert(role_holding), row)
    _changed(uow)


def give_permission(
    uow: UnitOfWork,
    *,
    user_id: UUID,
    permission: str,
    unit_key: str,
    valid_from: date,
    valid_to: date | None = None,
) -> None:
    """Let a person administer, deploy or audit, or a program work, in a unit and below it, for a period.

    Raises:
        Invalid: there is no such permission or unit.
        NameTaken: he has it there already in that period.
    """
    if permission not in PERMISSIONS:
        raise Invalid(f"There is no permission '{permission}'. There are: {', '.join(PERMISSIONS)}.")
    unit_id = _unit(uow, unit_key).id
    _ensure_not_held(uow, _granted(user_id, permission, unit_id), f"{permission}@{unit_key}", valid_from, valid_to)
    row = {
        "id": new_id(),
        "user_id": user_id,
        "unit_id": unit_id,
        "permission": permission,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
    uow.execute(sa.insert(permission_grant), row)
    _changed(uow)


def take_role(uow: UnitOfWork, *, user_id: UUID, role_key: str, unit_key: str, now: datetime) -> None:
    """End a role that a person holds in a unit, or will hold; yesterday was its last day.

    Raises:
        Invalid: there is no such unit, or he does not hold it there.
    """
    where = _unit(uow, unit_key)
    _end(uow, _role_held(user_id, role_key, where.id), f"{role_key}@{unit_key}", where, now)


def take_permission(uow: UnitOfWork, *, user_id: UUID, permission: str, unit_key: str, now: datetime) -> None:
    """End a permission that a person has in a unit, or will have; yesterday was its last day.

    Raises:
        Invalid: there is no such unit, or he does not have it there.
    """
    where = _unit(uow, unit_key)
    _end(uow, _granted(user_id, permission, where.id), f"{permission}@{unit_key}", where, now)


def today_in(uow: UnitOfWork, unit_key: str, now: datetime) -> date:
    """Return the date of a moment where a unit is.

    Raises:
        Invalid: there is no such unit.
    """
    return _today(_unit(uow, unit_key), now)


def user_id_of(uow: UnitOfWork, username: str) -> UUID:
    """Return the id of an account.

    Raises:
        NotFound: there is no such account.
    """
    found: UUID | None = uow.execute(
        sa.select(user_account.c.id).where(user_account.c.username == username)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no user '{username}'. alur user list shows those there are.")
    return found


class _Held(NamedTuple):
    """Which rows say that a person holds something somewhere."""

    table: sa.Table
    these: sa.ColumnElement[bool]


def _role_held(user_id: UUID, role_key: str, unit_id: UUID) -> _Held:
    held = role_holding.c
    return _Held(role_holding, sa.and_(held.user_id == user_id, held.role_key == role_key, held.unit_id == unit_id))


def _granted(user_id: UUID, permission: str, unit_id: UUID) -> _Held:
    held = permission_grant.c
    return _Held(
        permission_grant, sa.and_(held.user_id == user_id, held.permission == permission, held.unit_id == unit_id)
    )


def _ensure_not_held(uow: UnitOfWork, held: _Held, what: str, valid_from: date, valid_to: date | None) -> None:
    """Refuse a period that has no day, or that meets another one of the same."""
    if valid_to is not None and valid_to < valid_from:
        raise Invalid(f"{what} would end on {valid_to}, before it begins on {valid_from}. Name a later last day.")
    period = held.table.c
    meets = sa.or_(period.valid_to.is_(None), period.valid_to >= valid_from)
    if valid_to is not None:
        meets = sa.and_(meets, period.valid_from <= valid_to)
    if uow.execute(sa.select(period.id).where(held.these, meets)).first() is not None:
        raise NameTaken(f"This user holds {what} already. To change its period or kind, take it first.")


def _end(uow: UnitOfWork, held: _Held, what: str, where: Any, now: datetime) -> None:
    today = _today(where, now)
    still = sa.or_(held.table.c.valid_to.is_(None), held.table.c.valid_to >= today)
    ended = uow.execute(sa.update(held.table).where(held.these, still), {"valid_to": today - timedelta(days=1)})
    if ended.rowcount == 0:
        raise Invalid(f"This user does not hold {what}. alur user list shows what everybody holds.")
    _changed(uow)


def _today(where: Any, now: datetime) -> date:
    return now.astimezone(ZoneInfo(where.time_zone)).date()


def _unit(uow: UnitOfWork, key: str) -> Any:
    """Return the id and the time zone of a unit."""
    found = uow.execute(sa.select(unit.c.id, unit.c.time_zone).where(unit.c.key == key)).one_or_none()
    if found is None:
        known = sorted(uow.execute(sa.select(unit.c.key)).scalars())
        raise Invalid(f"There is no unit '{key}'. Known: {', '.join(known)}.")
    return found


def _changed(uow: UnitOfWork) -> None:
    uow.execute(sa.update(identity_version).values(value=identity_version.c.value + 1))
