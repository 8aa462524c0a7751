"""Drafts: what somebody has typed into the form of a task and not sent yet, kept on the server for him alone.

A draft takes no part in the process: it is not checked against the form beyond its names, nothing of it is recorded,
and it outlives its task for a while, so that whoever was not the first still has his words.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.problems import Invalid, TooLarge, pointer
from app.core.unit_of_work import UnitOfWork
from app.identity.office import Actor
from app.tasks.commands import Desk
from app.tasks.models import task_draft
from app.tasks.policy import ensure_performs
from app.tasks.queries import seen_task

MOST_BYTES = 64 * 1024
KEPT_FOR = timedelta(days=30)

_MINE = (task_draft.c.task_id == sa.bindparam("of_task"), task_draft.c.username == sa.bindparam("of_person"))


def save(
    uow: UnitOfWork,
    desk: Desk,
    *,
    actor: Actor,
    task_id: UUID,
    variables: Mapping[str, Any],
    requirements: Sequence[str] = (),
    outputs: Sequence[str] = (),
    now: datetime,
) -> dict[str, Any]:
    """Keep what the actor has typed so far, in place of what he had before; `requirements` and `outputs` are ticked.

    Values are kept as they were typed, whether or not they would fit the form.

    Raises:
        NotFound: the actor does not see the task.
        NotYourTask: he does not perform it.
        Invalid: a name is not one of the form, or not one of the standard.
        TooLarge: it is more than 64 KiB of JSON.
    """
    actor = desk.directory.fresh(uow.reader, actor)
    task, definition = seen_task(uow.reader, desk.catalogue, actor, now, task_id)
    ensure_performs(actor, task, now)
    plan = definition.tasks[task.element_id]
    fields = {field.id for field in plan.form}
    errors = [
        {"pointer": pointer("variables", name), "message": "This form has no such field."}
        for name in variables
        if name not in fields
    ]
    for part, ticked, known in (
        ("requirements", requirements, plan.requirements),
        ("outputs", outputs, plan.outputs),
    ):
        errors += [
            {"pointer": pointer(part, str(place)), "message": f"The standard of this task has no such {part[:-1]}."}
            for place, name in enumerate(ticked)
            if name not in known
        ]
    if errors:
        raise Invalid("The draft holds what the task does not ask for.", errors=errors)
    content = orjson.dumps({"variables": variables, "requirements": requirements, "outputs": outputs})
    if len(content) > MOST_BYTES:
        raise TooLarge(f"A draft is at most {MOST_BYTES // 1024} KiB.")
    row = {"task_id": task_id, "username": actor.username, "content": content, "saved_at": now}
    uow.write_rows(task_draft, [row], changing=("content", "saved_at"))
    return {"saved_at": now}


def find(connection: Connection, actor: Actor, task_id: UUID) -> dict[str, Any] | None:
    """Return what the actor has typed into a task and when it was kept, null if there is nothing."""
    row = connection.execute(
        sa.select(task_draft.c.content, task_draft.c.saved_at).where(*_MINE),
        {"of_task": task_id, "of_person": actor.username},
    ).one_or_none()
    return None if row is None else {**orjson.loads(row.content), "saved_at": row.saved_at}


def forget(uow: UnitOfWork, *, actor: Actor, task_id: UUID) -> None:
    """Drop the actor's draft of a task, if there is one."""
    uow.write(sa.delete(task_draft).where(*_MINE), {"of_task": task_id, "of_person": actor.username})


def sweep(uow: UnitOfWork, now: datetime) -> None:
    """Drop the drafts that nobody has touched for thirty days."""
    uow.execute(sa.delete(task_draft).where(task_draft.c.saved_at < now - KEPT_FOR))
