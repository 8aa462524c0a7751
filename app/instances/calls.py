"""What an instance runs: its definition, with what its call activities call, as that was in force at its start."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue, Definition
from app.definitions.errors import UnknownDefinition
from app.identity.office import Office
from app.instances.models import instance_call


def definition_of(connection: Connection, catalogue: Catalogue, instance_id: UUID, definition_id: str) -> Definition:
    """Return the definition of an instance; only one that calls others asks the database which."""
    definition = catalogue.get(connection, definition_id)
    if not definition.process.model.calls:
        return definition
    rows = connection.execute(
        sa.select(instance_call.c.process_key, instance_call.c.definition_id).where(
            instance_call.c.instance_id == instance_id
        )
    )
    return catalogue.composed(connection, definition, {row.process_key: row.definition_id for row in rows})


def resolve(
    connection: Connection, catalogue: Catalogue, definition: Definition, unit_id: UUID, office: Office, now: datetime
) -> dict[str, str]:
    """Return the versions in force now of all that a definition calls, directly or not: process id to definition id.

    A process that is not there is left out: putting the whole together tells which call misses it.
    """
    found: dict[str, str] = {}
    pending = [definition]
    while pending:
        for key in pending.pop().process.model.calls.values():
            if key in found:
                continue
            if key == definition.key:
                found[key] = definition.id
                continue
            try:
                called = catalogue.in_force(connection, key=key, unit_id=unit_id, office=office, now=now)
            except UnknownDefinition:
                continue
            found[key] = called.id
            pending.append(called)
    return found


def keep(uow: UnitOfWork, instance_id: UUID, called: Mapping[str, str]) -> None:
    """Write down what an instance calls."""
    rows = [{"instance_id": instance_id, "process_key": key, "definition_id": one} for key, one in called.items()]
    uow.write_rows(instance_call, rows)


def keep_anew(uow: UnitOfWork, instance_id: UUID, called: Mapping[str, str]) -> None:
    """Write down what an instance calls after a migration, in place of what it called before."""
    uow.write(_FORGET, {"of_instance": instance_id})
    keep(uow, instance_id, called)


_FORGET = sa.delete(instance_call).where(instance_call.c.instance_id == sa.bindparam("of_instance"))
