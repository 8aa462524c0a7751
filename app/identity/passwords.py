"""Passwords, kept as argon2id hashes."""

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher


class Passwords:
    """Hashes and checks passwords; an unknown person costs as much time as a known one."""

    def __init__(self, *, cheap: bool = False) -> None:
        hasher = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1) if cheap else Argon2Hasher()
        self._hash = PasswordHash((hasher,))
        self._nobody = self._hash.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """Return the hash to keep."""
        return self._hash.hash(password)

    def matches(self, password: str, kept: str | None) -> bool:
        """Whether a password is the one of the kept hash; null stands for an unknown person and never matches."""
        right = self._hash.verify(password, kept if kept is not None else self._nobody)
        return right and kept is not None
