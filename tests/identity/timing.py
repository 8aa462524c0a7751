"""How long signing in takes for a name that there is and for one that there is not: `python -m tests.identity.timing`.

Both are asked with a wrong password, by turns, with the hash as it is in production. Who could tell them apart would
know who works here. Exit status 1 means that the medians differ by 5 % or more.
"""

import statistics
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from app.core.database import Database
from app.identity.commands import sign_in
from app.identity.errors import WrongCredentials
from app.identity.models import user_account
from app.identity.passwords import Passwords
from tests.databases import SqliteFiles, fill

_TURNS = 100
_MOST = 0.05


def main() -> int:
    passwords, spent = Passwords(), dict[str, list[float]](sekretaris=[], tidak_ada=[])
    with tempfile.TemporaryDirectory() as folder:
        url = SqliteFiles(Path(folder)).empty()
        fill(url)
        database = Database(url)
        # The people of the tests have cheap hashes.
        kept = sa.update(user_account).values(password_hash=passwords.hash("kopi-hangat-di-pagi"))
        database.write(lambda uow: uow.write(kept))
        for _ in range(_TURNS):
            for username, times in spent.items():
                with database.read() as connection:
                    begun = time.perf_counter()
                    with suppress(WrongCredentials):
                        sign_in(connection, passwords, username=username, password="keliru-sekali")
                    times.append(time.perf_counter() - begun)
        database.close()
    known, unknown = (statistics.median(times) for times in spent.values())
    differ = abs(known - unknown) / known
    print(f"Median of {_TURNS}: known {known * 1000:.2f} ms, unknown {unknown * 1000:.2f} ms, {differ:.1%} apart.")
    return 1 if differ >= _MOST else 0


if __name__ == "__main__":
    sys.exit(main())
