"""What stands where it has no place is refused: it would be ignored, or would cut the text around it."""

import pytest

from app import engine
from app.engine.nesting import _EXTENSIONS, _FORM_PARTS, _IN_EXTENSION, _INSIDE
from tests.engine.refusals import findings, refused
from tests.engine.small_models import document, scope

LOOP = "<multiInstanceLoopCharacteristics>{}</multiInstanceLoopCharacteristics>"
TEXTS = {
    "conditionExpression": ("${{a}}{}", "X-E"),
    "timeDuration": ("PT1{}H", "C"),
    "loopCardinality": ("2{}0", "U"),
    "completionCondition": ("${{a}}{}", "U"),
    "documentation": ("Awal {} akhir", "U"),
}
KNOWN = ("script", "list", "map", "entry", "inputOutput", "executionListener", "in", "out", "property")
EXTENSIONS = sorted(_EXTENSIONS | _FORM_PARTS | _IN_EXTENSION.keys())


def with_text(element: str, within: str) -> bytes:
    """A model in which one element holds a text with something in it."""
    text = f"<{element}>{TEXTS[element][0].format(within)}</{element}>"
    flow = text if element == "conditionExpression" else "<conditionExpression>${a}</conditionExpression>"
    inside = {
        "C": f"<timerEventDefinition>{text if element == 'timeDuration' else '<timeDuration>PT1H</timeDuration>'}"
        "</timerEventDefinition>",
        "U": text if element == "documentation" else LOOP.format(text if element in ("loopCardinality",) else
             f"<loopCardinality>2</loopCardinality>{text if element == 'completionCondition' else ''}"),
    }  # fmt: skip
    drawn = scope("S C\nC U\nU X\nX E ${a}\nX E2", {"X": 'default="X-E2"'}, inside)
    return document(drawn.replace("<conditionExpression>${a}</conditionExpression>", flow))


class TestTexts:
    @pytest.mark.parametrize("element", TEXTS)
    @pytest.mark.parametrize("within", ["<!-- catatan -->", "<?alat catatan?>", "<![CDATA[]]>"])
    def test_are_not_cut_by_what_is_no_element(self, element: str, within: str) -> None:
        whole, plain = engine.read(with_text(element, within)).model, engine.read(with_text(element, "")).model

        assert whole.nodes["C"].timer == plain.nodes["C"].timer
        assert whole.nodes["U"].documentation == plain.nodes["U"].documentation
        assert str(whole.flows["X-E"].condition and whole.flows["X-E"].condition.source) == "${a}"
        assert getattr(whole.nodes["U"].loop, "cardinality", 0) == getattr(plain.nodes["U"].loop, "cardinality", 0)

    @pytest.mark.parametrize("element", TEXTS)
    @pytest.mark.parametrize("within", ["<b/>", '<userTask id="z"/>', '<camunda:script scriptFormat="js"/>'])
    def test_with_an_element_in_them_are_refused_by_name(self, element: str, within: str) -> None:
        found = [one for one in findings(with_text(element, within)) if one.code == "unsupported-element"]

        assert [one.element_id for one in found] == [TEXTS[element][1]]
        assert f"'{element}'" in found[0].text.en


class TestTextWhereNoneIsRead:
    @pytest.mark.parametrize("inside", ["teks liar", "<documentation/>teks liar", "<![CDATA[teks liar]]>"])
    def test_in_a_task_is_refused_with_its_words(self, inside: str) -> None:
        (found,) = findings(document(scope("S U\nU E", {}, {"U": inside})))

        assert (found.code, found.element_id) == ("unsupported-element", "U")
        assert "'teks liar'" in found.text.en

    @pytest.mark.parametrize("body", ["teks liar" + scope("S U\nU E"), scope("S U\nU E") + "teks liar"])
    def test_between_the_elements_of_a_process_is_refused(self, body: str) -> None:
        assert refused(document(body)) == [("unsupported-element", "p")]

    def test_beside_the_process_is_refused(self) -> None:
        assert refused(document(scope("S U\nU E"), beside="teks liar")) == [("unsupported-element", "d")]

    def test_as_the_value_of_a_property_is_refused(self) -> None:
        written = '<camunda:properties><camunda:property name="nomor">1</camunda:property></camunda:properties>'
        data = document(scope("S U\nU E", {}, {"U": f"<extensionElements>{written}</extensionElements>"}))

        assert refused(data) == [("unsupported-extension", "U")]

    def test_is_taken_where_camunda_reads_one(self) -> None:
        written = "<camunda:failedJobRetryTimeCycle>R3/PT10M</camunda:failedJobRetryTimeCycle>"
        data = document(scope("S U\nU E", {}, {"U": f"<extensionElements>{written}</extensionElements>"}))

        assert engine.examine(data).findings == ()


class TestElementsOfBpmn:
    @pytest.mark.parametrize(
        ("flows", "holder", "inside"),
        [
            ("S U\nU E", "U", '<sequenceFlow id="z" sourceRef="U" targetRef="E"/>'),
            ("S U\nU E", "U", '<laneSet id="z"><lane id="zz"/></laneSet>'),
            ("S U\nU E", "U", '<userTask id="z"/>'),
            ("S U\nU E", "U", '<dataInputAssociation><transformation>${1}</transformation></dataInputAssociation>'),
            ("S C\nC E", "C", '<timerEventDefinition><userTask id="z"/><timeDuration>PT1H</timeDuration>'
             "</timerEventDefinition>"),
        ],
    )  # fmt: skip
    def test_have_no_place_in_what_is_no_scope(self, flows: str, holder: str, inside: str) -> None:
        assert refused(document(scope(flows, {}, {holder: inside}))) == [("unsupported-element", holder)]

    @pytest.mark.parametrize("inside", ['<userTask id="z"/>', "<timeDuration>PT1H</timeDuration>"])
    def test_have_no_place_in_a_flow(self, inside: str) -> None:
        body = scope("S U\nU E").replace('targetRef="U">', f'targetRef="U">{inside}')

        assert refused(document(body)) == [("unsupported-element", "S-U")]

    @pytest.mark.parametrize("holder", ["laneSet", "textAnnotation", "group", "association", "dataObject"])
    def test_have_no_place_in_what_is_only_drawn(self, holder: str) -> None:
        data = document(scope("S U\nU E") + f'<{holder} id="h"><userTask id="z"/></{holder}>')

        assert [code for code, _ in refused(data)] == ["unsupported-element"]

    def test_have_no_place_beside_the_process(self) -> None:
        assert refused(document(scope("S U\nU E"), beside='<userTask id="z"/>')) == [("unsupported-element", "z")]


class TestExtensions:
    @pytest.mark.parametrize("outer", EXTENSIONS)
    @pytest.mark.parametrize("inner", sorted({*EXTENSIONS, *(f"{EXTENSIONS[0].split('}')[0]}}}{w}" for w in KNOWN)}))
    def test_hold_each_other_only_where_the_list_says_so(self, outer: str, inner: str) -> None:
        word, within = outer.split("}")[1], f'<camunda:{inner.split("}")[1]} id="a" name="a"/>'
        nested = f'<camunda:{word} id="k" name="k">{within}</camunda:{word}>'
        path = {
            "property": "<camunda:properties>{}</camunda:properties>",
            "formField": "<camunda:formData>{}</camunda:formData>",
            "value": '<camunda:formData><camunda:formField id="f">{}</camunda:formField></camunda:formData>',
            "validation": '<camunda:formData><camunda:formField id="f">{}</camunda:formField></camunda:formData>',
            "constraint": '<camunda:formData><camunda:formField id="f"><camunda:validation>{}</camunda:validation>'
            "</camunda:formField></camunda:formData>",
        }.get(word, "{}")
        data = document(scope("S U\nU E", {}, {"U": f"<extensionElements>{path.format(nested)}</extensionElements>"}))
        allowed = {
            ("properties", "property"), ("formData", "formField"), ("formField", "value"), ("formField", "validation"),
            ("formField", "properties"), ("validation", "constraint"),
        }  # fmt: skip
        codes = [one.code for one in engine.examine(data).findings]

        assert ("unsupported-extension" in codes) == ((word, inner.split("}")[1]) not in allowed)

    @pytest.mark.parametrize("holder", ["S-U", "p"])
    def test_of_a_form_have_a_meaning_at_flow_nodes_only(self, holder: str) -> None:
        form = '<extensionElements><camunda:formData><camunda:formField id="a"/></camunda:formData></extensionElements>'
        body = scope("S U\nU E")
        body = form + body if holder == "p" else body.replace('targetRef="U">', f'targetRef="U">{form}')

        assert refused(document(body)) == [("unsupported-extension", holder)]

    def test_of_other_tools_hide_nothing_that_means_something(self) -> None:
        hidden = '<m:note xmlns:m="http://camunda.org/schema/modeler/1.0"><m:b>{}</m:b></m:note>'

        def data(within: str) -> bytes:
            inside = f"<extensionElements>{hidden.format(within)}</extensionElements>"
            return document(scope("S U\nU E", {}, {"U": inside}))

        assert engine.read(data("x")).model.user_tasks
        assert refused(data("<camunda:script/>")) == [("unsupported-extension", "U")]
        assert refused(data('<userTask id="z"/>')) == [("unsupported-extension", "U")]


def test_each_element_that_may_stand_somewhere_has_a_list_of_its_own() -> None:
    inside = {child for children in _INSIDE.values() for child in children}
    refused_elsewhere = {"extensionElements", "eventDefinitionRef"} | {
        f"{word}EventDefinition" for word in ("conditional", "compensate", "cancel", "link")
    }

    assert inside - _INSIDE.keys() == refused_elsewhere
