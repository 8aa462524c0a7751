"""Bugs that the harness must find: each is put into Alur by the program that starts it, and never stands in `app/`.

`python -m tests.faults.seeded_bugs BUG serve …` runs the command `alur` with one of them in it, its workers too. Where
a bug opens a gap between two steps, the gap is made long enough for a kill to fall into it.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from app.audit import trail
from app.audit.models import event
from app.core import idempotency
from app.core.database import Database
from app.core.unit_of_work import UnitOfWork, leave_pipeline
from app.instances import aggregate
from app.tasks import commands

T = TypeVar("T")

_GAP = 0.04


def answer_before_commit() -> None:
    """The client is told before the commit, which follows on its own."""
    transact = Database.write

    def write(self: Database, work: Callable[[UnitOfWork], T]) -> T:
        promised: Future[T] = Future()

        def told(uow: UnitOfWork) -> T:
            result = work(uow)
            promised.set_result(result)
            time.sleep(_GAP)
            return result

        def run() -> None:
            try:
                transact(self, told)
            except BaseException as error:
                if not promised.done():
                    promised.set_exception(error)

        threading.Thread(target=run).start()
        return promised.result()

    _replace(Database, "write", write)


def two_transactions() -> None:
    """The act is committed by itself, and what belongs to it in a second transaction."""

    def commit(self: UnitOfWork) -> None:
        if not (self._begun or self._first or self._writes):
            return
        with self._errors():
            self.begin()
            later = self._writes[len(self._writes) // 2 :]
            del self._writes[len(self._writes) // 2 :]
            self._send()
            self._cursor.execute("COMMIT")
            leave_pipeline(self._connection)
            time.sleep(_GAP)
            self._cursor.execute("BEGIN")
            self._writes = later
            self._send()
            self._cursor.execute("COMMIT")
        self._begun = False
        self._end_turn()

    _replace(UnitOfWork, "commit", commit)


def no_idempotency() -> None:
    """No answer is kept."""

    def keep(*_: Any) -> None:
        return None

    _replace(idempotency, "keep", keep)


def no_lock() -> None:
    """The instance is read without its lock, and an act that another one forestalled is passed over in silence."""
    for module, name in ((commands, "_LOCK"), (aggregate, "_LOCK")):
        _replace(module, name, _unlocked(getattr(module, name)))
    _replace(trail, "_INSERT", _insert(event).on_conflict_do_nothing())


BUGS: dict[str, Callable[[], None]] = {
    "answer-before-commit": answer_before_commit,
    "two-transactions": two_transactions,
    "no-idempotency": no_idempotency,
    "no-lock": no_lock,
}


def _replace(owner: Any, name: str, with_what: Any) -> None:
    """Put something in the place of what is there; what is not there cannot be broken, which must be said."""
    getattr(owner, name)
    setattr(owner, name, with_what)


def _unlocked(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Return a statement without its FOR UPDATE."""
    copy = statement._generate()
    copy._for_update_arg = None
    return copy


def _insert(table: sa.Table) -> Any:
    on_sqlite = os.environ["ALUR_DATABASE_URL"].startswith("sqlite")
    return sqlite.insert(table) if on_sqlite else postgresql.insert(table)


# A worker is a new program, which reads this module again under the second name before it serves.
if __name__ in ("__main__", "__mp_main__"):
    BUGS[sys.argv[1]]()

if __name__ == "__main__":
    from app.cli import cli

    cli(sys.argv[2:])
