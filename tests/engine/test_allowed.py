"""Elements, attributes and extensions that Alur does not run are refused, not ignored."""

import pytest

from app import engine
from tests.engine.refusals import findings, refused
from tests.engine.small_models import EXTERNAL, MESSAGE, document, scope, timer

USER_TASK = "S U\nU E"


def with_extension(extension: str, *, attributes: str = "") -> bytes:
    inside = f"<extensionElements>{extension}</extensionElements>"
    return document(scope(USER_TASK, {"U": attributes}, {"U": inside}))


def with_element(element: str) -> bytes:
    """A model in which the element `x` stands between the start and the end."""
    flows = '<sequenceFlow id="f1" sourceRef="S" targetRef="x"/><sequenceFlow id="f2" sourceRef="x" targetRef="E"/>'
    return document(f'  <startEvent id="S"/>\n  {element}\n  <endEvent id="E"/>\n{flows}\n')


class TestElementsThatAlurDoesNotRun:
    @pytest.mark.parametrize(
        ("element", "word"),
        [
            ('<sendTask id="x"/>', "sendTask"),
            ('<sendTask id="x" messageRef="m1"/>', "sendTask"),
            ('<scriptTask id="x" scriptFormat="python"><script>import os</script></scriptTask>', "scriptTask"),
            ('<serviceTask id="x"/>', "serviceTask"),
            ('<serviceTask id="x" camunda:class="org.x.Y"/>', "serviceTask"),
            ('<serviceTask id="x" camunda:delegateExpression="${bean}"/>', "serviceTask"),
            ('<serviceTask id="x" camunda:expression="${bean.run()}"/>', "serviceTask"),
            ('<serviceTask id="x" camunda:type="mail"/>', "serviceTask"),
            ('<businessRuleTask id="x" camunda:decisionRef="d"/>', "businessRuleTask"),
            ('<transaction id="x"/>', "transaction"),
            ('<adHocSubProcess id="x"/>', "adHocSubProcess"),
            ('<complexGateway id="x"/>', "complexGateway"),
            ('<other:step xmlns:other="urn:other" id="x"/>', "step"),
            ('<userTask xmlns="" id="x"/>', "userTask"),
        ],
    )
    def test_are_refused_by_name(self, element: str, word: str) -> None:
        found = findings(with_element(element))

        assert ("unsupported-element", "x") in [(finding.code, finding.element_id) for finding in found]
        assert any(f"'{word}'" in finding.text.id and f"'{word}'" in finding.text.en for finding in found)

    @pytest.mark.parametrize("event", ["startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent"])
    @pytest.mark.parametrize("definition", ["conditional", "compensate", "link", "cancel"])
    def test_events_of_other_kinds_are_refused(self, event: str, definition: str) -> None:
        data = with_element(f'<{event} id="x"><{definition}EventDefinition id="y"/></{event}>')

        assert ("unsupported-element", "x") in refused(data)

    @pytest.mark.parametrize(
        ("event", "definition"),
        [
            *(("startEvent", definition) for definition in ("signal", "error", "escalation")),
            ("intermediateThrowEvent", "error"),
            ("intermediateCatchEvent", "error"),
            ("intermediateCatchEvent", "escalation"),
        ],
    )
    def test_events_that_cannot_be_of_their_kind_are_refused(self, event: str, definition: str) -> None:
        data = with_element(f'<{event} id="x"><{definition}EventDefinition id="y"/></{event}>')

        assert ("unsupported-element", "x") in refused(data)

    @pytest.mark.parametrize("definition", ["conditional", "compensate", "cancel"])
    def test_boundary_events_of_other_kinds_are_refused(self, definition: str) -> None:
        body = scope("S U\nU E\nB E", {"B": 'attachedToRef="U"'}, {"B": f"<{definition}EventDefinition/>"})

        assert refused(document(body)) == [("unsupported-element", "B")]

    @pytest.mark.parametrize("event", ["startEvent", "endEvent", "intermediateThrowEvent"])
    @pytest.mark.parametrize("definition", [MESSAGE, timer("PT1H")])
    def test_messages_and_timers_only_make_a_wait(self, event: str, definition: str) -> None:
        assert ("unsupported-element", "x") in refused(with_element(f'<{event} id="x">{definition}</{event}>'))

    def test_several_triggers_in_one_event_are_refused(self) -> None:
        data = with_element(f'<intermediateCatchEvent id="x">{MESSAGE}{timer("PT1H")}</intermediateCatchEvent>')

        assert refused(data) == [("unsupported-element", "x")]

    def test_a_trigger_by_reference_is_refused(self) -> None:
        element = '<intermediateCatchEvent id="x"><eventDefinitionRef>y</eventDefinitionRef></intermediateCatchEvent>'

        assert ("unsupported-element", "x") in refused(with_element(element))

    def test_a_trigger_in_what_is_no_event_is_refused(self) -> None:
        assert ("unsupported-element", "x") in refused(
            with_element(f'<receiveTask id="x" messageRef="m1">{timer("PT1H")}</receiveTask>')
        )

    @pytest.mark.parametrize("loop", ["multiInstance", "standard"])
    @pytest.mark.parametrize("activity", ["subProcess", "task", "serviceTask", "callActivity", "receiveTask"])
    def test_loop_markers_are_refused(self, activity: str, loop: str) -> None:
        inside = scope("S2 E2") if activity == "subProcess" else ""
        words = f'{EXTERNAL} messageRef="m1" calledElement="q"'
        data = with_element(f'<{activity} id="x" {words}><{loop}LoopCharacteristics id="y"/>{inside}</{activity}>')

        assert ("unsupported-element", "x") in refused(data)

    def test_a_loop_without_an_end_is_refused_on_a_user_task_too(self) -> None:
        data = with_element('<userTask id="x"><standardLoopCharacteristics id="y"/></userTask>')

        assert refused(data) == [("unsupported-element", "x")]

    @pytest.mark.parametrize("yes", ["true", "1"])
    def test_an_event_sub_process_is_refused(self, yes: str) -> None:
        data = document(
            scope("S U\nU E") + f'<subProcess id="P" triggeredByEvent="{yes}">{scope("S2 E2")}</subProcess>\n'
        )

        assert ("unsupported-element", "P") in refused(data)

    @pytest.mark.parametrize(
        "attribute",
        ['isForCompensation="true"', 'isForCompensation="1"', 'startQuantity="2"', 'completionQuantity="3"'],
    )
    @pytest.mark.parametrize("activity", ["userTask", "subProcess"])
    def test_attributes_with_a_behaviour_of_their_own_are_refused(self, activity: str, attribute: str) -> None:
        inside = scope("S2 E2") if activity == "subProcess" else ""

        data = with_element(f'<{activity} id="x" {attribute}>{inside}</{activity}>')

        assert refused(data) == [("unsupported-element", "x")]

    @pytest.mark.parametrize("attribute", ['instantiate="true"', 'instantiate="1"'])
    def test_a_receive_task_that_starts_the_process_is_refused(self, attribute: str) -> None:
        data = with_element(f'<receiveTask id="x" messageRef="m1" {attribute}/>')

        assert refused(data) == [("unsupported-element", "x")]

    def test_a_parallel_event_gateway_is_refused(self) -> None:
        flows = "S V\nV C1\nV C2\nC1 E\nC2 E"
        events = {"C1": timer("PT1H"), "C2": timer("PT2H")}

        assert refused(document(scope(flows, {"V": 'eventGatewayType="Parallel"'}, events))) == [
            ("unsupported-element", "V")
        ]

    def test_the_harmless_values_of_such_attributes_pass(self) -> None:
        attributes = 'isForCompensation="false" startQuantity="1" completionQuantity="1"'

        assert engine.read(with_element(f'<userTask id="x" {attributes}/>')).model.user_tasks[0].id == "x"

    def test_data_requirements_of_a_task_are_refused(self) -> None:
        assert refused(with_element('<userTask id="x"><ioSpecification id="y"/></userTask>')) == [
            ("unsupported-element", "x")
        ]

    def test_what_is_drawn_for_people_changes_nothing(self) -> None:
        notes = (
            '<textAnnotation id="note"><text>x</text></textAnnotation><association id="a" sourceRef="U" '
            'targetRef="note"/><group id="g"/><dataObject id="o"/><dataObjectReference id="r" dataObjectRef="o"/>'
            '<dataStoreReference id="s"/>\n'
        )
        plain = engine.read(document(scope(USER_TASK))).model

        assert engine.read(document(scope(USER_TASK) + notes)).model.nodes == plain.nodes

    def test_data_drawn_to_a_task_changes_nothing(self) -> None:
        """The Modeler notes a property without meaning where it draws data to a task or an event."""
        data = (
            '<property id="p1" name="__targetRef_placeholder"/><dataInputAssociation id="d1">'
            "<sourceRef>Data</sourceRef><targetRef>p1</targetRef></dataInputAssociation>"
        )

        body = scope(USER_TASK, {}, {"U": data}) + '<dataObjectReference id="Data"/>'

        assert engine.read(document(body)).model.nodes.keys() == {"S", "U", "E"}


class TestAttributesThatWouldBeIgnored:
    @pytest.mark.parametrize(
        "attribute",
        ["assignee", "candidateUsers", "dueDate", "followUpDate", "formKey", "formRef", "class", "expression",
         "delegateExpression", "type", "topic", "resultVariable", "initiator", "formHandlerClass"],
    )  # fmt: skip
    @pytest.mark.parametrize("element", ["S", "U", "E"])
    def test_of_camunda_are_refused(self, attribute: str, element: str) -> None:
        data = document(scope(USER_TASK, {element: f'camunda:{attribute}="${{x}}"'}))

        (finding,) = findings(data)

        assert (finding.code, finding.element_id) == ("unsupported-attribute", element)
        assert f'camunda:{attribute}="${{x}}"' in finding.text.id

    @pytest.mark.parametrize("attribute", ["candidateGroups", "priority"])
    def test_what_only_a_user_task_has_is_refused_elsewhere(self, attribute: str) -> None:
        data = document(scope("S N\nN E", {"N": f'camunda:{attribute}="7"'}))

        assert refused(data) == [("unsupported-attribute", "N")]

    def test_of_other_engines_are_refused(self) -> None:
        data = document(scope(USER_TASK, {"U": 'xmlns:activiti="http://activiti.org/bpmn" activiti:assignee="siti"'}))

        (finding,) = findings(data)

        assert (finding.code, finding.element_id) == ("unsupported-attribute", "U")
        assert 'activiti:assignee="siti"' in finding.text.en

    @pytest.mark.parametrize("word", ["x", "candidateStarterGroups", "candidateStarterUsers"])
    def test_on_the_process_are_refused(self, word: str) -> None:
        assert refused(document(scope(USER_TASK), attributes=f'isExecutable="true" camunda:{word}="1"')) == [
            ("unsupported-attribute", "p")
        ]

    def test_in_an_event_definition_are_refused_at_the_event(self) -> None:
        definition = '<messageEventDefinition id="y" messageRef="m1" camunda:expression="${x}"/>'

        assert refused(document(scope("S C\nC E", {}, {"C": definition}))) == [("unsupported-attribute", "C")]

    def test_harmless_ones_pass(self) -> None:
        written = 'camunda:asyncBefore="true" camunda:exclusive="false" camunda:modelerTemplate="kegiatan"'
        process = 'isExecutable="1" camunda:historyTimeToLive="P180D" camunda:versionTag="3"'

        model = engine.read(document(scope(USER_TASK, {"U": written}), attributes=process)).model

        assert model.version_tag == "3"
        assert model.warnings == ()


class TestExtensionsThatWouldBeIgnored:
    @pytest.mark.parametrize(
        "harmless",
        [
            "<camunda:failedJobRetryTimeCycle>R3/PT5M</camunda:failedJobRetryTimeCycle>",
            '<s:signavioMetaData xmlns:s="http://www.signavio.com" metaKey="bgcolor" metaValue="#ffffcc"/>',
        ],
    )
    def test_harmless_ones_pass(self, harmless: str) -> None:
        assert engine.read(with_extension(harmless)).model.nodes.keys() == {"S", "U", "E"}

    @pytest.mark.parametrize(
        "extension",
        ["executionListener", "taskListener", "connector", "inputOutput", "in", "out", "errorEventDefinition",
         "script", "list"],
    )  # fmt: skip
    def test_of_camunda_are_refused(self, extension: str) -> None:
        (finding,) = findings(with_extension(f"<camunda:{extension}/>"))

        assert (finding.code, finding.element_id) == ("unsupported-extension", "U")
        assert f"camunda:{extension}" in finding.text.en

    def test_of_other_engines_are_refused(self) -> None:
        extension = '<zeebe:assignmentDefinition xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" assignee="siti"/>'

        (finding,) = findings(with_extension(extension))

        assert (finding.code, finding.element_id) == ("unsupported-extension", "U")
        assert "zeebe:assignmentDefinition" in finding.text.en

    def test_on_a_flow_or_the_process_are_refused(self) -> None:
        listener = '<extensionElements><camunda:executionListener event="take" class="x"/></extensionElements>'
        flow = '<sequenceFlow id="S-U" sourceRef="S" targetRef="U">'
        body = scope(USER_TASK).replace(flow, flow + listener)

        assert refused(document(body)) == [("unsupported-extension", "S-U")]
        assert refused(document(listener + scope(USER_TASK))) == [("unsupported-extension", "p")]

    def test_properties_are_kept(self) -> None:
        properties = '<camunda:properties><camunda:property name="nomor" value="3"/></camunda:properties>'

        model = engine.read(with_extension(properties, attributes='name="Susun&#10; draf"')).model

        assert model.nodes["U"].properties == {"nomor": "3"}
        assert model.nodes["U"].name == "Susun draf"

    def test_a_form_is_only_for_tasks_and_the_start(self) -> None:
        form = '<extensionElements><camunda:formData><camunda:formField id="x"/></camunda:formData></extensionElements>'

        assert refused(document(scope(USER_TASK, {}, {"E": form}))) == [("form-without-task", "E")]
        assert engine.read(document(scope(USER_TASK, {}, {"S": form}))).model.start_form[0].id == "x"
