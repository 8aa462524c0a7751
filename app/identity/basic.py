"""Names and passwords that come with every request (RFC 7617), without paying for the password's hash every time."""

import base64
import binascii
import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from app.core.database import Database
from app.core.text import Text
from app.identity.directory import VERSION
from app.identity.errors import NotSignedIn

KEPT_FOR = timedelta(minutes=5)

_LONGEST = 4 * 1024
_MOST_KEPT = 1_000


class _Kept(NamedTuple):
    username: str
    version: int
    until: datetime


class BasicCredentials:
    """Checks basic credentials; a pair that was right is remembered for five minutes, and less where people change.

    What is kept is a hash under a key that only this process has, never the pair. A new password, a closed account or
    any other change of the identity tables makes all that is kept worthless at once.
    """

    def __init__(self) -> None:
        self._key = os.urandom(32)
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()

    def username(self, database: Database, given: str, now: datetime, prove: Callable[[str, str], str]) -> str:
        """Return whose credentials these are; `given` is what follows the word Basic, `now` is real time.

        `prove` checks a name and a password that are not remembered.

        Raises:
            NotSignedIn: it is no pair of a name and a password.
            Problem: `prove` has refused it.
        """
        pair = _decode(given)
        digest = hashlib.blake2b(pair.encode(), key=self._key).digest()
        with database.read() as connection:
            version = connection.execute(sa.select(VERSION)).scalar_one()
        kept = self._kept.get(digest)
        if kept is not None and kept.version == version and now < kept.until:
            return kept.username
        name, _, password = pair.partition(":")
        username = prove(name, password)
        self._kept[digest] = _Kept(username, version, now + KEPT_FOR)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return username


def _decode(given: str) -> str:
    try:
        if len(given) > _LONGEST:
            raise ValueError(given)
        pair = base64.b64decode(given.strip(), validate=True).decode()
        if ":" not in pair or "\0" in pair:
            raise ValueError(pair)
    except (ValueError, binascii.Error):
        raise NotSignedIn(
            Text(
                "Nama dan kata sandi tidak terbaca: tulis base64 dari nama:katasandi dalam UTF-8.",
                "The basic credentials cannot be read: base64 of user:password in UTF-8.",
            )
        ) from None
    return pair
