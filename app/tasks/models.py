"""The tables of what is written at a task: drafts of its form, which are one's own, and comments, which all read."""

import sqlalchemy as sa

from app.core.database import UtcDateTime, metadata

# Without foreign keys: a draft outlives its task for a while, so that whoever was not the first still has his words.
task_draft = sa.Table(
    "task_draft",
    metadata,
    sa.Column("task_id", sa.Uuid, primary_key=True),
    sa.Column("username", sa.Text, primary_key=True),
    # JSON: the fields by their names, as they were typed.
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("saved_at", UtcDateTime, nullable=False, index=True),
)

task_comment = sa.Table(
    "task_comment",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("task_id", sa.Uuid, sa.ForeignKey("user_task.id"), nullable=False, index=True),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)
