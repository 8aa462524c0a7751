"""Accounts of people whom a provider has proved: found by its subject, and given the roles of its claim.

What a claim gives is taken again when the claim does not give it any more; what a person gave by hand stays. An account
is never found by a name or an address of mail, which a provider may give to somebody else: whoever has an account
already is linked to his subject by somebody on the server (`alur user link`).
"""

import hashlib
import re
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from app.core.problems import Conflict
from app.core.text import Text
from app.core.unit_of_work import UnitOfWork
from app.identity.commands import add_person
from app.identity.directory import Directory
from app.identity.errors import NotSignedIn
from app.identity.holdings import RoleGiven, add_role
from app.identity.models import provider_identity, role_holding, user_account
from app.identity.office import SYSTEM, Actor, system_actor
from app.identity.people import Person, find_person
from app.identity.provider import Proved
from app.identity.record import raise_version, record

_log = structlog.get_logger("alur.provider")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._@-]+", re.ASCII)
_LONGEST_USERNAME = 64
_LONGEST_NAME = 200


class AccountClosed(NotSignedIn):
    """The provider knows him, and his account here is closed."""

    code = "account-closed"
    title = "The account is closed"


def welcome(uow: UnitOfWork, directory: Directory, *, proved: Proved, password_hash: str, now: datetime) -> str:
    """Return the user name of somebody whom a provider has proved, with an account made and roles as they are now.

    `password_hash` is that of a password which nobody has, for a new account.

    Raises:
        AccountClosed: his account was closed.
    """
    office = directory.office(uow.reader)
    service = system_actor(office, "administer", office.roots)
    row = uow.execute(
        sa.select(user_account.c.username, user_account.c.is_active)
        .join(provider_identity, provider_identity.c.user_id == user_account.c.id)
        .where(provider_identity.c.issuer == proved.issuer, provider_identity.c.subject == proved.subject)
    ).one_or_none()
    if row is not None and not row.is_active:
        raise AccountClosed(Text("Akun Anda sudah ditutup.", "Your account is closed."))
    username = row.username if row is not None else _add(uow, service, proved, password_hash, now)
    person = find_person(uow.connection, username)
    assert person is not None
    _follow_claim(uow, service, person, proved, now)
    return username


def link(uow: UnitOfWork, *, actor: Actor, username: str, issuer: str, subject: str, now: datetime) -> None:
    """Let an account be that of a subject of a provider, for whoever is known to be the same person.

    Raises:
        Conflict: there is no such account, or the subject has one.
    """
    raise_version(uow)
    person = find_person(uow.connection, username)
    if person is None:
        raise Conflict(f"There is no user '{username}'. alur user list shows those there are.")
    there = sa.select(provider_identity.c.user_id).where(
        provider_identity.c.issuer == issuer, provider_identity.c.subject == subject
    )
    if uow.execute(there).first() is not None:
        raise Conflict("This subject has an account already: it signed in before, or was linked.")
    _link(uow, actor, person, issuer, subject, now)


def _add(uow: UnitOfWork, service: Actor, proved: Proved, password_hash: str, now: datetime) -> str:
    username = _free_username(uow, proved)
    name = (proved.name or username)[:_LONGEST_NAME]
    add_person(uow, actor=service, username=username, name=name, password_hash=password_hash, now=now)
    person = find_person(uow.connection, username)
    assert person is not None
    _link(uow, service, person, proved.issuer, proved.subject, now)
    return username


def _link(uow: UnitOfWork, actor: Actor, person: Person, issuer: str, subject: str, now: datetime) -> None:
    row = {"issuer": issuer, "subject": subject, "user_id": person.id}
    uow.execute(sa.insert(provider_identity), row)
    home = actor.office.nearest_to_root(person.places(actor.office, now))
    data = {"username": person.username, "issuer": issuer, "subject": subject}
    record(uow, "person.linked", actor=actor.username, unit_id=home, now=now, data=data)


def _free_username(uow: UnitOfWork, proved: Proved) -> str:
    """Return a name for a new account: what the provider calls him, with something of his subject if it is taken."""
    mark = hashlib.sha256(f"{proved.issuer} {proved.subject}".encode()).hexdigest()[:12]
    wanted = _NOT_IN_A_NAME.sub("-", proved.username or "").strip("._@-")[:_LONGEST_USERNAME]
    if not wanted or wanted == SYSTEM:
        return f"pengguna-{mark}"
    if find_person(uow.connection, wanted) is None:
        return wanted
    return f"{wanted[: _LONGEST_USERNAME - len(mark) - 1]}-{mark}"


def _follow_claim(uow: UnitOfWork, service: Actor, person: Person, proved: Proved, now: datetime) -> None:
    office = service.office
    wanted: set[tuple[str, str]] = set()
    for one in proved.roles:
        role, _, unit = one.partition("@")
        if role in office.roles and unit in office.unit_keys:
            wanted.add((role, unit))
        else:
            _log.warning("claim_names_no_role", username=person.username, claim=one[:200])
    held = role_holding.c
    rows = uow.execute(
        sa.select(held.id, held.role_key, held.unit_id, held.valid_from, held.valid_to, held.source).where(
            held.user_id == person.id
        )
    ).all()
    lasting = [row for row in rows if row.valid_to is None or row.valid_to >= office.today(row.unit_id, now)]
    there = {(row.role_key, office.units[row.unit_id].key) for row in lasting}
    old = [
        row
        for row in lasting
        if row.source == proved.issuer and (row.role_key, office.units[row.unit_id].key) not in wanted
    ]
    if old or wanted - there:
        raise_version(uow)
    for row in old:
        last = office.today(row.unit_id, now) - timedelta(days=1)
        uow.execute(sa.update(role_holding).where(held.id == row.id), {"valid_to": last})
        place = office.units[row.unit_id]
        data = {"username": person.username, "role": row.role_key, "unit": place.key, "valid_to": last}
        told = {**data, "source": proved.issuer}
        record(uow, "role.taken", actor=SYSTEM, unit_id=place.id, now=now, data=told)
    for role, unit_key in sorted(wanted - there):
        given = RoleGiven(role, unit_key)
        add_role(uow, actor=service, person=person, given=given, now=now, source=proved.issuer)
