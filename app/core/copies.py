"""Copies of the whole database: one form for SQLite and PostgreSQL, taken while the service runs.

A copy is a ZIP archive: `manifest.json`, and a file for each table of the metadata (`tables/NAME.jsonl`) with one JSON
array a row, its values in the order of the manifest's columns. Moments are in UTC, bytes in Base64. The manifest says
the revision of the tables, and of each table the rows and the SHA-256 of its file. Files that belong to the database
without being in it join as further folders of the archive, named in the manifest beside `tables`.
"""

import base64
import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core import migrations
from app.core.database import Database, UtcDateTime, metadata

FORMAT = "alur-backup"
FORMAT_VERSION = 1
_MANIFEST = "manifest.json"
_BATCH = 1000


class CopyRefused(Exception):
    """A copy cannot be made or restored; the message says why, and what to do."""


class Copied(NamedTuple):
    """What a copy holds: the revision of its tables, how many there are, and the rows of all."""

    revision: str
    tables: int
    rows: int


def back_up(database: Database, path: Path, *, version: str, now: datetime) -> Copied:
    """Write a copy of a database into a new file; it holds every act that was acknowledged before this began.

    All of it is read in one snapshot, so it fits together, whatever is written meanwhile; nobody waits for it. The file
    is on the disk when this returns, and is not there at all if it fails.

    Raises:
        CopyRefused: there is a file of this name already.
    """
    if path.exists():
        raise CopyRefused(f"{path} is there already. Name another file; a copy never replaces one.")
    # Only whoever makes it may read it: it holds the hashes of passwords and everything that people wrote.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                copied = _write(database, archive, version, now)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).rename(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    _sync_folder(path.parent)
    return copied


def restore(
    database: Database,
    path: Path,
    *,
    settle: Sequence[Callable[[Connection], object]],
    check: Callable[[Connection], None],
) -> Copied:
    """Fill an empty database of the same revision from a copy, all of it or nothing.

    Before it is committed, `settle` does what a database needs that begins anew at an earlier moment, and `check` may
    refuse it by an exception.

    Raises:
        CopyRefused: the file is no copy, is damaged, or is of another revision; or the database holds something.
    """
    try:
        with zipfile.ZipFile(path) as archive, _alone(database) as connection:
            manifest = _manifest_of(archive, path)
            _ensure_undamaged(archive, manifest, path)
            _ensure_empty(connection)
            for table in metadata.sorted_tables:
                _fill(connection, archive, table)
                _go_on_counting(connection, table)
            for one in settle:
                one(connection)
            check(connection)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise CopyRefused(f"{path} is no copy that alur backup wrote, or is damaged ({error}).") from error
    rows = sum(table["rows"] for table in manifest["tables"].values())
    return Copied(manifest["revision"], len(manifest["tables"]), rows)


# --- Writing --------------------------------------------------------------------------------------------------------


def _write(database: Database, archive: zipfile.ZipFile, version: str, now: datetime) -> Copied:
    tables: dict[str, Any] = {}
    with _snapshot(database) as connection:
        revision = migrations.revision(connection)
        assert revision is not None
        for table in metadata.sorted_tables:
            tables[str(table.name)] = _write_table(connection, archive, table)
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "alur": version,
        "revision": revision,
        "taken_at": now,
        "database": "sqlite" if database.is_sqlite else "postgresql",
        "tables": tables,
    }
    archive.writestr(_MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return Copied(revision, len(tables), sum(table["rows"] for table in tables.values()))


def _write_table(connection: Connection, archive: zipfile.ZipFile, table: sa.Table) -> dict[str, Any]:
    digest, rows = hashlib.sha256(), 0
    found = connection.execution_options(yield_per=_BATCH).execute(sa.select(table))
    with archive.open(_member(table), "w", force_zip64=True) as member:
        for batch in found.partitions():
            text = b"".join(orjson.dumps([_as_json(value) for value in row]) + b"\n" for row in batch)
            digest.update(text)
            member.write(text)
            rows += len(batch)
    return {"rows": rows, "sha256": digest.hexdigest(), "columns": _columns(table)}


def _as_json(value: Any) -> Any:
    """Return a value as JSON holds it; orjson knows moments, days and UUIDs itself."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _columns(table: sa.Table) -> list[str]:
    return [str(column.name) for column in table.columns]


def _member(table: sa.Table) -> str:
    return f"tables/{table.name}.jsonl"


def _sync_folder(folder: Path) -> None:
    """Make sure that the name of a new file is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- Reading --------------------------------------------------------------------------------------------------------


def _manifest_of(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    """Return the manifest of a copy that this version can restore."""
    try:
        manifest: Any = orjson.loads(archive.read(_MANIFEST))
    except (KeyError, orjson.JSONDecodeError) as error:
        raise CopyRefused(f"{path} is no copy that alur backup wrote.") from error
    if manifest.get("format") != FORMAT or manifest.get("format_version") != FORMAT_VERSION:
        raise CopyRefused(f"{path} is no copy of a form that this version knows.")
    if manifest["revision"] != migrations.newest():
        raise CopyRefused(
            f"{path} is of revision {manifest['revision']}, this version of Alur has {migrations.newest()}. Restore it "
            f"with the version that made it ({manifest['alur'] or 'unknown'}), and let alur migrate of this one follow."
        )
    wanted = {str(table.name): _columns(table) for table in metadata.sorted_tables}
    if {name: table["columns"] for name, table in manifest["tables"].items()} != wanted:
        raise CopyRefused(f"{path} holds other tables or columns than this version, although its revision is the same.")
    return dict(manifest)


def _ensure_empty(connection: Connection) -> None:
    """Make sure that nobody has used a database, and take away the rows that its migrations put in.

    Raises:
        CopyRefused: it holds more than a new one does.
    """
    new = _rows_of_new()
    there = _count(connection)
    used = [f"{name} ({rows})" for name, rows in there.items() if rows > new[name]]
    if used:
        raise CopyRefused(
            f"The database is not empty: {', '.join(used)}. Restore into a new one: another ALUR_DATABASE_URL, then "
            "alur migrate, then alur restore."
        )
    for table in reversed(metadata.sorted_tables):
        if there[table.name]:
            connection.execute(sa.delete(table))


def _rows_of_new() -> dict[str, int]:
    """Return how many rows each table of a database has that was migrated just now."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/new.db"
        migrations.upgrade(url)
        database = Database(url)
        try:
            with database.read() as connection:
                return _count(connection)
        finally:
            database.close()


def _count(connection: Connection) -> dict[str, int]:
    return {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


def _ensure_undamaged(archive: zipfile.ZipFile, manifest: dict[str, Any], path: Path) -> None:
    for name, said in manifest["tables"].items():
        with archive.open(_member(metadata.tables[name])) as member:
            digest = hashlib.sha256()
            while some := member.read(1024 * 1024):
                digest.update(some)
        if digest.hexdigest() != said["sha256"]:
            raise CopyRefused(f"{path} is damaged: the rows of {name} are not what was written.")


def _fill(connection: Connection, archive: zipfile.ZipFile, table: sa.Table) -> None:
    batches = _batches(archive, table)
    for batch in [_parents_first(table, list(batches))] if _refers_to_itself(table) else batches:
        if batch:
            connection.execute(sa.insert(table), batch)


def _batches(archive: zipfile.ZipFile, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    readers = [(column.name, _reader(column)) for column in table.columns]
    batch: list[dict[str, Any]] = []
    with archive.open(_member(table)) as member:
        for line in member:
            values = orjson.loads(line)
            batch.append(
                {
                    name: value if value is None or read is None else read(value)
                    for (name, read), value in zip(readers, values, strict=True)
                }
            )
            if len(batch) == _BATCH:
                yield batch
                batch = []
    yield batch


def _reader(column: sa.Column[Any]) -> Callable[[Any], Any] | None:
    """Return what makes a value of a column from its JSON; null where it is its JSON already."""
    match column.type:
        case sa.LargeBinary():
            return base64.b64decode
        case sa.Uuid():
            return UUID
        case UtcDateTime():
            return datetime.fromisoformat
        case sa.Date():
            return date.fromisoformat
        case sa.String() | sa.Integer() | sa.Boolean() | sa.Float():
            return None
        case other:
            raise AssertionError(f"A copy cannot hold {other!r} ({column}).")


def _refers_to_itself(table: sa.Table) -> bool:
    return any(key.column.table is table for key in table.foreign_keys)


def _parents_first(table: sa.Table, batches: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the rows of a table that refers to itself so that each comes after those that it refers to."""
    rest = [row for batch in batches for row in batch]
    keys = [(key.parent.name, key.column.name) for key in table.foreign_keys if key.column.table is table]
    there: dict[str, set[Any]] = {referred: {None} for _, referred in keys}
    ordered: list[dict[str, Any]] = []
    while rest:
        ready = [row for row in rest if all(row[name] in there[referred] for name, referred in keys)]
        # Rows that refer to each other in a circle are left to the database to refuse.
        ready = ready or rest
        ordered += ready
        for referred, values in there.items():
            values.update(row[referred] for row in ready)
        placed = {id(row) for row in ready}
        rest = [row for row in rest if id(row) not in placed]
    return ordered


def _go_on_counting(connection: Connection, table: sa.Table) -> None:
    """Let PostgreSQL number new rows behind those that were restored; SQLite does so by itself."""
    column = table.autoincrement_column
    if connection.dialect.name == "sqlite" or column is None:
        return
    sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
    highest = sa.select(sa.func.max(column)).scalar_subquery()
    connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(highest, 1), highest.is_not(None))))


# --- Transactions ---------------------------------------------------------------------------------------------------


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """Open a connection that sees the database as it is now, for as long as this lasts, and changes nothing."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")
        else:
            options = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with options.begin():
                yield connection


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """Open a connection with a transaction that nobody else writes beside; it is committed at the end."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")
        else:
            with connection.execution_options(isolation_level="READ COMMITTED").begin():
                names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
                connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
                yield connection
