"""What a provider has signed: which of its tokens are believed, and what holds while it does not answer."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2 as httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from app.core.problems import Unavailable
from app.identity.provider import NotProved, Provider, Question
from tests.identity.test_provider import CLIENT, SECRET, provider
from tests.office import Json

NONCE = "the nonce of the question"


class Minting:
    """A provider's keys, and tokens made with them; it answers as `_fetch` would."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "1"})
        self.issuer = "https://provider.test"
        self.asked = 0
        self.answers = True

    def fetch(self, _client: Any, address: str) -> Any:
        self.asked += 1
        if not self.answers:
            raise httpx.ConnectError("nobody")
        if address.endswith("/keys"):
            return KeySet([self.key]).as_dict(private=False)
        places = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **places}

    def claims(self, **changed: Any) -> Json:
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, "nonce": NONCE}
        return {name: value for name, value in {**usual, **changed}.items() if value is not ...}

    def token(self, header: Json | None = None, key: Any = None, **changed: Any) -> str:
        return jwt.encode(
            {"alg": "RS256", "kid": "1", **(header or {})},
            self.claims(**changed),
            key or self.key,
            algorithms=["RS256", "ES256", "HS256"],
        )


@pytest.fixture
def minting(monkeypatch: pytest.MonkeyPatch) -> Minting:
    found = Minting()
    monkeypatch.setattr("app.identity.provider._fetch", found.fetch)
    return found


def read(minting: Minting, token: str, by: Provider | None = None) -> str:
    return (by or provider(minting.issuer)).read(token, NONCE, datetime.now(UTC)).subject


def confused(minting: Minting) -> str:
    """Signed with the public key as if it were a secret."""
    header, claims = ({"alg": "HS256", "kid": "1"}, minting.claims())
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, claims)]
    digest = hmac.digest(minting.key.as_pem(private=False), b".".join(parts), "sha256")
    return b".".join([*parts, base64.urlsafe_b64encode(digest).rstrip(b"=")]).decode()


def unsigned(minting: Minting) -> str:
    parts = [{"alg": "none"}, minting.claims()]
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts) + "."


FORGERIES: dict[str, Callable[[Minting], str]] = {
    "another key": lambda minting: minting.token(key=RSAKey.generate_key(2048)),
    "the client's secret": lambda minting: minting.token({"alg": "HS256"}, OctKey.import_key(SECRET)),
    "a key of its own": lambda minting: minting.token({"jwk": RSAKey.generate_key(2048).as_dict(private=False)}),
    "a curve": lambda minting: minting.token({"alg": "ES256"}, ECKey.generate_key("P-256", {"kid": "1"})),
    "the public key as a secret": confused,
    "unsigned": unsigned,
    "another issuer": lambda minting: minting.token(iss="https://elsewhere.test"),
    "for another client": lambda minting: minting.token(aud="another"),
    "for several": lambda minting: minting.token(aud=[CLIENT, "another"]),
    "for another of several": lambda minting: minting.token(aud=[CLIENT, "another"], azp="another"),
    "another question": lambda minting: minting.token(nonce="another"),
    "no question": lambda minting: minting.token(nonce=...),
    "expired": lambda minting: minting.token(exp=int(time.time()) - 120),
    "without an end": lambda minting: minting.token(exp=...),
    "not yet": lambda minting: minting.token(nbf=int(time.time()) + 600),
    "without a subject": lambda minting: minting.token(sub=...),
    "a number as subject": lambda minting: minting.token(sub=7),
    "an empty subject": lambda minting: minting.token(sub=""),
    "too long": lambda minting: minting.token(more="x" * 70_000),
    "nothing": lambda _: "",
    "dots": lambda _: "a.b.c",
}


class TestATokenOfTheProvider:
    def test_is_believed(self, minting: Minting) -> None:
        assert read(minting, minting.token()) == "1"
        assert read(minting, minting.token(aud=[CLIENT, "another"], azp=CLIENT)) == "1"

    @pytest.mark.parametrize("name", FORGERIES)
    def test_that_is_forged_is_not(self, minting: Minting, name: str) -> None:
        with pytest.raises(NotProved):
            read(minting, FORGERIES[name](minting))

    def test_is_believed_while_the_provider_does_not_answer(
        self, minting: Minting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        by = provider(minting.issuer)
        read(minting, minting.token(), by)
        asked, minting.answers = minting.asked, False
        later = time.monotonic() + 7200
        monkeypatch.setattr("app.identity.provider.time.monotonic", lambda: later)

        assert read(minting, minting.token(), by) == "1"
        assert minting.asked > asked

    def test_is_asked_about_once(self, minting: Minting) -> None:
        by = provider(minting.issuer)
        for _ in range(5):
            read(minting, minting.token(), by)

        assert minting.asked == 2

    def test_of_a_new_key_is_believed_once_a_minute_has_passed(
        self, minting: Minting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever sends tokens of keys that there are not does not make us ask each time."""
        by = provider(minting.issuer)
        read(minting, minting.token(), by)
        minting.key = RSAKey.generate_key(2048, {"kid": "2"})
        for _ in range(3):
            with pytest.raises(NotProved):
                read(minting, minting.token({"kid": "2"}), by)
        assert minting.asked == 2
        later = time.monotonic() + 61
        monkeypatch.setattr("app.identity.provider.time.monotonic", lambda: later)

        assert read(minting, minting.token({"kid": "2"}), by) == "1"

    def test_is_refused_as_unavailable_where_it_never_answered(self, minting: Minting) -> None:
        minting.answers = False

        with pytest.raises(Unavailable):
            read(minting, minting.token())

    def test_of_a_provider_that_calls_itself_otherwise_is_none(self, minting: Minting) -> None:
        with pytest.raises(Unavailable):
            provider("https://provider.test/").address(Question("a", "b", "c" * 48), "http://alur.test/masuk/kembali")
