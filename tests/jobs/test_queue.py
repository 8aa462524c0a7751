"""The queue: each job is done at least once, by whoever holds its last claim, one of a lane at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.unit_of_work import UnitOfWork
from app.jobs import queue
from app.jobs.models import job, job_try
from app.jobs.queue import LEASE, MOST_TRIES, Job, Kind, Outcome
from tests.office import Clock

KIND = "uji"
DONE = Outcome("done", "")
FAILED = Outcome("again", "gagal")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


class Recorder:
    """Does jobs as it is told, and remembers them."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.done: list[str] = []
        self.given_up: list[str] = []

    @property
    def kinds(self) -> dict[str, Kind]:
        return {KIND: Kind(self._do, self._give_up)}

    def _do(self, one: Job) -> Outcome:
        self.done.append(one.body)
        return self.outcomes.pop(0) if self.outcomes else DONE

    def _give_up(self, _uow: UnitOfWork, one: Job, outcome: Outcome) -> None:
        self.given_up.append(f"{one.body}: {outcome.told}")


def add(database: Database, clock: Clock, *bodies: str, lane: str | None = None) -> None:
    def work(uow: UnitOfWork) -> None:
        for body in bodies:
            queue.add(uow, kind=KIND, lane=lane, body=body, now=clock.now())

    database.write(work)


def states(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(sa.select(job.c.state).order_by(job.c.number)).scalars())


def finish(database: Database, recorder: Recorder, one: Job, outcome: Outcome, clock: Clock) -> bool:
    nothing = timedelta(0)
    return database.write(
        lambda uow: queue.finish(uow, recorder.kinds[KIND], one, outcome, at=clock.now(), took=nothing, now=clock.now())
    )


def overtaken(database: Database, clock: Clock) -> bool:
    """Let a worker fail with a job that another one has done meanwhile; returns whether the job stays done."""
    recorder = Recorder()
    add(database, clock, "sekali", lane="a")
    slow = queue.claim(database, [KIND], clock.now())
    clock.advance(LEASE + timedelta(seconds=1))
    fast = queue.claim(database, [KIND], clock.now())
    assert slow is not None
    assert fast is not None
    assert finish(database, recorder, fast, DONE, clock)
    finish(database, recorder, slow, FAILED, clock)
    return states(database) == ["done"]


class TestAJob:
    def test_is_done_in_the_order_in_which_it_was_added(self, database: Database, clock: Clock) -> None:
        recorder = Recorder()
        add(database, clock, "satu", "dua", "tiga", lane="a")

        while queue.work(database, recorder.kinds, clock):
            pass

        assert recorder.done == ["satu", "dua", "tiga"]
        assert states(database) == ["done"] * 3

    def test_waits_until_whoever_has_its_lane_is_done(self, database: Database, clock: Clock) -> None:
        add(database, clock, "satu", "dua", lane="a")
        add(database, clock, "lain", lane="b")
        first, other, none = (queue.claim(database, [KIND], clock.now()) for _ in range(3))
        assert first is not None
        assert other is not None
        finish(database, Recorder(), first, DONE, clock)
        second = queue.claim(database, [KIND], clock.now())

        assert (first.body, other.body, none) == ("satu", "lain", None)
        assert second is not None
        assert second.body == "dua"

    def test_of_several_that_claim_at_once_is_had_by_one(self, database: Database, clock: Clock) -> None:
        bodies = [str(number) for number in range(20)]
        add(database, clock, *bodies)

        def claim_some(_: int) -> list[str]:
            found = []
            while (one := queue.claim(database, [KIND], clock.now())) is not None:
                found.append(one.body)
            return found

        with ThreadPoolExecutor(4) as threads:
            had = [body for some in threads.map(claim_some, range(4)) for body in some]

        assert sorted(had) == sorted(bodies)

    def test_of_one_lane_is_never_in_two_hands(self, database: Database, clock: Clock) -> None:
        add(database, clock, *"abcd", lane="a")

        with ThreadPoolExecutor(4) as threads:
            had = list(threads.map(lambda _: queue.claim(database, [KIND], clock.now()), range(8)))

        assert [one.body for one in had if one is not None] == ["a"]

    def test_that_fails_is_tried_for_about_a_day_and_then_given_up(self, database: Database, clock: Clock) -> None:
        recorder = Recorder(*[FAILED] * MOST_TRIES)
        add(database, clock, "satu")
        began, at = clock.now(), []
        for _ in range(3 * 24 * 60):
            if queue.work(database, recorder.kinds, clock):
                at.append(clock.now() - began)
            clock.advance(timedelta(minutes=1))

        assert len(at) == MOST_TRIES
        assert timedelta(hours=16) < at[-1] < timedelta(hours=28)
        pauses = [later - sooner for sooner, later in pairwise(at)]
        assert all(pause <= timedelta(hours=7.3) for pause in pauses)
        assert recorder.given_up == ["satu: gagal"]
        assert states(database) == ["dead"]

    def test_that_is_refused_for_good_is_given_up_at_once(self, database: Database, clock: Clock) -> None:
        recorder = Recorder(Outcome("never", "tidak dikenal"))
        add(database, clock, "satu")
        queue.work(database, recorder.kinds, clock)

        assert (recorder.given_up, states(database)) == (["satu: tidak dikenal"], ["dead"])

    def test_whose_handler_has_a_bug_is_tried_again(self, database: Database, clock: Clock) -> None:
        def fail(_: Job) -> Outcome:
            raise RuntimeError("salah")

        add(database, clock, "satu")
        queue.work(database, {KIND: Kind(fail, Recorder()._give_up)}, clock)

        assert states(database) == ["waiting"]
        with database.read() as connection:
            assert "RuntimeError" in connection.execute(sa.select(job_try.c.told)).scalar_one()

    def test_that_kills_whoever_does_it_is_given_up_in_the_end(self, database: Database, clock: Clock) -> None:
        recorder = Recorder()
        add(database, clock, "satu", lane="a")
        for _ in range(MOST_TRIES):
            assert queue.claim(database, [KIND], clock.now()) is not None
            clock.advance(LEASE)
        queue.work(database, recorder.kinds, clock)

        assert (recorder.done, states(database)) == ([], ["dead"])
        assert "process died" in recorder.given_up[0]

    def test_of_a_kind_that_nobody_here_does_is_left_to_others(self, database: Database, clock: Clock) -> None:
        add(database, clock, "satu")

        assert queue.claim(database, ["lain"], clock.now()) is None
        assert queue.claim(database, [], clock.now()) is None

    def test_is_forgotten_thirty_days_after_it_ended(self, database: Database, clock: Clock) -> None:
        add(database, clock, "satu", "dua")
        queue.work(database, Recorder().kinds, clock)
        clock.advance(timedelta(days=31))
        database.write(lambda uow: queue.sweep(uow, clock.now()))

        assert states(database) == ["waiting"]


class TestAClaim:
    def test_that_was_lost_finishes_nothing(self, database: Database, clock: Clock) -> None:
        assert overtaken(database, clock)

    def test_without_its_fence_would_be_found_out(
        self, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The seeded bug: whoever comes last writes down what became of the job."""
        finish_fenced = queue.finish

        def finish_unfenced(uow: UnitOfWork, kind: Kind, one: Job, outcome: Outcome, **times: object) -> bool:
            held = uow.execute(sa.select(job.c.claim, job.c.number).where(job.c.number == one.number)).one()
            uow.execute(sa.update(job).where(job.c.number == one.number).values(claimed_until=job.c.due_at))
            uow.execute(sa.delete(job_try).where(job_try.c.job_number == one.number))
            return finish_fenced(uow, kind, one._replace(claim=held.claim), outcome, **times)  # type: ignore[arg-type]

        monkeypatch.setattr(queue, "finish", finish_unfenced)

        assert not overtaken(database, clock)

    def test_holds_no_longer_than_its_lease(self, database: Database, clock: Clock) -> None:
        add(database, clock, "satu", lane="a")
        first = queue.claim(database, [KIND], clock.now())
        clock.advance(LEASE - timedelta(seconds=1))
        early = queue.claim(database, [KIND], clock.now())
        clock.advance(timedelta(seconds=1))
        second = queue.claim(database, [KIND], clock.now())

        assert first is not None
        assert early is None
        assert second is not None
        assert (second.id, second.tries, second.claim) == (first.id, 2, 2)
