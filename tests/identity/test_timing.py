"""A name that there is not costs as much work as one that there is, so nobody learns who works here by waiting."""

import pytest

from app.identity.commands import sign_in
from app.identity.errors import WrongCredentials
from app.identity.passwords import Passwords
from tests.office import Office


class Watched(Passwords):
    """Passwords that tell what each check was made with."""

    def __init__(self) -> None:
        super().__init__()
        self.checked: list[str] = []
        verify = self._hash.verify

        def watch(password: str, kept: str) -> bool:
            self.checked.append(kept.rpartition("$")[0].rpartition("$")[0])
            return verify(password, kept)

        self._hash.verify = watch  # type: ignore[assignment, method-assign]


class TestAWrongPassword:
    def test_costs_the_same_whether_there_is_such_a_name_or_not(self, office: Office) -> None:
        """Each is checked once, against a hash of the same kind and cost."""
        passwords = Watched()
        kept = passwords.hash("kopi-hangat-di-pagi")
        with office.database.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE user_account SET password_hash = '" + kept + "'")
            connection.exec_driver_sql("UPDATE user_account SET is_active = false WHERE username = 'staf'")
        for name in ("sekretaris", "tidak_ada", "staf", ""):
            with pytest.raises(WrongCredentials), office.database.read() as connection:
                sign_in(connection, passwords, username=name, password="keliru-sekali")

        assert len(passwords.checked) == 4
        assert set(passwords.checked) == {"$argon2id$v=19$m=7168,t=5,p=1"}
