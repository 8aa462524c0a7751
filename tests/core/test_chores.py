"""What a server does beside answering goes on, whatever one of its jobs does."""

import threading
import time

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.core.chores import Chore, Chores
from app.main import create_app
from tests.office import settings_of


class TestChores:
    def test_are_done_again_and_again_until_they_are_stopped(self) -> None:
        done, enough = 0, threading.Event()

        def work() -> None:
            nonlocal done
            done += 1
            if done == 3:
                enough.set()

        chores = Chores([Chore("count", 0.01, work)])
        chores.start()
        reached = enough.wait(10)
        chores.stop()
        at_the_end = done
        threading.Event().wait(0.05)

        assert reached
        assert done == at_the_end

    def test_go_on_when_one_of_them_fails(self) -> None:
        failures, enough = 0, threading.Event()
        errors: list[Exception] = [RuntimeError("a bug"), sa.exc.OperationalError("", None, Exception("gone"))]

        def fail() -> None:
            nonlocal failures
            failures += 1
            raise errors[failures % 2]

        def work() -> None:
            if failures >= 3:
                enough.set()

        chores = Chores([Chore("fail", 0.01, fail), Chore("work", 0.01, work)])
        chores.start()
        reached = enough.wait(10)
        chores.stop()

        assert reached

    def test_do_not_wait_for_one_that_does_not_end_which_is_overdue(self) -> None:
        begun, end, others = threading.Event(), threading.Event(), threading.Event()

        def hang() -> None:
            begun.set()
            end.wait(10)

        chores = Chores([Chore("hang", 0.01, hang), Chore("go on", 0.01, others.set)])
        before = chores.overdue()
        chores.start()
        reached = begun.wait(10)
        others.clear()
        went_on = others.wait(10)
        threading.Event().wait(0.3)
        stuck = chores.overdue()
        end.set()
        chores.stop()

        assert reached
        assert went_on
        assert before == 0
        assert stuck >= 0.2

    def test_that_found_something_to_do_are_done_again_at_once(self) -> None:
        runs, enough = 0, threading.Event()

        def work() -> int:
            nonlocal runs
            runs += 1
            if runs == 3:
                enough.set()
            return 3 - runs

        chores = Chores([Chore("work", 1, work)])
        began = time.monotonic()
        chores.start()
        reached = enough.wait(30)
        took = time.monotonic() - began
        chores.stop()

        assert reached
        assert took < 3

    @pytest.mark.parametrize("embedded", [True, False])
    def test_of_a_server_are_left_to_workers_where_it_is_told_so(self, url: str, embedded: bool) -> None:
        with TestClient(create_app(settings_of(url, chores=embedded))):
            at_work = {thread.name for thread in threading.enumerate()}

        assert ("timers" in at_work) is embedded
        assert "timers" not in {thread.name for thread in threading.enumerate()}
