"""Tables of who is told what happens."""

import sqlalchemy as sa

from app.core.database import UtcDateTime, metadata

# An address that is told the acts in a unit and below it.
webhook = sa.Table(
    "webhook",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("unit_id", sa.Uuid, sa.ForeignKey("unit.id"), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    # JSON: acts, or kinds of acts as `task.`; empty for all.
    sa.Column("types", sa.Text, nullable=False),
    # What signs, as it must be known to sign: `whsec_` and Base64. The one before holds until a moment.
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("old_secret", sa.Text),
    sa.Column("old_secret_until", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("disabled_at", UtcDateTime),
    sa.Column("disabled_why", sa.Text),
    # How far it has followed the trail (`audit.feed.Place`).
    sa.Column("after_transaction", sa.BigInteger, nullable=False),
    sa.Column("after_position", sa.BigInteger, nullable=False),
)

# How far the digests of news have followed the trail: one row, from the first digest on.
mail_follower = sa.Table(
    "mail_follower",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True),
    sa.Column("after_transaction", sa.BigInteger, nullable=False),
    sa.Column("after_position", sa.BigInteger, nullable=False),
    sa.Column("told_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
)
