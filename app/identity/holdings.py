"""Acts on what people hold: roles and permissions in units, given for a period and taken again."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.problems import Invalid, pointer
from app.core.text import Text, is_blank
from app.core.unit_of_work import UnitOfWork
from app.identity.errors import NameTaken
from app.identity.models import permission_grant, role_holding
from app.identity.office import Actor, Office
from app.identity.people import Person, find_person
from app.identity.policy import (
    ensure_knows,
    ensure_may_give_permission,
    ensure_may_give_role,
    ensure_may_take,
)
from app.identity.record import raise_version, record

PERMISSIONS = ("administer", "deploy", "audit", "work")
KINDS = ("definitif", "plt", "plh")


class RoleGiven(NamedTuple):
    """A role to hold in a unit, by their keys; from today on where no first day is named, for good where no last is.

    An acting holder (`kind` plt or plh) needs the number of the letter that says so, and a last day.
    """

    role: str
    unit: str
    valid_from: date | None = None
    valid_to: date | None = None
    kind: str = "definitif"
    letter: str | None = None


class PermissionGiven(NamedTuple):
    """A permission to have in a unit and below it; its days are those of `RoleGiven`."""

    permission: str
    unit: str
    valid_from: date | None = None
    valid_to: date | None = None


def give_role(uow: UnitOfWork, *, actor: Actor, username: str, given: RoleGiven, now: datetime) -> None:
    """Let a person hold a role in a unit for a period.

    Raises:
        NotFound: the actor knows no such person.
        Forbidden: the role serves units that he does not administer.
        Invalid: there is no such role or unit, or an acting holder has no letter or no last day.
        NameTaken: the person holds it there already in that period.
    """
    raise_version(uow)
    person = ensure_knows(actor, find_person(uow.connection, username), username, now)
    add_role(uow, actor=actor, person=person, given=given, now=now)


def give_permission(uow: UnitOfWork, *, actor: Actor, username: str, given: PermissionGiven, now: datetime) -> None:
    """Let a person administer, deploy or audit, or a program work, in a unit and below it, for a period.

    Raises:
        NotFound: the actor knows no such person.
        Forbidden: he does not administer the unit.
        Invalid: there is no such permission or unit.
        NameTaken: the person has it there already in that period.
    """
    raise_version(uow)
    person = ensure_knows(actor, find_person(uow.connection, username), username, now)
    add_permission(uow, actor=actor, person=person, given=given, now=now)


def take_role(uow: UnitOfWork, *, actor: Actor, username: str, role: str, unit: str, now: datetime) -> None:
    """End a role that a person holds in a unit, or will hold; yesterday was its last day.

    Raises:
        NotFound: the actor knows no such person.
        Forbidden: he does not administer the unit.
        Invalid: there is no such unit, or the person does not hold it there.
    """
    raise_version(uow)
    person = ensure_knows(actor, find_person(uow.connection, username), username, now)
    unit_id = _unit_id(actor.office, unit)
    ensure_may_take(actor, person, unit_id, now)
    last = _end(uow, _role_held(person.id, role, unit_id), f"{role}@{unit}", actor.office.today(unit_id, now))
    data = {"username": person.username, "role": role, "unit": unit, "valid_to": last}
    record(uow, "role.taken", actor=actor.username, unit_id=unit_id, now=now, data=data)


def take_permission(uow: UnitOfWork, *, actor: Actor, username: str, permission: str, unit: str, now: datetime) -> None:
    """End a permission that a person has in a unit, or will have; yesterday was its last day.

    Raises:
        NotFound: the actor knows no such person.
        Forbidden: he does not administer the unit, or would take his own permission to administer.
        Invalid: there is no such unit, or the person does not have it there.
    """
    raise_version(uow)
    person = ensure_knows(actor, find_person(uow.connection, username), username, now)
    unit_id = _unit_id(actor.office, unit)
    ensure_may_take(actor, person, unit_id, now, permission)
    held = _granted(person.id, permission, unit_id)
    last = _end(uow, held, f"{permission}@{unit}", actor.office.today(unit_id, now))
    data = {"username": person.username, "permission": permission, "unit": unit, "valid_to": last}
    record(uow, "permission.taken", actor=actor.username, unit_id=unit_id, now=now, data=data)


def add_role(
    uow: UnitOfWork, *, actor: Actor, person: Person, given: RoleGiven, now: datetime, source: str | None = None
) -> None:
    """Let somebody who is known hold a role, refused as `give_role` is.

    `source` is the provider whose claim says so, null where a person does.
    """
    office = actor.office
    if given.role not in office.roles:
        raise _wrong("role", f"jabatan '{given.role}'", f"role '{given.role}'", office.roles)
    unit_id = _unit_id(office, given.unit)
    if given.kind not in KINDS:
        raise _wrong("kind", f"jenis '{given.kind}'", f"kind '{given.kind}'", KINDS)
    letter = None if given.letter is None or is_blank(given.letter) else given.letter.strip()
    if given.kind != "definitif" and (letter is None or given.valid_to is None):
        missing = "letter" if letter is None else "valid_to"
        said = Text(
            "Plt dan Plh memerlukan nomor surat perintah dan hari terakhir.",
            "An acting holder (plt, plh) needs a letter and a last day.",
        )
        raise Invalid(said, errors=[{"pointer": pointer(missing), "message": said.en}])
    ensure_may_give_role(actor, given.role, unit_id, now)
    first = given.valid_from or office.today(unit_id, now)
    held = _role_held(person.id, given.role, unit_id)
    _ensure_not_held(uow, held, f"{given.role}@{given.unit}", first, given.valid_to)
    data: dict[str, Any] = {**given._asdict(), "letter": letter, "valid_from": first}
    row = {"id": new_id(), "user_id": person.id, "role_key": given.role, "unit_id": unit_id, "kind": given.kind}
    period = {"letter": letter, "valid_from": first, "valid_to": given.valid_to}
    uow.execute(sa.insert(role_holding), {**row, **period, "source": source})
    told = {"username": person.username, **data, **({} if source is None else {"source": source})}
    record(uow, "role.given", actor=actor.username, unit_id=unit_id, now=now, data=told)


def add_permission(uow: UnitOfWork, *, actor: Actor, person: Person, given: PermissionGiven, now: datetime) -> None:
    """Let somebody who is known have a permission; refused as `give_permission` is."""
    office = actor.office
    if given.permission not in PERMISSIONS:
        what = f"permission '{given.permission}'. There are: {', '.join(PERMISSIONS)}."
        said = Text(f"Tidak ada wewenang '{given.permission}'.", f"There is no {what}")
        raise Invalid(said, errors=[{"pointer": pointer("permission"), "message": said.en}])
    unit_id = _unit_id(office, given.unit)
    ensure_may_give_permission(actor, unit_id, now)
    first = given.valid_from or office.today(unit_id, now)
    held = _granted(person.id, given.permission, unit_id)
    _ensure_not_held(uow, held, f"{given.permission}@{given.unit}", first, given.valid_to)
    row = {"id": new_id(), "user_id": person.id, "unit_id": unit_id, "permission": given.permission}
    uow.execute(sa.insert(permission_grant), {**row, "valid_from": first, "valid_to": given.valid_to})
    told = {"username": person.username, **given._asdict(), "valid_from": first}
    record(uow, "permission.given", actor=actor.username, unit_id=unit_id, now=now, data=told)


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
        said = Text(
            f"Hari terakhir ({valid_to}) lebih awal daripada hari pertama ({valid_from}).",
            f"{what} would end on {valid_to}, before it begins on {valid_from}. Name a later last day.",
        )
        raise Invalid(said, errors=[{"pointer": pointer("valid_to"), "message": said.en}])
    period = held.table.c
    meets = sa.or_(period.valid_to.is_(None), period.valid_to >= valid_from)
    if valid_to is not None:
        meets = sa.and_(meets, period.valid_from <= valid_to)
    # What was taken before it had begun lasts no day.
    lasted = sa.or_(period.valid_to.is_(None), period.valid_to >= period.valid_from)
    if uow.execute(sa.select(period.id).where(held.these, meets, lasted)).first() is not None:
        raise NameTaken(
            Text(
                "Orang ini sudah memegangnya pada masa itu. Untuk mengubah masa atau jenisnya, cabut dulu.",
                f"This user holds {what} already. To change its period or kind, take it first.",
            )
        )


def _end(uow: UnitOfWork, held: _Held, what: str, today: date) -> date:
    """End what lasts or will begin; returns its last day."""
    still = sa.or_(held.table.c.valid_to.is_(None), held.table.c.valid_to >= today)
    last = today - timedelta(days=1)
    ended = uow.execute(sa.update(held.table).where(held.these, still), {"valid_to": last})
    if ended.rowcount == 0:
        raise Invalid(
            Text(
                "Orang ini tidak memegangnya lagi.",
                f"This user does not hold {what}. alur user list shows what everybody holds.",
            )
        )
    return last


def _unit_id(office: Office, key: str) -> UUID:
    """Return the id of a unit."""
    if key not in office.unit_keys:
        raise _wrong("unit", f"unit '{key}'", f"unit '{key}'", office.unit_keys)
    return office.unit_keys[key].id


def _wrong(field: str, what_id: str, what_en: str, known: Sequence[str] | Any) -> Invalid:
    said = Text(f"Tidak ada {what_id}.", f"There is no {what_en}. Known: {', '.join(sorted(known))}.")
    return Invalid(said, errors=[{"pointer": pointer(field), "message": said.en}])
