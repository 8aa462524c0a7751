"""Writes the trail and checks it.

Each act is one row of a chain: its hash is SHA-256 over the hash before it and its own canonical JSON (keys sorted, no
spaces, UTF-8). The end of a chain stands on the row that its acts change anyway, so a cut tail shows as well.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit.models import event as event_table
from app.core.events import Event
from app.core.unit_of_work import UnitOfWork

NOTHING_YET = bytes(32)

_INSERT = sa.insert(event_table)


class Verdict(NamedTuple):
    """What checking a chain found; `fault` names the first act that does not fit, null if all do."""

    valid: bool
    events: int
    head: str
    fault: str | None


def record(uow: UnitOfWork, event: Event) -> None:
    """Add an act to its chain, in the transaction of the act; the caller writes the chain's new end."""
    sequence = event.chain.length + 1
    content = canonical(event, sequence)
    digest = hashlib.sha256(event.chain.head + content).digest()
    event.chain.length, event.chain.head = sequence, digest
    uow.write_first(
        _INSERT,
        {
            "chain_id": event.chain.id,
            "sequence": sequence,
            "unit_id": event.unit_id,
            "type": event.type,
            "actor": event.actor,
            "at": event.at,
            "content": content.decode(),
            "hash": digest,
        },
    )


def canonical(event: Event, sequence: int) -> bytes:
    """Return what is hashed of an act: all that its row says."""
    said = {
        "chain": event.chain.id,
        "sequence": sequence,
        "unit": event.unit_id,
        "type": event.type,
        "actor": event.actor,
        "at": event.at,
        "data": event.data,
    }
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def verify(connection: Connection, chain_id: str, *, length: int, head: bytes) -> Verdict:
    """Check a chain against its end: every act, in order, none missing, none added."""
    rows = connection.execute(
        sa.select(event_table).where(event_table.c.chain_id == chain_id).order_by(event_table.c.sequence)
    )
    return _check(rows, length=length, head=head)


def _check(rows: Iterable[Any], *, length: int, head: bytes) -> Verdict:
    last, count = NOTHING_YET, 0
    for row in rows:
        count += 1
        digest = hashlib.sha256(last + row.content.encode()).digest()
        if row.sequence != count or digest != row.hash or not tells_its_content(row):
            return Verdict(
                False, count, last.hex(), f"act {row.sequence} ({row.type}) does not follow from the one before"
            )
        last = digest
    return _ended(last, count, length=length, head=head.hex())


def _ended(last: bytes, count: int, *, length: int, head: str) -> Verdict:
    if count != length or last.hex() != head:
        return Verdict(False, count, last.hex(), f"the chain ends after {count} acts, and {length} were written")
    return Verdict(True, count, last.hex(), None)


def tells_its_content(row: Any) -> bool:
    """Whether the columns that are searched say the same as the text that is hashed."""
    try:
        held = orjson.loads(row.content)
        said = tuple(held[name] for name in ("chain", "sequence", "unit", "type", "actor"))
        return (row.chain_id, row.sequence, str(row.unit_id), row.type, row.actor, row.at) == (
            *said,
            datetime.fromisoformat(held["at"]),
        )
    except (KeyError, TypeError, ValueError):
        return False
