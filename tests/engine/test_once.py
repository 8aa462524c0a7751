"""What BPMN allows once in an element is refused where it comes again."""

import pytest

from app import engine
from tests.engine.refusals import findings, refused
from tests.engine.small_models import document, scope

LOOP = "<multiInstanceLoopCharacteristics{}>{}</multiInstanceLoopCharacteristics>"
TIMES = "<loopCardinality>2</loopCardinality>"
CONDITION = "<conditionExpression>${ok}</conditionExpression>"
PROPERTY = '<camunda:property name="{}" value="{}"/>'


def inside(node: str, content: str) -> bytes:
    return document(scope(f"S {node}\n{node} E", {}, {node: content}))


def extended(*extensions: str) -> str:
    return f"<extensionElements>{''.join(extensions)}</extensionElements>"


def properties(*names: str) -> str:
    return f"<camunda:properties>{''.join(PROPERTY.format(name, 1) for name in names)}</camunda:properties>"


class TestWhatIsGivenTwice:
    @pytest.mark.parametrize(
        ("node", "content"),
        [
            ("C", f"<timerEventDefinition>{'<timeDuration>P1D</timeDuration>' * 2}</timerEventDefinition>"),
            ("C", f"<timerEventDefinition>{'<timeDate>2027-01-01</timeDate>' * 2}</timerEventDefinition>"),
            ("U", LOOP.format("", TIMES) * 2),
            ("U", LOOP.format("", TIMES * 2)),
            ("U", LOOP.format("", TIMES + "<completionCondition>${a}</completionCondition>" * 2)),
            ("U", extended() * 2),
            ("U", extended(properties("nomor")) + extended()),
            ("U", extended(properties("nomor"), properties("waktu"))),
            ("U", extended("<camunda:formData/>" * 2)),
            ("U", extended(properties("nomor", "waktu", "nomor"))),
            ("P", scope("S2 E2") + extended(properties("nomor", "nomor"))),
        ],
    )
    def test_is_refused(self, node: str, content: str) -> None:
        assert refused(inside(node, content)) == [("given-twice", node)]

    def test_on_a_flow_is_refused(self) -> None:
        data = document(scope("S X\nX E ${a}\nX E")).replace(
            b"</conditionExpression>", b"</conditionExpression>" + CONDITION.encode()
        )

        assert ("given-twice", "X-E") in refused(data)

    def test_on_the_process_is_refused(self) -> None:
        data = document(extended(properties("tanggal_efektif", "tanggal_efektif")) + scope("S U\nU E"))

        assert refused(data) == [("given-twice", "p")]

    def test_is_named_where_it_comes_again(self) -> None:
        data = inside("U", f"\n{extended(properties('waktu'))}\n{extended()}\n")

        (finding,) = findings(data)

        line = data.decode().split("\n")[(finding.line or 0) - 1]
        assert line == extended()
        assert "'extensionElements'" in finding.text.id


class TestWhatMayComeAgain:
    @pytest.mark.parametrize(
        "content",
        [
            "<documentation>a</documentation><documentation>b</documentation>",
            extended(properties("nomor", "waktu")),
            "<incoming>S-U</incoming><incoming>S-U</incoming>",
        ],
    )
    def test_is_taken(self, content: str) -> None:
        assert "U" in engine.read(inside("U", content)).model.nodes

    def test_is_a_property_of_another_element(self) -> None:
        named = extended(properties("waktu"))
        data = document(scope("S U\nU U1\nU1 E", {}, {"U": named, "U1": named}))

        assert engine.read(data).model.nodes["U1"].properties == {"waktu": "1"}
