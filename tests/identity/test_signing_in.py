"""Signing in, and the tokens that come of it."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from app.identity.models import identity_version, user_account
from tests.office import SECRET, Json, Office, problem

Forge = Callable[[Json], str]


class TestSigningIn:
    def test_gives_a_token_for_eight_hours(self, shared_office: Office) -> None:
        answer = shared_office.sign_in("sekretaris")

        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        content = answer.json()
        assert (content["token_type"], content["expires_in"]) == ("bearer", 8 * 3600)
        headers = {"Authorization": f"bearer {content['access_token']}"}
        assert shared_office.get("me", None, headers=headers).json()["username"] == "sekretaris"

    @pytest.mark.parametrize(
        ("username", "password"),
        [
            ("sekretaris", "salah"),
            ("sekretaris", "Demo"),
            ("sekretaris", "demo "),
            ("Sekretaris", "demo"),
            ("tidak_ada", "demo"),
            ("' OR 1=1 --", "demo"),
        ],
    )
    def test_tells_nobody_what_was_wrong(self, shared_office: Office, username: str, password: str) -> None:
        content = problem(shared_office.sign_in(username, password), 401, "wrong-credentials")

        assert content["detail"] == "The user name or the password is wrong."

    def test_of_a_name_that_no_row_can_hold_is_refused(self, shared_office: Office) -> None:
        problem(shared_office.sign_in("a\0b"), 422)

    def test_is_over_for_a_closed_account(self, office: Office) -> None:
        token = office.token("staf")

        def close(uow: Any) -> None:
            uow.execute(sa.update(user_account).where(user_account.c.username == "staf").values(is_active=False))
            uow.execute(sa.update(identity_version).values(value=identity_version.c.value + 1))

        office.database.write(close)

        problem(office.sign_in("staf"), 401, "wrong-credentials")
        problem(office.get("me", None, headers={"Authorization": f"Bearer {token}"}), 401, "not-signed-in")
        problem(office.get("tasks", "staf"), 401, "not-signed-in")
        problem(office.post("process-instances", "staf", {"process_definition_key": "iku"}), 401, "not-signed-in")

    def test_takes_the_new_password_alone_once_it_is_changed(self, office: Office) -> None:
        office.set_password("staf", "rahasia baru")

        problem(office.sign_in("staf"), 401)
        assert office.sign_in("staf", "rahasia baru").status_code == 200


def encoded(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def signed(claims: Json, secret: str = SECRET, algorithm: str = "HS256") -> str:
    """Return a token as RFC 7515 describes it, made without the library that the service uses."""
    content = f"{encoded({'alg': algorithm, 'typ': 'JWT'})}.{encoded(claims)}"
    digest = hmac.digest(secret.encode(), content.encode(), f"sha{algorithm.removeprefix('HS')}")
    return f"{content}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def unsigned(header: Json) -> Forge:
    return lambda claims: f"{encoded(header)}.{encoded(claims)}."


def with_claims(**changes: Any) -> Forge:
    def forge(claims: Json) -> str:
        changed = {**claims, **{name: value for name, value in changes.items() if value is not ...}}
        return signed({name: value for name, value in changed.items() if changes.get(name) is not ...})

    return forge


def swapped(claims: Json) -> str:
    """The signature of one token under the claims of another."""
    header, _, signature = signed(claims).split(".")
    return f"{header}.{encoded({**claims, 'sub': 'admin'})}.{signature}"


def broken(claims: Json) -> str:
    token = signed(claims)
    return token[:-2] + ("AA" if not token.endswith("AA") else "BB")


FORGERIES: dict[str, Forge] = {
    "other secret": lambda claims: signed(claims, "another secret that is long enough for it"),
    "other algorithm": lambda claims: signed(claims, algorithm="HS384"),
    "stronger algorithm": lambda claims: signed(claims, algorithm="HS512"),
    "no algorithm": unsigned({"alg": "none"}),
    "No algorithm": unsigned({"alg": "None"}),
    "no algorithm, typed": unsigned({"alg": "none", "typ": "JWT"}),
    "no header": lambda claims: f"{encoded({})}.{encoded(claims)}.",
    "unsigned": unsigned({"alg": "HS256"}),
    "foreign key named": unsigned({"alg": "HS256", "jku": "https://example.org/keys", "kid": "1"}),
    "own key inside": unsigned({"alg": "HS256", "jwk": {"kty": "oct", "k": "AAAA"}}),
    "swapped": swapped,
    "broken": broken,
    "expired": with_claims(exp=1),
    "expired just now": lambda claims: with_claims(exp=int(time.time()) - 1)(claims),
    "never ends": with_claims(exp=...),
    "ends as text": with_claims(exp="tomorrow"),
    "ends nowhere": with_claims(exp=None),
    "not yet": lambda claims: with_claims(nbf=int(time.time()) + 3600)(claims),
    "without nbf": with_claims(nbf=...),
    "other issuer": with_claims(iss="somebody"),
    "without issuer": with_claims(iss=...),
    "other audience": with_claims(aud="other-api"),
    "without audience": with_claims(aud=...),
    "without subject": with_claims(sub=...),
    "subject null": with_claims(sub=None),
    "unknown subject": with_claims(sub="tidak_ada"),
    "empty subject": with_claims(sub=""),
    "list as subject": with_claims(sub=["sekretaris"]),
    "too long": with_claims(extra="x" * 9000),
    "spaces": lambda _: "   ",
    "word": lambda _: "token",
    "dots": lambda _: "..",
    "many dots": lambda _: "a.b.c.d.e",
    "not base64": lambda _: "!!!.???.###",
    "no json": lambda _: "YQ.YQ.YQ",
    "array": lambda _: f"{encoded([])}.{encoded([])}.",
    "number": lambda claims: signed({**claims, "exp": 1e400}),
    "latin": lambda _: "tökén",
    "path": lambda _: "../../etc",
    "null": lambda _: "null",
}


class TestAToken:
    @pytest.mark.parametrize("name", FORGERIES)
    def test_that_is_forged_lets_nobody_in(self, shared_office: Office, name: str) -> None:
        now = int(time.time())
        claims: Json = {"iss": "alur", "aud": "alur-api", "sub": "sekretaris", "iat": now, "nbf": now, "exp": now + 600}
        genuine = {"Authorization": f"Bearer {signed(claims)}"}
        assert shared_office.get("me", None, headers=genuine).status_code == 200
        forged = f"Bearer {FORGERIES[name](claims)}".encode()

        answer = shared_office.client.get("/api/v1/me", headers=[(b"Authorization", forged)])

        content = problem(answer, 401, "not-signed-in")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "secret" not in content["detail"]

    @pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic c2VrcmV0YXJpczpkZW1v", "sekretaris"])
    def test_is_needed(self, shared_office: Office, header: str | None) -> None:
        headers = {"Authorization": header} if header is not None else {}

        problem(shared_office.get("tasks", None, headers=headers), 401, "not-signed-in")

    def test_in_the_address_is_none(self, shared_office: Office) -> None:
        token = shared_office.token("staf")

        problem(shared_office.get("me", None, params={"access_token": token, "token": token}), 401)

    def test_lives_in_real_time_whatever_the_clock_of_the_office_says(self, office: Office) -> None:
        office.token("staf")
        office.clock.moment = office.clock.moment.replace(year=2031)

        assert office.get("me", "staf").status_code == 200


class TestMe:
    def test_tells_what_one_holds_today(self, shared_office: Office) -> None:
        assert shared_office.read("me", "kasubag_perencanaan") == {
            "username": "kasubag_perencanaan",
            "name": "Kasubag Perencanaan (peragaan)",
            "roles": [
                {
                    "key": "kasubag_perencanaan",
                    "name": "Kepala Sub Bagian Perencanaan, Evaluasi dan Pelaporan Program",
                    "unit": "disnaker",
                    "kind": "definitif",
                    "letter": None,
                    "valid_to": None,
                }
            ],
            "units": [{"key": "disnaker", "name": "Dinas Tenaga Kerja", "kind": "perangkat_daerah"}],
            "permissions": [],
        }

    def test_tells_the_permissions_with_their_last_day(self, shared_office: Office) -> None:
        shown = shared_office.read("me", "inspektorat")

        assert shown["permissions"] == [{"permission": "audit", "unit": "tanjabbar", "valid_to": "2099-12-31"}]
        assert shown["roles"] == []

    def test_leaves_out_what_is_over_or_still_to_come(self, office: Office) -> None:
        today = office.clock.now().date()
        office.hire("lama", "staf@disnaker", permissions=("deploy@disnaker",), valid_to=today.replace(day=1))
        office.hire("baru", "staf@disnaker", valid_from=today.replace(day=30))

        for user in ("lama", "baru"):
            shown = office.read("me", user)
            assert (shown["roles"], shown["units"], shown["permissions"]) == ([], [], [])
