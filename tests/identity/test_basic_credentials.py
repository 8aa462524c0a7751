"""A name and a password with every request: checked as at signing in, and not paid for every time."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from app.demo.users import PASSWORD
from app.identity.basic import KEPT_FOR, BasicCredentials
from app.identity.commands import sign_in
from app.identity.errors import NotSignedIn, WrongCredentials
from app.identity.passwords import Passwords
from tests.office import MONDAY, Office


class CountedPasswords(Passwords):
    """Passwords that tell how often one was hashed to be compared."""

    def __init__(self) -> None:
        super().__init__(cheap=True)
        self.compared = 0

    def matches(self, password: str, kept: str | None) -> bool:
        self.compared += 1
        return super().matches(password, kept)


def pair(name: str, password: str = PASSWORD) -> str:
    return base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture
def passwords() -> CountedPasswords:
    return CountedPasswords()


@pytest.fixture
def basic() -> BasicCredentials:
    return BasicCredentials()


def ask(office: Office, basic: BasicCredentials, passwords: Passwords, given: str, **later: Any) -> str:
    def prove(username: str, password: str) -> str:
        with office.database.read() as connection:
            return sign_in(connection, passwords, username=username, password=password)

    return basic.username(office.database, given, MONDAY + timedelta(**later), prove)


class TestAPair:
    def test_is_hashed_once_in_five_minutes(
        self, shared_office: Office, basic: BasicCredentials, passwords: CountedPasswords
    ) -> None:
        for seconds in (0, 1, 299):
            assert ask(shared_office, basic, passwords, pair("staf"), seconds=seconds) == "staf"
        assert passwords.compared == 1

        ask(shared_office, basic, passwords, pair("staf"), seconds=KEPT_FOR.total_seconds())
        assert passwords.compared == 2

    def test_that_is_wrong_is_never_remembered(
        self, shared_office: Office, basic: BasicCredentials, passwords: CountedPasswords
    ) -> None:
        for _ in range(3):
            with pytest.raises(WrongCredentials):
                ask(shared_office, basic, passwords, pair("staf", "salah"))
        assert passwords.compared == 3

    def test_of_one_person_is_not_that_of_another(
        self, shared_office: Office, basic: BasicCredentials, passwords: CountedPasswords
    ) -> None:
        ask(shared_office, basic, passwords, pair("staf"))

        for given in (pair("sta", f"f:{PASSWORD}"), pair("staf", f"{PASSWORD} "), pair("Staf")):
            with pytest.raises(WrongCredentials):
                ask(shared_office, basic, passwords, given)

    def test_is_worth_nothing_once_the_password_is_another(
        self, office: Office, basic: BasicCredentials, passwords: CountedPasswords
    ) -> None:
        ask(office, basic, passwords, pair("staf"))

        office.set_password("staf", "baru: sekali")

        with pytest.raises(WrongCredentials):
            ask(office, basic, passwords, pair("staf"))
        assert ask(office, basic, passwords, pair("staf", "baru: sekali")) == "staf"

    def test_is_not_kept_in_the_clear(
        self, shared_office: Office, basic: BasicCredentials, passwords: CountedPasswords
    ) -> None:
        ask(shared_office, basic, passwords, pair("staf"))

        assert PASSWORD not in repr(vars(basic))
        assert pair("staf") not in repr(vars(basic))

    def test_is_one_of_a_thousand_that_are_kept(
        self,
        shared_office: Office,
        basic: BasicCredentials,
        passwords: CountedPasswords,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("app.identity.basic._MOST_KEPT", 2)
        for user in ("staf", "sekretaris", "bappeda", "staf"):
            ask(shared_office, basic, passwords, pair(user))

        assert passwords.compared == 4

    @pytest.mark.parametrize("given", ["", "!!!", "c3RhZg==", "/w==", base64.b64encode(b"a\0:b").decode(), "A" * 9_000])
    def test_that_is_none_is_refused(
        self, shared_office: Office, basic: BasicCredentials, passwords: CountedPasswords, given: str
    ) -> None:
        with pytest.raises(NotSignedIn):
            ask(shared_office, basic, passwords, given)
        assert passwords.compared == 0
