"""Which processes a person may start today."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.definitions.catalogue import Catalogue, Definition
from app.definitions.models import process_definition
from app.definitions.queries import form_json
from app.identity.office import Actor
from app.instances.commands import may_start, starting_units

_Versions = dict[tuple[UUID, str], list[tuple[str, date | None]]]


def startable(connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime) -> list[Definition]:
    """Return the definitions that `commands.start` would start for a person who names their keys alone, by name."""
    office = actor.office
    versions = _versions(connection, {owner for unit in starting_units(actor, now) for owner in _line(actor, unit)})
    found: dict[str, Definition] = {}
    for unit_id in starting_units(actor, now):
        today = office.today(unit_id, now)
        for key in {key for _, key in versions} - found.keys():
            name = _in_force(versions, key, _line(actor, unit_id), today)
            if name is None:
                continue
            definition = catalogue.get(connection, name)
            if may_start(actor, definition, unit_id, now):
                found[key] = definition
    return sorted(found.values(), key=lambda one: (one.name, one.key))


def list_startable(connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what may be started as clients get it, each with the form that starts it."""
    items = [
        {
            "id": one.id,
            "key": one.key,
            "version": one.version,
            "name": one.name,
            "unit": actor.office.units[one.unit_id].key,
            "activity_count": one.activity_count,
            "start_form": {"fields": form_json(one.process.model.start_form)},
        }
        for one in startable(connection, catalogue, actor, now)
    ]
    return {"items": items}


def _line(actor: Actor, unit_id: UUID) -> tuple[UUID, ...]:
    """Return a unit and those above it, the nearest first: where the processes that hold for it are looked for."""
    return (unit_id, *actor.office.ancestors(unit_id))


def _versions(connection: Connection, owners: set[UUID]) -> _Versions:
    table = process_definition.c
    query = sa.select(table.unit_id, table.key, table.id, table.effective_from).where(table.unit_id.in_(sorted(owners)))
    found: _Versions = {}
    for row in connection.execute(query.order_by(table.version.desc())):
        found.setdefault((row.unit_id, row.key), []).append((row.id, row.effective_from))
    return found


def _in_force(versions: _Versions, key: str, line: tuple[UUID, ...], today: date) -> str | None:
    """The highest version of the nearest owner that is in force; the rule is that of `Catalogue.in_force`."""
    for owner in line:
        for name, effective_from in versions.get((owner, key), ()):
            if effective_from is None or effective_from <= today:
                return name
    return None
