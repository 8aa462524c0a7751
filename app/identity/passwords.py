"""Passwords, kept as argon2id hashes."""

from typing import NamedTuple

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher


class _Cost(NamedTuple):
    passes: int
    kibibytes: int


# One of the settings that OWASP's Password Storage Cheat Sheet gives for argon2id as equally strong: the one that takes
# the least memory, so that many who sign in at the same moment do not make a worker large.
_COST = _Cost(passes=5, kibibytes=7 * 1024)
_CHEAP = _Cost(passes=1, kibibytes=8)


class Passwords:
    """Hashes and checks passwords; an unknown person costs as much time as a known one."""

    def __init__(self, *, cheap: bool = False) -> None:
        cost = _CHEAP if cheap else _COST
        hasher = Argon2Hasher(time_cost=cost.passes, memory_cost=cost.kibibytes, parallelism=1)
        self._hash = PasswordHash((hasher,))
        self._nobody = self._hash.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """Return the hash to keep."""
        return self._hash.hash(password)

    def matches(self, password: str, kept: str | None) -> bool:
        """Whether a password is the one of the kept hash; null stands for an unknown person and never matches."""
        right = self._hash.verify(password, kept if kept is not None else self._nobody)
        return right and kept is not None
