"""Create the first tables: identity, definitions, instances, the trail, counters and kept answers.

The identity version starts at 1; every change of people, units or roles raises it.

Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "definition_content",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_definition_content")),
    )
    op.create_table(
        "idempotency",
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_name", "key", name=op.f("pk_idempotency")),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "identity_version",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_identity_version_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_version")),
    )
    op.create_table(
        "role",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reports_to", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('jabatan', 'tim', 'pihak_luar')", name=op.f("ck_role_kind_known")),
        sa.CheckConstraint("reach IN ('unit', 'pemda')", name=op.f("ck_role_reach_known")),
        sa.ForeignKeyConstraint(["reports_to"], ["role.key"], name=op.f("fk_role_reports_to")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_role")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("chain_length", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("chain_head", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('pemda', 'perangkat_daerah', 'bidang')", name=op.f("ck_unit_kind_known")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("key", name=op.f("uq_unit_key")),
    )
    op.create_index("ix_unit_parent_id", "unit", ["parent_id"], unique=False)

    op.create_table(
        "unit_counter",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "slot", name=op.f("pk_unit_counter")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("username", name=op.f("uq_user_account_username")),
    )
    op.create_table(
        "deployment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("deployed_by", sa.Text(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_deployment_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    op.create_table(
        "event",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("chain_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_event")),
        sa.UniqueConstraint("chain_id", "sequence", name=op.f("uq_event_chain_id_sequence")),
    )
    op.create_table(
        "permission_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "permission IN ('administer', 'deploy', 'audit', 'work')", name=op.f("ck_permission_grant_permission_known")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_permission_grant_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_permission_grant_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permission_grant")),
    )
    op.create_index("ix_permission_grant_user_id", "permission_grant", ["user_id"], unique=False)

    op.create_table(
        "role_alias",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("role_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["role_key"], ["role.key"], name=op.f("fk_role_alias_role_key")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_alias_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "alias", name=op.f("pk_role_alias")),
    )
    op.create_table(
        "role_holding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role_key", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind = 'definitif' OR (letter IS NOT NULL AND valid_to IS NOT NULL)",
            name=op.f("ck_role_holding_acting_has_letter"),
        ),
        sa.CheckConstraint("kind IN ('definitif', 'plt', 'plh')", name=op.f("ck_role_holding_kind_known")),
        sa.ForeignKeyConstraint(["role_key"], ["role.key"], name=op.f("fk_role_holding_role_key")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_holding_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_role_holding_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_holding")),
    )
    op.create_index("ix_role_holding_role_key", "role_holding", ["role_key"], unique=False)
    op.create_index("ix_role_holding_user_id", "role_holding", ["user_id"], unique=False)

    op.create_table(
        "process_definition",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version_tag", sa.Text(), nullable=True),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("activity_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_hash"], ["definition_content.hash"], name=op.f("fk_process_definition_content_hash")
        ),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_process_definition_deployment_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_process_definition_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("unit_id", "key", "version", name=op.f("uq_process_definition_unit_id_key_version")),
    )
    op.create_index("ix_process_definition_deployment_id", "process_definition", ["deployment_id"], unique=False)
    op.create_index("ix_process_definition_key_version", "process_definition", ["key", "version"], unique=False)

    op.create_table(
        "definition_role",
        sa.Column("definition_id", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("role_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_definition_role_definition_id")
        ),
        sa.ForeignKeyConstraint(["role_key"], ["role.key"], name=op.f("fk_definition_role_role_key")),
        sa.PrimaryKeyConstraint("definition_id", "lane", "role_key", name=op.f("pk_definition_role")),
    )
    op.create_table(
        "process_instance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sa.Text(), nullable=False),
        sa.Column("definition_key", sa.Text(), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("taken", sa.LargeBinary(), nullable=False),
        sa.Column("chain_length", sa.BigInteger(), nullable=False),
        sa.Column("chain_head", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'suspended', 'completed', 'cancelled', 'incident')",
            name=op.f("ck_process_instance_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_process_instance_definition_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_process_instance_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
    )
    op.create_index("ix_process_instance_business_key", "process_instance", ["business_key"], unique=False)
    op.create_index("ix_process_instance_definition_id", "process_instance", ["definition_id"], unique=False)
    op.create_index(
        "ix_process_instance_unit_id_status_started_at_id",
        "process_instance",
        ["unit_id", "status", "started_at", "id"],
        unique=False,
    )

    op.create_table(
        "user_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("activity_no", sa.Integer(), nullable=True),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=True),
        sa.Column("role_key", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("definition_key", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_order", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standard_time", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.Text(), nullable=True),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("local", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'completed', 'cancelled')", name=op.f("ck_user_task_state_known")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_user_task_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
        sa.UniqueConstraint("instance_id", "token", name=op.f("uq_user_task_instance_id_token")),
    )
    op.create_index(
        "ix_user_task_open_assignee_created_at",
        "user_task",
        ["assignee", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open' AND assignee IS NOT NULL"),
        sqlite_where=sa.text("state = 'open' AND assignee IS NOT NULL"),
    )
    op.create_index(
        "ix_user_task_open_assignee_due_order",
        "user_task",
        ["assignee", "due_order", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open' AND assignee IS NOT NULL"),
        sqlite_where=sa.text("state = 'open' AND assignee IS NOT NULL"),
    )
    op.create_index(
        "ix_user_task_open_created_at",
        "user_task",
        ["created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_user_task_open_due_order",
        "user_task",
        ["due_order", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_user_task_open_role_key_created_at",
        "user_task",
        ["role_key", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_user_task_open_role_key_due_order",
        "user_task",
        ["role_key", "due_order", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_user_task_open_role_key_unit_id_created_at",
        "user_task",
        ["role_key", "unit_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_user_task_open_role_key_unit_id_due_order",
        "user_task",
        ["role_key", "unit_id", "due_order", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_user_task_performer", "user_task", ["completed_by", "ended_at"], unique=False)

    op.create_table(
        "wait",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("awaited", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('message', 'signal', 'external', 'timer')", name=op.f("ck_wait_kind_known")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_wait_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "token", name=op.f("pk_wait")),
    )
    op.create_index("ix_wait_due_at", "wait", ["due_at"], unique=False)
    op.create_index("ix_wait_awaited", "wait", ["awaited"], unique=False)

    op.execute("INSERT INTO identity_version (id, value) VALUES (1, 1)")


def downgrade() -> None:
    op.drop_index("ix_wait_awaited", table_name="wait")
    op.drop_index("ix_wait_due_at", table_name="wait")
    op.drop_table("wait")
    op.drop_index("ix_user_task_performer", table_name="user_task")
    op.drop_index("ix_user_task_open_role_key_unit_id_due_order", table_name="user_task")
    op.drop_index("ix_user_task_open_role_key_unit_id_created_at", table_name="user_task")
    op.drop_index("ix_user_task_open_role_key_due_order", table_name="user_task")
    op.drop_index("ix_user_task_open_role_key_created_at", table_name="user_task")
    op.drop_index("ix_user_task_open_due_order", table_name="user_task")
    op.drop_index("ix_user_task_open_created_at", table_name="user_task")
    op.drop_index("ix_user_task_open_assignee_due_order", table_name="user_task")
    op.drop_index("ix_user_task_open_assignee_created_at", table_name="user_task")

    op.drop_table("user_task")
    op.drop_index("ix_process_instance_unit_id_status_started_at_id", table_name="process_instance")
    op.drop_index("ix_process_instance_definition_id", table_name="process_instance")
    op.drop_index("ix_process_instance_business_key", table_name="process_instance")

    op.drop_table("process_instance")
    op.drop_table("definition_role")
    op.drop_index("ix_process_definition_key_version", table_name="process_definition")
    op.drop_index("ix_process_definition_deployment_id", table_name="process_definition")

    op.drop_table("process_definition")
    op.drop_index("ix_role_holding_user_id", table_name="role_holding")
    op.drop_index("ix_role_holding_role_key", table_name="role_holding")

    op.drop_table("role_holding")
    op.drop_table("role_alias")
    op.drop_index("ix_permission_grant_user_id", table_name="permission_grant")

    op.drop_table("permission_grant")
    op.drop_table("event")
    op.drop_table("deployment")
    op.drop_table("user_account")
    op.drop_table("unit_counter")
    op.drop_index("ix_unit_parent_id", table_name="unit")

    op.drop_table("unit")
    op.drop_table("role")
    op.drop_table("identity_version")

    op.drop_table("idempotency")
    op.drop_table("definition_content")
