"""A provider of identities (OpenID Connect), for offices whose people sign in elsewhere already.

What the provider publishes, its addresses and keys, is asked for once and kept: while it does not answer, the keys that
are known go on to hold. A code is exchanged with PKCE, and the token that comes of it is believed only if it is signed
by one of the keys with one of these algorithms, is from the issuer, for us, in time, and answers our very question.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import httpx2 as httpx
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.core.problems import Unavailable
from app.core.settings import Settings
from app.core.text import Text
from app.identity.errors import NotSignedIn

# Asymmetric ones alone: the client's secret is no key, and no token says by itself how it is to be checked.
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_LONGEST_TOKEN = 64 * 1024
_LONGEST_DOCUMENT = 1024 * 1024
_PATIENCE_SECONDS = 10
# What is published is asked for anew after an hour; for a key that is not known, after a minute already.
_FRESH_SECONDS, _ASKED_ANEW_SECONDS = 3600, 60
# Clocks may differ by so much.
_LEEWAY_SECONDS = 60

_log = structlog.get_logger("alur.provider")


class NotProved(NotSignedIn):
    """What came back from the provider proves nothing."""

    code = "not-proved"
    title = "The provider's answer proves nothing"


class Question(NamedTuple):
    """What a browser is sent to the provider with, and what it must come back with."""

    state: str
    nonce: str
    verifier: str


class Proved(NamedTuple):
    """Who somebody is, as the provider says; `roles` are those of its claim, each `ROLE@UNIT`."""

    issuer: str
    subject: str
    username: str | None
    name: str | None
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Published:
    endpoints: Mapping[str, str]
    keys: KeySet
    asked_at: float


class Provider:
    """One provider as a client sees it; safe for threads."""

    def __init__(self, *, issuer: str, client_id: str, client_secret: str, name: str, roles_claim: str) -> None:
        self.issuer = issuer
        self.name = name
        self._client_id = client_id
        self._client_secret = client_secret
        self._roles_claim = roles_claim
        self._published: _Published | None = None
        self._asking = threading.Lock()

    def address(self, question: Question, redirect_uri: str) -> str:
        """Return where a browser is sent, with a question.

        Raises:
            Unavailable: the provider does not answer, and never has.
        """
        endpoint = self._known().endpoints["authorization_endpoint"]
        with self._client(redirect_uri) as client:
            url, _ = client.create_authorization_url(
                endpoint, state=question.state, nonce=question.nonce, code_verifier=question.verifier
            )
        return str(url)

    def prove(self, code: str, question: Question, redirect_uri: str, now: datetime) -> Proved:
        """Exchange the code that a browser came back with for who its person is.

        Raises:
            NotProved: the code or the token that comes of it does not hold.
            Unavailable: the provider does not answer.
        """
        endpoint = self._known().endpoints["token_endpoint"]
        try:
            with self._client(redirect_uri) as client:
                answer = client.fetch_token(endpoint, code=code, code_verifier=question.verifier)
        except (AuthlibBaseError, ValueError) as error:
            _log.warning("code_not_exchanged", error=type(error).__name__)
            raise _nothing() from error
        except httpx.HTTPError as error:
            raise _silent(error) from error
        return self.read(str(answer.get("id_token", "")), question.nonce, now)

    def read(self, token: str, nonce: str, now: datetime) -> Proved:
        """Return who an ID token speaks of.

        Raises:
            NotProved: it is not the provider's, not for us, not in time, or answers another question.
        """
        if len(token) > _LONGEST_TOKEN:
            raise _nothing()
        try:
            claims = self._decode(token)
            self._check(claims, nonce, now)
        except (JoseError, ValueError, TypeError) as error:
            _log.warning("token_not_believed", error=type(error).__name__)
            raise _nothing() from error
        return Proved(
            issuer=self.issuer,
            subject=claims["sub"],
            username=_text(claims.get("preferred_username")),
            name=_text(claims.get("name")),
            roles=_texts(claims.get(self._roles_claim)),
        )

    def _decode(self, token: str) -> dict[str, Any]:
        """Return the claims of a token with a right signature; a key that is not known yet is asked for."""
        try:
            return jwt.decode(token, self._known().keys, algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError):
            return jwt.decode(token, self._known(_ASKED_ANEW_SECONDS).keys, algorithms=_ALGORITHMS).claims

    def _check(self, claims: Mapping[str, Any], nonce: str, now: datetime) -> None:
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        registry.validate(dict(claims))
        for_others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (for_others or "azp" in claims) and claims.get("azp") != self._client_id:
            raise ValueError("azp")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise ValueError("sub")

    def _client(self, redirect_uri: str) -> OAuth2Client:
        return OAuth2Client(
            self._client_id,
            self._client_secret,
            redirect_uri=redirect_uri,
            scope="openid profile",
            code_challenge_method="S256",
            timeout=_PATIENCE_SECONDS,
        )

    def _known(self, fresh_for: float = _FRESH_SECONDS) -> _Published:
        """Return what the provider publishes; what is old is asked for anew, and kept where there is no answer."""
        known = self._published
        if known is not None and time.monotonic() - known.asked_at < fresh_for:
            return known
        with self._asking:
            if self._published is not known and self._published is not None:
                return self._published
            try:
                found = self._ask()
            except (httpx.HTTPError, ValueError, KeyError, TypeError, JoseError) as error:
                _log.warning("provider_does_not_answer", issuer=self.issuer, error=type(error).__name__)
                if known is None:
                    raise _silent(error) from error
                found = _Published(known.endpoints, known.keys, time.monotonic() - _FRESH_SECONDS + _ASKED_ANEW_SECONDS)
            self._published = found
            return found

    def _ask(self) -> _Published:
        with httpx.Client(timeout=_PATIENCE_SECONDS) as client:
            described = _fetch(client, f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if described["issuer"] != self.issuer:
                raise ValueError("The provider calls itself by another name than ALUR_OIDC_ISSUER.")
            endpoints = {name: str(described[name]) for name in ("authorization_endpoint", "token_endpoint")}
            return _Published(endpoints, KeySet.import_key_set(_fetch(client, described["jwks_uri"])), time.monotonic())


def provider_of(settings: Settings) -> Provider | None:
    """Return the provider that the settings name, null where people sign in here alone."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    secret = settings.oidc_client_secret
    return Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret="" if secret is None else secret.get_secret_value(),
        name=settings.oidc_name,
        roles_claim=settings.oidc_roles_claim,
    )


def _fetch(client: httpx.Client, address: str) -> Any:
    answer = client.get(address).raise_for_status()
    if len(answer.content) > _LONGEST_DOCUMENT:
        raise ValueError("The document is too large.")
    return answer.json()


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: Any) -> tuple[str, ...]:
    """Return the texts of a claim: a list, or one text with spaces between them."""
    given: Sequence[Any] = value.split() if isinstance(value, str) else value if isinstance(value, list) else ()
    return tuple(one for one in given if isinstance(one, str))


def _nothing() -> NotProved:
    return NotProved(
        Text(
            "Masuk lewat penyedia tidak berhasil. Coba sekali lagi dari halaman masuk.",
            "Signing in at the provider did not succeed. Try once more from the page to sign in.",
        )
    )


def _silent(error: Exception) -> Unavailable:
    _log.warning("provider_does_not_answer", error=type(error).__name__)
    return Unavailable(
        Text(
            "Penyedia akun tidak menjawab. Coba lagi sebentar, atau masuk dengan kata sandi Alur.",
            "The provider does not answer. Try again in a moment, or sign in with a password of Alur.",
        )
    )
