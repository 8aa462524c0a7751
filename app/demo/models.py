"""The table of the demonstration."""

import sqlalchemy as sa

from app.core.database import metadata

# No row, or one: by how many seconds the office's clock is ahead of the real one. It never becomes less.
demo_clock = sa.Table(
    "demo_clock",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True),
    sa.Column("shift_seconds", sa.BigInteger, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
    sa.CheckConstraint("shift_seconds >= 0", name="shift_not_negative"),
)
