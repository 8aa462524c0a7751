"""What a server does beside answering goes on, whatever one of its jobs does."""

import threading

import sqlalchemy as sa

from app.core.chores import Chore, Chores


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

    def test_that_wait_for_one_that_does_not_end_are_overdue(self) -> None:
        begun, end = threading.Event(), threading.Event()

        def hang() -> None:
            begun.set()
            end.wait(10)

        chores = Chores([Chore("hang", 0.01, hang), Chore("wait", 0.01, lambda: None)])
        before = chores.overdue()
        chores.start()
        reached = begun.wait(10)
        threading.Event().wait(0.3)
        stuck = chores.overdue()
        end.set()
        chores.stop()

        assert reached
        assert before == 0
        assert stuck >= 0.2
