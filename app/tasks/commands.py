"""Acts on user tasks: claim, unclaim, assign, check, complete."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from app import engine
from app.core.problems import Invalid, NotFound, pointer
from app.core.text import Text, is_blank
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue, TaskPlan
from app.identity.directory import VERSION, Directory
from app.identity.errors import NotSignedIn
from app.identity.office import Actor
from app.instances.aggregate import LOCK_COLUMNS, Instance, apply_step, ask_engine, ensure_at_work
from app.instances.calls import definition_of
from app.instances.commands import answer
from app.instances.errors import WHY_NOT_ACTIVE
from app.instances.models import InstanceStatus, TaskState, process_instance, user_task
from app.instances.variables import DECISION, REASON, ensure_fits, within_form
from app.instances.views import Row, task_summary
from app.tasks.errors import NotYourTask, TaskAlreadyCompleted, TaskClaimed, TaskNotOpen
from app.tasks.makers import ensure_not_maker
from app.tasks.policy import ensure_assigns, ensure_performs
from app.tasks.views import checked, task_json

RETURNED = "dikembalikan"

# The instance is locked before its task, so that two people who act on one instance queue at the same row and neither
# holds what the other needs. PostgreSQL reads locked rows anew when the wait is over, so both must be locked.
_LOCK = (
    sa.select(*LOCK_COLUMNS, user_task, VERSION)
    .select_from(process_instance)
    .join(user_task, user_task.c.instance_id == process_instance.c.id)
    .where(user_task.c.id == sa.bindparam("task_id"))
    .with_for_update(of=[process_instance, user_task])
)
_TASK_COLUMNS = tuple(column.name for column in user_task.columns)
_ASSIGN = (
    sa.update(user_task)
    .where(user_task.c.id == sa.bindparam("task_id"))
    .values(assignee=sa.bindparam("new_assignee"), claimed_at=sa.bindparam("new_claimed_at"))
)

_CHECK = sa.update(user_task).where(user_task.c.id == sa.bindparam("task_id")).values(checklist=sa.bindparam("said"))

# What is said of the standard of a row: whether each is there, by name; null takes back what was said before.
Said = Mapping[str, bool | None]


class Desk:
    """What the commands on tasks need beside their unit of work: who is who, and what is running."""

    def __init__(self, directory: Directory, catalogue: Catalogue) -> None:
        self.directory = directory
        self.catalogue = catalogue


def complete(
    uow: UnitOfWork,
    desk: Desk,
    *,
    actor: Actor,
    task_id: UUID,
    variables: Mapping[str, Any],
    requirements: Said | None = None,
    outputs: Said | None = None,
    now: datetime,
) -> dict[str, Any]:
    """Complete an open task and move its process on; an unclaimed task is taken by this.

    What is said of its requirements and outputs is added to what was said before, as by `check`.

    Raises:
        NotFound: there is no such task, or the actor may not know of it.
        NotYourTask: he sees it, but another role performs it.
        TaskClaimed: a colleague has taken it.
        MakerDecides: it decides on what he made.
        TaskAlreadyCompleted, TaskNotOpen, InstanceNotActive: it cannot be completed now.
        Invalid, CannotMove: the values do not fit its form or its standard, or no gateway can decide with them.
    """
    task, instance, actor = lock_task(uow, desk, actor, task_id)
    holding = ensure_performs(actor, task, now)
    _ensure_open(task, instance)
    _ensure_free(task, actor)
    ensure_not_maker(uow, instance, task, actor.username)
    plan = instance.definition.tasks[task.element_id]
    checklist = _checklist(plan, task.checklist, requirements, outputs)
    given = within_form(plan.form, variables)
    decision, reason = _decision(given)
    ensure_fits(plan.form, given)
    _ensure_reason(decision, reason)
    step = ask_engine(lambda: engine.complete(instance.definition.process, instance.state, task.token, given, now=now))
    completed = {
        **_row(task),
        "state": TaskState.COMPLETED,
        "assignee": actor.username,
        "claimed_at": task.claimed_at or now,
        "ended_at": now,
        "completed_by": actor.username,
        "on_behalf_of": task.role_key if holding is not None and holding.kind != "definitif" else None,
        "decision": decision,
        "reason": reason,
        "checklist": checklist,
    }
    opened = apply_step(uow, instance, step, office=actor.office, now=now, completed=completed)
    instance.returns += decision == RETURNED
    data = {
        "task_id": task.id,
        "element_id": task.element_id,
        "activity_no": task.activity_no,
        "visit": task.visit,
        "role": task.role_key,
        "on_behalf_of": completed["on_behalf_of"],
        "variables": given,
        "opened": [one["element_id"] for one in opened],
        **({} if checklist is None else checked(checklist)),
    }
    instance.record(uow, "task.completed", actor.username, now, data)
    instance.save(uow)
    open_tasks = _open_tasks(uow, instance, step, opened)
    return {
        "task": task_json(completed, instance.business_key, instance.title, instance.definition, actor.office, now),
        "process_instance": answer(instance, open_tasks, step.waits, actor.office, now),
        "next_tasks": [task_summary(one, now) for one in opened],
    }


def claim(uow: UnitOfWork, desk: Desk, *, actor: Actor, task_id: UUID, now: datetime) -> dict[str, Any]:
    """Take a task of one's role, so that colleagues see who does it; taking it again changes nothing.

    Raises:
        TaskClaimed: a colleague has taken it.
        NotFound, NotYourTask, TaskAlreadyCompleted, TaskNotOpen, InstanceNotActive: as for `complete`.
    """
    task, instance, actor = lock_task(uow, desk, actor, task_id)
    ensure_performs(actor, task, now)
    _ensure_open(task, instance)
    _ensure_free(task, actor)
    ensure_not_maker(uow, instance, task, actor.username)
    return _assign(uow, task, instance, actor, actor.username, "task.claimed", now)


def unclaim(uow: UnitOfWork, desk: Desk, *, actor: Actor, task_id: UUID, now: datetime) -> dict[str, Any]:
    """Give a task that one has taken back to its role; what nobody has taken stays as it is.

    Raises:
        NotYourTask: somebody else has taken it, or it is its starter's own.
        NotFound, TaskAlreadyCompleted, TaskNotOpen, InstanceNotActive: as for `complete`.
    """
    task, instance, actor = lock_task(uow, desk, actor, task_id)
    ensure_performs(actor, task, now)
    _ensure_open(task, instance)
    if task.role_key is None:
        raise NotYourTask(
            Text(
                "Tugas ini tidak mempunyai jabatan tempat mengembalikannya.",
                "This task has no role to be given back to.",
            )
        )
    if task.assignee not in (None, actor.username):
        raise NotYourTask(
            Text(
                f"Tugas ini sudah diambil {task.assignee}; ia yang melepasnya, atau atasan yang menugaskan orang lain.",
                f"{task.assignee} has taken this task; he gives it back, or a superior assigns it.",
            )
        )
    return _assign(uow, task, instance, actor, None, "task.unclaimed", now)


def assign(
    uow: UnitOfWork, desk: Desk, *, actor: Actor, task_id: UUID, assignee: str | None, now: datetime
) -> dict[str, Any]:
    """Give a task to a holder of its role, or to nobody; a superior may, and who performs it.

    Whoever has it already keeps it, and nothing is recorded.

    Raises:
        NotFound: the actor does not see the task.
        NotYourTask: he is neither its performer nor a superior.
        Invalid: the assignee is no active holder of the role.
        TaskAlreadyCompleted, TaskNotOpen, InstanceNotActive: it cannot be assigned now.
    """
    task, instance, actor = lock_task(uow, desk, actor, task_id)
    ensure_assigns(actor, task, now)
    _ensure_open(task, instance)
    if assignee is not None:
        try:
            other = desk.directory.load(uow.reader, assignee)
            serves = task.role_key in other.roles_in(task.unit_id, now)
        except NotSignedIn:
            serves = False
        if not serves:
            message = f"'{assignee[:200]}' does not hold the role of this task."
            raise Invalid(message, errors=[{"pointer": "/assignee", "message": message}])
        ensure_not_maker(uow, instance, task, assignee)
    return _assign(uow, task, instance, actor, assignee, "task.assigned", now)


def check(
    uow: UnitOfWork,
    desk: Desk,
    *,
    actor: Actor,
    task_id: UUID,
    requirements: Said,
    outputs: Said,
    now: datetime,
) -> dict[str, Any]:
    """Say which requirements of an open task are there and which outputs are made; what is not named stays as it was.

    Raises:
        TaskClaimed: a colleague has taken it.
        Invalid: the standard of its row has no such requirement or output.
        NotFound, NotYourTask, TaskAlreadyCompleted, TaskNotOpen, InstanceNotActive: as for `complete`.
    """
    task, instance, actor = lock_task(uow, desk, actor, task_id)
    ensure_performs(actor, task, now)
    _ensure_open(task, instance)
    _ensure_free(task, actor)
    checklist = _checklist(instance.definition.tasks[task.element_id], task.checklist, requirements, outputs)
    if checklist != task.checklist:
        uow.write(_CHECK, {"task_id": task.id, "said": checklist})
        instance.record(uow, "task.checked", actor.username, now, {"task_id": task.id, **checked(checklist)})
        instance.save(uow)
    row = {**_row(task), "checklist": checklist}
    return task_json(row, instance.business_key, instance.title, instance.definition, actor.office, now)


def lock_task(uow: UnitOfWork, desk: Desk, actor: Actor, task_id: UUID) -> tuple[Any, Instance, Actor]:
    """Lock a task with its instance, and make sure of who acts."""
    row = uow.lock(_LOCK, {"task_id": task_id})
    if row is None:
        raise NotFound(f"There is no task '{task_id}'.")
    actor = desk.directory.fresh(uow.reader, actor, row.identity_version)
    return row, Instance.of(row, definition_of(uow.reader, desk.catalogue, row.instance_id, row.definition_id)), actor


def _row(task: Any) -> dict[str, Any]:
    """The columns of the task alone, of a row that was read with `_LOCK`."""
    first = len(LOCK_COLUMNS)
    return dict(zip(_TASK_COLUMNS, task[first : first + len(_TASK_COLUMNS)], strict=True))


def _ensure_open(task: Any, instance: Instance) -> None:
    if task.state == TaskState.COMPLETED:
        raise TaskAlreadyCompleted(
            f"{task.completed_by} completed this task at {task.ended_at.isoformat()}.",
            completed_at=task.ended_at,
            completed_by=task.completed_by,
        )
    if task.state != TaskState.OPEN:
        cancelled = instance.status == InstanceStatus.CANCELLED
        why = WHY_NOT_ACTIVE[instance.status] if cancelled else "Its process went another way."
        raise TaskNotOpen(f"This task was withdrawn. {why}")
    ensure_at_work(instance)


def _ensure_free(task: Any, actor: Actor) -> None:
    if task.assignee is not None and task.assignee != actor.username:
        raise TaskClaimed(f"{task.assignee} has taken this task.", assignee=task.assignee)


def _checklist(plan: TaskPlan, before: bytes | None, requirements: Said | None, outputs: Said | None) -> bytes | None:
    """Return what was said of a standard with what is said now; null where nothing is said of any of it.

    Raises:
        Invalid: a name is not one of the standard.
    """
    if not requirements and not outputs:
        return before
    said, errors = checked(before), []
    for part, now, known in (("requirements", requirements, plan.requirements), ("outputs", outputs, plan.outputs)):
        for name, satisfied in (now or {}).items():
            if name not in known:
                message = f"The standard of this task has no such {part[:-1]}."
                errors.append({"pointer": pointer(part, name), "message": message})
            elif satisfied is None:
                said[part].pop(name, None)
            else:
                said[part][name] = satisfied
    if errors:
        raise Invalid("What is said is not of the standard of this task.", errors=errors)
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS) if any(said.values()) else None


def _decision(variables: Mapping[str, Any]) -> tuple[str | None, str | None]:
    decision, reason = variables.get(DECISION), variables.get(REASON)
    return (
        decision if isinstance(decision, str) else None,
        reason.strip() if isinstance(reason, str) and not is_blank(reason) else None,
    )


def _ensure_reason(decision: str | None, reason: str | None) -> None:
    if decision == RETURNED and reason is None:
        message = "A return needs its reason (alasan)."
        raise Invalid(message, errors=[{"pointer": pointer("variables", REASON), "message": message}])


def _assign(
    uow: UnitOfWork, task: Any, instance: Instance, actor: Actor, assignee: str | None, kind: str, now: datetime
) -> dict[str, Any]:
    if assignee == task.assignee:
        return task_json(_row(task), instance.business_key, instance.title, instance.definition, actor.office, now)
    claimed_at = now if assignee is not None else None
    uow.write(_ASSIGN, {"task_id": task.id, "new_assignee": assignee, "new_claimed_at": claimed_at})
    instance.record(uow, kind, actor.username, now, {"task_id": task.id, "assignee": assignee, "before": task.assignee})
    instance.save(uow)
    row = {**_row(task), "assignee": assignee, "claimed_at": claimed_at}
    return task_json(row, instance.business_key, instance.title, instance.definition, actor.office, now)


def _open_tasks(uow: UnitOfWork, instance: Instance, step: engine.Step, opened: list[dict[str, Any]]) -> list[Row]:
    """The open tasks of the instance after a step; asks the database only for those that were open before."""
    others = {task.token for task in step.open_tasks} - {row["token"] for row in opened}
    if not others:
        return list(opened)
    kept = uow.reader.execute(
        sa.select(user_task).where(user_task.c.instance_id == instance.id, user_task.c.token.in_(sorted(others)))
    )
    return [*[row._mapping for row in kept], *opened]
