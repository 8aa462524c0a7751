"""What is said of a task's standard, and the comments at a task.

Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_task", sa.Column("checklist", sa.LargeBinary()))
    op.create_table(
        "task_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_task_comment_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_comment")),
    )
    op.create_index("ix_task_comment_task_id", "task_comment", ["task_id"])


def downgrade() -> None:
    op.drop_index("ix_task_comment_task_id", table_name="task_comment")
    op.drop_table("task_comment")
    op.drop_column("user_task", "checklist")
