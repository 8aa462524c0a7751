"""The table of the trail."""

import sqlalchemy as sa

from app.core.database import UtcDateTime, metadata

# `position` orders the feed. `content` is the canonical JSON that `hash` covers, kept as text so that a database never
# rewrites what has been hashed.
event = sa.Table(
    "event",
    metadata,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("chain_id", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    # No foreign key: the trail says what was, and each act would lock the row of its unit.
    sa.Column("unit_id", sa.Uuid, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("chain_id", "sequence"),
)
