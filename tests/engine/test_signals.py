"""Signals: heard by all that wait in the instance, told to whoever runs other instances, and never missed loudly."""

import pytest

from app import engine
from app.engine import NodeKind
from tests.engine.refusals import refused
from tests.engine.running import Running, read
from tests.engine.small_models import MESSAGE, SIGNAL, document, scope, timer

OTHER = SIGNAL.replace("s1", "s2")
LISTENING = 'attachedToRef="U"'


class TestFromOutside:
    def test_reaches_all_that_wait_for_it_and_none_that_begin_to(self) -> None:
        flows = "S A\nA C1\nA C2\nC1 C3\nC2 U2\nC3 U3\nU2 E2\nU3 E3"
        run = Running(read(flows, {}, dict.fromkeys(("C1", "C2", "C3"), SIGNAL)))
        assert [(w.element_id, w.kind, w.name) for w in run.step.waits] == [
            ("C1", "signal", "tanda"),
            ("C2", "signal", "tanda"),
        ]

        step = run.signal(nomor=7)

        assert (run.open, step.variables, step.signals) == ("U2", {"nomor": 7}, ())
        assert [w.element_id for w in step.waits] == ["C3"]

    @pytest.mark.parametrize("name", ["lain", "surat"])
    def test_where_nothing_waits_for_it_nothing_changes(self, name: str) -> None:
        run = Running(read("S A\nA C\nA U\nC E1\nU E2", {}, {"C": MESSAGE}), x=1)
        before = run.step.state

        step = run.signal(name, nomor=7)

        assert step.state == before
        assert step == engine.where(run.process, before)

    @pytest.mark.parametrize(("cancel", "opened"), [("true", "U2"), ("false", "U U2 U2")])
    def test_at_a_boundary_event_it_is_heard_as_often_as_it_comes(self, cancel: str, opened: str) -> None:
        attributes = {"B": f'{LISTENING} cancelActivity="{cancel}"'}
        run = Running(read("S U\nU E\nB U2\nU2 E2", attributes, {"B": SIGNAL}))

        run.signal()
        run.signal()

        assert run.open == opened

    def test_it_can_be_what_an_event_gateway_waits_for(self) -> None:
        run = Running(read("S V\nV C1\nV C2\nC1 U1\nC2 U2\nU1 E\nU2 E", {}, {"C1": SIGNAL, "C2": timer("PT1H")}))

        step = run.signal()

        assert (run.open, step.waits) == ("U1", ())


class TestThrown:
    def test_reaches_what_waits_in_the_same_instance_and_is_told(self) -> None:
        flows = "S A\nA C\nA U\nC U1\nU1 E1\nU I\nI U2\nU2 E2"
        run = Running(read(flows, {}, {"C": SIGNAL, "I": SIGNAL}))

        step = run.complete("U")

        assert run.open == "U1 U2"
        assert step.signals == ("tanda",)
        assert run.complete("U1").signals == ()

    def test_at_an_end_too_and_in_order(self) -> None:
        run = Running(read("S I1\nI1 I2\nI2 E", {}, {"I1": SIGNAL, "I2": OTHER, "E": SIGNAL}, beside=_SECOND))

        assert run.step.signals == ("tanda", "lain", "tanda")
        assert run.step.finished

    def test_is_not_heard_by_what_it_leads_to(self) -> None:
        run = Running(read("S I\nI C\nC E", {}, {"I": SIGNAL, "C": SIGNAL}))

        assert [w.element_id for w in run.step.waits] == ["C"]

    def test_may_end_the_scope_that_it_is_thrown_in(self) -> None:
        inside = scope("S2 U1\nU1 I\nI U2\nU2 E2", {}, {"I": SIGNAL})
        run = Running(read("S P\nP E\nB U3\nU3 E3", {"B": 'attachedToRef="P"'}, {"P": inside, "B": SIGNAL}))

        run.complete("U1")

        assert run.open == "U3"


_SECOND = '<signal id="s2" name="lain"/>\n'


class TestReading:
    def test_keeps_names(self) -> None:
        model = read("S C\nC I\nI E", {}, {"C": SIGNAL, "I": SIGNAL}).model

        assert [(node.kind, node.signal) for node in model.nodes.values() if node.signal] == [
            (NodeKind.CATCH, "tanda"),
            (NodeKind.THROW, "tanda"),
        ]

    @pytest.mark.parametrize("event", ["C", "I"])
    @pytest.mark.parametrize(
        ("reference", "code"),
        [("", "signal-missing"), ('signalRef="s9"', "signal-missing"), ('signalRef="s2"', "signal-without-name")],
    )
    def test_needs_a_fixed_name(self, event: str, reference: str, code: str) -> None:
        body = scope(f"S {event}\n{event} E", {}, {event: f"<signalEventDefinition {reference}/>"})

        assert refused(document(body, beside='<signal id="s2" name="tanda-${x}"/>\n')) == [(code, event)]

    def test_does_not_start_a_process(self) -> None:
        assert refused(document(scope("S U\nU E", {}, {"S": SIGNAL}))) == [("unsupported-element", "S")]

    def test_is_not_handed_on_with_data_or_later(self) -> None:
        mapped = '<signalEventDefinition signalRef="s1" camunda:async="true"><extensionElements><camunda:in/>'
        body = scope("S E", {}, {"E": f"{mapped}</extensionElements></signalEventDefinition>"})

        assert refused(document(body)) == [("unsupported-attribute", "E"), ("unsupported-extension", "E")]

    def test_two_branches_of_an_event_gateway_do_not_wait_for_the_same(self) -> None:
        body = scope("S V\nV C1\nV C2\nC1 E\nC2 E", {}, {"C1": SIGNAL, "C2": SIGNAL})

        assert refused(document(body)) == [("event-gateway-messages", "V")]
