"""The database: one metadata, the column types, and transactions that are retried when the database asks for it."""

import random
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, BinaryIO, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.types import TypeDecorator

from app.core import metrics, trace
from app.core.events import Listener
from app.core.problems import Unavailable
from app.core.trace import NotedAct
from app.core.unit_of_work import UnitOfWork, leave_pipeline

if sys.platform != "win32":
    import fcntl

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Serialisation failure, deadlock, and a lock that was not to be had in time.
_RETRIED_SQLSTATES = frozenset({"40001", "40P01", "55P03"})
_ATTEMPTS = 6

# What a server says that is going down, or was told to end a connection; and a database that only lets read.
_ENDED = "57P"
_READ_ONLY = "25006"

# Two acts that both mean to be the next one of a chain: the second has seen an old state, and must look again.
_NEXT_ACT = "uq_event_chain_id_sequence"
_NEXT_ACT_COLUMNS = "event.chain_id, event.sequence"

T = TypeVar("T")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware and in UTC on this side, `timestamptz` on PostgreSQL, ISO text that sorts on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone: it would be read in whatever zone the server happens to have."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment without a time zone cannot be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        return None if value is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Return what reads a moment; on SQLite it is read at once, as lists and figures read thousands."""
        return _in_utc if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _in_utc(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written + "+00:00")


class Database:
    """An engine with its way to begin: SQLite with one writer at a time and every commit on disk, or PostgreSQL.

    Listeners hear every recorded event inside the transaction that records it, in the order given.
    """

    def __init__(self, url: str, *, pool_size: int = 10, listeners: Sequence[Listener] = ()) -> None:
        self.engine = _create_engine(url, pool_size)
        self.listeners = tuple(listeners)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._turn = _Turn(self.engine.url.database) if self.is_sqlite else None
        self._most = 2 * pool_size

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()
        if self._turn is not None:
            self._turn.close()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a connection for reading; each statement sees what is committed when it runs."""
        with self._connect() as connection:
            yield connection

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Do a unit of work in one transaction and commit it; returns what `work` returns, after the commit.

        A serialisation failure, a deadlock, or an act that another one forestalled is retried from the beginning, so
        `work` must not act on anything but its unit of work.

        Raises:
            Unavailable: the database refused every attempt.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._transact(work, at_once=attempt > 1)
            except sa.exc.DBAPIError as error:
                if not _is_transient(error):
                    raise
                if attempt == _ATTEMPTS:
                    metrics.GIVEN_UP.inc()
                    raise Unavailable("The database is too busy. Nothing was changed; try again.") from error
                metrics.RETRIES.inc()
                time.sleep(random.uniform(0, 0.01 * 2**attempt))
        raise AssertionError("unreachable")

    def _transact(self, work: Callable[[UnitOfWork], T], *, at_once: bool) -> T:
        with self._connect() as connection:
            uow = UnitOfWork(connection, self.listeners, self._turn)
            try:
                if at_once and self.is_sqlite:
                    # The first attempt read before it was its turn, and somebody else was faster.
                    _ = uow.connection
                result = work(uow)
                _commit(uow)
            except BaseException as error:
                uow.roll_back()
                if isinstance(error, sa.exc.DBAPIError) and _is_read_only(error):
                    # Connections stay so when the database no longer is; on SQLite as long as there is one of them.
                    connection.invalidate(error)
                    self.engine.dispose()
                    raise Unavailable("The database takes no changes. Nothing was changed; try again.") from error
                raise
        _note(uow.acts)
        return result

    def sample(self) -> None:
        """Tell the metrics how many connections are in use just now."""
        metrics.CONNECTIONS_IN_USE.set(self._in_use)
        metrics.CONNECTIONS_AT_MOST.set(self._most)

    @property
    def _in_use(self) -> int:
        # An engine that has lost its database begins anew with another pool.
        pool = self.engine.pool
        assert isinstance(pool, sa.QueuePool)
        return pool.checkedout()

    def _connect(self) -> Connection:
        if self._in_use < self._most:
            return self.engine.connect()
        with metrics.CONNECTION_WAITS.time():
            return self.engine.connect()


@contextmanager
def one_moment(connection: Connection) -> Iterator[Connection]:
    """Let all that is read through a connection see one and the same moment, and lock out nobody."""
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN" if is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        yield connection
    finally:
        connection.exec_driver_sql("ROLLBACK")


class _Turn:
    """One writer at a time on a SQLite file, among threads and among processes.

    SQLite's own wait is a sleep that grows; who waits here is woken as soon as it is his turn. SQLite's locks still
    guard the file: this only saves their waits.
    """

    def __init__(self, database: str | None) -> None:
        self._path = f"{database}-turn" if database else None
        self._threads = threading.Lock()
        self._file: BinaryIO | None = None

    def take(self) -> None:
        """Wait for one's turn."""
        if not self._threads.acquire(blocking=False):
            with metrics.TURN_WAITS.time():
                self._threads.acquire()
        try:
            if self._path is not None and sys.platform != "win32":
                if self._file is None:
                    self._file = open(self._path, "ab")  # noqa: SIM115
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    with metrics.TURN_WAITS.time():
                        fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def close(self) -> None:
        """Close the file that processes queue at."""
        with self._threads:
            if self._file is not None:
                self._file.close()
                self._file = None

    def give(self) -> None:
        """Let the next one write."""
        try:
            if self._file is not None and sys.platform != "win32":
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._threads.release()


def _note(acts: Sequence[NotedAct]) -> None:
    """Tell the metrics and the log of acts that are committed."""
    for act in acts:
        metrics.count_act(act)
    current = trace.current()
    if current is not None:
        current.acts += acts


def _create_engine(url: str, pool_size: int) -> Engine:
    # Transactions are begun and ended by `UnitOfWork`: SQLAlchemy and the drivers begin none of their own.
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        # What is asked of the database is written into forms by people, and its faults are logged.
        hide_parameters=True,
        connect_args=(
            {}
            if url.startswith("sqlite")
            else {"options": "-c timezone=UTC -c lock_timeout=10s -c synchronous_commit=on"}
        ),
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        event.listen(engine, "before_cursor_execute", leave_pipeline)
        event.listen(engine, "checkout", _refuse_lost)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    # Without `recursive_triggers`, INSERT OR REPLACE would delete past the triggers that keep the trail.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        "recursive_triggers=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _refuse_lost(connection: Any, _record: Any, _proxy: Any) -> None:
    """Let the pool open another connection in the place of one that is lost: the next to have it would fail by it.

    SQLAlchemy sees to that for what fails in its own hands, not for what the driver alone is asked.
    """
    if connection.closed:
        raise sa.exc.DisconnectionError


def _commit(uow: UnitOfWork) -> None:
    """Commit, and tell a commit that failed from one of which nothing was heard any more.

    Raises:
        Unavailable: the connection was lost behind the commit; the act is done or not, which its Idempotency-Key tells.
    """
    try:
        uow.commit()
    except sa.exc.OperationalError as error:
        if error.connection_invalidated or str(getattr(error.orig, "sqlstate", None)).startswith(_ENDED):
            raise Unavailable(
                "The database was lost while it saved, so whether it did is not known. "
                "Send the same again with the same Idempotency-Key, or look first."
            ) from error
        raise


def _is_read_only(error: sa.exc.DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) == _READ_ONLY:
        return True
    return getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_READONLY")


def _is_transient(error: sa.exc.DBAPIError) -> bool:
    if isinstance(error, sa.exc.IntegrityError):
        return _NEXT_ACT in str(error.orig) or _NEXT_ACT_COLUMNS in str(error.orig)
    if getattr(error.orig, "sqlstate", None) in _RETRIED_SQLSTATES:
        return True
    return isinstance(error.orig, sqlite3.OperationalError) and "locked" in str(error.orig)
