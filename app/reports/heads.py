"""The heads of the trail, for who keeps them elsewhere, and the latest one for the page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit.heads import head_of, latest_head
from app.audit.models import trail_head
from app.core import paging
from app.core.problems import Forbidden
from app.core.text import Text
from app.identity.office import Actor

SORTS: Mapping[str, sa.ColumnElement[Any]] = {"number": trail_head.c.number}

Signed = Literal["rightly", "wrongly", "not"]


class Latest(NamedTuple):
    """The latest head, and whether it is signed with the key of this server."""

    at: datetime
    acts: int
    signed: Signed


def list_heads(
    connection: Connection, actor: Actor, now: datetime, *, sort: str | None, limit: int, cursor: str | None
) -> dict[str, Any]:
    """Return a page of heads.

    Raises:
        Forbidden: the caller audits no unit.
    """
    if not actor.units_with("audit", now):
        raise Forbidden(Text("Ini untuk pemeriksa (auditor).", "This needs the permission to audit a unit."))
    _, descending = paging.parse_sort(sort, list(SORTS), "-number")
    order = paging.Order((trail_head.c.number,), descending)
    page = paging.fetch(connection, sa.select(trail_head), order, limit=limit, cursor=cursor)
    heads = [head_of(row) for row in page.rows]
    items = [{**head.as_json(), "hash": head.hash.hex()} for head in heads]
    return {"items": items, "next_cursor": page.next_cursor}


def latest(connection: Connection, public_key: bytes | None) -> Latest | None:
    """Return the latest head as a reader wants to know it; null before the first."""
    head = latest_head(connection)
    if head is None:
        return None
    signed: Signed = "not"
    if head.key is not None:
        signed = "rightly" if head.is_rightly_signed and public_key in (None, head.key) else "wrongly"
    return Latest(head.at, head.acts, signed)
