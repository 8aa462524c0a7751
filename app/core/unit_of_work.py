"""One transaction of one command: what it reads at once, what it writes at the end, and what it tells."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.sql.dml import UpdateBase

from app.core import prepared
from app.core.events import Event, Listener
from app.core.trace import NotedAct

# A statement has room for 32,766 parameters on SQLite.
_MOST_ROWS = 50


# Under this name a connection keeps the pipeline that it is in.
_PIPELINE = "pipeline"


def leave_pipeline(connection: Connection, *_: Any) -> None:
    """Close the pipeline of a connection before SQLAlchemy executes anything: it wants its answer at once."""
    pipeline = connection.info.pop(_PIPELINE, None)
    if pipeline is not None:
        pipeline.__exit__(None, None, None)


class Turn(Protocol):
    """Who may write now, where the database lets only one."""

    def take(self) -> None:
        """Wait for one's turn."""

    def give(self) -> None:
        """Let the next one write."""


class _Write(NamedTuple):
    statement: UpdateBase
    values: Mapping[str, Any]


class UnitOfWork:
    """Collects the writes of a command and sends them together when it commits.

    Reading is immediate (`lock`, `execute`); writing waits (`write`), so that PostgreSQL gets all of it in one round
    trip, SQLite's one writer is kept for no longer than it writes, and nothing is written by a command that fails
    half-way. A command that must read its own writes calls `flush`. Only `Database` makes one, commits it and rolls it
    back; `connection` must be in the driver's autocommit mode, so that the transaction begins where it is told to here.

    A command that only locks and writes takes PostgreSQL two round trips: its pipeline opens with the lock and closes
    with the commit. Anything that goes through SQLAlchemy closes it before (`leave_pipeline`).
    """

    def __init__(self, connection: Connection, listeners: Sequence[Listener], turn: Turn | None = None) -> None:
        self._connection = connection
        driver: Any = connection.connection.driver_connection
        self._driver = driver
        self._cursor = driver.cursor()
        self._listeners = listeners
        self._turn = turn
        self._begun = False
        self._has_turn = False
        self._first: list[_Write] = []
        self._writes: list[_Write] = []
        self.acts: list[NotedAct] = []
        self.dialect = connection.dialect

    @property
    def connection(self) -> Connection:
        """The connection, with the transaction begun."""
        if not self._begun:
            with self._errors():
                self.begin()
        return self._connection

    @property
    def reader(self) -> Connection:
        """The connection for what this act does not change, such as people and definitions; nothing begins by it."""
        return self._connection

    def execute(self, statement: sa.Executable, values: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        """Read, or write, now."""
        return self.connection.execute(statement, values or {})

    def lock(self, statement: sa.Select[Any], values: Mapping[str, Any]) -> Any:
        """Read the row that the act is about, null if there is none; nobody changes it before this act is done.

        PostgreSQL locks it, if the statement says FOR UPDATE, in one round trip with the beginning of the transaction.
        SQLite only reads it: whoever locks must record an act on its chain, and of two acts that follow the same one
        only the first can be written; the other is tried again, then with the database to itself.
        """
        read = prepared.read(statement, tuple(values), self.dialect)
        with self._errors():
            if not self._begun and self._turn is None:
                self._open_pipeline()
                self.begin()
            return read.fetch_one(self._cursor, values)

    def write(self, statement: UpdateBase, values: Mapping[str, Any] | None = None) -> None:
        """Write when the unit of work commits, after what was handed in before."""
        self._writes.append(_Write(statement, values or {}))

    def write_first(self, statement: UpdateBase, values: Mapping[str, Any]) -> None:
        """Write before all others: the row by which the database tells that another command was faster."""
        self._first.append(_Write(statement, values))

    def write_rows(self, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, changing: tuple[str, ...] = ()) -> None:
        """Write whole rows in one statement when the unit of work commits.

        A row whose primary key is there already is not added again: its columns in `changing` are.
        """
        for start in range(0, len(rows), _MOST_ROWS):
            some = rows[start : start + _MOST_ROWS]
            statement = prepared.insert_rows(table, len(some), changing, self.dialect.name)
            self.write(statement, {f"{name}_{n}": value for n, row in enumerate(some) for name, value in row.items()})

    def record(self, event: Event) -> None:
        """Tell every listener that something happened; they write in this same transaction."""
        for listener in self._listeners:
            listener(self, event)
        self.acts.append(NotedAct(event.type, event.process, event.chain.id, event.chain.length))

    def flush(self) -> None:
        """Send the collected writes without committing them."""
        with self._errors():
            self.begin()
            self._send()
            leave_pipeline(self._connection)

    def begin(self) -> None:
        """Begin the transaction, when it is this command's turn."""
        if self._begun:
            return
        if self._turn is not None:
            self._turn.take()
            self._has_turn = True
        self._cursor.execute("BEGIN" if self._turn is None else "BEGIN IMMEDIATE")
        self._begun = True

    def commit(self) -> None:
        """Send the collected writes and commit."""
        if not (self._begun or self._first or self._writes):
            return
        with self._errors():
            if self._turn is None:
                self._open_pipeline()
            self.begin()
            self._send()
            self._cursor.execute("COMMIT")
            leave_pipeline(self._connection)
        self._begun = False
        self._end_turn()

    def roll_back(self) -> None:
        """Undo everything; a connection that does not even take that is given up."""
        try:
            # One that SQLAlchemy found lost it has given up already; asked for anything, it would open another.
            if not self._connection.invalidated:
                with suppress(self._driver_error):
                    # What failed in a pipeline is told again by its end.
                    leave_pipeline(self._connection)
                if self._begun:
                    self._cursor.execute("ROLLBACK")
        except self._driver_error as error:
            self._connection.invalidate(error)
        finally:
            self._begun = False
            self._end_turn()

    def _open_pipeline(self) -> None:
        if _PIPELINE not in self._connection.info:
            pipeline = self._driver.pipeline()
            pipeline.__enter__()
            self._connection.info[_PIPELINE] = pipeline

    def _send(self) -> None:
        writes = [*self._first, *self._writes]
        self._first, self._writes = [], []
        for write in writes:
            prepared.write(write.statement, tuple(write.values), self.dialect).execute(self._cursor, write.values)

    def _end_turn(self) -> None:
        if self._turn is not None and self._has_turn:
            self._has_turn = False
            self._turn.give()

    @property
    def _driver_error(self) -> Any:
        return self.dialect.loaded_dbapi.Error

    def _errors(self) -> AbstractContextManager[None]:
        return prepared.driver_errors(self.dialect, self._driver)
