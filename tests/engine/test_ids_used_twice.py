"""An id that two elements have: refused where it comes again, and never the cause of an endless search."""

import random

import pytest
from lxml import etree

from app import engine
from app.core.shipped import shipped
from tests.engine.refusals import findings, place_of, refused
from tests.engine.small_models import ERROR, ESCALATION, document, scope, timer

NESTED = document(
    scope(
        "S P1\nP1 E\nB1 E",
        {"B1": 'attachedToRef="P1"'},
        {
            "P1": scope(
                "S2 P2\nP2 E2\nB2 U2\nU2 E3",
                {"B2": 'attachedToRef="P2"'},
                {
                    "P2": scope("S4 U4\nU4 X4\nX4 E4 ${a}\nX4 U4 ${!a}", {}, {"E4": ESCALATION}),
                    "B2": ESCALATION,
                    "E2": ERROR,
                },
            ),
            "B1": timer("P1D"),
        },
    )
)


def said_of(data: bytes) -> set[str]:
    return {finding.code for finding in engine.examine(data).findings}


class TestAnIdUsedTwice:
    def test_in_a_sub_process_of_that_id_is_refused(self) -> None:
        inside = scope("S2 U2\nU2 E2", {}, {"E2": ERROR}).replace('"U2"', '"P"')

        assert refused(document(scope("S P\nP E", {}, {"P": inside}))) == [("duplicate-id", "P")]

    def test_keeps_what_is_said_of_the_graph_to_itself(self) -> None:
        """Which of two elements a flow means nobody knows, so what follows from it is not said."""
        data = document(scope("S U\nU P\nP E", {}, {"P": scope("S2 U2\nU2 E2").replace('"U2"', '"U"')}))

        assert refused(data) == [("duplicate-id", "U")]

    def test_of_two_flows_is_refused(self) -> None:
        data = document(scope("S U\nU E").replace('id="U-E"', 'id="S-U"'))

        assert refused(data) == [("duplicate-id", "S-U")]

    def test_hides_no_fault_of_the_elements_themselves(self) -> None:
        body = scope("S U\nU E") + '<userTask id="U" camunda:priority="viel"/>\n<scriptTask id="x"/>\n'

        assert [f.code for f in findings(document(body))] == ["duplicate-id", "priority-refused", "unsupported-element"]

    def test_has_the_place_of_the_first(self) -> None:
        """What draws a model may have ids of its own that are those of the elements drawn."""
        shape = '<other:shape xmlns:other="urn:other" id="U"/>'
        data = document(scope("S U\nU E") + f"<extensionElements>{shape}</extensionElements>")

        assert engine.places_of(data, {"U"}) == {"U": place_of(data, "U")}

    @pytest.mark.parametrize("seed", range(8))
    def test_anywhere_in_a_model_is_told_without_a_hang(self, seed: int) -> None:
        chosen = random.Random(seed)
        files = [NESTED, *(path.read_bytes() for path in sorted(shipped("bpmn").glob("*.bpmn")))]
        for _ in range(12):
            root = etree.fromstring(chosen.choice(files[: 1 + seed % 2 * 6]))
            named = [e for e in root.iter(etree.Element) if e.get("id") and "BPMN/20100524/MODEL" in str(e.tag)]
            for _ in range(chosen.choice((1, 2, 4, 12))):
                element, other = chosen.sample(named, 2)
                element.set("id", other.get("id", ""))
                if element.get("attachedToRef"):
                    element.set("attachedToRef", chosen.choice(named).get("id", ""))
            data = etree.tostring(root)

            assert "duplicate-id" in said_of(data) or len({e.get("id") for e in named}) == len(named)
