"""Seals the trail: adds a head over all chains, for what was done since the one before.

A head covers the acts up to a position. On PostgreSQL an act with a lower position may commit later than one with a
higher, so a seal first waits for whoever was writing acts when it began; it locks out nobody.
"""

import time
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit import stored_tree
from app.audit.heads import NO_HEAD, Head, latest_head, signature_under
from app.audit.keys import TrailKey
from app.audit.merkle import leaf_hash
from app.audit.models import event, sealed_chain, trail_head, tree_group
from app.core.database import Database
from app.core.problems import Conflict, Unavailable
from app.core.unit_of_work import UnitOfWork

EVERY = timedelta(hours=1)
MOST_ACTS = 10_000
"""The acts of one head: more of them make more heads, so that no transaction becomes long."""

_PATIENCE = 10.0
_ASKED = 10_000

_INSERT = sa.insert(trail_head)
# Who may be writing acts: the lock that every INSERT holds from before it draws a position until it is committed.
_WRITERS = sa.text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = 'event'::regclass "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND mode NOT IN ('AccessShareLock', 'RowShareLock') AND pid <> pg_backend_pid()"
)


class _Ends(NamedTuple):
    """What was done behind a head: the last position, how many acts, and each chain's new end in order of its acts."""

    position: int
    acts: int
    ends: dict[str, tuple[int, bytes]]


def seal(database: Database, key: TrailKey | None, now: datetime) -> Head | None:
    """Add the next head, over at most `MOST_ACTS` more acts, and return it; null if there was nothing to add.

    Of several that seal at once one adds the head, and the others nothing.

    Raises:
        Conflict: the head before is signed, and there is no key to sign this one.
        Unavailable: somebody has been writing an act for longer than a seal waits.
    """
    with database.read() as connection:
        before = latest_head(connection)
        settled = _settled(connection)
    if settled == (0 if before is None else before.position):
        return None
    if key is None and before is not None and before.key is not None:
        raise Conflict(
            f"Head {before.number} of the trail is signed, and no key is set to sign the next one: set ALUR_TRAIL_KEY."
        )
    try:
        return database.write(partial(_add, before=before, settled=settled, key=key, now=now))
    except sa.exc.IntegrityError:
        # Somebody else has added the head of this number.
        return None


def seal_when_due(database: Database, key: TrailKey | None, now: datetime) -> Head | None:
    """Add a head if the last one is an hour old, or if as many acts wait as one covers; returns what was added."""
    with database.read() as connection:
        before = latest_head(connection)
        if before is not None and now < before.at + EVERY:
            waiting = sa.select(event.c.position).where(event.c.position > before.position).order_by(event.c.position)
            if connection.execute(waiting.offset(MOST_ACTS - 1).limit(1)).first() is None:
                return None
    return seal(database, key, now)


def seal_all(database: Database, key: TrailKey | None, now: datetime) -> list[Head]:
    """Add heads until nothing is left to add; returns them."""
    added: list[Head] = []
    while (head := seal(database, key, now)) is not None:
        added.append(head)
    return added


def _settled(connection: Connection) -> int:
    """Return a position up to which no act will come any more, 0 without acts; it is the last there was, or higher."""
    last: int = connection.execute(sa.select(sa.func.coalesce(sa.func.max(event.c.position), 0))).scalar_one()
    if connection.dialect.name == "sqlite":
        return last
    writers = set(connection.execute(_WRITERS).scalars())
    end = time.monotonic() + _PATIENCE
    while writers:
        if time.monotonic() > end:
            raise Unavailable("An act has been written for a long time; the trail cannot be sealed up to it yet.")
        time.sleep(0.01)
        writers &= set(connection.execute(_WRITERS).scalars())
    return last


def _add(uow: UnitOfWork, *, before: Head | None, settled: int, key: TrailKey | None, now: datetime) -> Head:
    connection = uow.reader
    done = _done(connection, 0 if before is None else before.position, settled)
    chains = 0 if before is None else before.chains
    places = _places(connection, list(done.ends))
    first = [chain_id for chain_id in done.ends if chain_id not in places]
    places |= {chain_id: chains + number for number, chain_id in enumerate(first)}
    tree = stored_tree.change(
        connection, {places[chain_id]: leaf_hash(chain_id, *end) for chain_id, end in done.ends.items()}
    )
    head = Head(
        number=1 if before is None else before.number + 1,
        at=now,
        position=done.position,
        chains=chains + len(first),
        acts=done.acts + (0 if before is None else before.acts),
        root=tree.root,
        previous=NO_HEAD if before is None else before.hash,
        key=None if key is None else key.public,
    )
    signature = None if key is None else signature_under(head, key)
    values = {name: getattr(head, name) for name in ("number", "at", "position", "chains", "acts", "root", "previous")}
    uow.write_first(_INSERT, {**values, "key": head.key, "signature": signature})
    uow.write_rows(sealed_chain, [{"chain_id": chain_id, "place": places[chain_id]} for chain_id in first])
    uow.write_rows(tree_group, tree.groups, changing=("hashes",))
    return Head(**values, key=head.key, signature=signature)


def _done(connection: Connection, after: int, upto: int) -> _Ends:
    query = (
        sa.select(event.c.position, event.c.chain_id, event.c.sequence, event.c.hash)
        .where(event.c.position > after, event.c.position <= upto)
        .order_by(event.c.position)
        .limit(MOST_ACTS)
    )
    rows = connection.execute(query).all()
    return _Ends(rows[-1].position, len(rows), {row.chain_id: (row.sequence, bytes(row.hash)) for row in rows})


def _places(connection: Connection, chain_ids: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(chain_ids), _ASKED):
        query = sa.select(sealed_chain).where(sealed_chain.c.chain_id.in_(chain_ids[start : start + _ASKED]))
        found |= {row.chain_id: row.place for row in connection.execute(query)}
    return found
