"""What a service may run out of, while it runs: room on the disk, leave to write, connections."""

import ctypes
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from tests.faults.service import Service
from tests.faults.sites import driver_url, file_of, query

_DROP_FROM_BOUNDING_SET = 24
# The powers by which root writes what nobody may.
_OVERRIDES = (1, 2)
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
    name = psycopg.conninfo.conninfo_to_dict(driver_url(url))["dbname"]
    query(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    end_connections(url)
    try:
        yield
    finally:
        query(
            url, f"SET default_transaction_read_only = off; ALTER DATABASE {name} RESET default_transaction_read_only"
        )


@contextmanager
def all_connections_taken(url: str) -> Iterator[None]:
    """Take every connection that PostgreSQL gives."""
    with ExitStack() as stack:
        end_connections(url)
        while True:
            try:
                stack.enter_context(psycopg.connect(driver_url(url), connect_timeout=10))
            except psycopg.OperationalError:
                break
        yield


def end_connections(url: str) -> None:
    """End everybody's connections to a database but the one that this is said by."""
    query(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


if __name__ == "__main__":
    # Becomes another program that obeys the permissions of files, even as root.
    for power in _OVERRIDES:
        ctypes.CDLL(None, use_errno=True).prctl(_DROP_FROM_BOUNDING_SET, power, 0, 0, 0)
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
