"""Create the table of external tasks, for programs that do a part of a process, and the permission to work on them.

Nobody gets the permission by this; a wait may be one for external work. SQLite cannot change a rule of a table, so
there the two tables are made again, with what is in them. Going back needs that nobody waits for external work, and
takes the permission from everybody.

Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _set_rules("permission IN ('administer', 'deploy', 'audit', 'work')", "kind IN ('message', 'timer', 'external')")
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
    op.execute("DELETE FROM permission_grant WHERE permission = 'work'")
    op.execute("UPDATE identity_version SET value = value + 1")
    _set_rules("permission IN ('administer', 'deploy', 'audit')", "kind IN ('message', 'timer')")


def _set_rules(permissions: str, kinds: str) -> None:
    """Replace the two rules about which permissions and which kinds of waits there are."""
    if op.get_bind().dialect.name == "postgresql":
        for table, rule, name in (("permission_grant", permissions, "permission"), ("wait", kinds, "kind")):
            constraint = op.f(f"ck_{table}_{name}_known")
            op.drop_constraint(constraint, table, type_="check")
            op.create_check_constraint(constraint, table, rule)
        return
    for made in (_permission_grant(permissions), _wait(kinds)):
        with op.batch_alter_table(made.name, copy_from=made, recreate="always"):
            pass


def _permission_grant(permissions: str) -> sa.Table:
    return sa.Table(
        "permission_grant",
        sa.MetaData(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(permissions, name=op.f("ck_permission_grant_permission_known")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_permission_grant_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_permission_grant_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permission_grant")),
        sa.Index("ix_permission_grant_user_id", "user_id"),
    )


def _wait(kinds: str) -> sa.Table:
    return sa.Table(
        "wait",
        sa.MetaData(),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message_name", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(kinds, name=op.f("ck_wait_kind_known")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_wait_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "token", name=op.f("pk_wait")),
        sa.Index("ix_wait_due_at", "due_at"),
        sa.Index("ix_wait_message_name", "message_name"),
    )
