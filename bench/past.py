"""Fills a database with a year that has passed: cases that ended, the visits of their steps, and their acts."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa

from app.audit.models import event
from app.bootstrap import LISTENERS
from app.core.database import Database
from app.core.ids import new_id
from app.definitions.catalogue import Catalogue, Definition
from app.definitions.models import process_definition
from app.identity.first_office import OFFICE
from app.identity.models import unit
from app.instances.models import InstanceStatus, TaskState, process_instance, user_task
from app.sop.table import RETURNED
from bench.office import PROCESS

# As in `fill`: of five cases one is of the office whose people ask.
_OWN_SHARE = 5
# One visit in twenty sends its case back.
_RETURNED_SHARE = 20
_DAYS = 360
_ROWS = 500

Row = dict[str, Any]


class _Case(NamedTuple):
    instance: Row
    visits: list[Row]
    acts: list[Row]


def add_past(url: str, cases: int) -> None:
    """Add cases of an SOP that ended within the last year, each step visited once, and let the database count them.

    The hashes of their acts are none: no list reads them.
    """
    database = Database(url, listeners=LISTENERS)
    try:
        database.write(lambda uow: _insert(uow.connection, cases))
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    finally:
        database.close()


def _insert(connection: sa.Connection, cases: int) -> None:
    made: list[_Case] = []
    for case in _cases(connection, cases):
        made.append(case)
        if len(made) == _ROWS:
            _store(connection, made)
            made.clear()
    _store(connection, made)


def _store(connection: sa.Connection, cases: Sequence[_Case]) -> None:
    if cases:
        connection.execute(sa.insert(process_instance), [case.instance for case in cases])
        connection.execute(sa.insert(user_task), [visit for case in cases for visit in case.visits])
        connection.execute(sa.insert(event), [act for case in cases for act in case.acts])


def _cases(connection: sa.Connection, cases: int) -> Iterator[_Case]:
    definition_id = connection.execute(
        sa.select(process_definition.c.id).where(process_definition.c.key == PROCESS)
    ).scalar_one()
    definition = Catalogue().get(connection, definition_id)
    own = connection.execute(sa.select(unit.c.id).where(unit.c.key == OFFICE)).scalar_one()
    others = connection.execute(sa.select(unit.c.id).where(unit.c.key.like("dinas_%"))).scalars().all()
    now = datetime.now(UTC)
    for number in range(cases):
        unit_id = own if number % _OWN_SHARE == 0 or not others else others[number % len(others)]
        yield _case(definition, unit_id, number, now - timedelta(days=_DAYS) * (1 - number / cases))


def _case(definition: Definition, unit_id: UUID, number: int, started: datetime) -> _Case:
    """Make a case that took an hour a step; every step is done by its role's demonstration user."""
    instance_id = new_id()
    acts = [_act(instance_id, unit_id, 1, "process_instance.started", "sekretaris", started, {})]
    visits: list[Row] = []
    moment = started
    for token, (element_id, plan) in enumerate(definition.tasks.items(), 1):
        opened, moment = moment, moment + timedelta(hours=1)
        task_id, who = new_id(), plan.role_key or "sekretaris"
        is_returned = (number + token) % _RETURNED_SHARE == 0
        visits.append(
            dict.fromkeys(user_task.c.keys())
            | {
                "id": task_id,
                "instance_id": instance_id,
                "token": token,
                "element_id": element_id,
                "name": plan.name,
                "activity_no": plan.activity_no,
                "visit": 1,
                "state": TaskState.COMPLETED,
                "lane": plan.lane,
                "role_key": plan.role_key,
                "unit_id": unit_id,
                "definition_key": definition.key,
                "priority": plan.priority,
                "created_at": opened,
                "due_at": opened + timedelta(hours=8),
                "due_order": opened + timedelta(hours=8),
                "standard_time": plan.standard_time,
                "ended_at": moment,
                "completed_by": who,
                "decision": RETURNED if is_returned else None,
                "reason": "Target triwulan III belum diisi." if is_returned else None,
            }
        )
        data = {"task_id": str(task_id), "element_id": element_id, "role": plan.role_key}
        acts.append(_act(instance_id, unit_id, token + 1, "task.completed", who, moment, data))
    return _Case(_ended(definition, instance_id, unit_id, number, started, moment), visits, acts)


def _ended(
    definition: Definition, instance_id: UUID, unit_id: UUID, number: int, started: datetime, ended: datetime
) -> Row:
    return {
        "id": instance_id,
        "definition_id": definition.id,
        "definition_key": definition.key,
        "definition_version": definition.version,
        "unit_id": unit_id,
        "business_key": f"RENJA-LALU-{number}",
        "title": f"{definition.name} {number}",
        "status": InstanceStatus.COMPLETED,
        "started_at": started,
        "started_by": "sekretaris",
        "ended_at": ended,
        "returns": 0,
        "state": b"",
        "taken": b'{"visits":{},"flows":{}}',
        "chain_length": 0,
        "chain_head": bytes(32),
    }


def _act(instance_id: UUID, unit_id: UUID, sequence: int, kind: str, actor: str, at: datetime, data: Row) -> Row:
    return {
        "chain_id": str(instance_id),
        "sequence": sequence,
        "unit_id": unit_id,
        "type": kind,
        "actor": actor,
        "at": at,
        "content": orjson.dumps({"data": data}).decode(),
        "hash": bytes(32),
    }
