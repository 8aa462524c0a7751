"""The table of what somebody has typed into the form of a task and not sent yet."""

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
