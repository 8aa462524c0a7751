"""A queue of jobs, webhooks, and news by e-mail; the trail can be followed without missing an act that comes late.

Acts that are there already count as written by one transaction before all others (0), in the order of their positions.
The new column is filled by its default, so no row is rewritten and no statement of an act changes.

Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_IS_WAITING = sa.text("state = 'waiting'")
_IS_IN_HAND = sa.text("claimed_until IS NOT NULL")


def upgrade() -> None:
    op.add_column("event", sa.Column("transaction_no", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION alur_transaction_no(xid8) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE "
            "AS 'SELECT $1::text::bigint + 0'"
        )
        op.execute(
            "ALTER TABLE event ALTER COLUMN transaction_no SET DEFAULT alur_transaction_no(pg_current_xact_id())"
        )
    op.create_index(
        "ix_event_feed", "event", ["transaction_no", "position"], sqlite_where=sa.text("transaction_no > 0")
    )
    op.add_column("user_account", sa.Column("news_to", sa.Text()))
    op.create_table(
        "job",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("claimed_until", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.CheckConstraint("state IN ('waiting', 'done', 'dead')", name=op.f("ck_job_state_known")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_job")),
        sa.UniqueConstraint("id", name=op.f("uq_job_id")),
    )
    op.create_index(
        "ix_job_waiting", "job", ["due_at", "number"], postgresql_where=_IS_WAITING, sqlite_where=_IS_WAITING
    )
    op.create_index(
        "uq_job_in_hand", "job", ["lane"], unique=True, postgresql_where=_IS_IN_HAND, sqlite_where=_IS_IN_HAND
    )
    op.create_index(op.f("ix_job_lane_number"), "job", ["lane", "number"])
    op.create_table(
        "job_try",
        sa.Column("job_number", _NUMBER, nullable=False),
        sa.Column("claim", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_number"], ["job.number"], name=op.f("fk_job_try_job_number_job"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_number", "claim", name=op.f("pk_job_try")),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text()),
        sa.Column("old_secret_until", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("disabled_at", _MOMENT),
        sa.Column("disabled_why", sa.Text()),
        sa.Column("after_transaction", sa.BigInteger(), nullable=False),
        sa.Column("after_position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_webhook_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "mail_follower",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("after_transaction", sa.BigInteger(), nullable=False),
        sa.Column("after_position", sa.BigInteger(), nullable=False),
        sa.Column("told_at", _MOMENT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_follower_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_follower")),
    )


def downgrade() -> None:
    for table in ("mail_follower", "webhook", "job_try", "job"):
        op.drop_table(table)
    op.drop_column("user_account", "news_to")
    op.drop_index("ix_event_feed", table_name="event")
    op.drop_column("event", "transaction_no")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION alur_transaction_no(xid8)")
