"""How much waits: open tasks, instances that run, waits, what is due, signals that nobody has heard yet."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.metrics import Depth
from app.instances.models import RUNNING, TaskState, process_instance, signal_delivery, user_task, wait
from app.instances.timers import overdue

_COUNT = sa.func.count()
# As a literal, so that the planner sees that the index of open tasks alone will do.
_OPEN_TASKS = sa.select(_COUNT).where(user_task.c.state == sa.literal_column(repr(str(TaskState.OPEN))))
_LATE_TASKS = _OPEN_TASKS.where(user_task.c.due_order < sa.bindparam("now"))
_STATUSES = [str(status) for status in RUNNING]
_INSTANCES = (
    sa.select(process_instance.c.status, _COUNT)
    .where(process_instance.c.status.in_(_STATUSES))
    .group_by(process_instance.c.status)
)
_KINDS = ["message", "signal", "external", "timer"]
_WAITS = sa.select(wait.c.kind, _COUNT).group_by(wait.c.kind)
_DUE = sa.select(_COUNT).where(wait.c.due_at <= sa.bindparam("now"))
_SIGNALS = sa.select(_COUNT).select_from(signal_delivery)


def count_what_waits(connection: Connection, now: datetime) -> Iterator[Depth]:
    """Count what waits; the cost grows with what is at hand, not with what has ended."""

    def count(statement: sa.Select[Any]) -> float:
        return float(connection.execute(statement, {"now": now}).scalar_one())

    def count_each(statement: sa.Select[Any], values: list[str]) -> dict[tuple[str, ...], float]:
        found: dict[str, int] = {row[0]: row[1] for row in connection.execute(statement)}
        return {(value,): float(found.get(value, 0)) for value in values}

    yield Depth.of_one("alur_open_tasks", "User tasks that are open.", count(_OPEN_TASKS))
    yield Depth.of_one("alur_late_tasks", "User tasks that are open and overdue.", count(_LATE_TASKS))
    running = count_each(_INSTANCES, _STATUSES)
    yield Depth("alur_instances", "Instances that have not ended, by status.", running, ("status",))
    yield Depth("alur_waits", "What instances wait for, by kind.", count_each(_WAITS, _KINDS), ("kind",))
    yield Depth.of_one("alur_waits_due", "Timers that are due and have not fired.", count(_DUE))
    yield Depth.of_one("alur_signals_undelivered", "Signals thrown and not yet heard.", count(_SIGNALS))
    lag = overdue(connection, now)
    yield Depth.of_one("alur_timer_lag_seconds", "For how long the timer that is due longest has been due.", lag)
