"""Who sees a task's form and data, and who may perform it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.core.problems import NotFound
from app.core.text import Text
from app.identity.office import Actor, Holding
from app.instances.models import AT_WORK, TaskState, user_task
from app.instances.policy import by_units
from app.tasks.errors import NotYourTask


def performer(actor: Actor, task: Any, now: datetime) -> Holding | None:
    """Return the holding by which the actor performs a task's role, null if he does not."""
    return actor.roles_in(task.unit_id, now).get(task.role_key) if task.role_key is not None else None


def sees(actor: Actor, task: Any, now: datetime) -> bool:
    """Whether the actor sees all of a task: its role, who performs or performed it, their superiors, and auditors."""
    return (
        performer(actor, task, now) is not None
        or actor.username in (task.assignee, task.completed_by)
        or (task.role_key is not None and actor.oversees(task.role_key, task.unit_id, now))
        or actor.has("audit", task.unit_id, now)
    )


def ensure_sees(actor: Actor, task: Any, now: datetime) -> None:
    """Hide a task from who may not know what is in it.

    Raises:
        NotFound: the actor does not see it.
    """
    if not sees(actor, task, now):
        raise NotFound(f"There is no task '{task.id}'.")


def ensure_performs(actor: Actor, task: Any, now: datetime) -> Holding | None:
    """Return the holding by which the actor performs a task; null for a task that is its starter's own.

    Raises:
        NotFound: he does not see the task.
        NotYourTask: he sees it, but its role is not his.
    """
    ensure_sees(actor, task, now)
    holding = performer(actor, task, now)
    if holding is None and not (task.role_key is None and task.assignee == actor.username):
        raise NotYourTask(
            Text(
                "Tugas ini milik jabatan lain; Anda boleh membacanya, tetapi tidak mengerjakannya.",
                "This task belongs to another role; you may read it, but not do it.",
            )
        )
    return holding


def ensure_assigns(actor: Actor, task: Any, now: datetime) -> None:
    """Let a task be given to somebody by a superior of its role, or by who performs it.

    Raises:
        NotFound: the actor does not see the task.
        NotYourTask: he is neither, or the task is its starter's own.
    """
    ensure_sees(actor, task, now)
    if task.role_key is None:
        raise NotYourTask(Text("Tugas ini milik orang yang memulai proses.", "This task is its starter's own."))
    if not actor.oversees(task.role_key, task.unit_id, now):
        ensure_performs(actor, task, now)


def acts_on(actor: Actor, task: Any, instance_status: str, now: datetime) -> list[str]:
    """Return what the actor may do with a task as it is now, of `claim`, `unclaim`, `assign` and `complete`.

    It says beforehand what the commands decide; where the two differ, they are right, as the task has changed.
    """
    if task.state != TaskState.OPEN or instance_status not in AT_WORK:
        return []
    mine, free = task.assignee == actor.username, task.assignee is None
    own = task.role_key is None
    performs = mine if own else performer(actor, task, now) is not None
    assigns = not own and (performs or actor.oversees(task.role_key, task.unit_id, now))
    may = {
        "claim": performs and free,
        "unclaim": performs and mine and not own,
        "assign": assigns,
        "complete": performs and (mine or free),
    }
    return [act for act, allowed in may.items() if allowed]


def seen_by(actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    """The same rule as `sees`, as a condition on `user_task`."""
    conditions = [user_task.c.assignee == actor.username, user_task.c.completed_by == actor.username]
    audited = actor.units_with("audit", now)
    if audited:
        conditions.append(user_task.c.unit_id.in_(sorted(audited)))
    for units, roles in by_units(actor.served(now), actor.overseen(now)).items():
        conditions.append(sa.and_(user_task.c.role_key.in_(sorted(roles)), user_task.c.unit_id.in_(sorted(units))))
    return sa.or_(*conditions)
