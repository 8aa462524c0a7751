"""How often a password may be tried, wherever one is taken, and whom that never locks out."""

import base64
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2 as httpx
import pytest
import sqlalchemy as sa

from app.audit.models import event
from app.demo.users import PASSWORD
from app.identity.attempts import MOST_OF_BOTH, MOST_OF_ONE, WINDOW, Attempt, Attempts, sweep
from app.identity.errors import TooManyAttempts, WrongCredentials
from app.identity.models import sign_in_address, sign_in_failure
from tests.office import Clock, Office, problem
from tests.web.browser import Browser

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
HOME, AWAY = "10.1.1.1", "203.0.113.9"


def wrong() -> str:
    raise WrongCredentials("wrong")


def right() -> str:
    return "in"


@pytest.fixture
def attempts(office: Office) -> Attempts:
    found: Attempts = office.app.state.attempts
    return found


def fail(attempts: Attempts, username: str, address: str, times: int, now: datetime = NOON) -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            attempts.guard(Attempt(username, address, now), wrong)


def refused(attempts: Attempts, username: str, address: str, now: datetime = NOON) -> int | None:
    """Return for how many seconds an attempt with the right password is refused; null if it is not."""
    try:
        assert attempts.guard(Attempt(username, address, now), right) == "in"
    except TooManyAttempts as refusal:
        return int(refusal.headers["Retry-After"])
    return None


class TestOneAccountFromOneAddress:
    def test_is_not_checked_after_ten_failures(self, attempts: Attempts) -> None:
        fail(attempts, "staf", HOME, MOST_OF_BOTH)
        checked: list[str] = []

        with pytest.raises(TooManyAttempts) as caught:
            attempts.guard(Attempt("staf", HOME, NOON), lambda: checked.append("checked"))

        assert not checked
        assert caught.value.detail_id == "Terlalu sering gagal masuk. Coba lagi dalam 15 menit."

    def test_is_checked_again_when_the_wait_is_over_however_often_it_was_refused(self, attempts: Attempts) -> None:
        fail(attempts, "staf", HOME, MOST_OF_BOTH)
        for minutes in range(15):
            wait = refused(attempts, "staf", HOME, NOON + timedelta(minutes=minutes))
            assert wait == pytest.approx((15 - minutes) * 60, abs=1)

        assert refused(attempts, "staf", HOME, NOON + WINDOW + timedelta(seconds=1)) is None

    def test_begins_anew_when_he_has_come_in(self, attempts: Attempts) -> None:
        fail(attempts, "staf", HOME, MOST_OF_BOTH - 1)
        assert refused(attempts, "staf", HOME) is None

        fail(attempts, "staf", HOME, MOST_OF_BOTH - 1)
        assert refused(attempts, "staf", HOME) is None

    def test_keeps_no_other_account_and_no_other_address_out(self, attempts: Attempts) -> None:
        fail(attempts, "staf", AWAY, MOST_OF_BOTH)

        assert refused(attempts, "sekretaris", AWAY) is None
        assert refused(attempts, "staf", HOME) is None

    def test_counts_what_comes_at_the_same_moment(self, attempts: Attempts) -> None:
        """Many guesses sent at once are not all checked before the first of them is counted."""
        checked: list[int] = []
        barrier = threading.Barrier(8)

        def check() -> str:
            checked.append(1)
            return wrong()

        def guess() -> None:
            barrier.wait()
            for _ in range(4):
                try:
                    attempts.guard(Attempt("staf", AWAY, NOON), check)
                except (WrongCredentials, TooManyAttempts):
                    continue

        threads = [threading.Thread(target=guess) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert 0 < len(checked) <= MOST_OF_BOTH
        assert refused(attempts, "staf", AWAY) is not None

    def test_counts_no_check_that_broke(self, attempts: Attempts) -> None:
        for _ in range(MOST_OF_BOTH + 1):
            with pytest.raises(ZeroDivisionError):
                attempts.guard(Attempt("staf", HOME, NOON), lambda: 1 // 0)

        assert refused(attempts, "staf", HOME) is None


class TestAnAttack:
    def test_on_one_account_from_everywhere_is_stopped(self, attempts: Attempts) -> None:
        for number in range(MOST_OF_ONE // 5):
            fail(attempts, "staf", f"203.0.113.{number}", 5)

        assert refused(attempts, "staf", "198.51.100.1") is not None

    def test_on_one_account_does_not_lock_out_its_person_from_where_he_comes_in(self, attempts: Attempts) -> None:
        assert refused(attempts, "staf", HOME) is None
        for number in range(MOST_OF_ONE // 5):
            fail(attempts, "staf", f"203.0.113.{number}", 5)

        assert refused(attempts, "staf", HOME) is None

    def test_on_many_accounts_from_one_address_is_stopped(self, attempts: Attempts) -> None:
        for number in range(MOST_OF_ONE // 5):
            fail(attempts, f"nama{number}", AWAY, 5)

        assert refused(attempts, "sekretaris", AWAY) is not None
        assert refused(attempts, "sekretaris", HOME) is None

    def test_from_inside_the_office_does_not_lock_out_the_others_there(self, attempts: Attempts) -> None:
        assert refused(attempts, "sekretaris", HOME) is None
        for number in range(MOST_OF_ONE // 5):
            fail(attempts, f"nama{number}", HOME, 5)

        assert refused(attempts, "sekretaris", HOME) is None

    def test_from_many_addresses_of_one_network_comes_from_one(self, attempts: Attempts) -> None:
        fail(attempts, "staf", "2001:db8::1", MOST_OF_BOTH)

        assert refused(attempts, "staf", "2001:db8::ffff:2") is not None
        assert refused(attempts, "staf", "2001:db8:0:1::1") is None
        fail(attempts, "sekretaris", "::ffff:10.1.1.1", MOST_OF_BOTH)
        assert refused(attempts, "sekretaris", HOME) is not None


class TestWhatIsKept:
    def test_holds_for_every_worker_and_after_a_restart(self, office: Office, attempts: Attempts) -> None:
        fail(attempts, "staf", HOME, MOST_OF_BOTH)

        another = Attempts(office.database, office.app.state.directory, office.app.state.secret)
        assert refused(another, "staf", HOME) is not None

    def test_names_nobody(self, office: Office, attempts: Attempts) -> None:
        """Somebody may have typed his password for his name."""
        fail(attempts, "rahasia-saya", HOME, 1)

        with office.database.read() as connection:
            rows = repr(connection.execute(sa.select(sign_in_failure)).all())
        assert "rahasia" not in rows
        assert HOME not in rows

    def test_is_swept(self, office: Office, attempts: Attempts) -> None:
        fail(attempts, "staf", HOME, 3)
        assert refused(attempts, "sekretaris", HOME) is None

        office.database.write(lambda uow: sweep(uow, NOON + timedelta(days=31)))

        with office.database.read() as connection:
            for table in (sign_in_failure, sign_in_address):
                assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0

    def test_is_told_once_in_the_trail(self, office: Office, attempts: Attempts) -> None:
        fail(attempts, "staf", HOME, MOST_OF_BOTH)
        assert refused(attempts, "staf", HOME) is not None
        fail(attempts, "rahasia-saya", HOME, MOST_OF_BOTH)

        with office.database.read() as connection:
            blocked = sa.select(event.c.content).where(event.c.type == "sign_in.blocked")
            told = connection.execute(blocked).scalars().all()
        unknown, known = sorted(map(str, told), key=lambda content: "username" in content)
        assert '"username":"staf"' in known.replace("\\", "")
        assert HOME in known
        assert "username" not in unknown
        assert "rahasia" not in unknown


def token(office: Office, password: str) -> httpx.Response:
    return office.sign_in("staf", password)


def page(office: Office, password: str) -> httpx.Response:
    return Browser(office).client.post(
        "/masuk", data={"username": "staf", "password": password}, follow_redirects=False
    )


def basic(office: Office, password: str) -> httpx.Response:
    given = base64.b64encode(f"staf:{password}".encode()).decode()
    return office.client.get("/engine-rest/version", headers={"Authorization": f"Basic {given}"})


def verify(office: Office, password: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {office.token('sekretaris')}"}
    body = {"username": "staf", "password": password}
    return office.client.post("/rest/identity/verify", headers=headers, json=body)


def own_password(office: Office, password: str) -> httpx.Response:
    return office.post("me/password", "staf", {"old_password": password, "password": "hujan-turun-di-sore"})


DOORS: dict[str, Callable[[Office, str], httpx.Response]] = {
    "token": token,
    "page": page,
    "basic": basic,
    "verify": verify,
    "own password": own_password,
}


class TestEveryDoor:
    @pytest.mark.parametrize("name", DOORS)
    def test_is_closed_after_ten_failures_to_the_right_password_too(self, office: Office, name: str) -> None:
        office.token("staf")
        for _ in range(MOST_OF_BOTH):
            assert DOORS[name](office, "keliru").status_code in (200, 401, 422)

        answer = DOORS[name](office, PASSWORD)

        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= WINDOW.total_seconds() + 1
        if name == "page":
            assert "Terlalu sering gagal masuk. Coba lagi dalam" in answer.text
        if name in ("token", "own password"):
            problem(answer, 429, "too-many-attempts")

    def test_closes_with_any_other(self, office: Office) -> None:
        """A person's failures are counted together, whatever they were tried at."""
        doors = [token, page, basic, verify]
        office.token("sekretaris")
        for number in range(MOST_OF_BOTH):
            doors[number % 4](office, "keliru")

        # The browser of the tests has an address of its own, as all of them have.
        assert [door(office, PASSWORD).status_code for door in doors] == [429] * 4

    def test_is_closed_on_the_page_of_ones_own_password(self, office: Office) -> None:
        browser = Browser(office).sign_in("staf").open("/profil")
        for _ in range(MOST_OF_BOTH):
            browser.send("/profil/sandi", lama="keliru", baru="hujan-turun-di-sore", ulang="hujan-turun-di-sore")
            assert browser.status == 422

        browser.send("/profil/sandi", lama=PASSWORD, baru="hujan-turun-di-sore", ulang="hujan-turun-di-sore")

        assert (browser.status, browser.answer.headers["retry-after"] > "0") == (429, True)
        assert "Terlalu sering gagal masuk" in browser.text

    def test_opens_to_who_is_signed_in_all_the_while(self, office: Office) -> None:
        headers = {"Authorization": f"Bearer {office.token('staf')}"}
        for _ in range(MOST_OF_BOTH + 1):
            token(office, "keliru")

        assert office.client.get("/api/v1/me", headers=headers).status_code == 200


class TestTheClock:
    def test_is_the_real_one(self, office: Office) -> None:
        """A demonstration whose clock leaps does not end a wait."""
        for _ in range(MOST_OF_BOTH):
            token(office, "keliru")
        office.clock.advance(timedelta(days=40))
        assert token(office, PASSWORD).status_code == 429

        office.app.state.real_clock = Clock(datetime.now(UTC) + WINDOW + timedelta(seconds=2))
        assert token(office, PASSWORD).status_code == 200
