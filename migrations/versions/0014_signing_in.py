"""What signing in must remember: failures, from where somebody came in, and who he is at a provider.

A role says whether a provider gave it (`source`), which may then take it again; those that there are, people gave.

Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    op.create_index("ix_sign_in_failure_account_at", "sign_in_failure", ["account", "at"])
    op.create_index("ix_sign_in_failure_address_at", "sign_in_failure", ["address", "at"])
    op.create_table(
        "sign_in_address",
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "address", name=op.f("pk_sign_in_address")),
    )
    op.create_table(
        "provider_identity",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_provider_identity_user_id")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_provider_identity")),
    )
    op.create_index("ix_provider_identity_user_id", "provider_identity", ["user_id"])
    op.add_column("role_holding", sa.Column("source", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("role_holding", "source")
    op.drop_index("ix_provider_identity_user_id", table_name="provider_identity")
    op.drop_table("provider_identity")
    op.drop_table("sign_in_address")
    op.drop_index("ix_sign_in_failure_address_at", table_name="sign_in_failure")
    op.drop_index("ix_sign_in_failure_account_at", table_name="sign_in_failure")
    op.drop_table("sign_in_failure")
