"""An index of what was sent back, for the figures and lists of returns.

It holds the returned visits alone, so that completing any other task costs nothing more.

Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_IS_RETURNED = sa.text("decision = 'dikembalikan'")


def upgrade() -> None:
    op.create_index(
        "ix_user_task_returned",
        "user_task",
        ["ended_at", "id"],
        postgresql_where=_IS_RETURNED,
        sqlite_where=_IS_RETURNED,
    )


def downgrade() -> None:
    op.drop_index("ix_user_task_returned", table_name="user_task")
