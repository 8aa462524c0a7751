"""What instances call, and signals on their way.

Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instance_call",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_instance_call_definition_id")
        ),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_instance_call_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "process_key", name=op.f("pk_instance_call")),
    )
    op.create_table(
        "signal_delivery",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("thrown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("depth", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_signal_delivery_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "name", "cause", name=op.f("pk_signal_delivery")),
    )
    op.create_index("ix_signal_delivery_thrown_at", "signal_delivery", ["thrown_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_signal_delivery_thrown_at", table_name="signal_delivery")
    op.drop_table("signal_delivery")
    op.drop_table("instance_call")
