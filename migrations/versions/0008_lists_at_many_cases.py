"""Indexes for lists and figures that cost what they show, however many cases there are.

Lists of cases are read by status in their order; running cases are counted by definition and unit; the latest that
ended, of cases and of steps, are found by their SOP.

Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_HAS_ENDED = sa.text("ended_at IS NOT NULL")
_IS_COMPLETED = sa.text("state = 'completed'")


def upgrade() -> None:
    op.drop_index("ix_process_instance_definition_id", table_name="process_instance")
    for columns in (("definition_id", "unit_id", "status"), ("status", "started_at", "id"), ("status", "title", "id")):
        op.create_index("_".join(("ix_process_instance", *columns)), "process_instance", list(columns))
    op.create_index(
        "ix_process_instance_ended",
        "process_instance",
        ["definition_key", "ended_at"],
        postgresql_where=_HAS_ENDED,
        sqlite_where=_HAS_ENDED,
    )
    op.create_index(
        "ix_user_task_completed",
        "user_task",
        ["definition_key", "ended_at"],
        postgresql_where=_IS_COMPLETED,
        sqlite_where=_IS_COMPLETED,
    )


def downgrade() -> None:
    op.drop_index("ix_user_task_completed", table_name="user_task")
    op.drop_index("ix_process_instance_ended", table_name="process_instance")
    for columns in (("status", "title", "id"), ("status", "started_at", "id"), ("definition_id", "unit_id", "status")):
        op.drop_index("_".join(("ix_process_instance", *columns)), table_name="process_instance")
    op.create_index("ix_process_instance_definition_id", "process_instance", ["definition_id"])
