"""Fills a database with the open tasks of a whole regency, past the service: 40 offices, each with its share."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.bootstrap import LISTENERS
from app.core.database import Database
from app.core.ids import new_id
from app.definitions.catalogue import Catalogue
from app.definitions.models import process_definition
from app.definitions.setup import shipped_sops
from app.identity.commands import NewUnit, set_up_office
from app.identity.first_office import OFFICE, PEMDA, roles
from app.identity.models import unit
from app.instances.models import InstanceStatus, TaskState, process_instance, user_task
from bench.office import PROCESS

OFFICES = 40
# Of five tasks one is in the office whose people ask, so that the share of who asks grows with the whole.
_OWN_SHARE = 5
_LATE_SHARE = 10
_ROWS = 5_000


def fill(url: str, tasks: int) -> None:
    """Add process instances with one open task each, and let the database count them.

    They stand at the activities of the SOP in turn; one in ten is late, none becomes so within the day.
    """
    database = Database(url, listeners=LISTENERS)
    try:
        database.write(
            lambda uow: set_up_office(
                uow,
                units=[
                    NewUnit(f"dinas_{n}", f"Dinas {n} (peragaan)", "perangkat_daerah", PEMDA, "Asia/Jakarta")
                    for n in range(1, OFFICES)
                ],
                roles=roles(shipped_sops().values()),
            )
        )
        database.write(lambda uow: _insert(uow.connection, tasks))
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    finally:
        database.close()


def _insert(connection: sa.Connection, tasks: int) -> None:
    rows = list(_rows(connection, tasks))
    for start in range(0, tasks, _ROWS):
        some = rows[start : start + _ROWS]
        connection.execute(sa.insert(process_instance), [instance for instance, _ in some])
        connection.execute(sa.insert(user_task), [task for _, task in some])


def _rows(connection: sa.Connection, tasks: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Make each instance with its task; the state of the engine is left out, as no list reads it."""
    definition_id = connection.execute(
        sa.select(process_definition.c.id).where(process_definition.c.key == PROCESS)
    ).scalar_one()
    definition = Catalogue().get(connection, definition_id)
    plans = [plan for plan in definition.tasks.items() if plan[1].role_key is not None]
    own = connection.execute(sa.select(unit.c.id).where(unit.c.key == OFFICE)).scalar_one()
    others = connection.execute(sa.select(unit.c.id).where(unit.c.key.like("dinas_%"))).scalars().all()
    now = datetime.now(UTC)
    for number in range(tasks):
        started = now - timedelta(seconds=60 * (tasks - number))
        unit_id = own if number % _OWN_SHARE == 0 else others[number % len(others)]
        element_id, plan = plans[number % len(plans)]
        due = (
            now - timedelta(hours=number % 500 + 1) if number % _LATE_SHARE == 0 else now + timedelta(hours=24 + number)
        )
        instance_id = new_id()
        instance = {
            "id": instance_id,
            "definition_id": definition.id,
            "definition_key": definition.key,
            "definition_version": definition.version,
            "unit_id": unit_id,
            "business_key": f"RENJA-{number}",
            "title": f"{definition.name} {number}",
            "status": InstanceStatus.ACTIVE,
            "started_at": started,
            "started_by": "sekretaris",
            "ended_at": None,
            "returns": 0,
            "state": b"",
            "version": 1,
            "taken": b'{"visits":{},"flows":{}}',
            "chain_length": 0,
            "chain_head": bytes(32),
        }
        task = dict.fromkeys(user_task.c.keys()) | {
            "id": new_id(),
            "instance_id": instance_id,
            "token": 1,
            "element_id": element_id,
            "name": plan.name,
            "activity_no": plan.activity_no,
            "visit": 1,
            "state": TaskState.OPEN,
            "lane": plan.lane,
            "role_key": plan.role_key,
            "unit_id": unit_id,
            "definition_key": definition.key,
            "priority": plan.priority,
            "created_at": started,
            "due_at": due,
            "due_order": due,
            "standard_time": plan.standard_time,
        }
        yield instance, task
