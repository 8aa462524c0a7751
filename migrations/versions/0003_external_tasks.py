"""Create the table of external tasks, for programs that do a part of a process.

Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "external_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worker_id", sa.Text(), nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retries", sa.Integer(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_details", sa.Text(), nullable=True),
        sa.CheckConstraint("retries >= 0", name=op.f("ck_external_task_retries_not_negative")),
        sa.ForeignKeyConstraint(
            ["instance_id", "token"],
            ["wait.instance_id", "wait.token"],
            name=op.f("fk_external_task_instance_id_token"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_external_task_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_task")),
        sa.UniqueConstraint("instance_id", "token", name=op.f("uq_external_task_instance_id_token")),
    )
    op.create_index("ix_external_task_topic_created_at_id", "external_task", ["topic", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_external_task_topic_created_at_id", table_name="external_task")
    op.drop_table("external_task")
