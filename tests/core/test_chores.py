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
