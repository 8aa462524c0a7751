"""Faults that nobody throws, and activities that always fail: what is behind them is never done, and it is said."""

import pytest

from app import engine
from tests.engine.small_models import ERROR, ESCALATION, EXTERNAL, SHARED, document, scope, timer

AT_P = {"B": 'attachedToRef="P"'}
CALLS = 'calledElement="q" camunda:calledElementBinding="latest"'


def said(inside: str, event: str = ERROR, flows: str = "S P\nP U\nU E\nB E") -> list[tuple[str, str | None]]:
    body = scope(flows, AT_P, {"P": inside, "B": event})
    return [(one.code, one.element_id) for one in engine.read(document(body)).model.warnings]


class TestAFault:
    @pytest.mark.parametrize("event", [ERROR, ESCALATION, "<errorEventDefinition/>"])
    def test_that_nothing_throws_never_comes(self, event: str) -> None:
        assert said(scope("S2 U2\nU2 E2"), event) == [("event-never-comes", "B")]

    def test_of_another_code_is_another(self) -> None:
        inside = scope("S2 X\nX E2 ${a}\nX E3", {"X": 'default="X-E3"'}, {"E2": ERROR.replace("e1", "e2")})

        assert sorted(said(inside)) == [("error-not-caught", "E2"), ("event-never-comes", "B")]

    def test_may_come_from_an_outside_worker(self) -> None:
        inner = scope("S3 W\nW E3", {"W": EXTERNAL})

        assert said(inner) == []
        assert said(scope("S2 P2\nP2 E2", {}, {"P2": inner})) == []
        assert said(inner, ESCALATION) == [("event-never-comes", "B")]

    def test_may_come_from_a_call_that_is_not_known(self) -> None:
        assert said(scope("S2 K\nK E2", {"K": CALLS}, {"K": SHARED})) == []


class TestAnActivity:
    def test_that_always_fails_is_never_left_plainly(self) -> None:
        assert said(scope("S2 U2\nU2 E2", {}, {"E2": ERROR})) == [("never-done", "P")]

    def test_that_may_end_otherwise_is(self) -> None:
        either = scope("S2 X\nX E2 ${a}\nX E3", {"X": 'default="X-E3"'}, {"E2": ERROR})
        timed = scope("S2 U2\nU2 E2\nB2 E3", {"B2": 'attachedToRef="U2"'}, {"E2": ERROR, "B2": timer("PT1H")})

        assert said(either) == []
        assert said(timed) == []


class TestCalls:
    def checked(self, called: str) -> list[tuple[str, str | None, str]]:
        outer = document(scope("S K\nK U\nU E\nB E", {"K": CALLS, "B": 'attachedToRef="K"'}, {"K": SHARED, "B": ERROR}))
        inner = engine.read(document(called, process_id="q")).model
        found = engine.check_calls(engine.read(outer).model, {"q": inner})
        return [(one.code, one.element_id, one.severity) for one in found]

    def test_are_looked_into_once_they_are_known(self) -> None:
        assert self.checked(scope("S U\nU E")) == [("event-never-comes", "B", "warning")]
        assert self.checked(scope("S U\nU E", {}, {"E": ERROR})) == [("never-done", "K", "warning")]
        assert self.checked(scope("S W\nW E", {"W": EXTERNAL})) == []
