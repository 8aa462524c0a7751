"""The ends of all chains of the trail: those of the instances, and those of the units."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit.verifying import End
from app.identity.models import unit
from app.instances.models import process_instance


def ends_of_chains(connection: Connection) -> dict[str, End]:
    """Return where each chain ends, as the row says that its acts change."""
    of_cases = sa.select(process_instance.c.id, process_instance.c.chain_length, process_instance.c.chain_head)
    of_units = sa.select(unit.c.id, unit.c.chain_length, unit.c.chain_head)
    return {
        f"{prefix}{row.id}": End(row.chain_length, bytes(row.chain_head))
        for prefix, query in (("", of_cases), ("unit:", of_units))
        for row in connection.execute(query.execution_options(yield_per=1000))
    }
