"""A token moved by hand: only where the model itself could have come."""

import pytest

from app import engine
from tests.engine.running import HOUR, NOON, Running, read
from tests.engine.small_models import EXTERNAL, MESSAGE, SHARED, document, scope, timer

LINE = "S U1\nU1 U2\nU2 U3\nU3 E"
BLOCK = "S U0\nU0 A1\nA1 U1\nA1 U2\nU1 U3\nU3 A2\nU2 A2\nA2 U4\nU4 E"


def moved(running: Running, task: str, to: str) -> Running:
    running.step = engine.move(running.process, running.step.state, running.token(task), to, now=running.now)
    return running


def refused(running: Running, task: str, to: str) -> str | None:
    """Return the element for which a move is refused."""
    with pytest.raises(engine.MoveRefused) as refusal:
        moved(running, task, to)
    assert len(refusal.value.text.id) > 40
    assert str(refusal.value) == refusal.value.text.en
    return refusal.value.element_id


class TestAMove:
    @pytest.mark.parametrize("to", ["U1", "U3"])
    def test_opens_another_row_forward_or_back(self, to: str) -> None:
        running = Running(read(LINE))
        running.complete("U1")
        before = running.token("U2")

        moved(running, "U2", to)

        assert running.open == to
        assert running.step.closed == (before,)
        assert [task.element_id for task in running.step.opened] == [to]
        assert (running.step.visits, running.step.flows_taken) == ({to: 1}, {})

    def test_takes_the_listeners_of_the_one_and_arms_those_of_the_other(self) -> None:
        hosts = {"B1": 'attachedToRef="U1"', "B2": 'attachedToRef="U2"'}
        guarded = read(f"{LINE}\nB1 U7\nU7 E7\nB2 U8\nU8 E8", hosts, {"B1": timer("PT1H"), "B2": timer("PT2H")})
        running = Running(guarded)
        running.now += HOUR / 2

        moved(running, "U1", "U2")

        assert [(wait.element_id, wait.due_at) for wait in running.step.waits] == [("B2", NOON + 2.5 * HOUR)]
        assert len(running.step.waits_opened) == len(running.step.waits_closed) == 1

    def test_stays_within_its_branch(self) -> None:
        running = Running(read(BLOCK))
        running.complete("U0")

        moved(running, "U1", "U3")

        assert running.open == "U2 U3"
        running.complete("U2")
        running.complete("U3")
        assert running.open == "U4"

    @pytest.mark.parametrize(("to", "beside"), [("U4", "U2"), ("U0", "U2"), ("U2", "U2")])
    def test_does_not_leave_its_branch(self, to: str, beside: str) -> None:
        running = Running(read(BLOCK))
        running.complete("U0")

        assert refused(running, "U1", to) == beside
        assert running.open == "U1 U2"

    def test_does_not_leave_a_branch_that_waits_alone_at_the_join(self) -> None:
        running = Running(read(BLOCK))
        running.complete("U0")
        running.complete("U2")

        assert refused(running, "U1", "U4") == "A2"
        assert moved(running, "U1", "U3").open == "U3"

    @pytest.mark.parametrize("to", ["U1", "U2", "U3"])
    def test_does_not_enter_a_parallel_block(self, to: str) -> None:
        assert refused(Running(read(BLOCK)), "U0", to) == "A2"

    def test_enters_a_branch_that_nothing_waits_for(self) -> None:
        choice = "S U0\nU0 X1\nX1 U1 ${a == 1}\nX1 U2\nU1 X2\nU2 X2\nX2 E"

        assert moved(Running(read(choice, {"X1": 'default="X1-U2"'})), "U0", "U1").open == "U1"

    def test_does_not_leave_an_inclusive_branch_while_another_is_open(self) -> None:
        inclusive = BLOCK.replace("A1 U1", "A1 U1 ${1 == 1}").replace("A1 U2", "A1 U2 ${1 == 1}").replace("A", "O")
        running = Running(read(inclusive))
        running.complete("U0")

        assert refused(running, "U1", "U4") == "U2"

    def test_does_not_cross_the_border_of_a_sub_process(self) -> None:
        nested = read("S U1\nU1 P1\nP1 U3\nU3 E", inside={"P1": scope("S1 U2\nU2 U5\nU5 E1")})
        running = Running(nested)

        assert refused(running, "U1", "U2") == "U2"
        running.complete("U1")
        assert refused(running, "U2", "U3") == "U3"
        assert moved(running, "U2", "U5").open == "U5"
        running.complete("U5")
        assert running.open == "U3"

    def test_stays_in_the_sub_process_that_it_was_opened_in(self) -> None:
        """Two tokens in one sub-process element are two scopes."""
        twice = read("S A1\nA1 P1\nA1 P1\nP1 E", inside={"P1": scope("S1 U2\nU2 U5\nU5 E1")})
        running = Running(twice)

        moved(running, "U2", "U5")

        assert running.open == "U2 U5"
        running.complete("U2")
        running.complete("U5")
        assert running.open == "U5"

    @pytest.mark.parametrize("to", ["U1", "X9", "C1", "tidak ada"])
    def test_goes_to_another_user_task_alone(self, to: str) -> None:
        line = read("S U1\nU1 C1\nC1 U2\nU2 E", inside={"C1": MESSAGE})

        assert refused(Running(line), "U1", to) == to

    def test_is_of_an_open_task(self) -> None:
        running = Running(read("S U1\nU1 C1\nC1 U2\nU2 E", inside={"C1": MESSAGE}))
        done = running.token("U1")
        running.complete("U1")
        (wait,) = running.step.waits

        for token in (done, wait.token, 99):
            with pytest.raises(engine.TokenNotOpen):
                engine.move(running.process, running.step.state, token, "U2", now=running.now)

    def test_may_leave_where_the_instance_was_stuck_already(self) -> None:
        starving = read("S X1\nX1 U1 ${a == 1}\nX1 U2\nU1 A2\nU2 A2\nA2 U3\nU3 E", {"X1": 'default="X1-U2"'})

        assert moved(Running(starving, a=2), "U2", "U3").open == "U3"


class TestAMultiInstanceTask:
    LOOP = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"

    def test_is_neither_left_nor_entered(self) -> None:
        running = Running(read("S U1\nU1 U2\nU2 U3\nU3 E", inside={"U2": self.LOOP}))

        assert refused(running, "U1", "U2") == "U2"
        running.complete("U1")
        assert refused(running, "U2", "U3") == "U2"
        assert refused(running, "U2", "U1") == "U2"

    def test_is_no_open_task_as_a_whole(self) -> None:
        running = Running(read("S U2\nU2 E", inside={"U2": self.LOOP}))
        whole = min(task.token for task in running.step.open_tasks) - 1

        with pytest.raises(engine.TokenNotOpen):
            engine.move(running.process, running.step.state, whole, "U2", now=running.now)

    def test_beside_it_a_token_may_be_moved(self) -> None:
        running = Running(read("S A1\nA1 U1\nA1 U2\nU1 U3\nU3 A2\nU2 A2\nA2 E", inside={"U2": self.LOOP}))

        assert moved(running, "U1", "U3").open == "U2 U2 U3"


class TestACall:
    def test_is_neither_left_nor_entered_but_within_it_a_token_may_be_moved(self) -> None:
        called = engine.read(document(scope("S U2\nU2 U5\nU5 E"), process_id="q"))
        outer = read("S U1\nU1 K1\nK1 U3\nU3 E", {"K1": 'calledElement="q"'}, {"K1": SHARED})
        running = Running(engine.compose(outer, {"q": called}))

        assert refused(running, "U1", "K1/U2") == "K1/U2"
        assert refused(running, "U1", "K1") == "K1"
        running.complete("U1")
        assert refused(running, "K1/U2", "U3") == "U3"
        assert moved(running, "K1/U2", "K1/U5").open == "K1/U5"


class TestAnExternalTask:
    def test_is_not_moved(self) -> None:
        running = Running(read("S W1\nW1 U1\nU1 E", {"W1": EXTERNAL}))

        with pytest.raises(engine.TokenNotOpen):
            engine.move(running.process, running.step.state, running.waiting("W1"), "U1", now=running.now)
