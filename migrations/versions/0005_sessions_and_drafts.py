"""Signed-in browsers, and what somebody has typed into a form that he has not sent yet.

Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user_session",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_session_user_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_user_session")),
    )
    op.create_index("ix_user_session_user_id", "user_session", ["user_id"])
    op.create_table(
        "task_draft",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "username", name=op.f("pk_task_draft")),
    )
    op.create_index("ix_task_draft_saved_at", "task_draft", ["saved_at"])


def downgrade() -> None:
    op.drop_index("ix_task_draft_saved_at", table_name="task_draft")
    op.drop_table("task_draft")
    op.drop_index("ix_user_session_user_id", table_name="user_session")
    op.drop_table("user_session")
