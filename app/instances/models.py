"""Tables of process instances, their user tasks, and what they wait for."""

from enum import StrEnum

import sqlalchemy as sa

from app.core.database import UtcDateTime, metadata


class InstanceStatus(StrEnum):
    """Where a process instance is in its life."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    INCIDENT = "incident"


# An incident holds up what runs by itself, timers and signals; people and workers go on with what is in their hands.
AT_WORK = (InstanceStatus.ACTIVE, InstanceStatus.INCIDENT)
# Not ended.
RUNNING = (*AT_WORK, InstanceStatus.SUSPENDED)


class TaskState(StrEnum):
    """Where a user task is in its life."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


process_instance = sa.Table(
    "process_instance",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("definition_id", sa.Text, sa.ForeignKey("process_definition.id"), nullable=False),
    sa.Column("definition_key", sa.Text, nullable=False),
    sa.Column("definition_version", sa.Integer, nullable=False),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("unit.id"), nullable=False),
    sa.Column("business_key", sa.Text, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("started_by", sa.Text, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("returns", sa.Integer, nullable=False),
    # What the engine goes on from (`engine.Step.state`).
    sa.Column("state", sa.LargeBinary, nullable=False),
    # JSON {"visits": {element id: n}, "flows": {flow id: n}}: how often each was reached, for the diagram.
    sa.Column("taken", sa.LargeBinary, nullable=False),
    # The end of the instance's trail. No two acts can be the same next one, which guards the state a second time.
    sa.Column("chain_length", sa.BigInteger, nullable=False),
    sa.Column("chain_head", sa.LargeBinary, nullable=False),
    sa.CheckConstraint(_one_of("status", InstanceStatus), name="status_known"),
    sa.Index(None, "unit_id", "status", "started_at", "id"),
    sa.Index(None, "definition_id", "unit_id", "status"),
    sa.Index(None, "status", "started_at", "id"),
    sa.Index(None, "status", "title", "id"),
    # What has ended, for figures on the latest of it.
    sa.Index(
        "ix_process_instance_ended",
        "definition_key",
        "ended_at",
        postgresql_where=sa.text("ended_at IS NOT NULL"),
        sqlite_where=sa.text("ended_at IS NOT NULL"),
    ),
)

# Signals that were thrown, for each instance that waited for one and has not heard it yet.
signal_delivery = sa.Table(
    "signal_delivery",
    metadata,
    sa.Column("instance_id", sa.Uuid, sa.ForeignKey("process_instance.id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    # The act that threw it: its chain and sequence.
    sa.Column("cause", sa.Text, primary_key=True),
    sa.Column("thrown_at", UtcDateTime, nullable=False, index=True),
    # How many signals led to this one, each thrown on hearing the one before.
    sa.Column("depth", sa.SmallInteger, nullable=False),
)

# What the call activities of an instance call: the versions that were in force when it started.
instance_call = sa.Table(
    "instance_call",
    metadata,
    sa.Column("instance_id", sa.Uuid, sa.ForeignKey("process_instance.id"), primary_key=True),
    sa.Column("process_key", sa.Text, primary_key=True),
    sa.Column("definition_id", sa.Text, sa.ForeignKey("process_definition.id"), nullable=False),
)

_IS_OPEN = "state = 'open'"
_IS_RETURNED = "decision = 'dikembalikan'"
_IS_COMPLETED = "state = 'completed'"


def _open_tasks_by(*columns: str, where: str = _IS_OPEN) -> sa.Index:
    """An index of the open tasks alone, so that it stays as small as the work at hand."""
    name = "_".join(("ix_user_task_open", *columns))
    return sa.Index(name, *columns, "id", postgresql_where=sa.text(where), sqlite_where=sa.text(where))


def _taken_tasks_by(column: str) -> sa.Index:
    """An index of the open tasks that somebody has taken."""
    return _open_tasks_by("assignee", column, where=f"{_IS_OPEN} AND assignee IS NOT NULL")


user_task = sa.Table(
    "user_task",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("instance_id", sa.Uuid, sa.ForeignKey("process_instance.id"), nullable=False),
    # The engine's name for it within the instance.
    sa.Column("token", sa.Integer, nullable=False),
    sa.Column("element_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("activity_no", sa.Integer),
    sa.Column("visit", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("lane", sa.Text),
    # Copies for the lists, without foreign keys: their originals have them, the lane's role in `definition_role`, the
    # unit in the instance; each new task would lock the rows of both, which all of an office share. A role is null for
    # a task without lane and group: it is the starter's, who is its assignee.
    sa.Column("role_key", sa.Text),
    sa.Column("unit_id", sa.Uuid, nullable=False),
    sa.Column("definition_key", sa.Text, nullable=False),
    sa.Column("assignee", sa.Text),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("claimed_at", UtcDateTime),
    sa.Column("due_at", UtcDateTime),
    # The same, with the end of time for a task that is never due: what lists are sorted by.
    sa.Column("due_order", UtcDateTime, nullable=False),
    sa.Column("standard_time", sa.Text),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("completed_by", sa.Text),
    sa.Column("on_behalf_of", sa.Text),
    sa.Column("decision", sa.Text),
    sa.Column("reason", sa.Text),
    # JSON: the loop counter and the item of one of a multi-instance task.
    sa.Column("local", sa.LargeBinary),
    # JSON {"requirements": {name: bool}, "outputs": {name: bool}}: what somebody has said of the standard of the row.
    sa.Column("checklist", sa.LargeBinary),
    sa.UniqueConstraint("instance_id", "token"),
    sa.CheckConstraint(_one_of("state", TaskState), name="state_known"),
    _open_tasks_by("role_key", "unit_id", "created_at"),
    _open_tasks_by("role_key", "unit_id", "due_order"),
    _open_tasks_by("role_key", "definition_key", "unit_id"),
    _open_tasks_by("role_key", "created_at"),
    _open_tasks_by("role_key", "due_order"),
    _taken_tasks_by("created_at"),
    _taken_tasks_by("due_order"),
    _open_tasks_by("created_at"),
    _open_tasks_by("due_order"),
    sa.Index("ix_user_task_performer", "completed_by", "ended_at"),
    # What was sent back, which is little of all; with its unit, so that of others' not even the row is read.
    sa.Index(
        "ix_user_task_returned",
        "ended_at",
        "id",
        "unit_id",
        postgresql_where=sa.text(_IS_RETURNED),
        sqlite_where=sa.text(_IS_RETURNED),
    ),
    # What was completed, for figures on the latest of it.
    sa.Index(
        "ix_user_task_completed",
        "definition_key",
        "ended_at",
        postgresql_where=sa.text(_IS_COMPLETED),
        sqlite_where=sa.text(_IS_COMPLETED),
    ),
)

wait = sa.Table(
    "wait",
    metadata,
    sa.Column("instance_id", sa.Uuid, sa.ForeignKey("process_instance.id"), primary_key=True),
    sa.Column("token", sa.Integer, primary_key=True),
    sa.Column("element_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    # The name of the message or the signal, or the topic of an external task.
    sa.Column("awaited", sa.Text, index=True),
    sa.Column("due_at", UtcDateTime, index=True),
    sa.CheckConstraint("kind IN ('message', 'signal', 'external', 'timer')", name="kind_known"),
)

# Work for a program outside, for as long as an instance waits for it: the row goes when its wait does.
external_task = sa.Table(
    "external_task",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("instance_id", sa.Uuid, nullable=False),
    sa.Column("token", sa.Integer, nullable=False),
    sa.Column("element_id", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("unit.id"), nullable=False),
    sa.Column("priority", sa.BigInteger, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    # Who has it, in the worker's own words; it is for others once the lock has ended.
    sa.Column("worker_id", sa.Text),
    sa.Column("locked_until", UtcDateTime),
    # How often it may still be tried; null before it first failed, and at 0 it is nobody's.
    sa.Column("retries", sa.Integer),
    sa.Column("error_message", sa.Text),
    sa.Column("error_details", sa.Text),
    sa.ForeignKeyConstraint(["instance_id", "token"], ["wait.instance_id", "wait.token"], ondelete="CASCADE"),
    sa.UniqueConstraint("instance_id", "token"),
    sa.CheckConstraint("retries >= 0", name="retries_not_negative"),
    sa.Index(None, "topic", "created_at", "id"),
)
