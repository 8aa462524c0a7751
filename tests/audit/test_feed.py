"""Following the trail: each act once and in one order, and none missed that is committed late."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.audit import feed
from app.audit.feed import Place
from app.audit.models import TRANSACTION_NO, event
from app.core.database import Database
from app.core.events import Chain, Event
from app.core.problems import Unavailable
from app.core.unit_of_work import UnitOfWork
from tests.deliveries.sending import settle
from tests.office import MONDAY, Json, Office, problem


def act(uow: UnitOfWork, office: Office, chain: str) -> None:
    unit = office.app.state.directory.office(uow.reader).unit_keys["disnaker"].id
    uow.record(Event("uji.tindak", "staf", MONDAY, unit, Chain(f"unit:{chain}", 0, bytes(32))))


def seen(database: Database, after: Place) -> tuple[list[str], Place]:
    with database.read() as connection:
        last = feed.step(connection, after)
        query = sa.select(event.c.chain_id).where(*feed.between(connection, after, last))
        return list(connection.execute(query.order_by(*feed.order(connection))).scalars()), last


class TestAFollower:
    def test_sees_an_act_that_was_numbered_earlier_and_committed_later(self, office: Office) -> None:
        """With the highest number seen as its place, a follower would never hear of it."""
        if office.database.is_sqlite:
            return self._sees_all_that_writers_commit(office)
        settle(office)
        with office.database.read() as connection:
            start = feed.end(connection)
        numbered, go_on = threading.Event(), threading.Event()

        def slow(uow: UnitOfWork) -> None:
            act(uow, office, "lambat")
            uow.flush()
            numbered.set()
            assert go_on.wait(30)

        with ThreadPoolExecutor(1) as threads:
            late = threads.submit(office.database.write, slow)
            assert numbered.wait(30)
            office.database.write(lambda uow: act(uow, office, "cepat"))
            before, place = seen(office.database, start)
            go_on.set()
            late.result()
        settle(office)
        after, _ = seen(office.database, place)

        assert before == []
        assert sorted(after) == ["unit:cepat", "unit:lambat"]
        return None

    def _sees_all_that_writers_commit(self, office: Office) -> None:
        with office.database.read() as connection:
            start = feed.end(connection)
        for name in ("satu", "dua"):
            office.database.write(lambda uow, name=name: act(uow, office, name))  # type: ignore[misc]

        found, place = seen(office.database, start)

        assert found == ["unit:satu", "unit:dua"]
        assert seen(office.database, place) == ([], place)

    def test_sees_each_act_once_while_many_write(self, office: Office) -> None:
        settle(office)
        with office.database.read() as connection:
            place = feed.end(connection)
        names = [f"{number:03}" for number in range(60)]
        found: list[str] = []
        with ThreadPoolExecutor(4) as threads:
            written = [
                threads.submit(office.database.write, lambda uow, name=name: act(uow, office, name)) for name in names
            ]
            while not all(one.done() for one in written):
                some, place = seen(office.database, place)
                found += some
        for one in written:
            one.result()
        settle(office)
        found += seen(office.database, place)[0]

        assert sorted(found) == [f"unit:{name}" for name in names]

    def test_goes_on_after_the_trail_was_restored_into_another_server(self, office: Office) -> None:
        office.start()
        settle(office)
        if office.database.is_sqlite:
            with office.database.read() as connection:
                assert feed.settle(connection) is False
            return
        with office.database.read() as connection:
            place = feed.step(connection, feed.BEGINNING)
            # As if the acts had been written by a server that had counted further.
            ahead = TRANSACTION_NO.format(shift=10**9)
            connection.execute(sa.text(f"CREATE OR REPLACE {ahead}"))
        office.start()
        with office.database.read() as connection:
            connection.execute(sa.text(f"CREATE OR REPLACE {TRANSACTION_NO.format(shift=0)}"))
            with pytest.raises(Unavailable, match="alur migrate"):
                feed.end(connection)
            assert feed.settle(connection) is True
            assert feed.settle(connection) is False
        office.start()
        settle(office)

        assert len(seen(office.database, place)[0]) == 2


class TestAPlace:
    @pytest.mark.parametrize("text", ["", "-", "1", "1-", "-1", "1-2-3", "a-b", "1-99999999999999999999", "\u0661-1"])
    def test_that_is_none_is_not_read(self, text: str) -> None:
        assert feed.parse(text) is None

    def test_is_read_as_it_was_written(self) -> None:
        assert feed.parse(str(Place(7, 12))) == Place(7, 12)


def follow(office: Office, user: str, after: str | None = None, **sent: object) -> Json:
    settle(office)
    params = {} if after is None else {"after": after}
    content: Json = office.read("events", user, **params, **sent)
    return content


class TestEvents:
    def test_are_what_happens_from_now_on(self, office: Office) -> None:
        office.start()
        now = follow(office, "inspektorat")
        instance = office.start()
        later = follow(office, "inspektorat", now["next_after"])
        nothing = follow(office, "inspektorat", later["next_after"])

        assert now["items"] == []
        assert [(one["type"], one["process_instance_id"]) for one in later["items"]] == [
            ("process_instance.started", instance["id"])
        ]
        assert nothing == {"items": [], "next_after": later["next_after"]}

    def test_come_in_pages_from_the_beginning(self, office: Office) -> None:
        office.advance(office.start(), 4)
        found, after = [], "0"
        while page := follow(office, "sekretaris", after, limit=2, type="task.")["items"]:
            found += page
            after = follow(office, "sekretaris", after, limit=2, type="task.")["next_after"]

        assert [one["sequence"] for one in found] == [2, 3, 4, 5]

    def test_are_only_those_that_one_may_see(self, office: Office) -> None:
        office.hire("orang_luar")
        office.start()

        assert follow(office, "orang_luar", "0")["items"] == []

    def test_are_waited_for(self, office: Office) -> None:
        after = follow(office, "inspektorat")["next_after"]
        headers = {"Prefer": "respond-async, wait=20"}
        with ThreadPoolExecutor(1) as threads:
            asked = threads.submit(office.get, f"events?after={after}", "inspektorat", headers=headers)
            threading.Event().wait(1)
            waiting = not asked.done()
            office.start()
            answer = asked.result(30)

        assert waiting
        assert [one["type"] for one in answer.json()["items"]] == ["process_instance.started"]
        assert answer.headers["preference-applied"] == "wait=20"

    def test_that_do_not_come_end_the_wait_with_nothing(self, office: Office) -> None:
        after = follow(office, "inspektorat")["next_after"]
        answer = office.get(f"events?after={after}", "inspektorat", headers={"Prefer": "wait=1"})

        assert answer.json() == {"items": [], "next_after": after}

    def test_that_are_waited_for_hold_no_connection(self, office: Office) -> None:
        after = follow(office, "inspektorat")["next_after"]
        with ThreadPoolExecutor(1) as threads:
            asked = threads.submit(office.get, f"events?after={after}", "inspektorat", headers={"Prefer": "wait=3"})
            held = []
            for _ in range(20):
                threading.Event().wait(0.1)
                held.append(office.database.engine.pool.checkedout())  # type: ignore[attr-defined]
            asked.result(30)

        assert held.count(0) >= len(held) / 2

    def test_from_no_place_are_refused(self, office: Office) -> None:
        (error,) = problem(office.get("events?after=kemarin", "inspektorat"), 422)["errors"]

        assert error["pointer"] == "?after"

    def test_do_not_end_for_who_waits_too_long(self, office: Office) -> None:
        office.clock.advance(timedelta(seconds=1))
        answer = office.get("events", "inspektorat", headers={"Prefer": "wait=999999999"})

        assert (answer.status_code, answer.headers["preference-applied"]) == (200, "wait=30")
