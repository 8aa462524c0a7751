"""A command costs what the instance holds, not what it went through: the same at the thousandth return as at the tenth.

Counted, not timed: calls of Python functions, tokens held and bytes of state. Token numbers are never used again, so
their digits grow: ten times as many tokens so far, one more digit each. Nothing else does.
"""

import gc
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

import orjson
import pytest

from app import engine
from app.engine.execution import Execution
from app.engine.specs import Token
from tests.engine.running import NOON, Running
from tests.engine.small_models import document, scope, timer

AGAIN = {"X2": 'default="X2-{end}"', "O1": 'default="O1-U3"', "B": 'attachedToRef="U1" cancelActivity="false"'}
LOOP = """
    {start} X1
    X1 U1
    U1 A3
    A3 N
    A3 O1
    O1 U2 ${{n == 1}}
    O1 U3
    U2 O2
    U3 O2
    O2 A4
    N A4
    A4 X2
    X2 X1 ${{again}}
    X2 {end}
    B N2
    N2 E9
"""
ROUND: tuple[tuple[str, dict[str, Any]], ...] = (("U1", {"again": True, "n": 2}), ("U3", {}))


def loop(before: str, start: str, end: str) -> str:
    """A rework loop with a parallel block, an inclusive block and a boundary event in it."""
    attributes = {name: text.format(end=end) for name, text in AGAIN.items()}
    return scope(before + LOOP.format(start=start, end=end), attributes, {"B": timer("PT1H")})


def in_a_sub_process(inside: str, before: str = "S P\nP E") -> str:
    return scope(before, {}, {"P": inside})


PLACES = {
    "alone": loop("", "S", "E"),
    "beside an open branch": loop("S A1\nA1 U0\nU0 A2\nA2 E\n", "A1", "A2"),
    "in a sub-process": in_a_sub_process(loop("", "S2", "E2")),
    "in a sub-process beside an open branch": in_a_sub_process(
        loop("", "S2", "E2"), "S A\nA U0\nA P\nU0 A2\nP A2\nA2 E"
    ),
    "beside an open branch in a sub-process": in_a_sub_process(loop("S2 A1\nA1 U0\nU0 A2\nA2 E2\n", "A1", "A2")),
    "in a sub-process in a sub-process": in_a_sub_process(
        scope("S2 A\nA U0\nA P2\nU0 A2\nP2 A2\nA2 E2", {}, {"P2": loop("", "S3", "E3")})
    ),
}


@dataclass(frozen=True, slots=True)
class Cost:
    calls: int
    tokens: int
    bytes: int


def calls_of(act: Callable[[], object]) -> int:
    """How many Python functions are called."""
    count = 0

    def watch(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(watch)
    # The garbage collector comes when it likes, and calls whoever listens for it.
    gc.disable()
    try:
        act()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def size(state: bytes) -> int:
    """The bytes of a state with each token number counted as one digit."""
    return len(re.sub(rb"\d+", b"0", state))


def go_round(run: Running) -> None:
    for element, variables in ROUND:
        run.complete(element, **variables)


def cost_of_a_round(run: Running) -> Cost:
    calls = calls_of(lambda: go_round(run))
    return Cost(calls, len(orjson.loads(run.step.state[1:])["t"]), size(run.step.state))


def costs(place: str, early: int, late: int) -> tuple[Cost, Cost]:
    """What the `early`th and the `late`th round cost."""
    run = Running(engine.read(document(PLACES[place])), again=True, n=2)
    found = []
    for number in range(1, late + 1):
        if number in (early, late):
            found.append(cost_of_a_round(run))
        else:
            go_round(run)
    return found[0], found[1]


class TestTheThousandthReturn:
    @pytest.mark.parametrize("place", PLACES)
    def test_costs_what_the_tenth_does(self, place: str) -> None:
        tenth, thousandth = costs(place, 10, 1000)

        assert thousandth == tenth

    def test_costs_more_where_the_past_is_not_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the test above would find: finished tokens stay in the tree, as SpiffWorkflow keeps them."""
        monkeypatch.setattr(Execution, "forget", lambda self, token: None)

        tenth, fiftieth = costs("beside an open branch", 10, 50)

        assert fiftieth.calls > tenth.calls
        assert fiftieth.tokens > 4 * tenth.tokens
        assert fiftieth.bytes > 4 * tenth.bytes

    def test_costs_more_where_only_a_sub_process_is_not_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As a collapse that stops at a sub-process would."""
        forget = Execution.forget

        def forget_at_the_top(self: Execution, token: Token) -> None:
            if token.internal_data["scope"] == 0:
                forget(self, token)

        monkeypatch.setattr(Execution, "forget", forget_at_the_top)

        assert len(set(costs("alone", 10, 50))) == 1
        tenth, fiftieth = costs("in a sub-process", 10, 50)
        assert fiftieth.tokens > 4 * tenth.tokens


class TestTwoThousandReturns:
    @pytest.mark.parametrize("place", ["beside an open branch", "in a sub-process beside an open branch"])
    def test_leave_a_state_as_large_as_a_hundred_do(self, place: str) -> None:
        run = Running(engine.read(document(PLACES[place])), again=True, n=2)
        states = []
        for number in range(1, 2001):
            go_round(run)
            if number in (100, 2000):
                states.append(run.step.state)

        hundredth, last = states

        assert size(last) == size(hundredth)
        numbers = len(re.findall(rb"\d+", last))
        assert len(last) - len(hundredth) <= 2 * numbers
        assert engine.where(run.process, last).open_tasks == run.step.open_tasks

    def test_lead_on_to_the_end(self) -> None:
        run = Running(engine.read(document(PLACES["in a sub-process beside an open branch"])), again=True, n=2)
        for _ in range(2000):
            go_round(run)

        run.complete("U1", again=False)
        run.complete("U3")

        assert run.open == "U0"
        assert engine.complete(run.process, run.step.state, run.token("U0"), {}, now=NOON).finished
