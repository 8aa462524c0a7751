"""One transaction of one command: what it reads at once, what it writes at the end, and what it tells."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, CursorResult

from app.core.events import Event, Listener

# A statement has room for 32,766 parameters on SQLite.
_MOST_ROWS = 50


class _Write(NamedTuple):
    statement: sa.Executable
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]]


class UnitOfWork:
    """Collects the writes of a command and sends them together when it commits.

    Reading is immediate (`connection`); writing waits (`write`), so that PostgreSQL gets all of it in one round trip,
    and nothing is written by a command that fails half-way. A command that must read its own writes calls `flush`.
    Only `Database` commits.
    """

    def __init__(self, connection: Connection, listeners: Sequence[Listener]) -> None:
        self.connection = connection
        self._listeners = listeners
        self._writes: list[_Write] = []

    def execute(self, statement: sa.Executable, values: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        """Read, or lock, now."""
        return self.connection.execute(statement, values or {})

    def write(self, statement: sa.Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] = ()) -> None:
        """Write when the unit of work commits, after what was handed in before."""
        self._writes.append(_Write(statement, values))

    def write_rows(self, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, changing: tuple[str, ...] = ()) -> None:
        """Write whole rows in one statement when the unit of work commits.

        A row whose primary key is there already is not added again: its columns in `changing` are.
        """
        for start in range(0, len(rows), _MOST_ROWS):
            some = rows[start : start + _MOST_ROWS]
            statement = _rows_statement(table, len(some), changing, self.connection.dialect.name)
            self.write(statement, {f"{name}_{n}": value for n, row in enumerate(some) for name, value in row.items()})

    def record(self, event: Event) -> None:
        """Tell every listener that something happened; they write in this same transaction."""
        for listener in self._listeners:
            listener(self, event)

    def flush(self) -> None:
        """Send the collected writes without committing them."""
        writes, self._writes = self._writes, []
        for write in writes:
            self.connection.execute(write.statement, write.values or None)  # type: ignore[call-overload]

    def commit(self) -> None:
        """Send the collected writes and commit; called once, by `Database`."""
        raw = self.connection.connection.driver_connection
        if hasattr(raw, "pipeline") and self._writes:
            with raw.pipeline():
                self.flush()
                self.connection.commit()
        else:
            self.flush()
            self.connection.commit()


@lru_cache(maxsize=256)
def _rows_statement(table: sa.Table, count: int, changing: tuple[str, ...], dialect: str) -> sa.Executable:
    """Build the statement once for each number of rows, so that SQLAlchemy compiles it once."""
    values = [
        {column.name: sa.bindparam(f"{column.name}_{n}", type_=column.type) for column in table.columns}
        for n in range(count)
    ]
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table).values(values)
    if not changing:
        return insert
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={name: insert.excluded[name] for name in changing}
    )
