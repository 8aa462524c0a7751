"""Answers kept for a day, so that a client that heard nothing may ask again without acting twice."""

import hashlib
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.database import UtcDateTime, metadata
from app.core.problems import Invalid
from app.core.unit_of_work import UnitOfWork

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("user_name", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    # Each act with a key adds a row, so there is no index but the key; sweeping reads the whole table, once an hour.
    sqlite_with_rowid=False,
)
_INSERT = sa.insert(idempotency)
_SELECT = sa.select(idempotency.c.request_hash, idempotency.c.status, idempotency.c.body).where(
    idempotency.c.user_name == sa.bindparam("user_name"), idempotency.c.key == sa.bindparam("key")
)


class KeyReused(Invalid):
    """The same Idempotency-Key came with another request."""

    code = "idempotency-key-reused"
    title = "The Idempotency-Key belongs to another request"


class KeptAnswer(NamedTuple):
    """An answer as it was first given."""

    status: HTTPStatus
    body: bytes


class RequestIdentity(NamedTuple):
    """What makes two requests the same: who, the key, and a hash of method, path and body."""

    user_name: str
    key: str
    request_hash: bytes

    @classmethod
    def of(cls, user_name: str, key: str, *, method: str, path: str, body: bytes) -> "RequestIdentity":
        """Return the identity of a request.

        Raises:
            Invalid: the key is empty or longer than 255 characters.
        """
        if not key or len(key) > LONGEST_KEY:
            raise Invalid(f"The Idempotency-Key must have 1 to {LONGEST_KEY} characters.")
        head = f"{method} {path}\n".encode()
        return cls(user_name, key, hashlib.sha256(head + body).digest())

    def part(self, name: str) -> "RequestIdentity":
        """Return the identity of one of the request's acts; no header holds a newline, so its key is nobody's."""
        return self._replace(key=f"{self.key}\n{name}")


def keep(uow: UnitOfWork, request: RequestIdentity, answer: KeptAnswer, now: datetime) -> None:
    """Keep an answer in the transaction of its command; a second keeping of the key fails at the commit.

    `now` is real time, as for `sweep`: a client that asks again waits in it, whatever day the office has.
    """
    uow.write(
        _INSERT,
        {**request._asdict(), "status": int(answer.status), "body": answer.body, "created_at": now},
    )


def find(connection: Connection, request: RequestIdentity) -> KeptAnswer | None:
    """Return the answer that a request got before, null if it is the first.

    Raises:
        KeyReused: the key belongs to a request with another method, path or body.
    """
    row = connection.execute(_SELECT, {"user_name": request.user_name, "key": request.key}).one_or_none()
    if row is None:
        return None
    if row.request_hash != request.request_hash:
        raise KeyReused("This Idempotency-Key was used for a different request. Use a new key for a new act.")
    return KeptAnswer(HTTPStatus(row.status), row.body)


def sweep(uow: UnitOfWork, now: datetime) -> None:
    """Forget the answers that are older than a day of real time."""
    uow.write(sa.delete(idempotency).where(idempotency.c.created_at < now - KEPT_FOR))
