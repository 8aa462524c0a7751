"""Variables are data: kept as they are whatever they are called, shared with nobody, and never evaluated."""

import builtins
from typing import Any

import pytest
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine

from app import engine
from app.engine.scripts import NO_SCRIPTS
from tests.engine.running import HOUR, NOON, Running, read
from tests.engine.small_models import MESSAGE, document, timer

ODD = {
    "typename": "datetime",
    "Start": {"typename": "x", "data": {}},
    "End": [],
    "": "",
    "ключ é 日本 \u0000": "\u2028",
    "__class__": {"a": [[1, [2.5, None]], True]},
    "state": -(2**63),
    "large": 2**64 - 1,
    "${1 + 1}": "${import os}",
    "eval": "__import__('os').system('false')",
}


class TestNestedValues:
    FLOWS = "S A\nA U1\nA U2\nU1 E1\nU2 E2"

    def test_of_a_returned_step_are_the_callers(self) -> None:
        run = Running(read(self.FLOWS), berkas={"halaman": [1]})
        first = run.step.state
        assert isinstance(run.step.variables, dict)

        run.step.variables["berkas"]["halaman"].append(2)
        run.step.variables["lain"] = 1

        assert run.step.state == first
        assert engine.where(run.process, first).variables == {"berkas": {"halaman": [1]}}
        assert run.complete("U1").variables == {"berkas": {"halaman": [1]}}

    def test_that_were_given_are_the_callers(self) -> None:
        given: dict[str, Any] = {"berkas": {"halaman": [1]}}
        run = Running(read(self.FLOWS), **given)

        given["berkas"]["halaman"].append(2)

        assert run.complete("U1").variables == {"berkas": {"halaman": [1]}}

    def test_of_parallel_branches_are_replaced_whole(self) -> None:
        run = Running(read("S A\nA U1\nA U2\nU1 A2\nU2 A2\nA2 U3\nU3 E"), berkas=[1, 2])

        run.complete("U1", berkas=[3])
        run.complete("U2", lain={"a": 1})

        assert run.step.variables == {"berkas": [3], "lain": {"a": 1}}


class TestNames:
    def test_and_values_of_any_kind_come_back_as_they_were(self) -> None:
        run = Running(read("S U1\nU1 U2\nU2 E"), **ODD)
        run.complete("U1", **dict.fromkeys(ODD, ODD))

        assert engine.where(run.process, run.step.state).variables == dict.fromkeys(ODD, ODD)

    @pytest.mark.parametrize(
        "ids",
        [
            ("Start", "End", "Root"),
            ("End", "Root", "Start"),
            ("None", "StartEvent_1", "Start.EndJoin"),
            ("_", "é.1-b", "日"),
        ],
    )
    def test_any_id_is_an_id(self, ids: tuple[str, str, str]) -> None:
        start, task, end = ids
        drawn = (
            f'<startEvent id="{start}"/><userTask id="{task}"/><endEvent id="{end}"/>'
            f'<sequenceFlow id="a" sourceRef="{start}" targetRef="{task}"/>'
            f'<sequenceFlow id="b" sourceRef="{task}" targetRef="{end}"/>'
        )
        run = Running(engine.read(document(drawn)))

        assert run.open == task
        assert run.complete(task).finished
        assert run.step.visits == {end: 1}


class TestNothingIsEvaluated:
    FLOWS = """
        S U0
        U0 X
        X O ${keputusan == 'setuju' && len(berkas) > 0}
        X E1
        O U1 ${jumlah >= 2}
        O U2 ${not empty berkas}
        U1 O2
        U2 O2
        O2 V
        V C1
        V C2
        C1 E2
        C2 E3
        B E4
    """

    def play(self) -> None:
        run = Running(
            read(
                self.FLOWS,
                {"X": 'default="X-E1"', "B": 'attachedToRef="U0" cancelActivity="false"'},
                {"C1": MESSAGE, "C2": timer("PT1H"), "B": timer("R3/PT1H", "timeCycle")},
            )
        )
        run.wake(HOUR)
        run.complete("U0", keputusan="setuju", berkas=["a"], jumlah=2)
        run.complete("U1")
        run.complete("U2")
        run.send()
        assert run.step.finished

    def test_by_python(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.play()
        evaluated: list[object] = []
        with monkeypatch.context() as patch:
            for name in ("eval", "exec", "compile"):
                patch.setattr(builtins, name, lambda *given: evaluated.append(given[0]))

            self.play()
            assert evaluated == []

            PythonScriptEngine().environment.evaluate("1 + 1", {})

        assert evaluated == ["1 + 1"]

    def test_by_the_script_engine_that_spiffworkflow_is_given(self) -> None:
        with pytest.raises(AssertionError):
            NO_SCRIPTS.environment.evaluate("1 + 1", {})
        with pytest.raises(AssertionError):
            NO_SCRIPTS.environment.execute("x = 1", {})

    def test_in_a_value(self) -> None:
        run = Running(read("S U\nU X\nX E1 ${x == '${1 + 1}'}\nX E2", {"X": 'default="X-E2"'}))

        step = engine.complete(run.process, run.step.state, run.token("U"), {"x": "${1 + 1}"}, now=NOON)

        assert "X-E1" in step.flows_taken
