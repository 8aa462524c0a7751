"""One transaction of one command: what it reads at once, what it writes at the end, and what it tells."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.sql.dml import UpdateBase

from app.core import prepared
from app.core.events import Event, Listener

# A statement has room for 32,766 parameters on SQLite.
_MOST_ROWS = 50


class _Write(NamedTuple):
    statement: UpdateBase
    values: Mapping[str, Any]


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

    def write(self, statement: UpdateBase, values: Mapping[str, Any] | None = None) -> None:
        """Write when the unit of work commits, after what was handed in before."""
        self._writes.append(_Write(statement, values or {}))

    def write_rows(self, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, changing: tuple[str, ...] = ()) -> None:
        """Write whole rows in one statement when the unit of work commits.

        A row whose primary key is there already is not added again: its columns in `changing` are.
        """
        for start in range(0, len(rows), _MOST_ROWS):
            some = rows[start : start + _MOST_ROWS]
            statement = prepared.insert_rows(table, len(some), changing, self.connection.dialect.name)
            self.write(statement, {f"{name}_{n}": value for n, row in enumerate(some) for name, value in row.items()})

    def record(self, event: Event) -> None:
        """Tell every listener that something happened; they write in this same transaction."""
        for listener in self._listeners:
            listener(self, event)

    def flush(self) -> None:
        """Send the collected writes without committing them."""
        writes, self._writes = self._writes, []
        for write in writes:
            prepared.run(self.connection, write.statement, write.values)

    def commit(self) -> None:
        """Send the collected writes and commit; called once, by `Database`."""
        pipeline = getattr(self.connection.connection.driver_connection, "pipeline", None)
        if pipeline is not None and self._writes:
            driver_error = self.connection.dialect.loaded_dbapi.Error
            try:
                with pipeline():
                    self.flush()
                    self.connection.commit()
            except driver_error as error:
                # Inside a pipeline errors arrive late, past SQLAlchemy, which would have wrapped them.
                raise sa.exc.DBAPIError.instance("COMMIT", None, error, driver_error) from error
        else:
            self.flush()
            self.connection.commit()
