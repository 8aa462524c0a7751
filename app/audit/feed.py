"""Follows the trail from a place on, in an order in which nothing is ever added behind: the feed and the outbox.

Acts are numbered before they are committed, so the highest number seen is no place to go on from: a lower one may still
come. On PostgreSQL each act knows the transaction that wrote it, and a follower reads, in the order of transactions,
only those below the oldest that still runs. On SQLite one writes at a time, and numbers are in the order of commits.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit.models import TRANSACTION_NO, event
from app.core.problems import Unavailable

LOOKED_AT = 20_000
"""How many acts one step of a follower passes at most, whether they are his or not."""
_LAST = 2**63 - 1


class Place(NamedTuple):
    """A place in the feed: behind an act, by its transaction and its position; transactions are 0 on SQLite."""

    transaction: int
    position: int

    def __str__(self) -> str:
        """Return the place as text, which `parse` reads."""
        return f"{self.transaction}-{self.position}"


BEGINNING = Place(0, 0)


class FeedMoved(Unavailable):
    """The database was restored into another PostgreSQL, whose transactions have other numbers."""

    def __init__(self) -> None:
        super().__init__(
            "The trail was written in another PostgreSQL than this one, so nobody can follow it. Run alur migrate."
        )


def parse(text: str) -> Place | None:
    """Return the place that a text names, null where it names none."""
    transaction, _, position = text.partition("-")
    if not all(one.isascii() and one.isdigit() and len(one) < 20 for one in (transaction, position)):
        return None
    place = Place(int(transaction), int(position))
    return place if max(place) <= _LAST else None


def end(connection: Connection) -> Place:
    """Return the place behind everything that is followed by nothing older any more.

    Raises:
        FeedMoved: the numbers of transactions are those of another database server.
    """
    if connection.dialect.name == "sqlite":
        return Place(0, connection.execute(sa.select(sa.func.max(event.c.position))).scalar_one() or 0)
    row = connection.execute(_REACH).one()
    if row.newest is not None and row.newest >= row.beyond:
        raise FeedMoved
    return Place(row.oldest - 1, _LAST)


def step(connection: Connection, after: Place) -> Place:
    """Return the last act behind a place, or the 20,000th; the place itself where nothing has come."""
    acts = sa.select(event.c.transaction_no, event.c.position).where(*between(connection, after, end(connection)))
    ordered = order(connection)
    found = connection.execute(acts.order_by(*ordered).offset(LOOKED_AT - 1).limit(1)).one_or_none()
    if found is None:
        found = connection.execute(acts.order_by(*(one.desc() for one in ordered)).limit(1)).one_or_none()
    return after if found is None else Place(*found)


def between(connection: Connection, after: Place, last: Place) -> list[sa.ColumnElement[bool]]:
    """Return the condition for the acts behind a place, up to another."""
    position = event.c.position
    if connection.dialect.name == "sqlite":
        return [position > after.position, position <= last.position]
    here = sa.tuple_(event.c.transaction_no, position)
    return [here > sa.tuple_(*after), here <= sa.tuple_(*last)]


def order(connection: Connection) -> Sequence[sa.ColumnElement[Any]]:
    """Return what the feed is sorted by."""
    return [event.c.position] if connection.dialect.name == "sqlite" else [event.c.transaction_no, event.c.position]


def of_types(types: Sequence[str]) -> sa.ColumnElement[bool]:
    """Return the condition for acts of these types, of which each may name a whole kind (`task.`)."""
    return sa.or_(
        *(event.c.type.startswith(one, autoescape=True) if one.endswith(".") else event.c.type == one for one in types)
    )


def settle(connection: Connection) -> bool:
    """Go on counting where the trail ends, after it was restored into another PostgreSQL; returns whether it was so.

    Places that followers hold stay right. It needs a transaction, and the right to replace the function.
    """
    if connection.dialect.name == "sqlite":
        return False
    row = connection.execute(_REACH).one()
    if row.newest is None or row.newest < row.beyond:
        return False
    shift = connection.execute(_SHIFT).scalar_one() + row.newest - row.oldest + 1
    connection.execute(sa.text(f"CREATE OR REPLACE {TRANSACTION_NO.format(shift=shift)}"))
    return True


_NO = sa.func.alur_transaction_no
_SNAPSHOT = sa.func.pg_current_snapshot()
_REACH = sa.select(
    _NO(sa.func.pg_snapshot_xmin(_SNAPSHOT)).label("oldest"),
    _NO(sa.func.pg_snapshot_xmax(_SNAPSHOT)).label("beyond"),
    sa.select(sa.func.max(event.c.transaction_no)).scalar_subquery().label("newest"),
)
_SHIFT = sa.text("SELECT alur_transaction_no('0'::xid8)")
