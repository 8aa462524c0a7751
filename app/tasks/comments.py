"""Comments: what people write to each other at a task, seen by all who see the task."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.ids import new_id
from app.core.problems import Invalid
from app.core.text import Text, is_blank
from app.core.unit_of_work import UnitOfWork
from app.identity.office import Actor
from app.tasks.commands import Desk, lock_task
from app.tasks.models import task_comment
from app.tasks.policy import ensure_sees

MOST_CHARACTERS = 4_000

_MEMBERS = ("id", "text", "author", "created_at")
_COLUMNS = tuple(task_comment.c[name] for name in _MEMBERS)
_INSERT = sa.insert(task_comment)


def comment(uow: UnitOfWork, desk: Desk, *, actor: Actor, task_id: UUID, text: str, now: datetime) -> dict[str, Any]:
    """Write a comment at a task, open or not; it is never changed, and the trail holds its SHA-256.

    Raises:
        NotFound: there is no such task, or the actor may not know what is in it.
        Invalid: nothing is written.
    """
    task, instance, actor = lock_task(uow, desk, actor, task_id)
    ensure_sees(actor, task, now)
    if is_blank(text):
        message = Text("Komentar ini kosong. Tulis sesuatu.", "This comment is empty. Write something.")
        raise Invalid(message, errors=[{"pointer": "/text", "message": message.en}])
    said = text.strip()
    written = {"id": new_id(), "text": said, "author": actor.username, "created_at": now}
    uow.write(_INSERT, {**written, "task_id": task.id})
    # The trail is read by more people than the task: it proves the words without telling them.
    digest = hashlib.sha256(said.encode()).hexdigest()
    data = {"task_id": task.id, "comment_id": written["id"], "sha256": digest}
    instance.record(uow, "task.commented", actor.username, now, data)
    instance.save(uow)
    return written


def comments_of(connection: Connection, task_id: UUID) -> Sequence[dict[str, Any]]:
    """Return the comments at a task in the order of their time, each `{id, text, author, created_at}`."""
    found = sa.select(*_COLUMNS).where(task_comment.c.task_id == task_id).order_by(task_comment.c.id)
    return [dict(zip(_MEMBERS, row, strict=True)) for row in connection.execute(found)]
