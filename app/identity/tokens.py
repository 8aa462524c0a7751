"""Access tokens: signed, short-lived, and worth nothing to anybody else's service."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

import jwt

from app.core.text import Text
from app.identity.errors import NotSignedIn

ISSUER = "alur"
AUDIENCE = "alur-api"
LONGEST_TOKEN = 8 * 1024

_ALGORITHM = "HS256"
_MOST_REMEMBERED = 10_000


_NOT_VALID = Text("Token tidak berlaku. Masuklah kembali.", "The token is not valid. Sign in again.")


class _Known(NamedTuple):
    username: str
    expires_at: int


class Tokens:
    """Issues and checks access tokens with one secret; a token that was good is remembered until it ends."""

    def __init__(self, secret: str, lifetime: timedelta) -> None:
        self._key = secret
        self.lifetime = lifetime
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def issue(self, username: str, now: datetime) -> str:
        """Return a token for a person, good from now for the lifetime."""
        issued = int(now.timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": username,
            "iat": issued,
            "nbf": issued,
            "exp": issued + int(self.lifetime.total_seconds()),
            "jti": uuid4().hex,
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def username(self, token: str, now: datetime) -> str:
        """Return whose token it is.

        Raises:
            NotSignedIn: the token is not ours, was changed, is not yet or no longer good, or is over 8 KiB.
        """
        moment = now.timestamp()
        known = self._known.get(token)
        if known is None:
            known = self._check(token, moment)
            self._known[token] = known
            if len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)
        if moment >= known.expires_at:
            raise NotSignedIn(
                Text("Token sudah kedaluwarsa. Masuklah kembali.", "The token has expired. Sign in again.")
            )
        return known.username

    def _check(self, token: str, moment: float) -> _Known:
        if len(token) > LONGEST_TOKEN:
            raise NotSignedIn(Text("Token terlalu panjang.", "The token is too long."))
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                # The library would ask the machine's clock; a service is told the time.
                options={"require": ["iss", "aud", "sub", "exp", "nbf"], "verify_exp": False, "verify_nbf": False},
            )
        except jwt.InvalidTokenError as error:
            raise NotSignedIn(_NOT_VALID) from error
        begins, ends = claims["nbf"], claims["exp"]
        if type(begins) is not int or type(ends) is not int or moment < begins:
            raise NotSignedIn(_NOT_VALID)
        return _Known(claims["sub"], ends)
