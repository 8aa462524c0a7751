"""What is refused is said once: what its neighbours lack only because of it is not a fault of theirs."""

import pytest

from app import engine
from tests.engine.refusals import refused
from tests.engine.small_models import ERROR, document, scope, timer

FLOWS = (
    '<sequenceFlow id="a" sourceRef="S" targetRef="Q"/><sequenceFlow id="b" sourceRef="Q" targetRef="U"/>'
    '<sequenceFlow id="c" sourceRef="U" targetRef="E"/>'
)
AROUND = f'<startEvent id="S"/><userTask id="U"/><endEvent id="E"/>{FLOWS}'


class TestAnElementThatIsNotRun:
    @pytest.mark.parametrize(
        "element",
        [
            '<scriptTask id="Q"/>',
            '<complexGateway id="Q"/>',
            f'<transaction id="Q">{scope("S2 E2")}</transaction>',
            '<adHocSubProcess id="Q"><userTask id="z"/></adHocSubProcess>',
            '<other:step xmlns:other="urn:other" id="Q"/>',
        ],
    )
    def test_is_the_one_finding(self, element: str) -> None:
        assert refused(document(AROUND + element)) == [("unsupported-element", "Q")]

    def test_may_have_boundary_events(self) -> None:
        event = f'<boundaryEvent id="B" attachedToRef="Q">{ERROR}</boundaryEvent>'
        leads = '<sequenceFlow id="e" sourceRef="B" targetRef="E"/>'

        data = document(f'{AROUND}<transaction id="Q"/>{event}{leads}')

        assert refused(data) == [("unsupported-element", "Q")]

    def test_leaves_the_fault_of_a_flow_to_it(self) -> None:
        data = document('<scriptTask id="Q"/>' + AROUND.replace('sourceRef="S" targetRef="Q"', ""))

        assert ("flow-not-connected", "a") in refused(data)

    def test_hides_no_fault_elsewhere(self) -> None:
        data = document(AROUND + '<scriptTask id="Q"/><userTask id="alone"/>')

        assert set(refused(data)) == {("unsupported-element", "Q"), ("unreachable", "alone")}

    def test_drawn_without_flows_by_bpmn_needs_none(self) -> None:
        links = {"I1": '<linkEventDefinition name="x"/>', "C1": '<linkEventDefinition name="x"/>'}
        inside = scope("S2 E2", {}, {"S2": timer("PT1H")})
        event = f'<subProcess id="P" triggeredByEvent="true">{inside}</subProcess>'

        assert refused(document(scope("S I1\nC1 E", {}, links))) == [
            ("unsupported-element", "I1"),
            ("unsupported-element", "C1"),
        ]
        assert refused(document(scope("S U\nU E") + event)) == [("unsupported-element", "P")]

    def test_is_not_played_where_the_graph_lacks_a_part(self) -> None:
        links = {"I1": '<linkEventDefinition name="x"/>', "C1": '<linkEventDefinition name="x"/>'}

        assert not engine.examine(document(scope("S I1\nC1 E", {}, links))).whole
        assert engine.examine(document(AROUND + '<scriptTask id="Q"/>')).whole


class TestAnElementWithoutAnId:
    def test_is_the_one_finding(self) -> None:
        assert refused(document(AROUND + "<userTask/>")) == [("missing-id", "p")]

    def test_may_be_the_start(self) -> None:
        body = AROUND.replace('<startEvent id="S"/>', "<startEvent/>") + '<userTask id="Q"/>'

        assert refused(document(body)) == [("missing-id", "p")]


class TestAFlowThatIsRefused:
    def test_is_the_one_finding(self) -> None:
        body = scope("S X\nX U ${a}\nX E\nU E", {"X": 'default="X-E"'}).replace(
            'sourceRef="X" targetRef="E"', 'sourceRef="X"'
        )

        assert refused(document(body)) == [("flow-not-connected", "X-E")]

    def test_leaves_what_it_may_have_led_to_unsaid(self) -> None:
        body = scope("S U\nU U2\nU2 E").replace('sourceRef="S" targetRef="U"', 'sourceRef="S" targetRef="gone"')

        assert refused(document(body)) == [("flow-not-connected", "S-U")]

    def test_leaves_what_it_may_have_come_from_unsaid(self) -> None:
        body = scope("S U\nU U2\nU2 E").replace('sourceRef="U2" targetRef="E"', 'sourceRef="gone" targetRef="E"')

        assert refused(document(body)) == [("flow-not-connected", "U2-E")]

    def test_hides_no_fault_of_another_scope(self) -> None:
        inside = scope("S2 E2") + '<userTask id="alone"/>'
        body = scope("S P\nP E", {}, {"P": inside}).replace(
            'sourceRef="P" targetRef="E"', 'sourceRef="P" targetRef="gone"'
        )

        assert set(refused(document(body))) == {("flow-not-connected", "P-E"), ("unreachable", "alone")}
