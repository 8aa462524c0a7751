"""The database: one metadata, the column types, and transactions that are retried when the database asks for it."""

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.types import TypeDecorator

from app.core.events import Listener
from app.core.problems import Unavailable
from app.core.unit_of_work import UnitOfWork

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
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """An engine with its way to begin: SQLite with one writer at a time and every commit on disk, or PostgreSQL.

    Listeners hear every recorded event inside the transaction that records it, in the order given.
    """

    def __init__(self, url: str, *, pool_size: int = 10, listeners: Sequence[Listener] = ()) -> None:
        self.engine = _create_engine(url, pool_size)
        self.listeners = tuple(listeners)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # SQLite's own wait for its lock is a sleep; threads of one process queue here instead, and wake at once.
        self._writer = threading.Lock()

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a connection for reading; nothing is written."""
        with self.engine.connect() as connection:
            yield connection

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Do a unit of work in one transaction and commit it; returns what `work` returns, after the commit.

        A serialisation failure or a deadlock is retried from the beginning, so `work` must not act on anything but its
        unit of work.

        Raises:
            Unavailable: the database refused every attempt.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._write_once(work)
            except sa.exc.DBAPIError as error:
                if not _is_transient(error):
                    raise
                if attempt == _ATTEMPTS:
                    raise Unavailable("The database is too busy. Nothing was changed; try again.") from error
                time.sleep(random.uniform(0, 0.01 * 2**attempt))
        raise AssertionError("unreachable")

    def _write_once(self, work: Callable[[UnitOfWork], T]) -> T:
        if self.is_sqlite:
            with self._writer:
                return self._transact(work)
        return self._transact(work)

    def _transact(self, work: Callable[[UnitOfWork], T]) -> T:
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            uow = UnitOfWork(connection, self.listeners)
            try:
                result = work(uow)
                uow.commit()
            except BaseException:
                connection.rollback()
                raise
            return result


def _create_engine(url: str, pool_size: int) -> Engine:
    if url.startswith("sqlite"):
        engine = sa.create_engine(url, pool_size=pool_size, max_overflow=pool_size)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=False,
        connect_args={"options": "-c timezone=UTC -c lock_timeout=10s -c synchronous_commit=on"},
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _is_transient(error: sa.exc.DBAPIError) -> bool:
    if isinstance(error, sa.exc.IntegrityError):
        return _NEXT_ACT in str(error.orig) or _NEXT_ACT_COLUMNS in str(error.orig)
    if getattr(error.orig, "sqlstate", None) in _RETRIED_SQLSTATES:
        return True
    return isinstance(error.orig, sqlite3.OperationalError) and "locked" in str(error.orig)
