"""The versions of a process: who deployed each and when, since when it holds, and how many cases run on it.

Cases are counted exactly up to 1,000, and the figure stays there.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.definitions.models import deployment, process_definition
from app.definitions.queries import visible_row
from app.identity.office import Actor
from app.instances.models import RUNNING, process_instance
from app.instances.policy import seen_by

MOST_COUNTED = 1_000


def list_versions(connection: Connection, actor: Actor, now: datetime, definition_id: str) -> list[dict[str, Any]]:
    """Return the versions of a definition's process in its unit, the newest first.

    In force is the highest version that has taken effect where the unit is; those above it are still to come. The cases
    that run are those that the actor sees or may migrate.

    Raises:
        NotFound: there is no such definition, or it does not hold where he is.
    """
    row = visible_row(connection, actor, now, definition_id)
    versions = connection.execute(
        sa.select(
            process_definition.c.id,
            process_definition.c.version,
            process_definition.c.version_tag,
            process_definition.c.effective_from,
            deployment.c.name.label("deployment_name"),
            deployment.c.deployed_by,
            deployment.c.deployed_at,
        )
        .join(deployment, deployment.c.id == process_definition.c.deployment_id)
        .where(process_definition.c.unit_id == row.unit_id, process_definition.c.key == row.key)
        .order_by(process_definition.c.version.desc())
    ).all()
    running = {one.definition_id: one.cases for one in count_running(connection, actor, now, [row.key])}
    today = actor.office.today(row.unit_id, now)
    effective = [one.id for one in versions if one.effective_from is None or one.effective_from <= today]
    return [
        {
            "id": one.id,
            "version": one.version,
            "version_tag": one.version_tag,
            "effective_from": one.effective_from,
            "deployment_name": one.deployment_name,
            "deployed_by": one.deployed_by,
            "deployed_at": one.deployed_at,
            "in_force": one.id in effective[:1],
            "yet_to_come": one.id not in effective,
            "running": running.get(one.id, 0),
        }
        for one in versions
    ]


class Running(NamedTuple):
    """How many cases run on a version of a process, at most `MOST_COUNTED`."""

    definition_id: str
    key: str
    unit_id: UUID
    version: int
    cases: int


def count_running(connection: Connection, actor: Actor, now: datetime, keys: Collection[str]) -> list[Running]:
    """Return how many cases have not ended, by version, the newest first: those that the actor sees or may migrate."""
    deploys = actor.units_with("deploy", now) | actor.units_with("administer", now)
    cases = (
        sa.select(process_instance.c.id)
        .where(
            process_instance.c.definition_id == process_definition.c.id,
            process_instance.c.unit_id.in_(sorted(actor.units_ever_seen)),
            process_instance.c.status.in_(RUNNING),
            sa.or_(seen_by(actor, now), process_instance.c.unit_id.in_(sorted(deploys))),
        )
        .limit(MOST_COUNTED)
        .correlate(process_definition)
        .subquery()
    )
    counted = connection.execute(
        sa.select(
            process_definition.c.id,
            process_definition.c.key,
            process_definition.c.unit_id,
            process_definition.c.version,
            sa.select(sa.func.count()).select_from(cases).scalar_subquery(),
        )
        .where(process_definition.c.key.in_(keys))
        .order_by(process_definition.c.version.desc())
    )
    return [running for row in counted if (running := Running(*row)).cases]
