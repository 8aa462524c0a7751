"""Lists in pages by keyset: a page costs the same wherever it is, and nothing is skipped or shown twice."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.database import UtcDateTime
from app.core.problems import Invalid

DEFAULT_LIMIT = 50
MOST = 200


class Order(NamedTuple):
    """The columns that a list is sorted by, the last one unique; all in one direction."""

    columns: Sequence[sa.ColumnElement[Any]]
    descending: bool

    def after(self, cursor: str) -> sa.ColumnElement[bool]:
        """Return the condition for what comes behind a cursor.

        Raises:
            Invalid: the cursor is not one of this list in this order.
        """
        values = _decode(cursor, self)
        here, there = sa.tuple_(*self.columns), sa.tuple_(*values)
        return here < there if self.descending else here > there

    def clauses(self) -> list[sa.ColumnElement[Any]]:
        """Return what to order by."""
        return [column.desc() if self.descending else column.asc() for column in self.columns]

    def cursor(self, row: Any) -> str:
        """Return the cursor behind a row: what it means is nobody's business but ours.

        It tells its order, since the values of one order mean something else in another.
        """
        values = [getattr(row, str(column.key)) for column in self.columns]
        return base64.urlsafe_b64encode(orjson.dumps([self.name, *values])).rstrip(b"=").decode()

    @property
    def name(self) -> str:
        """The columns and their direction, as one word."""
        return ("-" if self.descending else "") + ",".join(str(column.key) for column in self.columns)


class Page(NamedTuple):
    """Some rows of a list and the cursor of the next ones, null at the end."""

    rows: Sequence[Any]
    next_cursor: str | None


def parse_sort(text: str | None, allowed: Sequence[str], default: str) -> tuple[str, bool]:
    """Return the field and whether it is descending of `sort=field` or `sort=-field`.

    Raises:
        Invalid: the field cannot be sorted by.
    """
    text = default if text is None else text
    field = text.removeprefix("-")
    if field not in allowed:
        message = f"This list can be sorted by {', '.join(allowed)}, with a minus in front for the other direction."
        raise Invalid(message, errors=[{"pointer": "?sort", "message": message}])
    return field, text.startswith("-")


def fetch(connection: Connection, query: sa.Select[Any], order: Order, *, limit: int, cursor: str | None) -> Page:
    """Return one page of a query; it reads one row more than it gives, to know whether there is a next page."""
    if cursor is not None:
        query = query.where(order.after(cursor))
    rows = connection.execute(query.order_by(*order.clauses()).limit(limit + 1)).all()
    return page_of(rows, order, limit)


def page_of(rows: Sequence[Any], order: Order, limit: int) -> Page:
    """Cut rows that were read up to one more than the limit into a page."""
    if len(rows) <= limit:
        return Page(rows, None)
    return Page(rows[:limit], order.cursor(rows[limit - 1]))


def _decode(cursor: str, order: Order) -> list[Any]:
    try:
        raw = orjson.loads(base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(raw, list) or len(raw) != len(order.columns) + 1 or raw[0] != order.name:
            raise ValueError(cursor)
        return [
            sa.bindparam(None, _typed(value, column), type_=column.type, unique=True)
            for value, column in zip(raw[1:], order.columns, strict=True)
        ]
    except (ValueError, TypeError, binascii.Error, UnicodeEncodeError):
        message = "This cursor is not one of this list in this order. Begin again without a cursor."
        raise Invalid(message, errors=[{"pointer": "?cursor", "message": message}]) from None


def _typed(value: Any, column: sa.ColumnElement[Any]) -> Any:
    """Return a value of a cursor as its column has it; raises ValueError for what no row can hold."""
    if isinstance(column.type, sa.Integer):
        bits = 15 if isinstance(column.type, sa.SmallInteger) else 63 if isinstance(column.type, sa.BigInteger) else 31
        if type(value) is not int or not -(2**bits) <= value < 2**bits:
            raise ValueError(value)
        return value
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    if isinstance(column.type, UtcDateTime):
        return in_utc(datetime.fromisoformat(value))
    return UUID(value) if isinstance(column.type, sa.Uuid) else value


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; raises ValueError for one without a zone, or outside the years that there are."""
    if moment.tzinfo is None:
        raise ValueError(moment)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(moment) from error
