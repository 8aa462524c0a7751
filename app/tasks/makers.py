"""Separation of duties: whoever made something does not decide on it."""

from typing import Any

import sqlalchemy as sa

from app.core.text import Text
from app.core.unit_of_work import UnitOfWork
from app.instances.aggregate import Instance
from app.instances.models import TaskState, user_task
from app.tasks.errors import MakerDecides

_T = user_task.c
# Tokens rise, so the last one that was completed is found from the end, however often a row was done.
_LAST = (
    sa.select(_T.visit, _T.name, _T.completed_by, _T.local)
    .where(
        _T.instance_id == sa.bindparam("of_instance"),
        _T.element_id == sa.bindparam("of_row"),
        _T.state == TaskState.COMPLETED,
    )
    .order_by(_T.token.desc())
    .limit(1)
)
_TOGETHER = sa.select(_T.completed_by).where(
    _T.instance_id == sa.bindparam("of_instance"),
    _T.element_id == sa.bindparam("of_row"),
    _T.visit == sa.bindparam("of_visit"),
    _T.state == TaskState.COMPLETED,
)


def ensure_not_maker(uow: UnitOfWork, instance: Instance, task: Any, username: str) -> None:
    """Make sure that a decision is not given to, or taken by, who did last the row that it would send back to.

    On whose behalf it was done does not matter, and a row done again by somebody else has another maker. Of a row that
    several people did together each is one. Asked within the act, with its instance locked; only decisions ask the
    database.

    Raises:
        MakerDecides: he did.
    """
    for row in instance.definition.tasks[task.element_id].returns_to:
        at = {"of_instance": instance.id, "of_row": row}
        # By the way of the locked rows, which on PostgreSQL leaves the act in its pipeline.
        last = uow.lock(_LAST, at)
        if last is None:
            continue
        makers = {last.completed_by}
        if last.local is not None:
            makers |= set(uow.reader.execute(_TOGETHER, {**at, "of_visit": last.visit}).scalars())
        if username in makers:
            raise MakerDecides(
                Text(
                    f"Yang terakhir mengerjakan “{last.name}” tidak memutuskannya; orang lain yang memutuskan.",
                    f"Whoever did '{last.name}' last does not decide on it; somebody else does.",
                )
            )
