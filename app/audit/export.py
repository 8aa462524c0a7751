"""Exports of the trail as JSON lines, which `checking` verifies without a server.

The first line tells how many chains and acts follow, and the latest head. Then comes each chain: a line with its end
and the proof that the head covers it, and a line for each act with the text that was hashed, and its hash.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit.heads import Head, latest_head
from app.audit.models import event, sealed_chain
from app.audit.stored_tree import Paths
from app.core.problems import Conflict, NotFound

FORM = 1

_ACT = (event.c.chain_id, event.c.sequence, event.c.content, event.c.hash)


def export_chain(connection: Connection, chain_id: str, *, length: int, head: bytes) -> Iterator[bytes]:
    """Yield one chain up to its end, which may lie behind the latest head; the connection must see one moment."""
    latest = latest_head(connection)
    leaf = None if latest is None else _leaf(connection, chain_id, latest, Paths(connection))
    yield _first_line(1, length, latest)
    yield _chain_line(chain_id, length, head, leaf)
    rows = connection.execute(
        sa.select(*_ACT)
        .where(event.c.chain_id == chain_id, event.c.sequence <= length)
        .order_by(event.c.sequence)
        .execution_options(yield_per=1000)
    )
    yield from map(_act_line, rows)


def export_sealed(connection: Connection, chain_ids: Iterable[str] = ()) -> Iterator[bytes]:
    """Yield chains as the latest head covers them, all if none is named; the connection must see one moment.

    One chain at a time is held.

    Raises:
        Conflict: there is no head yet.
        NotFound: the head covers no chain of this name.
    """
    latest = latest_head(connection)
    if latest is None:
        raise Conflict("There is no head of the trail yet. Run: alur audit seal")
    query = sa.select(sealed_chain).order_by(sealed_chain.c.place)
    wanted = set(chain_ids)
    if wanted:
        query = query.where(sealed_chain.c.chain_id.in_(wanted))
        missing = wanted - set(connection.execute(query.with_only_columns(sealed_chain.c.chain_id)).scalars())
        if missing:
            raise NotFound(f"The latest head covers no chain '{min(missing)}': an id of a case, or unit:<id>.")
    acts = latest.acts
    if wanted:
        of_these = sa.select(sa.func.count()).where(event.c.chain_id.in_(wanted), event.c.position <= latest.position)
        acts = connection.execute(of_these).scalar_one()
    yield _first_line(len(wanted) or latest.chains, acts, latest)
    paths = Paths(connection)
    for chain in connection.execute(query.execution_options(yield_per=1000)):
        rows = connection.execute(
            sa.select(*_ACT)
            .where(event.c.chain_id == chain.chain_id, event.c.position <= latest.position)
            .order_by(event.c.sequence)
        ).all()
        end = rows[-1]
        leaf = _proof(chain.place, end.sequence, paths)
        yield _chain_line(chain.chain_id, end.sequence, bytes(end.hash), leaf)
        yield from map(_act_line, rows)


def _leaf(connection: Connection, chain_id: str, latest: Head, paths: Paths) -> dict[str, Any] | None:
    place = connection.execute(
        sa.select(sealed_chain.c.place).where(sealed_chain.c.chain_id == chain_id)
    ).scalar_one_or_none()
    if place is None:
        return None
    sealed = connection.execute(
        sa.select(event.c.sequence)
        .where(event.c.chain_id == chain_id, event.c.position <= latest.position)
        .order_by(event.c.sequence.desc())
        .limit(1)
    )
    return _proof(place, sealed.scalar_one(), paths)


def _proof(place: int, length: int, paths: Paths) -> dict[str, Any]:
    return {"place": place, "length": length, "path": [one.hex() for one in paths.path(place)]}


def _first_line(chains: int, acts: int, latest: Head | None) -> bytes:
    return _line({"trail": FORM, "chains": chains, "acts": acts, "seal": None if latest is None else latest.as_json()})


def _chain_line(chain_id: str, length: int, head: bytes, leaf: dict[str, Any] | None) -> bytes:
    return _line({"chain": chain_id, "events": length, "head": head.hex(), "leaf": leaf})


def _act_line(row: Any) -> bytes:
    return _line({"hash": bytes(row.hash).hex(), "content": row.content})


def _line(said: dict[str, Any]) -> bytes:
    return orjson.dumps(said) + b"\n"
