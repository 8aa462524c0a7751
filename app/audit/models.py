"""The table of the trail."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from app.core.database import UtcDateTime, metadata

# How PostgreSQL's transactions are numbered here: as its own, and where a trail was restored into another server, on
# from where it ended (`feed.settle`).
TRANSACTION_NO = (
    "FUNCTION alur_transaction_no(xid8) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE "
    "AS 'SELECT $1::text::bigint + {shift}'"
)


class _PresentTransaction(sa.sql.functions.FunctionElement[int]):
    """The number of the transaction that writes; 0 on SQLite, where one writes at a time."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(_PresentTransaction)
def _none(*_: Any, **__: Any) -> str:
    return "0"


@compiles(_PresentTransaction, "postgresql")
def _present(*_: Any, **__: Any) -> str:
    return "alur_transaction_no(pg_current_xact_id())"


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
    # Together with the position, the order in which the trail is followed (`feed`); no part of what is hashed.
    sa.Column("transaction_no", sa.BigInteger, nullable=False, server_default=_PresentTransaction()),
    sa.UniqueConstraint("chain_id", "sequence"),
    # SQLite follows the positions: the index holds nothing there.
    sa.Index("ix_event_feed", "transaction_no", "position", sqlite_where=sa.text("transaction_no > 0")),
)
