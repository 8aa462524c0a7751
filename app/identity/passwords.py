"""Passwords, kept as argon2id hashes."""

import secrets
from typing import NamedTuple

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.core.problems import Invalid, pointer
from app.core.text import Text

SHORTEST, LONGEST = 10, 1024
# Without what looks alike on paper, where a first password is handed over: 0 and O, 1, l and I.
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class _Cost(NamedTuple):
    passes: int
    kibibytes: int


# One of the settings that OWASP's Password Storage Cheat Sheet gives for argon2id as equally strong: the one that takes
# the least memory, so that many who sign in at the same moment do not make a worker large.
_COST = _Cost(passes=5, kibibytes=7 * 1024)
_CHEAP = _Cost(passes=1, kibibytes=8)


class PasswordUnfit(Invalid):
    """A password that somebody chose is too short, or too long."""

    code = "password-unfit"
    title = "The password is not fit to be one"


def random_password() -> str:
    """Return a new password that nobody has chosen, in groups that can be read out: 81 bits."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(14))
    return f"{letters[:5]}-{letters[5:10]}-{letters[10:]}"


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

    def choose(self, password: str) -> str:
        """Return the hash to keep of a password that somebody has chosen.

        Raises:
            PasswordUnfit: it is shorter than 10 characters, or longer than anybody types.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            message = Text(
                f"Kata sandi harus sekurangnya {SHORTEST} karakter.", f"A password has at least {SHORTEST} characters."
            )
            raise PasswordUnfit(message, errors=[{"pointer": pointer("password"), "message": message.en}])
        return self.hash(password)

    def matches(self, password: str, kept: str | None) -> bool:
        """Whether a password is the one of the kept hash; null stands for an unknown person and never matches."""
        right = self._hash.verify(password, kept if kept is not None else self._nobody)
        return right and kept is not None
