"""Acts on units, roles and accounts; every one raises the identity version, so that no cache outlives it.

Whatever changes people does so first of all: the row of the version makes such acts follow one another.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core import metrics
from app.core.ids import new_id
from app.core.problems import Conflict, Invalid, pointer
from app.core.text import Text, is_blank
from app.core.unit_of_work import UnitOfWork
from app.identity.errors import NameTaken, OldPasswordWrong, WrongCredentials
from app.identity.holdings import PermissionGiven, RoleGiven, add_permission, add_role
from app.identity.models import role, role_alias, unit, user_account
from app.identity.office import SYSTEM, Actor, fold
from app.identity.passwords import Passwords
from app.identity.people import Person, find_person
from app.identity.policy import administered_units, ensure_knows, ensure_may_add_to, ensure_may_change_account
from app.identity.record import raise_version, record
from app.identity.sessions import close_sessions

# A user name stands in addresses, and before the colon of basic credentials.
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)
_LONGEST_NAME = 200


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
        metrics.SIGN_INS_REFUSED.inc()
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
    raise_version(uow)


def add_person(
    uow: UnitOfWork,
    *,
    actor: Actor,
    username: str,
    name: str,
    password_hash: str,
    roles: Sequence[RoleGiven] = (),
    permissions: Sequence[PermissionGiven] = (),
    now: datetime,
) -> None:
    """Open an account of somebody, with what he holds from the beginning.

    That tells to which units he belongs; whoever holds nothing is known to those alone who administer the topmost.

    Raises:
        Forbidden: the actor may not give all of it, or nothing is given and he does not administer the topmost units.
        NameTaken: there is an account of that name.
        Invalid: a name is empty or cannot be one, or something is given that there is not.
    """
    administered_units(actor, now)
    raise_version(uow)
    if is_blank(username) or is_blank(name):
        raise Invalid(
            Text(
                "Pengguna perlu nama pengguna, nama dan kata sandi.",
                "A user needs a user name, a name and a password.",
            ),
            errors=[{"pointer": pointer(field), "message": "This is empty."} for field in _blank(username, name)],
        )
    if not _USERNAME.fullmatch(username) or username == SYSTEM or len(name) > _LONGEST_NAME:
        raise _unfit_name(username)
    if find_person(uow.connection, username) is not None:
        raise NameTaken(
            Text(f"Nama pengguna '{username}' sudah dipakai.", f"There is a user '{username}' already."),
            errors=[{"pointer": pointer("username"), "message": "This name is taken."}],
        )
    office = actor.office
    if not office.units:
        raise Conflict("There is no unit yet to which anybody could belong. Set up the office first: alur setup.")
    given = [*(one.unit for one in roles), *(one.unit for one in permissions)]
    units = [office.unit_keys[key].id for key in given if key in office.unit_keys]
    person = Person(new_id(), username, name.strip(), True, now, (), ())
    home = office.nearest_to_root(units or office.roots)
    if not roles and not permissions:
        ensure_may_add_to(actor, office.roots, now)
    account = {"id": person.id, "username": username, "name": person.name, "password_hash": password_hash}
    uow.execute(sa.insert(user_account), {**account, "is_active": True, "created_at": now})
    data = {"username": username, "name": person.name}
    record(uow, "person.added", actor=actor.username, unit_id=home, now=now, data=data)
    for place, role_given in enumerate(roles):
        with _placed("roles", place):
            add_role(uow, actor=actor, person=person, given=role_given, now=now)
    for place, permission_given in enumerate(permissions):
        with _placed("permissions", place):
            add_permission(uow, actor=actor, person=person, given=permission_given, now=now)


@contextmanager
def _placed(*place: str | int) -> Iterator[None]:
    """Let a refusal of one thing in a list say where in the list it stands."""
    try:
        yield
    except Invalid as refusal:
        refusal.errors = [{**error, "pointer": pointer(*place) + error["pointer"]} for error in refusal.errors]
        raise


def _blank(username: str, name: str) -> list[str]:
    return [field for field, text in (("username", username), ("name", name)) if is_blank(text)]


def _unfit_name(username: str) -> Invalid:
    wrong = "name" if _USERNAME.fullmatch(username) and username != SYSTEM else "username"
    message = (
        Text(
            f"Nama paling panjang {_LONGEST_NAME} karakter.",
            f"A name has at most {_LONGEST_NAME} characters.",
        )
        if wrong == "name"
        else Text(
            "Nama pengguna terdiri atas huruf tanpa tanda, angka, titik, garis bawah, @ atau tanda hubung, paling "
            f"panjang 64 karakter, dan bukan '{SYSTEM}'.",
            "A user name has letters without accents, digits, full stops, underscores, @ or hyphens, at most 64 "
            f"characters, and is not '{SYSTEM}', which stands for the service.",
        )
    )
    return Invalid(message, errors=[{"pointer": pointer(wrong), "message": message.en}])


def close_account(uow: UnitOfWork, *, actor: Actor, username: str, now: datetime) -> None:
    """Close an account: its person is signed out at once and comes in no more; what he did and held stays.

    Raises:
        NotFound: the actor knows no such person.
        Forbidden: it is his own account, or reaches further than he administers.
        Conflict: it is closed already.
    """
    person = _person_to_change(uow, actor, username, now)
    if not person.is_active:
        raise Conflict(Text("Akun ini sudah ditutup.", "This account is closed already."))
    uow.execute(sa.update(user_account).where(user_account.c.id == person.id), {"is_active": False})
    close_sessions(uow, person.id)
    _record(uow, "person.closed", actor, person, now)


def reopen_account(uow: UnitOfWork, *, actor: Actor, username: str, now: datetime) -> None:
    """Open an account again that was closed, with what its person holds today.

    Raises:
        NotFound: the actor knows no such person.
        Forbidden: it reaches further than he administers.
        Conflict: it is not closed.
    """
    person = _person_to_change(uow, actor, username, now)
    if person.is_active:
        raise Conflict(Text("Akun ini tidak sedang ditutup.", "This account is not closed."))
    uow.execute(sa.update(user_account).where(user_account.c.id == person.id), {"is_active": True})
    _record(uow, "person.reopened", actor, person, now)


def set_password(uow: UnitOfWork, *, actor: Actor, username: str, password_hash: str, now: datetime) -> None:
    """Replace somebody's password; all his sessions end.

    Raises:
        NotFound: the actor knows no such person.
        Forbidden: it is his own account, or reaches further than he administers.
    """
    person = _person_to_change(uow, actor, username, now)
    _replace_password(uow, actor, person, password_hash, now)


def ensure_own_password(connection: Connection, passwords: Passwords, *, actor: Actor, password: str) -> None:
    """Make sure that somebody who wants another password knows his present one.

    Raises:
        OldPasswordWrong: he does not.
    """
    try:
        sign_in(connection, passwords, username=actor.username, password=password)
    except WrongCredentials:
        said = Text("Kata sandi lama keliru.", "The old password is wrong.")
        raise OldPasswordWrong(said, errors=[{"pointer": pointer("old_password"), "message": said.en}]) from None


def change_own_password(uow: UnitOfWork, *, actor: Actor, password_hash: str, now: datetime) -> int:
    """Replace one's own password, behind `ensure_own_password`; all one's sessions end, and it says how many."""
    raise_version(uow)
    person = find_person(uow.connection, actor.username)
    assert person is not None
    return _replace_password(uow, actor, person, password_hash, now)


def _replace_password(uow: UnitOfWork, actor: Actor, person: Person, password_hash: str, now: datetime) -> int:
    uow.execute(sa.update(user_account).where(user_account.c.id == person.id), {"password_hash": password_hash})
    ended = close_sessions(uow, person.id)
    _record(uow, "person.password-set", actor, person, now)
    return ended


def _person_to_change(uow: UnitOfWork, actor: Actor, username: str, now: datetime) -> Person:
    raise_version(uow)
    person = ensure_knows(actor, find_person(uow.connection, username), username, now)
    ensure_may_change_account(actor, person, now)
    return person


def _record(uow: UnitOfWork, kind: str, actor: Actor, person: Person, now: datetime) -> None:
    home = actor.office.nearest_to_root(person.places(actor.office, now))
    record(uow, kind, actor=actor.username, unit_id=home, now=now, data={"username": person.username})
