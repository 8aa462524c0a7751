"""Every chain of the trail against its end: those of the instances, and those of the units."""

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit import trail
from app.audit.trail import Verdict
from app.identity.models import unit
from app.instances.models import process_instance


class Checked(NamedTuple):
    """What checking all chains found; `faults` are those of broken ones, by the name of the chain."""

    chains: int
    events: int
    faults: dict[str, str]


def verify_all(connection: Connection) -> Checked:
    """Check every chain of the trail against its end in the database."""
    chains = events = 0
    faults: dict[str, str] = {}
    for chain_id, verdict in _verdicts(connection):
        chains, events = chains + 1, events + verdict.events
        if verdict.fault is not None:
            faults[chain_id] = verdict.fault
    return Checked(chains, events, faults)


def _verdicts(connection: Connection) -> Iterator[tuple[str, Verdict]]:
    instances = sa.select(process_instance.c.id, process_instance.c.chain_length, process_instance.c.chain_head)
    units = sa.select(unit.c.id, unit.c.chain_length, unit.c.chain_head)
    for before, query in (("", instances), ("unit:", units)):
        for row in connection.execute(query).all():
            chain_id = f"{before}{row.id}"
            yield chain_id, trail.verify(connection, chain_id, length=row.chain_length, head=row.chain_head)
