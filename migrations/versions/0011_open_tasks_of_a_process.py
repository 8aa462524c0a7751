"""An index by which the open tasks of a role are counted for each process.

Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NAME = "ix_user_task_open_role_key_definition_key_unit_id"
_IS_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_index(
        _NAME,
        "user_task",
        ["role_key", "definition_key", "unit_id", "id"],
        postgresql_where=_IS_OPEN,
        sqlite_where=_IS_OPEN,
    )


def downgrade() -> None:
    op.drop_index(_NAME, table_name="user_task")
