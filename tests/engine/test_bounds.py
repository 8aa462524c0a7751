"""One command has its share of steps, tokens and time, and a model that wants more leaves the state unharmed."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from app import engine
from app.engine import NodeKind, execution
from app.engine.process_spec import ProcessSpec
from tests.engine.running import HOUR, NOON, Running, read
from tests.engine.small_models import MESSAGE, timer


def chain(first: str, length: int, then: str, letter: str = "N") -> str:
    """Flows from a node through `length` nodes to another."""
    nodes = [first, *(f"{letter}.{first}.{number}" for number in range(length)), then]
    return "\n".join(f"{one} {other}" for one, other in pairwise(nodes))


def refused(run: Running, element: str) -> engine.TooMuchWork:
    """Complete a task, which is too much work, and see that nothing has happened."""
    before = engine.where(run.process, run.step.state)
    with pytest.raises(engine.TooMuchWork) as caught:
        run.complete(element)
    assert engine.where(run.process, run.step.state) == before
    return caught.value


class TestSteps:
    def test_a_thousand_pass_in_one_command(self) -> None:
        run = Running(read("S U\n" + chain("U", 990, "E")))

        assert run.complete("U").finished

    def test_more_are_refused_with_the_element(self) -> None:
        fault = refused(Running(read("S U\n" + chain("U", 1010, "E"))), "U")

        assert fault.element_id == "N.U.999"

    def test_all_that_one_message_starts_counts_together(self) -> None:
        flows = "S A\nA C1\nA C2\nA C3\n" + "\n".join(chain(f"C{n}", 400, f"E{n}") for n in (1, 2, 3))
        run = Running(read(flows, {}, {f"C{n}": MESSAGE for n in (1, 2, 3)}))

        with pytest.raises(engine.TooMuchWork):
            run.send()

        assert len(engine.where(run.process, run.step.state).waits) == 3

    def test_all_that_one_waking_starts_counts_together(self) -> None:
        flows = "S A\nA C1\nA C2\nA C3\n" + "\n".join(chain(f"C{n}", 400, f"E{n}") for n in (1, 2, 3))
        run = Running(read(flows, {}, {f"C{n}": timer(f"PT{n}H") for n in (1, 2, 3)}))

        with pytest.raises(engine.TooMuchWork):
            engine.wake(run.process, run.step.state, now=NOON + 3 * HOUR)

        for _ in range(3):
            run.wake(HOUR)
        assert run.step.finished

    def test_a_cycle_that_came_past_the_gate_ends(self) -> None:
        model = read("S X\nX U\nU X2\nX2 X ${again}\nX2 E", {"X2": 'default="X2-E"'}).model
        endless = replace(model, nodes={**model.nodes, "U": replace(model.nodes["U"], kind=NodeKind.PASS)})
        process = engine.Process(endless, ProcessSpec(endless))

        with pytest.raises(engine.TooMuchWork):
            engine.start(process, {"again": True}, now=NOON)
        assert engine.start(process, {"again": False}, now=NOON).finished


class TestTime:
    def test_that_is_used_up_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        run = Running(read("S U\nU N\nN E"))
        monkeypatch.setattr(execution, "MAX_SECONDS", -1.0)

        refused(run, "U")

        monkeypatch.undo()
        assert run.complete("U").finished


class TestTokens:
    def test_ten_splits_in_a_row_merged_without_a_join(self) -> None:
        splits = "\n".join(f"N{n} N{n + 1}\nN{n} N{n + 1}" for n in range(10))

        refused(Running(read(f"S U\nU N0\n{splits}\nN10 E")), "U")

    def test_fifty_wide_splits_in_a_row(self) -> None:
        wide = "\n".join(["A1 X"] * 50 + ["X A2"] + ["A2 U2"] * 50)

        refused(Running(read(f"S U\nU A1\n{wide}\nU2 E")), "U")

    def test_fifty_wide_splits_that_are_joined(self) -> None:
        wide = "\n".join(["A1 A2"] * 50 + ["A2 A3"] * 50)

        assert Running(read(f"S A1\n{wide}\nA3 E")).step.finished

    def test_what_listens_counts_too(self) -> None:
        listeners = [f"B{number}" for number in range(45)]
        flows = "S U\nU A\n" + "\n".join(["A U2"] * 50) + "\nU2 E\n" + "\n".join(f"{one} E2" for one in listeners)
        attributes = dict.fromkeys(listeners, 'attachedToRef="U2" cancelActivity="false"')

        refused(Running(read(flows, attributes, {one: timer("PT1H") for one in listeners})), "U")

    def test_a_thousand_are_cancelled_at_once(self) -> None:
        run = Running(read("S A1\n" + "\n".join(["A1 X"] * 30) + "\nX A2\n" + "\n".join(["A2 U"] * 30) + "\nU E"))
        assert len(run.step.open_tasks) == 900

        assert engine.cancel(run.process, run.step.state).finished


class TestTimers:
    def test_each_kind_fires_when_it_is_due_and_not_before(self) -> None:
        flows = "S A\nA C1\nA C2\nA U\nC1 U1\nC2 U2\nU1 E\nU2 E\nU E\nB U3\nU3 E"
        run = Running(
            read(
                flows,
                {"B": 'attachedToRef="U" cancelActivity="false"'},
                {
                    "C1": timer("PT1H"),
                    "C2": timer("2026-08-03T21:00:00+07:00", "timeDate"),
                    "B": timer("R2/PT3H", "timeCycle"),
                },
            )
        )
        assert sorted((wait.element_id, wait.due_at) for wait in run.step.waits) == [
            ("B", NOON + 3 * HOUR),
            ("C1", NOON + HOUR),
            ("C2", NOON + 2 * HOUR),
        ]

        run.wake(HOUR - timedelta(microseconds=1))
        assert run.open == "U"
        run.wake(timedelta(microseconds=1))
        assert run.open == "U U1"
        run.wake(HOUR)
        assert run.open == "U U1 U2"
        run.wake(HOUR)
        assert run.open == "U U1 U2 U3"
        assert [(wait.element_id, wait.due_at) for wait in run.step.waits] == [("B", NOON + 6 * HOUR)]
        run.wake(10 * HOUR)
        assert run.open == "U U1 U2 U3 U3"
        assert run.step.waits == ()
        assert not run.wake(HOUR).opened

    def test_a_cycle_fires_once_after_a_standstill_and_keeps_to_its_grid(self) -> None:
        attributes = {"B": 'attachedToRef="U" cancelActivity="false"'}
        run = Running(read("S U\nU E\nB U3\nU3 E", attributes, {"B": timer("R/PT1H", "timeCycle")}))

        run.wake(5000 * HOUR + HOUR / 2)

        assert run.open == "U U3"
        assert [wait.due_at for wait in run.step.waits] == [NOON + 5001 * HOUR]
        assert run.wake(HOUR / 2).opened

    def test_what_a_cycle_missed_does_not_count(self) -> None:
        attributes = {"B": 'attachedToRef="U" cancelActivity="false"'}
        run = Running(read("S U\nU E\nB U3\nU3 E", attributes, {"B": timer("R3/PT1H", "timeCycle")}))

        for _ in range(3):
            assert run.step.waits
            run.wake(10 * HOUR)

        assert run.open == "U U3 U3 U3"
        assert run.step.waits == ()

    def test_of_two_behind_an_event_gateway_the_earlier_wins(self) -> None:
        flows = "S V\nV C1\nV C2\nC1 U1\nC2 U2\nU1 E\nU2 E"
        run = Running(read(flows, {}, {"C1": timer("PT2H"), "C2": timer("PT1H")}))
        assert len(run.step.waits) == 2

        step = run.wake(5 * HOUR)

        assert (run.open, step.waits) == ("U2", ())

    def test_a_date_that_has_passed_is_due_at_once(self) -> None:
        run = Running(read("S C\nC U\nU E", {}, {"C": timer("2020-01-01", "timeDate")}))

        run.wake(timedelta())

        assert run.open == "U"

    def test_a_date_too_far_ahead_is_refused_when_it_is_set(self) -> None:
        process = read("S C\nC E", {}, {"C": timer("2090-01-01", "timeDate")})

        with pytest.raises(engine.TimerOutOfBounds) as caught:
            Running(process)

        assert caught.value.element_id == "C"
