"""The index of what was sent back tells the unit, so that a figure of one office reads no rows of the others.

Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NAME = "ix_user_task_returned"
_IS_RETURNED = sa.text("decision = 'dikembalikan'")


def upgrade() -> None:
    _replace("ended_at", "id", "unit_id")


def downgrade() -> None:
    _replace("ended_at", "id")


def _replace(*columns: str) -> None:
    op.drop_index(_NAME, table_name="user_task")
    op.create_index(_NAME, "user_task", list(columns), postgresql_where=_IS_RETURNED, sqlite_where=_IS_RETURNED)
