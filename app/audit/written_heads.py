"""Heads outside the database: a file of the data directory to which they are only added, one a line."""

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import orjson
from sqlalchemy.engine import Connection

from app.audit.heads import Head, head_from, heads_after
from app.core.problems import Conflict, Invalid

if sys.platform != "win32":
    import fcntl


def write_heads(connection: Connection, path: Path) -> int:
    """Add the heads that the file does not have yet; returns how many. Several processes may do so at once.

    Raises:
        Conflict: the last head of the file is not in the database as it stands there; nothing is added.
        Invalid: the file holds something else than heads.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file, _alone(file):
        file.seek(0)
        last = next(iter(deque(read_heads(file, path), maxlen=1)), None)
        heads = heads_after(connection, 0 if last is None else last.number - 1)
        if last is not None and (not heads or heads.pop(0) != last):
            raise Conflict(
                f"Head {last.number} of the trail in {path} is not in the database as it stands there: the database is "
                "another one, or was restored or changed. alur audit verify tells; keep the file."
            )
        file.writelines(orjson.dumps(head.as_json()) + b"\n" for head in heads)
    return len(heads)


def read_heads(lines: Iterable[bytes], path: Path) -> Iterator[Head]:
    """Yield the heads of a file.

    Raises:
        Invalid: a line is no head.
    """
    for number, line in enumerate(lines, start=1):
        try:
            yield head_from(orjson.loads(line))
        except ValueError as error:
            raise Invalid(f"Line {number} of {path} is no head of a trail.") from error


@contextmanager
def _alone(file: BinaryIO) -> Iterator[None]:
    if sys.platform == "win32":
        yield
        return
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
        file.flush()
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
