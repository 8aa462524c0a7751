"""What goes wrong with SpiffWorkflow as it comes: a guard for each trap that shaped the engine.

Models that hold what would be ignored are refused: see test_allowed, test_events and test_soundness.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from random import Random
from types import FunctionType
from typing import Any

import orjson
import pytest

from app import engine
from tests.engine.running import HOUR, NOON, Running, read
from tests.engine.small_models import MESSAGE, document, scope, timer

AGAIN = {"X2": 'default="X2-E"'}
REWORK = "S X1\nX1 A1\nA1 U1\nA1 U2\nU1 A2\nU2 A2\nA2 U3\nU3 X2\nX2 X1 ${again}\nX2 E"


class TestJoinsInLoops:
    def test_a_parallel_join_waits_for_its_branches_in_every_round_in_any_order(self) -> None:
        process = read(REWORK, AGAIN)
        random = Random(1)
        run = Running(process)

        for _ in range(200):
            first, second = random.sample(("U1", "U2"), 2)
            assert run.open == "U1 U2"
            run.complete(first)
            assert run.open == second
            run.complete(second)
            assert run.open == "U3"
            run.complete("U3", again=True)

        run.complete("U2")
        run.complete("U1")
        assert run.complete("U3", again=False).finished

    def test_an_inclusive_join_in_a_loop_under_an_open_parallel_split(self) -> None:
        flows = """
            S A1
            A1 U0
            A1 X1
            X1 O1
            O1 U1 ${n > 0}
            O1 U2 ${n > 1}
            O1 U4
            U1 O2
            U2 O2
            U4 O2
            O2 U3
            U3 X2
            X2 X1 ${again}
            X2 A2
            U0 A2
            A2 E
        """
        random = Random(2)
        run = Running(read(flows, {"O1": 'default="O1-U4"', "X2": 'default="X2-A2"'}), n=2)

        for _ in range(200):
            branches = [task.element_id for task in run.step.open_tasks if task.element_id != "U0"]
            random.shuffle(branches)
            for branch in branches:
                assert "U3" not in run.open
                run.complete(branch)
            assert run.open == "U0 U3"
            run.complete("U3", again=True, n=random.randrange(3))

        for task in [task.element_id for task in run.step.open_tasks]:
            run.complete(task)
        assert run.complete("U3", again=False).finished

    def test_for_an_inclusive_join_an_event_gateway_is_one_token(self) -> None:
        """Both its events lead to the join, one by a flow that has a token: whichever comes, nothing is missed."""
        flows = "S A\nA V\nA U1\nV C1\nV C2\nC1 X\nU1 X\nX O\nC2 O\nO U2\nU2 E"

        run = Running(read(flows, {}, {"C1": timer("PT1H"), "C2": timer("PT2H")}))
        run.complete("U1")

        assert run.open == "U2"


class TestVisits:
    def test_of_a_join_are_the_tokens_that_leave_it(self) -> None:
        flows = "S A1\nA1 U1\nA1 U2\nU1 A2\nU2 A2\nA2 O1\nO1 U3\nU3 E"
        run = Running(read(flows))

        assert run.complete("U1").visits == {}
        assert run.complete("U2").visits == {"A2": 1, "O1": 1, "U3": 1}

    def test_of_an_inclusive_join_too(self) -> None:
        flows = "S O1\nO1 U1 ${n > 0}\nO1 U2 ${n > 1}\nU1 O2\nU2 O2\nO2 U3\nU3 E"
        run = Running(read(flows), n=2)
        assert run.step.visits["O1"] == 1

        assert run.complete("U2").visits == {}
        assert run.complete("U1").visits == {"O2": 1, "U3": 1}


class TestDepth:
    def test_after_2000_returns_the_task_is_open_and_the_next_way_is_free(self) -> None:
        run = Running(read("S X1\nX1 U\nU X2\nX2 X1 ${again}\nX2 E", AGAIN))

        for _ in range(2000):
            run.complete("U", again=True)

        assert run.open == "U"
        assert not run.step.finished
        assert run.complete("U", again=False).finished

    def test_a_chain_of_500_tasks_is_read_and_run(self) -> None:
        run = Running(read("S U0\n" + "\n".join(f"U{n} U{n + 1}" for n in range(499))))

        for number in range(500):
            run.complete(f"U{number}")

        assert run.step.finished


class TestStateIsBytes:
    def run(self) -> Running:
        return Running(read(REWORK, AGAIN), typename="x", nested={"b": 1, "a": [1, {"é": None}]})

    def test_that_begin_with_their_format(self) -> None:
        assert self.run().step.state[:1] == b"\x01"

    @pytest.mark.parametrize("first", [b"", b"\x00", b"\x02", b"{"])
    def test_of_another_format_are_refused(self, first: bytes) -> None:
        run = self.run()

        with pytest.raises(engine.StateNotReadable):
            engine.where(run.process, first + run.step.state[1:])

    def test_that_are_cut_short_are_refused(self) -> None:
        run = self.run()

        for length in range(len(run.step.state)):
            with pytest.raises(engine.StateNotReadable):
                engine.where(run.process, run.step.state[:length])

    def test_of_another_model_are_refused_by_the_element_that_is_missing(self) -> None:
        with pytest.raises(engine.StateNotReadable) as caught:
            engine.where(read("S U9\nU9 E"), self.run().step.state)

        assert caught.value.element_id == "U1"

    def test_that_mean_the_same_in_whatever_order_their_keys_stand(self) -> None:
        run = self.run()
        run.complete("U1")

        held = orjson.loads(run.step.state[1:])
        run.step = replace(run.step, state=b"\x01" + orjson.dumps(held, option=orjson.OPT_SORT_KEYS))

        run.complete("U2")
        assert run.open == "U3"
        assert run.step.variables == {"typename": "x", "nested": {"b": 1, "a": [1, {"é": None}]}}

    def test_that_are_equal_for_equal_instances(self) -> None:
        assert self.run().step.state == self.run().step.state


class TestTheSharedSpecification:
    MODEL = document(
        scope(
            "S X1\nX1 A1\nA1 P\nA1 U2\nP A2\nU2 A2\nA2 O1\nO1 U3 ${n > 0}\nO1 U4\nU3 O2\nU4 O2\nO2 X2\n"
            "X2 X1 ${again}\nX2 E\nB1 U5\nU5 E5\nB2 E6",
            {
                **AGAIN,
                "O1": 'default="O1-U4"',
                "B1": 'attachedToRef="U2" cancelActivity="false"',
                "B2": 'attachedToRef="P"',
            },
            {
                "P": scope("S2 V\nV C1\nV C2\nC1 T2\nC2 E2", {}, {"C1": MESSAGE, "C2": timer("PT2H")}),
                "B1": timer("R3/PT1H", "timeCycle"),
                "B2": timer("P1D"),
            },
        )
    )

    def play(self, process: engine.Process, seed: int) -> None:
        random = Random(seed)
        run = Running(process, n=1, again=True)
        for _ in range(120):
            tasks = [task.element_id for task in run.step.open_tasks]
            if tasks and random.random() < 0.6:
                run.complete(random.choice(tasks), n=random.randrange(2), again=random.random() < 0.9)
            elif any(wait.kind == "message" for wait in run.step.waits) and random.random() < 0.5:
                run.send()
            else:
                run.wake(HOUR)
            if run.step.finished:
                return

    def test_is_never_changed_by_instances_on_eight_threads(self) -> None:
        process = engine.read(self.MODEL)
        before = snapshot(process)
        failures: list[BaseException] = []

        def work(thread: int) -> None:
            try:
                for seed in range(10):
                    self.play(process, 100 * thread + seed)
            except BaseException as failure:
                failures.append(failure)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failures == []
        assert snapshot(process) == before

    def test_a_change_would_be_seen(self) -> None:
        process = engine.read(self.MODEL)
        before = snapshot(process)

        process.spec.task_specs["U2"].data["x"] = 1

        assert snapshot(process) != before


def snapshot(value: Any, seen: dict[int, int] | None = None) -> object:
    """All that can be reached from a value, as plain nested values."""
    seen = {} if seen is None else seen
    if value is None or isinstance(value, str | int | float | bytes | datetime):
        return value
    if isinstance(value, FunctionType | type):
        return value.__qualname__
    if id(value) in seen:
        return f"again {seen[id(value)]}"
    seen[id(value)] = len(seen)
    if isinstance(value, dict):
        return [(snapshot(key, seen), snapshot(inner, seen)) for key, inner in value.items()]
    if isinstance(value, list | tuple):
        return [snapshot(inner, seen) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted(map(repr, value))
    names = [*getattr(value, "__slots__", ()), *getattr(value, "__dict__", {})]
    return type(value).__name__, [(name, snapshot(getattr(value, name), seen)) for name in names]


class TestAfterAnException:
    """The state that was passed in still holds, whatever went wrong and however far the command had come."""

    FLOWS = "S A1\nA1 U1\nA1 U2\nU1 X1\nX1 X2 ${jumlah > 3}\nX1 U3\nU3 X2\nX2 A2\nU2 A2\nA2 E\nB E2"

    def run(self) -> Running:
        attributes = {"X1": 'default="X1-U3"', "B": 'attachedToRef="U2" cancelActivity="false"'}
        return Running(read(self.FLOWS, attributes, {"B": timer("PT1H")}))

    @pytest.mark.parametrize(
        ("act", "refusal"),
        [
            (lambda run: run.complete("U1"), engine.NoFlowMatches),
            (lambda run: run.complete("U1", jumlah="banyak"), engine.NoFlowMatches),
            (lambda run: run.complete("U1", jumlah=2**70), engine.VariablesNotKept),
            (lambda run: run.complete("U1", jumlah=5, teks="\ud800"), engine.VariablesNotKept),
            (lambda run: run.send("lain"), engine.NothingWaits),
            (lambda run: engine.complete(run.process, run.step.state, 999, {}, now=NOON), engine.TokenNotOpen),
        ],
    )
    def test_the_state_still_holds(self, act: Callable[[Running], object], refusal: type[Exception]) -> None:
        run = self.run()
        held, before = bytes(run.step.state), engine.where(run.process, run.step.state)

        with pytest.raises(refusal):
            act(run)

        assert run.step.state == held
        assert engine.where(run.process, run.step.state) == before
        run.complete("U2")
        assert run.complete("U1", jumlah=5).finished

    def test_a_failing_gateway_is_named(self) -> None:
        with pytest.raises(engine.NoFlowMatches) as caught:
            self.run().complete("U1")

        assert caught.value.element_id == "X1"

    def test_a_task_is_completed_once(self) -> None:
        run = self.run()
        token = run.token("U2")
        run.complete("U2")

        with pytest.raises(engine.TokenNotOpen):
            engine.complete(run.process, run.step.state, token, {}, now=NOON)

    @pytest.mark.parametrize("token", [-1, 0, 1, 2, 99])
    def test_what_is_no_open_task_is_not_completed(self, token: int) -> None:
        run = self.run()
        assert token not in {task.token for task in run.step.open_tasks}

        with pytest.raises(engine.TokenNotOpen):
            engine.complete(run.process, run.step.state, token, {}, now=NOON)

    def test_neither_a_listener_nor_a_waiting_join_is_completed(self) -> None:
        run = self.run()
        run.complete("U1", jumlah=5)

        tokens = [token[0] for token in orjson.loads(run.step.state[1:])["t"]]
        assert len(tokens) == 3
        for token in set(tokens) - {run.token("U2")}:
            with pytest.raises(engine.TokenNotOpen):
                engine.complete(run.process, run.step.state, token, {}, now=NOON)

    def test_what_is_cancelled_stays_readable_and_moves_no_more(self) -> None:
        run = self.run()
        token = run.token("U1")

        step = engine.cancel(run.process, run.step.state)

        assert (step.finished, step.open_tasks, step.waits) == (True, (), ())
        assert sorted(step.closed) == sorted(task.token for task in run.step.open_tasks)
        assert engine.where(run.process, step.state).variables == step.variables
        with pytest.raises(engine.TokenNotOpen):
            engine.complete(run.process, step.state, token, {"jumlah": 5}, now=NOON)
