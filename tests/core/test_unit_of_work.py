"""A unit of work: what it reads at once, what it writes at its end, and that nothing of it stays where it fails."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.core.counters import unit_counter
from app.core.database import Database
from app.core.unit_of_work import UnitOfWork

UNIT = uuid4()
OF_UNIT = unit_counter.c.unit_id == UNIT
LOCK = sa.select(unit_counter).where(unit_counter.c.unit_id == sa.bindparam("unit", type_=sa.Uuid)).with_for_update()
READ = sa.select(unit_counter.c.slot, unit_counter.c.value).where(OF_UNIT).order_by(unit_counter.c.slot)
ADD = sa.insert(unit_counter)


def lock(uow: UnitOfWork) -> Any:
    return uow.lock(LOCK, {"unit": UNIT})


def add(uow: UnitOfWork, slot: int, value: int) -> None:
    uow.write(ADD, {"unit_id": UNIT, "slot": slot, "value": value})


def rows(uow: UnitOfWork) -> list[tuple[int, int]]:
    return [tuple(row) for row in uow.reader.execute(READ)]


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A database of which all share one connection, so that whatever a command leaves behind meets the next."""
    opened = Database(url, pool_size=1)
    opened.write(lambda uow: add(uow, 0, 10))
    yield opened
    opened.close()


class TestACommand:
    def test_locks_reads_and_writes(self, database: Database) -> None:
        def work(uow: UnitOfWork) -> tuple[int, list[tuple[int, int]]]:
            locked = lock(uow)
            add(uow, 1, locked.value + 1)
            return locked.value, rows(uow)

        assert database.write(work) == (10, [(0, 10)])
        assert database.write(rows) == [(0, 10), (1, 11)]

    def test_reads_what_it_has_flushed(self, database: Database) -> None:
        def work(uow: UnitOfWork) -> list[tuple[int, int]]:
            lock(uow)
            add(uow, 1, 11)
            uow.flush()
            return rows(uow)

        assert database.write(work) == [(0, 10), (1, 11)]

    def test_leaves_nothing_when_it_fails_after_its_lock(self, database: Database) -> None:
        def work(uow: UnitOfWork) -> None:
            add(uow, 1, 11)
            uow.flush()
            lock(uow)
            raise LookupError

        with pytest.raises(LookupError):
            database.write(work)
        assert database.write(rows) == [(0, 10)]

    def test_leaves_nothing_when_it_fails_with_only_a_lock(self, database: Database) -> None:
        def work(uow: UnitOfWork) -> None:
            lock(uow)
            raise LookupError

        with pytest.raises(LookupError):
            database.write(work)
        assert database.write(lambda uow: (lock(uow).value, rows(uow))) == (10, [(0, 10)])

    @pytest.mark.parametrize("locks", [True, False])
    def test_leaves_nothing_when_the_database_refuses_a_write(self, database: Database, locks: bool) -> None:
        def work(uow: UnitOfWork) -> None:
            if locks:
                lock(uow)
            add(uow, 1, 11)
            add(uow, 0, 12)
            add(uow, 2, 13)

        with pytest.raises(sa.exc.IntegrityError):
            database.write(work)
        assert database.write(rows) == [(0, 10)]

    def test_leaves_nothing_when_the_database_refuses_what_it_flushes(self, database: Database) -> None:
        def work(uow: UnitOfWork) -> None:
            lock(uow)
            add(uow, 1, 11)
            add(uow, 0, 12)
            with pytest.raises(sa.exc.IntegrityError):
                uow.flush()
            raise LookupError

        with pytest.raises(LookupError):
            database.write(work)
        assert database.write(rows) == [(0, 10)]
