"""The tables of the queue."""

import sqlalchemy as sa

from app.core.database import UtcDateTime, metadata

_IS_WAITING = sa.text("state = 'waiting'")
_IS_IN_HAND = sa.text("claimed_until IS NOT NULL")

job = sa.Table(
    "job",
    metadata,
    # The order in which jobs were added.
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.Uuid, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    # Of the jobs of a lane one is done at a time; null for a job that waits for no other.
    sa.Column("lane", sa.Text),
    # What the kind needs; of what is sent, the very text, so that each try sends the same.
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    # How often it was begun since it was added or replayed.
    sa.Column("tries", sa.Integer, nullable=False),
    # How often it was ever claimed: the fence. Whoever finishes it must name the last claim.
    sa.Column("claim", sa.Integer, nullable=False),
    sa.Column("claimed_until", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
    sa.CheckConstraint("state IN ('waiting', 'done', 'dead')", name="state_known"),
    sa.Index("ix_job_waiting", "due_at", "number", postgresql_where=_IS_WAITING, sqlite_where=_IS_WAITING),
    sa.Index("uq_job_in_hand", "lane", unique=True, postgresql_where=_IS_IN_HAND, sqlite_where=_IS_IN_HAND),
    sa.Index(None, "lane", "number"),
)

# What became of each try; one whose process died left none.
job_try = sa.Table(
    "job_try",
    metadata,
    sa.Column(
        "job_number",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        sa.ForeignKey("job.number", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("claim", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("milliseconds", sa.Integer, nullable=False),
    sa.Column("succeeded", sa.Boolean, nullable=False),
    sa.Column("told", sa.Text, nullable=False),
)
