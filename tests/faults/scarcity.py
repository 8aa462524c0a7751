"""What a service may run out of, while it runs: room on the disk, leave to write, connections."""

import ctypes
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import psycopg
import sqlalchemy as sa

from tests.faults.service import Service
from tests.faults.sites import driver_url, file_of, query

_DROP_FROM_BOUNDING_SET = 24
# The powers by which root writes what nobody may.
_OVERRIDES = (1, 2)
_TAKER = "taker"
_END_OTHERS = f"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name <> '{_TAKER}'
""".encode()
_FULL = """
CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END$$;
CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON event {when} FOR EACH ROW EXECUTE FUNCTION is_full()
"""


@contextmanager
def no_room_in_files(service: Service) -> Iterator[None]:
    """Let no file that the server writes grow beyond what the database's log has now."""
    log = file_of(service.url).with_name(f"{file_of(service.url).name}-wal")
    most = log.stat().st_size
    limits = [(pid, resource.prlimit(pid, resource.RLIMIT_FSIZE)) for pid in service.serving()]
    try:
        for pid, (_, hard) in limits:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))
        yield
    finally:
        for pid, limit in limits:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)


@contextmanager
def no_room_in_tables(url: str, *, at_commit: bool) -> Iterator[None]:
    """Let PostgreSQL say that its disk is full, at the statement or only when it commits."""
    query(url, _FULL.format(when="DEFERRABLE INITIALLY DEFERRED" if at_commit else ""))
    try:
        yield
    finally:
        query(url, "DROP TRIGGER full_disk ON event; DROP FUNCTION is_full")


@contextmanager
def only_read_by(url: str) -> Iterator[None]:
    """Let PostgreSQL take no writes from whoever connects from now on, and end the connections that there are."""
    name = sa.make_url(url).database
    beside = sa.make_url(url).set(database="postgres").render_as_string(hide_password=False)
    query(beside, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    end_connections(url)
    try:
        yield
    finally:
        query(beside, f"ALTER DATABASE {name} RESET default_transaction_read_only")


@contextmanager
def all_connections_taken(url: str) -> Iterator[None]:
    """Take every connection that PostgreSQL gives, those too that others have."""
    with ExitStack() as stack:
        first = stack.enter_context(_taken(url))
        while True:
            with suppress(psycopg.OperationalError):
                while True:
                    stack.enter_context(_taken(url))
            if not first.execute(_END_OTHERS).fetchall():
                break
        yield


def end_connections(url: str) -> None:
    """End everybody's connections to a database but those that this module took."""
    with _taken(url) as connection:
        connection.execute(_END_OTHERS)


def _taken(url: str) -> psycopg.Connection:
    return psycopg.connect(driver_url(url), autocommit=True, connect_timeout=10, application_name=_TAKER)


if __name__ == "__main__":
    # Becomes another program that obeys the permissions of files, even as root.
    for power in _OVERRIDES:
        ctypes.CDLL(None, use_errno=True).prctl(_DROP_FROM_BOUNDING_SET, power, 0, 0, 0)
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
