"""Errors and escalations: who throws them, who catches them, and what becomes of the rest."""

import pytest

from app import engine
from app.engine import examine
from tests.engine.refusals import refused
from tests.engine.running import NOON, Running, read
from tests.engine.small_models import ERROR, ESCALATION, EXTERNAL, document, scope, timer

ANY_ERROR = "<errorEventDefinition/>"
ANY_ESCALATION = "<escalationEventDefinition/>"
SECOND = ERROR.replace("e1", "e2")
AT_P = 'attachedToRef="P"'


def with_sub_process(
    inside: str, events: dict[str, str], ends: dict[str, str], attributes: dict[str, str] | None = None
) -> engine.Process:
    """A sub-process with boundary events, each of which leads to a task of its own: `B1` to `U.B1`."""
    flows = "S P\nP U9\nU9 E9\n" + "\n".join(f"{event} U.{event}\nU.{event} E.{event}" for event in events)
    given = dict.fromkeys(events, AT_P) | (attributes or {})
    return read(flows, given, {"P": scope(inside, {"W": EXTERNAL}, ends), **events})


class TestErrors:
    INSIDE = "S2 A\nA U1\nA U2\nU1 E1\nU2 E2"

    def test_end_what_is_around_them_and_go_on_from_the_boundary_event(self) -> None:
        run = Running(with_sub_process(self.INSIDE, {"B1": ERROR}, {"E1": ERROR}))

        step = run.complete("U1")

        assert run.open == "U.B1"
        assert step.visits == {"E1": 1, "B1": 1, "U.B1": 1}

    def test_with_their_code_come_before_any(self) -> None:
        process = with_sub_process(self.INSIDE, {"B1": ANY_ERROR, "B2": ERROR}, {"E1": ERROR, "E2": SECOND})

        first, second = Running(process), Running(process)
        first.complete("U1")
        second.complete("U2")

        assert (first.open, second.open) == ("U.B2", "U.B1")

    def test_go_outwards_until_somebody_catches_them(self) -> None:
        inner = scope(
            "S2 P2\nP2 E2\nB2 U2\nU2 E4",
            {"B2": 'attachedToRef="P2"'},
            {"P2": scope("S3 U3\nU3 E3", {}, {"E3": ERROR}), "B2": SECOND},
        )
        run = Running(read("S P\nP E\nB1 U1\nU1 E1", {"B1": AT_P}, {"P": inner, "B1": ERROR}))

        run.complete("U3")

        assert run.open == "U1"

    def test_bring_their_code_and_message_in_variables(self) -> None:
        noting = ERROR.replace("/>", ' camunda:errorCodeVariable="kode" camunda:errorMessageVariable="sebab"/>')
        run = Running(with_sub_process(self.INSIDE, {"B1": noting}, {"E1": ERROR}))

        assert run.complete("U1").variables == {"kode": "E1", "sebab": "berkas rusak"}

    def test_that_nobody_catches_end_their_path_only_as_in_camunda(self) -> None:
        run = Running(with_sub_process(self.INSIDE, {"B1": SECOND}, {"E1": ERROR}))

        run.complete("U1")
        assert run.open == "U2"
        run.complete("U2")
        assert run.open == "U9"

    def test_that_nobody_in_the_file_catches_are_warned_of(self) -> None:
        model = with_sub_process(self.INSIDE, {"B1": SECOND}, {"E1": ERROR, "E2": SECOND}).model

        assert [(w.severity, w.code, w.element_id) for w in model.warnings] == [("warning", "error-not-caught", "E1")]


class TestErrorsOfWorkers:
    INSIDE = "S2 A\nA W\nA U1\nW E1\nU1 E2\nB2 U2\nU2 E3"

    def run(self) -> Running:
        inside = scope(self.INSIDE, {"W": EXTERNAL, "B2": 'attachedToRef="W"'}, {"B2": ERROR})
        flows = "S P\nP E\nB1 U.B1\nU.B1 E.B1"
        return Running(read(flows, {"B1": AT_P}, {"P": inside, "B1": SECOND}))

    def test_are_caught_at_the_task_first(self) -> None:
        run = self.run()

        step = run.raise_error("W", "E1", "tidak ada", catatan=1)

        assert run.open == "U1 U2"
        assert step.variables == {"catatan": 1}

    def test_else_around_it(self) -> None:
        run = self.run()

        run.raise_error("W", "E2")

        assert run.open == "U.B1"
        assert run.step.waits == ()

    def test_that_nobody_catches_are_refused_and_nothing_has_happened(self) -> None:
        run = self.run()

        with pytest.raises(engine.NothingCatches) as caught:
            run.raise_error("W", "E9", catatan=1)

        assert caught.value.element_id == "W"
        assert engine.where(run.process, run.step.state).variables == {}

    def test_are_only_for_external_tasks(self) -> None:
        run = self.run()

        with pytest.raises(engine.TokenNotOpen):
            engine.raise_error(run.process, run.step.state, run.token("U1"), "E1", None, {}, now=NOON)

    def test_bring_their_own_message(self) -> None:
        noting = ANY_ERROR.replace("/>", ' camunda:errorCodeVariable="kode" camunda:errorMessageVariable="sebab"/>')
        run = Running(read("S W\nW E\nB U\nU E2", {"W": EXTERNAL, "B": 'attachedToRef="W"'}, {"B": noting}))

        assert run.raise_error("W", "apa saja", "rusak").variables == {"kode": "apa saja", "sebab": "rusak"}

    def test_of_an_event_are_caught_around_it(self) -> None:
        handed = f"<messageEventDefinition {EXTERNAL}/>"
        inside = scope("S2 I\nI E2", {}, {"I": handed})
        run = Running(read("S P\nP E\nB U\nU E3", {"B": AT_P}, {"P": inside, "B": ANY_ERROR}))

        run.raise_error("I", "E1")

        assert run.open == "U"


class TestEscalations:
    INSIDE = "S2 I\nI U1\nU1 E1"

    def test_interrupt_where_the_boundary_event_does(self) -> None:
        run = Running(with_sub_process(self.INSIDE, {"B1": ESCALATION}, {"I": ESCALATION}))

        assert run.open == "U.B1"

    def test_else_both_go_on(self) -> None:
        beside = {"B1": f'{AT_P} cancelActivity="false"'}
        run = Running(with_sub_process(self.INSIDE, {"B1": ESCALATION}, {"I": ESCALATION}, beside))

        assert run.open == "U.B1 U1"

    def test_that_end_a_path_end_it_whoever_catches_them(self) -> None:
        inside = "S2 A\nA U1\nA E1\nU1 E2"
        beside = {"B1": f'{AT_P} cancelActivity="false"'}
        run = Running(with_sub_process(inside, {"B1": ANY_ESCALATION}, {"E1": ESCALATION}, beside))

        assert run.open == "U.B1 U1"
        run.complete("U1")
        assert run.open == "U.B1 U9"

    def test_that_nobody_catches_change_nothing(self) -> None:
        run = Running(with_sub_process(self.INSIDE, {"B1": ESCALATION.replace("x1", "x2")}, {"I": ESCALATION}))

        assert run.open == "U1"
        assert [warning.code for warning in run.process.model.warnings] == ["event-never-comes"]

    def test_bring_their_code_in_a_variable(self) -> None:
        noting = ANY_ESCALATION.replace("/>", ' camunda:escalationCodeVariable="kode"/>')
        run = Running(with_sub_process(self.INSIDE, {"B1": noting}, {"I": ESCALATION}))

        assert run.step.variables == {"kode": "X1"}


class TestReading:
    def found(self, event: str, *, at: str = "P", more: str = "", beside: str = "") -> list[tuple[str, str | None]]:
        attributes = {"B": f'attachedToRef="{at}" {more}', "W": EXTERNAL}
        flows = "S P\nP W\nW U\nU E\nB E"
        body = scope(flows, attributes, {"P": scope("S2 U2\nU2 E2"), "B": event})
        return refused(document(body, beside=beside))

    def test_an_error_interrupts(self) -> None:
        assert self.found(ERROR, more='cancelActivity="false"') == [("error-not-interrupting", "B")]

    def test_an_error_stands_where_one_can_be_thrown(self) -> None:
        assert self.found(ERROR, at="U") == [("error-never-thrown", "B")]
        assert self.found(ESCALATION, at="W") == [("escalation-never-thrown", "B")]

    def test_an_error_that_cannot_be_thrown_is_told_once(self) -> None:
        attributes = {"B": 'attachedToRef="U"'}
        body = scope("S U\nU E\nB E", attributes, {"B": ERROR})
        found = examine(document(body)).findings
        assert [one.code for one in found if one.element_id == "B"] == ["error-never-thrown"]

    @pytest.mark.parametrize("kind", ["error", "escalation"])
    def test_what_is_referred_to_is_there_and_has_a_fixed_code(self, kind: str) -> None:
        event = f'<{kind}EventDefinition {kind}Ref="z"/>'

        assert self.found(event) == [(f"{kind}-missing", "B")]
        for given in ("", f'{kind}Code=" "', f'{kind}Code="${{x}}"'):
            beside = f'<{kind} id="z" {given}/>\n'
            assert self.found(event, beside=beside) == [(f"{kind}-without-code", "B")]

    @pytest.mark.parametrize("kind", ["error", "escalation"])
    def test_what_throws_says_what(self, kind: str) -> None:
        body = scope("S E", {}, {"E": f"<{kind}EventDefinition/>"})

        assert refused(document(body)) == [(f"{kind}-missing", "E")]

    def test_a_message_of_an_error_is_fixed(self) -> None:
        beside = '<error id="z" errorCode="Z" camunda:errorMessage="${x}"/>\n'
        body = scope("S E", {}, {"E": '<errorEventDefinition errorRef="z"/>'})

        assert refused(document(body, beside=beside)) == [("error-without-code", "E")]

    @pytest.mark.parametrize("name", ["${x}", " ", "_kode", "empty"])
    def test_variables_have_fixed_names(self, name: str) -> None:
        event = f'<errorEventDefinition camunda:errorCodeVariable="{name}"/>'

        assert self.found(event) == [("variable-name", "B")]

    def test_variables_are_for_who_catches(self) -> None:
        thrown = ERROR.replace("/>", ' camunda:errorCodeVariable="kode"/>')

        assert refused(document(scope("S E", {}, {"E": thrown}))) == [("unsupported-attribute", "E")]

    @pytest.mark.parametrize(
        ("events", "is_refused"),
        [
            ((ERROR, ERROR), True),
            ((ERROR, ANY_ERROR), False),
            ((ANY_ERROR, ANY_ERROR), True),
            ((ESCALATION, ESCALATION), True),
            ((ESCALATION, ANY_ESCALATION), True),
            ((ESCALATION, ESCALATION.replace("x1", "x2")), False),
            ((ESCALATION, ERROR), False),
        ],
    )
    def test_one_event_of_an_activity_catches_each(self, events: tuple[str, str], is_refused: bool) -> None:
        body = scope(
            "S P\nP E\nB1 E1\nB2 E2",
            {"B1": AT_P, "B2": AT_P},
            {"P": scope("S2 U\nU E3"), "B1": events[0], "B2": events[1]},
        )

        if is_refused:
            assert refused(document(body)) == [("several-catchers", "B2")]
        else:
            assert engine.read(document(body)).model.nodes["B2"].fault is not None

    def test_no_boundary_event_stands_on_an_event(self) -> None:
        body = scope("S C\nC E\nB E", {"B": 'attachedToRef="C"'}, {"C": timer("PT1H"), "B": timer("PT2H")})

        assert refused(document(body)) == [("boundary-on-event", "B")]
