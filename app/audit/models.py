"""The tables of the trail."""

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

# Heads over all chains, each naming the one before it. Like acts they are only ever added: triggers refuse the rest.
trail_head = sa.Table(
    "trail_head",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    # It covers exactly the acts up to this one.
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("chains", sa.BigInteger, nullable=False),
    sa.Column("acts", sa.BigInteger, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("previous", sa.LargeBinary, nullable=False),
    # The public key and its signature; null for a head that nobody signed.
    sa.Column("key", sa.LargeBinary),
    sa.Column("signature", sa.LargeBinary),
)

# Which leaf of the tree a chain is: chains are numbered from 0 in the order of their first acts.
sealed_chain = sa.Table(
    "sealed_chain",
    metadata,
    sa.Column("chain_id", sa.Text, primary_key=True),
    sa.Column("place", sa.BigInteger, nullable=False, unique=True),
)

# The tree of the latest head, so that the next one and a proof need not read all chains. It is made of the acts, and
# checking the trail makes it anew.
tree_group = sa.Table(
    "tree_group",
    metadata,
    sa.Column("tier", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hashes", sa.LargeBinary, nullable=False),
)
