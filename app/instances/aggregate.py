"""One process instance, locked: read in one statement, moved by `apply_step`, and written back once."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
import sqlalchemy as sa

from app.core.database import UtcDateTime
from app.core.events import Chain, Event
from app.core.ids import new_id
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Definition, TaskPlan
from app.engine import EngineRefusal, OpenTask, Step, Wait
from app.identity.office import Office
from app.instances.errors import WHY_NOT_ACTIVE, CannotMove, InstanceNotActive
from app.instances.models import (
    AT_WORK,
    InstanceStatus,
    TaskState,
    external_task,
    process_instance,
    signal_delivery,
    user_task,
    wait,
)
from app.instances.office_time import due_at

Moved = TypeVar("Moved", bound=Step | None)

SYSTEM = "system"
# How many signals may follow each other before somebody, or a timer, acts: two processes might never stop.
DEEPEST_SIGNAL = 20
NEVER = datetime.max.replace(microsecond=0, tzinfo=UTC)

LOCK_COLUMNS = (
    process_instance.c.id.label("instance_id"),
    process_instance.c.definition_id,
    process_instance.c.unit_id,
    process_instance.c.business_key,
    process_instance.c.title,
    process_instance.c.status,
    process_instance.c.started_by,
    process_instance.c.started_at,
    process_instance.c.returns,
    process_instance.c.state.label("engine_state"),
    process_instance.c.taken,
    process_instance.c.chain_length,
    process_instance.c.chain_head,
)

_LOCK = (
    sa.select(*LOCK_COLUMNS)
    .where(process_instance.c.id == sa.bindparam("locked_id"))
    .with_for_update(of=process_instance)
)

# What the end of a task changes in its row.
TASK_ENDING = (
    *("state", "assignee", "claimed_at", "ended_at", "completed_by", "on_behalf_of", "decision", "reason"),
    "checklist",
)

_SAVE = (
    sa.update(process_instance)
    .where(process_instance.c.id == sa.bindparam("instance_id"))
    .values(
        {
            name: sa.bindparam(f"new_{name}")
            for name in ("status", "ended_at", "returns", "state", "taken", "chain_length", "chain_head")
        }
    )
)
_WITHDRAW_TASK = (
    sa.update(user_task)
    .where(user_task.c.instance_id == sa.bindparam("of_instance"), user_task.c.token == sa.bindparam("of_token"))
    .where(user_task.c.state == TaskState.OPEN)
    .values(state=TaskState.CANCELLED, ended_at=sa.bindparam("at"))
)
_OPEN_WAIT = sa.insert(wait)
_OPEN_EXTERNAL_TASK = sa.insert(external_task)
_CLOSE_WAIT = sa.delete(wait).where(
    wait.c.instance_id == sa.bindparam("of_instance"), wait.c.token == sa.bindparam("of_token")
)


@dataclass(slots=True)
class Instance:
    """A process instance that this unit of work has locked (or makes); everything about it is changed here alone."""

    id: UUID
    definition: Definition
    unit_id: UUID
    business_key: str | None
    title: str
    status: InstanceStatus
    started_by: str
    started_at: datetime
    returns: int
    state: bytes
    visits: Counter[str]
    flows: Counter[str]
    chain: Chain
    ended_at: datetime | None = None

    @classmethod
    def of(cls, row: Any, definition: Definition) -> "Instance":
        """Return the instance of a row that was locked with `LOCK_COLUMNS`."""
        taken = orjson.loads(row.taken)
        return cls(
            id=row.instance_id,
            definition=definition,
            unit_id=row.unit_id,
            business_key=row.business_key,
            title=row.title,
            status=InstanceStatus(row.status),
            started_by=row.started_by,
            started_at=row.started_at,
            returns=row.returns,
            state=row.engine_state,
            visits=Counter(taken["visits"]),
            flows=Counter(taken["flows"]),
            chain=Chain(str(row.instance_id), row.chain_length, row.chain_head),
        )

    @property
    def taken(self) -> bytes:
        """The counts of visits and flows as they are kept."""
        return orjson.dumps({"visits": self.visits, "flows": self.flows})

    def record(self, uow: UnitOfWork, kind: str, actor: str, at: datetime, data: Mapping[str, Any]) -> None:
        """Record an act on this instance."""
        uow.record(Event(kind, actor, at, self.unit_id, self.chain, data, self.definition.key))

    def save(self, uow: UnitOfWork) -> None:
        """Write the instance back; called once, after the act is recorded."""
        uow.write(
            _SAVE,
            {
                "instance_id": self.id,
                "new_status": self.status,
                "new_ended_at": self.ended_at,
                "new_returns": self.returns,
                "new_state": self.state,
                "new_taken": self.taken,
                "new_chain_length": self.chain.length,
                "new_chain_head": self.chain.head,
            },
        )


def lock(uow: UnitOfWork, instance_id: UUID) -> Any:
    """Lock an instance and return its row, null if there is none; whoever changes it records an act on it."""
    return uow.lock(_LOCK, {"locked_id": instance_id})


def lock_whole(uow: UnitOfWork, instance_id: UUID) -> Any:
    """Lock an instance for an act that reads its tasks or waits too, and return its row.

    On SQLite a lock alone lets others write until this act does: what is read after the state might be newer than it.
    """
    _ = uow.connection
    return lock(uow, instance_id)


def ensure_at_work(instance: Instance) -> None:
    """Let somebody act on what is open in an instance; the incident of one branch does not stop him in another.

    Raises:
        InstanceNotActive: it is suspended or has ended.
    """
    if instance.status not in AT_WORK:
        raise InstanceNotActive(WHY_NOT_ACTIVE[instance.status])


def ask_engine(move: Callable[[], Moved]) -> Moved:
    """Let the engine move and turn its refusal into a problem that names the element.

    Raises:
        CannotMove: the engine refused; nothing has changed.
    """
    try:
        return move()
    except EngineRefusal as refusal:
        errors = [{"element_id": refusal.element_id, "message": str(refusal)}]
        raise CannotMove(str(refusal), errors=errors) from refusal


def apply_step(
    uow: UnitOfWork,
    instance: Instance,
    step: Step,
    *,
    office: Office,
    now: datetime,
    completed: Mapping[str, Any] | None = None,
    depth: int = 0,
) -> list[dict[str, Any]]:
    """Write what a step of the engine changed, and return the rows of the user tasks that it opened.

    `completed` is the whole row of the task whose completion made the step; it is written together with the new ones.
    `depth` is how many signals led to the step, each thrown on hearing the one before. It changes the instance in
    memory; the caller records the act and saves.

    Raises:
        CannotMove: signals have called each other for too long.
    """
    ended = [] if completed is None else [completed]
    instance.state = step.state
    instance.visits.update(step.visits)
    instance.flows.update(step.flows_taken)
    if step.finished:
        instance.status = InstanceStatus.COMPLETED
        instance.ended_at = now
    if step.signals:
        _throw(uow, instance, step.signals, office, now, depth)
    opened: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for task in reversed(step.opened):
        # Two openings of one element in one step are the last two visits, in the order of their tokens.
        visit = instance.visits[task.element_id] - seen[task.element_id]
        # Those of a multi-instance task are one visit.
        seen[task.element_id] += not task.local
        opened.insert(0, _task_row(instance, task, visit, office, now))
    uow.write_rows(user_task, [*ended, *opened], changing=TASK_ENDING)
    for token in step.closed:
        if completed is not None and completed["token"] == token:
            continue
        uow.write(_WITHDRAW_TASK, {"of_instance": instance.id, "of_token": token, "at": now})
    for token in step.waits_closed:
        uow.write(_CLOSE_WAIT, {"of_instance": instance.id, "of_token": token})
    for one in step.waits_opened:
        node = instance.definition.process.model.nodes[one.element_id]
        row = {
            "instance_id": instance.id,
            "token": one.token,
            "element_id": one.element_id,
            "name": node.name or node.id,
        }
        uow.write(_OPEN_WAIT, {**row, "kind": one.kind, "awaited": one.name, "due_at": one.due_at})
        if one.kind == "external":
            uow.write(_OPEN_EXTERNAL_TASK, _external_task_row(instance, one, now))
    return opened


def _throw(
    uow: UnitOfWork, instance: Instance, names: Iterable[str], office: Office, now: datetime, depth: int
) -> None:
    """Write down who is to hear signals: what waits for them now, in the unit of the instance and below it.

    Each hears them in a transaction of its own (`signals`), so that one that cannot go on does not hold up the others.
    """
    if depth >= DEEPEST_SIGNAL:
        raise CannotMove(
            f"Signals have called each other {depth} times in a row without anybody at work in between. "
            "Let one of the processes wait for a person or a timer before it throws again."
        )
    cause = f"{instance.id}:{instance.chain.length + 1}"
    for name in dict.fromkeys(names):
        told = sa.literal(name), sa.literal(cause), sa.literal(now, UtcDateTime), sa.literal(depth)
        waiting = (
            sa.select(wait.c.instance_id, *told)
            .distinct()
            .join(process_instance, process_instance.c.id == wait.c.instance_id)
            .where(wait.c.kind == "signal", wait.c.awaited == name, wait.c.instance_id != instance.id)
            .where(process_instance.c.unit_id.in_(sorted(office.subtree(instance.unit_id))))
        )
        columns = ["instance_id", "name", "cause", "thrown_at", "depth"]
        uow.execute(sa.insert(signal_delivery).from_select(columns, waiting))


def _task_row(instance: Instance, task: OpenTask, visit: int, office: Office, now: datetime) -> dict[str, Any]:
    plan: TaskPlan = instance.definition.tasks[task.element_id]
    due = due_at(now, plan.allowance, office.units[instance.unit_id].time_zone)
    return {
        "id": new_id(),
        "instance_id": instance.id,
        "token": task.token,
        "element_id": task.element_id,
        "name": plan.name,
        "activity_no": plan.activity_no,
        "visit": visit,
        "state": TaskState.OPEN,
        "lane": plan.lane,
        "role_key": plan.role_key,
        "unit_id": instance.unit_id,
        "definition_key": instance.definition.key,
        "assignee": instance.started_by if plan.role_key is None else None,
        "priority": plan.priority,
        "created_at": now,
        "claimed_at": None,
        "due_at": due,
        "due_order": due or NEVER,
        "standard_time": plan.standard_time,
        "ended_at": None,
        "completed_by": None,
        "on_behalf_of": None,
        "decision": None,
        "reason": None,
        "local": orjson.dumps(task.local) if task.local else None,
        "checklist": None,
    }


def _external_task_row(instance: Instance, opened: Wait, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "instance_id": instance.id,
        "token": opened.token,
        "element_id": opened.element_id,
        "topic": opened.name,
        "unit_id": instance.unit_id,
        "priority": instance.definition.process.model.nodes[opened.element_id].task_priority or 0,
        "created_at": now,
    }
