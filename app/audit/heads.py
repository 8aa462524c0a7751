"""Heads of the trail: what all chains were at a moment, in one hash, each naming the head before it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit.keys import TrailKey, is_signed
from app.audit.models import trail_head

# A signature under a head is under nothing else that the key may ever sign.
_SIGNED_AS = b"alur trail head 1\n"

NO_HEAD = bytes(32)
"""What the first head names as the one before it."""


@dataclass(frozen=True, slots=True)
class Head:
    """A head: it covers the acts up to `position`, which are `acts` in `chains` chains.

    `root` is that of the tree over the ends of the chains, `previous` the hash of the head before, `key` the public key
    that it is signed with; key and signature are null together.
    """

    number: int
    at: datetime
    position: int
    chains: int
    acts: int
    root: bytes
    previous: bytes
    key: bytes | None = None
    signature: bytes | None = None

    @property
    def content(self) -> bytes:
        """What is hashed and signed: canonical JSON of all but the signature."""
        said = self.as_json()
        del said["signature"]
        return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)

    @property
    def hash(self) -> bytes:
        """What the next head names it by."""
        return hashlib.sha256(self.content).digest()

    @property
    def is_rightly_signed(self) -> bool:
        """Whether the signature is that of the key that the head names."""
        if self.key is None or self.signature is None:
            return False
        return is_signed(self.key, self.signature, _SIGNED_AS + self.content)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it: hashes, key and signature in hexadecimal."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "position": self.position,
            "chains": self.chains,
            "acts": self.acts,
            "root": self.root.hex(),
            "previous": self.previous.hex(),
            "key": None if self.key is None else self.key.hex(),
            "signature": None if self.signature is None else self.signature.hex(),
        }


def signature_under(head: Head, key: TrailKey) -> bytes:
    """Return the signature of a key under a head that already names it."""
    return key.sign(_SIGNED_AS + head.content)


def head_from(held: Mapping[str, Any]) -> Head:
    """Return the head that JSON holds.

    Raises:
        ValueError: it holds none, or one that is written in another way than `as_json` writes it.
    """
    try:
        head = Head(
            number=held["number"],
            at=datetime.fromisoformat(held["at"]),
            position=held["position"],
            chains=held["chains"],
            acts=held["acts"],
            root=bytes.fromhex(held["root"]),
            previous=bytes.fromhex(held["previous"]),
            key=None if held["key"] is None else bytes.fromhex(held["key"]),
            signature=None if held["signature"] is None else bytes.fromhex(held["signature"]),
        )
        numbers = (head.number, head.position, head.chains, head.acts)
    except (KeyError, TypeError) as error:
        raise ValueError("no head of a trail") from error
    if head.as_json() != held or not all(type(one) is int and one >= 0 for one in numbers):
        raise ValueError("no head of a trail")
    return head


def latest_head(connection: Connection) -> Head | None:
    """Return the newest head; null before the first."""
    query = sa.select(trail_head).order_by(trail_head.c.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else head_of(row)


def heads_after(connection: Connection, number: int) -> list[Head]:
    """Return the heads behind a number, in their order."""
    query = sa.select(trail_head).where(trail_head.c.number > number).order_by(trail_head.c.number)
    return [head_of(row) for row in connection.execute(query)]


def head_of(row: Any) -> Head:
    """Return the head that a row holds."""
    return Head(
        number=row.number,
        at=row.at,
        position=row.position,
        chains=row.chains,
        acts=row.acts,
        root=bytes(row.root),
        previous=bytes(row.previous),
        key=None if row.key is None else bytes(row.key),
        signature=None if row.signature is None else bytes(row.signature),
    )
