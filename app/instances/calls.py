"""What an instance runs: its definition, with what its call activities call, as that was in force at its start."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue, Definition
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


def keep(uow: UnitOfWork, instance_id: UUID, called: Mapping[str, str]) -> None:
    """Write down what an instance calls."""
    rows = [{"instance_id": instance_id, "process_key": key, "definition_id": one} for key, one in called.items()]
    uow.write_rows(instance_call, rows)


def keep_anew(uow: UnitOfWork, instance_id: UUID, called: Mapping[str, str]) -> None:
    """Write down what an instance calls after a migration, in place of what it called before."""
    uow.write(_FORGET, {"of_instance": instance_id})
    keep(uow, instance_id, called)


_FORGET = sa.delete(instance_call).where(instance_call.c.instance_id == sa.bindparam("of_instance"))
