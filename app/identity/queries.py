"""What an administrator sees of people, roles and units."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core import paging
from app.core.paging import Order
from app.core.problems import Invalid
from app.core.search import begins_word
from app.core.text import Text
from app.identity.models import permission_grant, role_holding, user_account
from app.identity.office import Actor, Grant, Holding, Office
from app.identity.people import Person, find_person, lasts, people_of
from app.identity.policy import administered_units, ensure_knows

SORTS: Mapping[str, sa.ColumnElement[Any]] = {
    "name": user_account.c.name,
    "username": user_account.c.username,
    "created_at": user_account.c.created_at,
}


class PersonFilter(NamedTuple):
    """Which people are listed: whose account is open or closed, or all (null); whose names begin with all words."""

    is_active: bool | None
    words: Sequence[str]


def list_people(
    connection: Connection,
    actor: Actor,
    now: datetime,
    narrowed: PersonFilter,
    *,
    sort: str | None = None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """Return a page of the people whom the actor administers, by name, with what each holds or will hold.

    Raises:
        Forbidden: he administers nothing.
        Invalid: the list cannot be sorted so.
    """
    name, descending = paging.parse_sort(sort, list(SORTS), "name")
    account = user_account.c
    query = sa.select(user_account).where(_known(actor, administered_units(actor, now)))
    if narrowed.is_active is not None:
        query = query.where(account.is_active == narrowed.is_active)
    for word in narrowed.words:
        query = query.where(sa.or_(begins_word(account.name, word), begins_word(account.username, word)))
    order = Order((SORTS[name], account.id), descending)
    page = paging.fetch(connection, query, order, limit=limit, cursor=cursor)
    people = people_of(connection, page.rows)
    return {
        "items": [person_json(person, actor.office, now, lasting=True) for person in people],
        "next_cursor": page.next_cursor,
    }


def _known(actor: Actor, units: frozenset[UUID]) -> sa.ColumnElement[bool]:
    """Return the condition of `Person.known_in`: he holds, or held, something in these units; or nothing anywhere."""
    of_account = [table.c.user_id == user_account.c.id for table in (role_holding, permission_grant)]
    held, granted = (sa.exists().where(condition) for condition in of_account)
    known = sa.or_(
        held.where(role_holding.c.unit_id.in_(units)),
        granted.where(permission_grant.c.unit_id.in_(units)),
    )
    if units.isdisjoint(actor.office.roots):
        return known
    return sa.or_(known, sa.and_(~held, ~granted))


def show_person(connection: Connection, actor: Actor, username: str, now: datetime) -> dict[str, Any]:
    """Return a person with all that he holds, held or will hold.

    Raises:
        Forbidden: the actor administers nothing.
        NotFound: he knows no such person.
    """
    person = ensure_knows(actor, find_person(connection, username), username, now)
    return person_json(person, actor.office, now)


def person_json(person: Person, office: Office, now: datetime, *, lasting: bool = False) -> dict[str, Any]:
    """Return a person as the API shows him; `lasting` leaves out what has ended."""
    return {
        "username": person.username,
        "name": person.name,
        "is_active": person.is_active,
        "created_at": person.created_at,
        "roles": [
            {
                "key": one.role_key,
                "name": office.roles[one.role_key].name,
                "kind": one.kind,
                "letter": one.letter,
                **_period(one, office, now),
            }
            for one in person.holdings
            if not lasting or lasts(one, office, now)
        ],
        "permissions": [
            {"permission": one.permission, **_period(one, office, now)}
            for one in person.grants
            if not lasting or lasts(one, office, now)
        ],
    }


def _period(held: Holding | Grant, office: Office, now: datetime) -> dict[str, Any]:
    if not lasts(held, office, now):
        state = "ended"
    else:
        state = "current" if held.valid_from <= office.today(held.unit_id, now) else "coming"
    return {
        "unit": office.units[held.unit_id].key,
        "unit_name": office.units[held.unit_id].name,
        "valid_from": held.valid_from,
        "valid_to": held.valid_to,
        "state": state,
    }


def list_roles(connection: Connection, actor: Actor, now: datetime, unit_key: str | None = None) -> dict[str, Any]:
    """Return all roles with who holds each now: whoever serves the named unit in it, else any unit of the actor's.

    Raises:
        Forbidden: the actor administers nothing.
        Invalid: he administers no unit of that key.
    """
    office, units = actor.office, administered_units(actor, now)
    if unit_key is not None:
        unit = office.unit_keys.get(unit_key)
        if unit is None or unit.id not in units:
            said = Text(f"Anda tidak mengelola unit '{unit_key}'.", f"You administer no unit '{unit_key[:200]}'.")
            raise Invalid(said, errors=[{"pointer": "?unit", "message": said.en}])
        units = frozenset({unit.id})
    holders = _holders(connection, office, units, now)
    owners = units.union(*(office.ancestors(one) for one in units))
    aliases: dict[str, list[str]] = {}
    for (owner, alias), role_key in sorted(office.aliases.items(), key=lambda one: one[0][1]):
        if owner in owners:
            aliases.setdefault(role_key, []).append(alias)
    return {
        "items": [
            {
                "key": role.key,
                "name": role.name,
                "kind": role.kind,
                "reach": role.reach,
                "reports_to": role.reports_to,
                "aliases": list(dict.fromkeys(aliases.get(role.key, []))),
                "holders": holders.get(role.key, []),
            }
            for role in office.roles.values()
        ]
    }


def _holders(
    connection: Connection, office: Office, units: frozenset[UUID], now: datetime
) -> dict[str, list[dict[str, Any]]]:
    held, account = role_holding.c, user_account.c
    columns = (held.role_key, held.unit_id, held.kind, held.letter, held.valid_from, held.valid_to)
    query = (
        sa.select(account.username, account.name, *columns)
        .join(user_account, account.id == held.user_id)
        .where(account.is_active, held.valid_from <= max(office.todays(now)))
        .where(sa.or_(held.valid_to.is_(None), held.valid_to >= min(office.todays(now))))
        .order_by(account.name, account.username)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(query):
        holding = Holding(*row[2:])
        period = _period(holding, office, now)
        if period.pop("state") == "current" and units & office.served_from(holding.role_key, holding.unit_id):
            person = {"username": row.username, "name": row.name, "kind": holding.kind, "letter": holding.letter}
            found.setdefault(holding.role_key, []).append({**person, **period})
    return found


def list_units(actor: Actor, now: datetime) -> dict[str, Any]:
    """Return the units that the actor administers, those above before those below; `parent` may be another's.

    Raises:
        Forbidden: there are none.
    """
    office = actor.office
    found = [office.units[one] for one in administered_units(actor, now)]
    found.sort(key=lambda unit: (len(office.ancestors(unit.id)), unit.name, unit.key))
    return {
        "items": [
            {
                "key": unit.key,
                "name": unit.name,
                "kind": unit.kind,
                "parent": None if unit.parent_id is None else office.units[unit.parent_id].key,
                "time_zone": unit.time_zone,
            }
            for unit in found
        ]
    }
