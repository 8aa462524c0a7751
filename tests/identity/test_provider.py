"""Signing in at a provider: a real one on a port of this machine, and a browser that is led there and back."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx2 as httpx
import pytest

from app.identity.commands import close_account
from app.identity.provided import link
from app.identity.provider import Provider
from app.web.visit import SESSION_COOKIE
from tests.office import Json, Office
from tests.web.browser import Browser

# The provider of the tests still speaks with its library in an older way.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CLIENT, SECRET = "alur", "a-secret-of-the-client"
SUBJECT = "8f6d1c2e"


class Silent(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider that runs."""
    import oidc_provider_mock

    server = make_server("127.0.0.1", 0, oidc_provider_mock.app(require_nonce=True), handler_class=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def office(office: Office, issuer: str) -> Office:
    """The office, whose people may sign in at the provider."""
    office.app.state.provider = provider(issuer)
    return office


def provider(issuer: str) -> Provider:
    return Provider(issuer=issuer, client_id=CLIENT, client_secret=SECRET, name="Akun ASN", roles_claim="roles")


def tell(issuer: str, subject: str = SUBJECT, **claims: Any) -> None:
    """Let the provider know somebody."""
    assert httpx.put(f"{issuer}/users/{subject}", json=claims).status_code < 300


def away(browser: Browser, place: str = "/tugas") -> str:
    """Press the button on the page to sign in; returns where the browser is led."""
    answer = browser.client.get("/masuk/penyedia", params={"lanjut": place}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def back(address: str, subject: str = SUBJECT) -> str:
    """Sign in at the provider; returns where it leads back to."""
    answer = httpx.post(address, data={"sub": subject})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def sign_in(office: Office, subject: str = SUBJECT) -> Browser:
    browser = Browser(office)
    return browser.open(back(away(browser), subject))


def held(office: Office, username: str) -> dict[tuple[str, str], str]:
    """Return the roles of a person by role and unit, with their state."""
    roles = office.read(f"users/{username}", "admin")["roles"]
    return {(one["key"], one["unit"]): one["state"] for one in roles}


def trail(office: Office) -> list[tuple[str, Json]]:
    with office.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT type, content FROM event ORDER BY at, sequence").all()
    return [(row[0], json.loads(bytes(row[1]) if not isinstance(row[1], str) else row[1])["data"]) for row in rows]


class TestTheWayThere:
    def test_is_a_button_of_the_page_to_sign_in(self, office: Office) -> None:
        page = Browser(office).open("/masuk?lanjut=/berkas")

        assert "Masuk dengan Akun ASN" in page.text
        assert page.tree.xpath("//a[contains(@href,'/masuk/penyedia')]/@href") == ["/masuk/penyedia?lanjut=/berkas"]

    def test_brings_a_new_question_each_time(self, office: Office, issuer: str) -> None:
        asked = [parse_qs(urlsplit(away(Browser(office))).query) for _ in range(2)]

        for query in asked:
            assert query["response_type"] == ["code"]
            assert query["code_challenge_method"] == ["S256"]
            assert query["redirect_uri"] == ["http://alur.test/masuk/kembali"]
            assert "openid" in query["scope"][0].split()
        for name in ("state", "nonce", "code_challenge"):
            assert len({query[name][0] for query in asked}) == 2
            assert all(len(query[name][0]) >= 43 for query in asked)

    def test_sends_the_verifier_of_its_challenge(self, office: Office, issuer: str, monkeypatch: Any) -> None:
        sent: list[dict[str, list[str]]] = []
        original = httpx.Client.send

        def watch(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
            if request.method == "POST":
                sent.append(parse_qs(request.content.decode()))
            return original(client, request, **options)

        tell(issuer, preferred_username="dewi", name="Dewi")
        browser = Browser(office)
        address = away(browser)
        led = back(address)
        monkeypatch.setattr(httpx.Client, "send", watch)
        browser.open(led)

        (exchange,) = sent
        digest = hashlib.sha256(exchange["code_verifier"][0].encode()).digest()
        challenge = parse_qs(urlsplit(address).query)["code_challenge"][0]
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge

    def test_is_not_there_without_a_provider(self, office: Office) -> None:
        office.app.state.provider = None

        assert "Masuk dengan" not in Browser(office).open("/masuk?lanjut=/berkas").text.replace("Masuk dengan nama", "")
        assert Browser(office).open("/masuk/penyedia").status == 404

    def test_says_so_where_the_provider_does_not_answer(self, office: Office) -> None:
        office.app.state.provider = provider("http://127.0.0.1:9")

        page = Browser(office).open("/masuk/penyedia")

        assert page.status == 503
        assert "Penyedia akun tidak menjawab" in page.text
        assert page.tree.xpath("//input[@name='password']")


class TestComingBack:
    def test_makes_an_account_and_signs_it_in(self, office: Office, issuer: str) -> None:
        tell(issuer, preferred_username="dewi", name="Dewi Lestari", roles=["staf@disnaker"])

        browser = sign_in(office)

        assert (browser.status, browser.url) == (200, "/tugas")
        assert "Dewi Lestari" in browser.text
        assert held(office, "dewi") == {("staf", "disnaker"): "current"}

    def test_finds_the_account_again_whatever_it_is_called_by_now(self, office: Office, issuer: str) -> None:
        tell(issuer, preferred_username="dewi", name="Dewi")
        sign_in(office)
        tell(issuer, preferred_username="staf", name="Somebody else", email="staf@disnaker.test")

        sign_in(office)

        people = office.read("users", "admin", q="dewi")["items"]
        assert [one["username"] for one in people] == ["dewi"]

    def test_takes_no_account_over_by_its_name(self, office: Office, issuer: str) -> None:
        tell(issuer, preferred_username="admin", name="Penyusup", email="admin@disnaker.test", email_verified=True)

        browser = sign_in(office)

        assert "Administrator (peragaan)" not in browser.text
        assert browser.open("/pengguna").status == 403

    def test_lets_nobody_in_whose_account_is_closed(self, office: Office, issuer: str) -> None:
        tell(issuer, preferred_username="dewi", name="Dewi")
        sign_in(office)
        now = office.clock.now()
        office.database.write(lambda uow: close_account(uow, actor=office.system(uow), username="dewi", now=now))

        browser = sign_in(office)

        assert (browser.status, "Akun Anda sudah ditutup" in browser.text) == (401, True)
        assert SESSION_COOKIE not in browser.client.cookies

    def test_has_no_password(self, office: Office, issuer: str) -> None:
        tell(issuer, preferred_username="dewi", name="Dewi")
        sign_in(office)

        for password in ("keliru", "dewi", "demo"):
            assert office.sign_in("dewi", password).status_code == 401

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda led, browser: led.replace("state=", "state=x"),
            lambda led, browser: led.replace("code=", "code=x"),
            lambda led, browser: led.partition("?")[0],
            lambda led, browser: browser.client.cookies.clear() or led,
            lambda led, browser: browser.client.cookies.set("alur_penyedia", "W10=.00") or led,
        ],
        ids=["state", "code", "nothing", "no cookie", "forged cookie"],
    )
    def test_with_anything_else_than_the_answer_lets_nobody_in(
        self, office: Office, issuer: str, spoil: Callable[[str, Browser], str]
    ) -> None:
        tell(issuer, preferred_username="dewi", name="Dewi")
        browser = Browser(office)
        led = back(away(browser))

        browser.open(spoil(led, browser))

        assert (browser.status, browser.url) == (401, "/masuk/kembali")
        assert SESSION_COOKIE not in browser.client.cookies

    def test_with_the_answer_to_another_browsers_question_lets_nobody_in(self, office: Office, issuer: str) -> None:
        """Nobody can be signed in as somebody else by a link."""
        tell(issuer, preferred_username="dewi", name="Dewi")
        led = back(away(Browser(office)))
        victim = Browser(office)
        away(victim)

        assert victim.open(led).status == 401

    def test_twice_lets_in_once(self, office: Office, issuer: str) -> None:
        tell(issuer, preferred_username="dewi", name="Dewi")
        browser = Browser(office)
        led = back(away(browser))
        kept = browser.client.cookies["alur_penyedia"]
        browser.open(led)
        again = Browser(office)
        again.client.cookies.set("alur_penyedia", kept, domain="alur.test", path="/masuk")

        assert again.open(led).status == 401


class TestTheClaim:
    def test_gives_and_takes_at_each_sign_in_and_the_trail_says_so(self, office: Office, issuer: str) -> None:
        tell(issuer, preferred_username="dewi", name="Dewi", roles=["staf@disnaker", "tim_renja@disnaker"])
        sign_in(office)
        tell(issuer, preferred_username="dewi", name="Dewi", roles=["tim_renja@disnaker", "tim_sakip@disnaker"])
        sign_in(office)

        states = held(office, "dewi")
        assert {what for what, state in states.items() if state == "current"} == {
            ("tim_renja", "disnaker"),
            ("tim_sakip", "disnaker"),
        }
        acts = [(kind, data["role"]) for kind, data in trail(office) if data.get("source") == issuer]
        assert acts == [
            ("role.given", "staf"),
            ("role.given", "tim_renja"),
            ("role.taken", "staf"),
            ("role.given", "tim_sakip"),
        ]

    def test_leaves_what_somebody_gave_by_hand(self, office: Office, issuer: str) -> None:
        tell(issuer, preferred_username="dewi", name="Dewi", roles=["staf@disnaker"])
        sign_in(office)
        given = office.post("users/dewi/roles", "admin", {"role": "tim_renja", "unit": "disnaker"})
        assert given.status_code == 200, given.text
        tell(issuer, preferred_username="dewi", name="Dewi", roles=[])
        sign_in(office)

        current = {what for what, state in held(office, "dewi").items() if state == "current"}
        assert current == {("tim_renja", "disnaker")}

    def test_takes_effect_at_once(self, office: Office, issuer: str) -> None:
        tell(issuer, preferred_username="dewi", name="Dewi", roles=["kasubag_perencanaan@disnaker"])
        assert "Mulai" in sign_in(office).open("/berkas/mulai").text
        office.start("kasubag_perencanaan", "renja")
        tell(issuer, preferred_username="dewi", name="Dewi", roles=[])

        assert sign_in(office).open("/berkas/mulai/renja").status == 404

    @pytest.mark.parametrize(
        "claim", [None, 7, {"staf": "disnaker"}, ["administer@disnaker", "raja@disnaker", "staf@entah", "staf", 5, ""]]
    )
    def test_gives_nothing_that_is_no_role_of_the_office(self, office: Office, issuer: str, claim: Any) -> None:
        tell(issuer, preferred_username="dewi", name="Dewi", roles=claim)

        assert sign_in(office).status == 200
        shown = office.read("users/dewi", "admin")
        assert (shown["roles"], shown["permissions"]) == ([], [])

    def test_changes_nothing_where_it_says_what_is(self, office: Office, issuer: str) -> None:
        tell(issuer, preferred_username="dewi", name="Dewi", roles="staf@disnaker")
        sign_in(office)
        before = len(trail(office))

        sign_in(office)

        assert len(trail(office)) == before


class TestALink:
    def test_lets_an_account_that_is_there_come_in(self, office: Office, issuer: str) -> None:
        now = office.clock.now()
        office.database.write(
            lambda uow: link(uow, actor=office.system(uow), username="staf", issuer=issuer, subject=SUBJECT, now=now)
        )
        tell(issuer, preferred_username="lain", name="Lain", roles=[])

        assert "Staf (peragaan)" in sign_in(office).text
        assert held(office, "staf")["staf", "disnaker"] == "current"
