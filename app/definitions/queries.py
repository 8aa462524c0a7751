"""What may be asked about process definitions."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core import paging
from app.core.problems import NotFound
from app.core.search import begins_word
from app.definitions.catalogue import Catalogue, Definition, content_of
from app.definitions.models import definition_role, process_definition
from app.engine import FormField
from app.identity.office import Actor
from app.sop.changes import Difference
from app.sop.table import SopTable

SORTS: Mapping[str, sa.ColumnElement[Any]] = {"key": process_definition.c.key, "name": process_definition.c.name}


class DefinitionFilter(NamedTuple):
    """Which definitions a list shows, of each key and owner.

    `latest` leaves out all but the highest version, `in_force` all but the one that holds today; all of `words` must
    begin a word of the name or the key.
    """

    key: str | None = None
    latest: bool = False
    in_force: bool = False
    words: tuple[str, ...] = ()


def list_definitions(
    connection: Connection,
    actor: Actor,
    now: datetime,
    wanted: DefinitionFilter,
    *,
    sort: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """Return a page of the definitions that hold in the units of the caller, by key, the newest first."""
    name, descending = paging.parse_sort(sort, list(SORTS), "key")
    query = sa.select(process_definition).where(process_definition.c.unit_id.in_(units_of_definitions(actor, now)))
    if wanted.key is not None:
        query = query.where(process_definition.c.key == wanted.key)
    if wanted.latest:
        other = process_definition.alias()
        newer = sa.exists().where(
            other.c.unit_id == process_definition.c.unit_id,
            other.c.key == process_definition.c.key,
            other.c.version > process_definition.c.version,
        )
        query = query.where(~newer)
    if wanted.in_force:
        query = query.where(_in_force(actor, now))
    for word in wanted.words:
        query = query.where(
            sa.or_(begins_word(process_definition.c.name, word), begins_word(process_definition.c.key, word))
        )
    newest_first = (-process_definition.c.version).label("newest_first")
    order = paging.Order((SORTS[name], newest_first, process_definition.c.id), descending)
    page = paging.fetch(connection, query.add_columns(newest_first), order, limit=limit, cursor=cursor)
    return {"items": [_summary(row, actor) for row in page.rows], "next_cursor": page.next_cursor}


def _in_force(actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a version is the highest of those that have taken effect where its owner is."""
    owners: dict[date, list[UUID]] = {}
    for unit_id in actor.office.units:
        owners.setdefault(actor.office.today(unit_id, now), []).append(unit_id)

    def effective(table: Any) -> sa.ColumnElement[bool]:
        reached = [sa.and_(table.c.unit_id.in_(units), table.c.effective_from <= day) for day, units in owners.items()]
        return sa.or_(table.c.effective_from.is_(None), *reached)

    other = process_definition.alias()
    overtaken = sa.exists().where(
        other.c.unit_id == process_definition.c.unit_id,
        other.c.key == process_definition.c.key,
        other.c.version > process_definition.c.version,
        effective(other),
    )
    return sa.and_(effective(process_definition), ~overtaken)


def show_definition(
    connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime, definition_id: str
) -> dict[str, Any]:
    """Return a definition with its start form, messages and roles.

    Raises:
        NotFound: there is none, or it does not hold where the caller is.
    """
    row = visible_row(connection, actor, now, definition_id)
    definition = catalogue.get(connection, row.id)
    return {
        **_summary(row, actor),
        "start_form": {"fields": form_json(definition.process.model.start_form)},
        "messages": list(definition.process.model.messages),
        "roles": _roles(connection, definition),
    }


def definition_xml(connection: Connection, actor: Actor, now: datetime, definition_id: str) -> bytes:
    """Return the bytes that were deployed.

    Raises:
        NotFound: there is no such definition, or it does not hold where the caller is.
    """
    return content_of(connection, visible_row(connection, actor, now, definition_id).id)


def show_table(
    connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime, definition_id: str
) -> SopTable:
    """Return a definition as the table of its SOP.

    Raises:
        NotFound: there is none, or it does not hold where the caller is.
    """
    return catalogue.table(connection, visible_row(connection, actor, now, definition_id).id)


def show_difference(
    connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime, definition_id: str, other_id: str | None
) -> Difference:
    """Return what is different between a definition and another one, by default the version before it.

    The older one is what the difference starts from, whichever of the two is named first.

    Raises:
        NotFound: one of them does not hold where the caller is, or there is no version before.
    """
    row = visible_row(connection, actor, now, definition_id)
    other = visible_row(connection, actor, now, other_id) if other_id is not None else _version_before(connection, row)
    if other is None:
        raise NotFound("This is the first version. Name another definition to compare it with: ?to=ID.")
    old, new = (row, other) if row.version < other.version else (other, row)
    return catalogue.difference(connection, old.id, new.id)


def _version_before(connection: Connection, row: Any) -> Any:
    return connection.execute(
        sa.select(process_definition)
        .where(
            process_definition.c.unit_id == row.unit_id,
            process_definition.c.key == row.key,
            process_definition.c.version < row.version,
        )
        .order_by(process_definition.c.version.desc())
        .limit(1)
    ).one_or_none()


def form_json(form: Sequence[FormField]) -> list[dict[str, Any]]:
    """Return the fields of a form as clients get them."""
    return [
        {
            "id": field.id,
            "label": field.label,
            "type": str(field.type),
            "required": field.required,
            "options": [{"id": option, "label": label} for option, label in field.options],
            "default": field.default,
            "minimum": field.minimum,
            "maximum": field.maximum,
        }
        for field in form
    ]


def visible_row(connection: Connection, actor: Actor, now: datetime, definition_id: str) -> Any:
    """Return the row of a definition that holds where the caller is."""
    row = connection.execute(
        sa.select(process_definition).where(
            process_definition.c.id == definition_id, process_definition.c.unit_id.in_(units_of_definitions(actor, now))
        )
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no process definition '{definition_id[:200]}'.")
    return row


def deployed_together(connection: Connection, actor: Actor, now: datetime, deployment_id: UUID) -> Sequence[Any]:
    """Return the rows of the definitions that one deployment has made, by name.

    Raises:
        NotFound: there is no such deployment, or it does not hold where the caller is.
    """
    rows = connection.execute(
        sa.select(process_definition)
        .where(
            process_definition.c.deployment_id == deployment_id,
            process_definition.c.unit_id.in_(units_of_definitions(actor, now)),
        )
        .order_by(process_definition.c.name, process_definition.c.version)
    ).all()
    if not rows:
        raise NotFound(f"There is no deployment '{deployment_id}'.")
    return rows


def units_of_definitions(actor: Actor, now: datetime) -> list[UUID]:
    """Return the units whose definitions the caller sees: where he holds anything, and all above and below."""
    found: set[UUID] = set()
    for one in actor.home_units(now):
        found |= {*actor.office.subtree(one), *actor.office.ancestors(one)}
    return sorted(found)


def role_keys(connection: Connection, definition_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the roles that perform each of some definitions."""
    rows = connection.execute(
        sa.select(definition_role.c.definition_id, definition_role.c.role_key).where(
            definition_role.c.definition_id.in_(definition_ids)
        )
    )
    found: dict[str, set[str]] = {}
    for definition_id, role_key in rows:
        found.setdefault(definition_id, set()).add(role_key)
    return {definition_id: frozenset(keys) for definition_id, keys in found.items()}


def _roles(connection: Connection, definition: Definition) -> list[dict[str, str]]:
    rows = connection.execute(
        sa.select(definition_role.c.lane, definition_role.c.role_key).where(
            definition_role.c.definition_id == definition.id
        )
    ).all()
    order = {lane: index for index, lane in enumerate(definition.process.model.lanes)}
    return [
        {"key": row.role_key, "lane": row.lane} for row in sorted(rows, key=lambda row: order.get(row.lane, len(order)))
    ]


def _summary(row: Any, actor: Actor) -> dict[str, Any]:
    return {
        "id": row.id,
        "key": row.key,
        "version": row.version,
        "name": row.name,
        "version_tag": row.version_tag,
        "unit": actor.office.units[row.unit_id].key,
        "resource": row.resource,
        "deployment_id": row.deployment_id,
        "effective_from": row.effective_from,
        "activity_count": row.activity_count,
    }
