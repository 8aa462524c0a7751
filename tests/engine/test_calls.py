"""Call activities: what they need to say, and the one process that comes of a process and all that it calls."""

from collections.abc import Mapping

import pytest

from app import engine
from app.engine import NodeKind, composition
from tests.engine.refusals import refused
from tests.engine.running import HOUR, NOON, Running
from tests.engine.small_models import ERROR, ESCALATION, EXTERNAL, MESSAGE, SHARED, document, scope, timer

CALLS_Q = 'calledElement="q"'


def process(
    process_id: str, flows: str, attributes: Mapping[str, str] | None = None, inside: Mapping[str, str] | None = None
) -> engine.Process:
    """Read a process whose call activities (`K…`) share all variables."""
    calls = {word: SHARED for line in flows.splitlines() for word in line.split()[:2] if word[0] == "K"}
    body = scope(flows, dict(attributes or {}), calls | dict(inside or {}))
    return engine.read(document(body, process_id=process_id))


def composed(outer: engine.Process, *called: engine.Process) -> engine.Process:
    return engine.compose(outer, {one.model.id: one for one in called})


def faults(outer: engine.Process, *called: engine.Process) -> list[tuple[str, str | None]]:
    with pytest.raises(engine.ModelRefused) as caught:
        composed(outer, *called)
    assert all(f.text.id != f.text.en and f.severity == "error" for f in caught.value.findings)
    return [(finding.code, finding.element_id) for finding in caught.value.findings]


OUTER = process("p", "S K\nK U9\nU9 E", {"K": CALLS_Q})
SIMPLE = process("q", "S U\nU E")


class TestReading:
    def test_lists_what_is_called(self) -> None:
        assert OUTER.model.calls == {"K": "q"}
        assert SIMPLE.model.calls == {}

    @pytest.mark.parametrize("binding", ["", 'camunda:calledElementBinding="latest"'])
    def test_calls_the_version_in_force(self, binding: str) -> None:
        assert process("p", "S K\nK E", {"K": f"{CALLS_Q} {binding}"}).model.calls == {"K": "q"}

    @pytest.mark.parametrize(
        ("attributes", "codes"),
        [
            ("", ["call-target"]),
            ('calledElement="${unit}"', ["call-target"]),
            (f'{CALLS_Q} camunda:calledElementBinding="version"', ["call-binding"]),
            (
                f'{CALLS_Q} camunda:calledElementBinding="version" camunda:calledElementVersion="2"',
                ["unsupported-attribute", "call-binding"],
            ),
            (f'{CALLS_Q} camunda:caseRef="x"', ["unsupported-attribute"]),
            (f'{CALLS_Q} camunda:variableMappingClass="x"', ["unsupported-attribute"]),
            (f'{CALLS_Q} camunda:calledElementTenantId="x"', ["unsupported-attribute"]),
        ],
    )
    def test_refuses_what_would_call_something_else(self, attributes: str, codes: list[str]) -> None:
        body = scope("S K\nK E", {"K": attributes}, {"K": SHARED})

        assert refused(document(body)) == [(code, "K") for code in codes]

    @pytest.mark.parametrize(
        ("mappings", "count"),
        [
            ("", 2),
            ('<camunda:in variables="all"/>', 1),
            ('<camunda:out variables="all"/>', 1),
            ('<camunda:in variables="all"/><camunda:out variables="all"/><camunda:in source="a" target="b"/>', 1),
            ('<camunda:in variables="all" local="true"/><camunda:out variables="all"/>', 2),
            ('<camunda:in businessKey="${x}"/><camunda:in variables="all"/><camunda:out variables="all"/>', 1),
            ('<camunda:out businessKey="x"/><camunda:in variables="all"/><camunda:out variables="all"/>', 1),
        ],
    )
    def test_needs_all_variables_both_ways_and_no_others(self, mappings: str, count: int) -> None:
        inside = f"<extensionElements>{mappings}</extensionElements>"

        assert refused(document(scope("S K\nK E", {"K": CALLS_Q}, {"K": inside}))) == [("call-variables", "K")] * count

    def test_may_hand_on_the_business_key(self) -> None:
        key = '<camunda:in businessKey="#{execution.processBusinessKey}"/></extensionElements>'
        inside = {"K": SHARED.replace("</extensionElements>", key)}

        assert process("p", "S K\nK E", {"K": CALLS_Q}, inside).model.calls == {"K": "q"}


class TestComposing:
    def test_puts_the_called_nodes_behind_a_slash(self) -> None:
        whole = composed(OUTER, SIMPLE).model

        assert list(whole.nodes) == ["S", "K", "K/S", "K/U", "K/E", "U9", "E"]
        assert (whole.nodes["K"].kind, whole.nodes["K/U"].scope) == (NodeKind.CALL, "K")
        assert whole.flows["K/S-U"].target == "K/U"
        assert [flow.id for flow in whole.nodes["K/U"].incoming] == ["K/S-U"]
        assert [node.id for node in whole.user_tasks] == ["K/U", "U9"]

    def test_without_calls_it_changes_nothing(self) -> None:
        assert engine.compose(SIMPLE, {}) is SIMPLE

    def test_lanes_forms_and_properties_come_along(self) -> None:
        inside = (
            "<extensionElements><camunda:properties><camunda:property name='nomor' value='3'/></camunda:properties>"
            "<camunda:formData><camunda:formField id='x'/></camunda:formData></extensionElements>"
        )
        lanes = '<laneSet id="ls"><lane id="l" name="Staf"><flowNodeRef>U</flowNodeRef></lane></laneSet>\n'
        called = engine.read(document(lanes + scope("S U\nU E", {}, {"U": inside}), process_id="q"))

        whole = composed(OUTER, called).model

        task = whole.nodes["K/U"]
        assert (task.lane, task.properties, task.form[0].id) == ("Staf", {"nomor": "3"}, "x")
        assert whole.lanes == ("Staf",)
        assert (whole.id, whole.start_form) == ("p", ())

    def test_goes_on_within_what_is_called_and_calls_one_process_twice(self) -> None:
        middle = process("q", "S K1\nK1 K2\nK2 E", dict.fromkeys(("K1", "K2"), 'calledElement="r"'))
        inner = process("r", "S U\nU E")

        whole = composed(OUTER, middle, inner)

        assert [node.id for node in whole.model.user_tasks] == ["K/K1/U", "K/K2/U", "U9"]
        assert engine.compose(whole, {}) is whole
        run = Running(whole)
        for element in ("K/K1/U", "K/K2/U", "U9"):
            assert run.open == element
            run.complete(element)
        assert run.step.finished

    def test_what_was_composed_before_stays_so(self) -> None:
        middle = composed(process("q", "S K\nK E", {"K": 'calledElement="r"'}), process("r", "S U\nU E"))

        assert [node.id for node in composed(OUTER, middle).model.user_tasks] == ["K/K/U", "U9"]


class TestWhatCannotBeComposed:
    def test_a_process_that_is_missing(self) -> None:
        assert faults(OUTER) == [("call-missing", "K")]
        assert faults(OUTER, process("q", "S K1\nK1 E", {"K1": 'calledElement="r"'})) == [("call-missing", "K")]

    def test_processes_that_call_each_other(self) -> None:
        assert faults(process("p", "S K\nK E", {"K": 'calledElement="p"'})) == [("call-cycle", "K")]
        back = process("q", "S U\nU K1\nK1 E", {"K1": 'calledElement="p"'})
        assert faults(OUTER, back, OUTER) == [("call-cycle", "K")]

    def test_more_than_ten_in_each_other(self) -> None:
        chain = [process(f"q{n}", "S K\nK E", {"K": f'calledElement="q{n + 1}"'}) for n in range(11)]
        last = process("q10", "S U\nU E")

        assert len(composed(*chain[:10], last).model.user_tasks) == 1
        assert faults(*chain, process("q11", "S U\nU E")) == [("call-too-deep", "K")]

    def test_more_elements_than_an_instance_should_have(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(composition, "MAX_NODES", 4)

        assert faults(OUTER, SIMPLE) == [("call-too-large", "K")]

    def test_many_calls_of_many_calls_are_refused_in_time(self) -> None:
        flows = "S K0\n" + "\n".join(f"K{n} K{n + 1}" for n in range(9)) + "\nK9 E"
        wide = [process(f"q{n}", flows, {f"K{k}": f'calledElement="q{n + 1}"' for k in range(10)}) for n in range(10)]

        assert ("call-too-large", "K0") in faults(*wide, process("q10", "S U\nU E"))

    def test_an_error_that_nothing_catches(self) -> None:
        failing = process("q", "S E", {}, {"E": ERROR})

        assert faults(OUTER, failing) == [("error-not-caught", "K")]
        assert [warning.code for warning in failing.model.warnings] == ["error-not-caught"]

    @pytest.mark.parametrize("inside", ["S N\nN E", "S A\nA U\nA T\nU E"])
    def test_a_cycle_through_a_call_in_which_nothing_waits(self, inside: str) -> None:
        looping = process("p", "S X\nX K\nK X2\nX2 X ${x}\nX2 E", {"K": CALLS_Q, "X2": 'default="X2-E"'})

        assert faults(looping, process("q", inside)) == [("endless-cycle", "K")]
        assert composed(looping, SIMPLE).model.id == "p"


class TestRunning:
    def test_what_is_not_composed_does_not_run(self) -> None:
        with pytest.raises(engine.NotComposed) as caught:
            engine.start(OUTER, {}, now=NOON)

        assert caught.value.element_id == "K"

    def test_variables_are_shared(self) -> None:
        run = Running(composed(OUTER, SIMPLE), x=1)

        run.complete("K/U", y=2)

        assert run.open == "U9"
        assert run.step.variables == {"x": 1, "y": 2}
        assert run.step.visits == {"K/E": 1, "U9": 1}
        assert run.step.flows_taken == {"K/U-E": 1, "K-U9": 1}

    def test_a_terminate_end_event_ends_the_called_process_only(self) -> None:
        outer = process("p", "S A\nA K\nA U1\nK E1\nU1 E2", {"K": CALLS_Q})
        run = Running(composed(outer, process("q", "S A\nA U\nA U2\nU T\nU2 E")))

        run.complete("K/U")

        assert run.open == "U1"

    def test_errors_and_escalations_leave_to_the_boundary_of_the_call(self) -> None:
        attributes = {"K": CALLS_Q, "B1": 'attachedToRef="K"', "B2": 'attachedToRef="K" cancelActivity="false"'}
        outer = process("p", "S K\nK E\nB1 U1\nU1 E1\nB2 U2\nU2 E2", attributes, {"B1": ERROR, "B2": ESCALATION})
        called = process("q", "S I\nI U\nU W\nW E", {"W": EXTERNAL}, {"I": ESCALATION, "E": ERROR})
        run = Running(composed(outer, called))
        assert run.open == "K/U U2"

        run.complete("K/U")
        twin = Running(run.process)
        twin.step = run.step
        run.finish("K/W")
        twin.raise_error("K/W", "E1")

        assert (run.open, twin.open) == ("U1 U2", "U1 U2")

    def test_timers_on_the_call_and_messages_inside_work(self) -> None:
        outer = process("p", "S K\nK E\nB U\nU E2", {"K": CALLS_Q, "B": 'attachedToRef="K"'}, {"B": timer("PT1H")})
        whole = composed(outer, process("q", "S C\nC E", {}, {"C": MESSAGE}))
        run = Running(whole)
        assert Running(whole).send().finished

        run.wake(HOUR)

        assert run.open == "U"
        assert run.step.waits == ()


class TestTheCostOfCalls:
    def test_grows_with_processes_and_not_with_calls(self) -> None:
        """Ten processes that each call all the next ones thirty times would be far too many elements to build."""
        many = {}
        for n in range(10):
            calls = [f"K{i}" for i in range(30)]
            flows = "\n".join(f"{one} {other}" for one, other in zip(["S", *calls], [*calls, "E"], strict=True))
            many[f"q{n}"] = process(f"q{n}", flows, dict.fromkeys(calls, f'calledElement="q{n + 1}"')).model
        many["q10"] = process("q10", "S U\nU E").model

        found = engine.check_calls(many["q0"], many)

        assert {one.code for one in found} == {"call-too-large"}
        assert len(found) == 30
