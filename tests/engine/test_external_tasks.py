"""External tasks: work of a topic that somebody outside asks for, finishes, or fails with an error."""

import pytest

from app import engine
from app.engine import NodeKind
from tests.engine.refusals import refused
from tests.engine.running import HOUR, NOON, Running, read
from tests.engine.small_models import EXTERNAL, MESSAGE, document, scope, timer

TASK = {"W": EXTERNAL}
HANDED = f"<messageEventDefinition {EXTERNAL}/>"


def model(element: str, *, attributes: str = 'isExecutable="true"') -> engine.Model:
    flows = '<sequenceFlow id="f1" sourceRef="S" targetRef="x"/><sequenceFlow id="f2" sourceRef="x" targetRef="E"/>'
    body = f'<startEvent id="S"/>{element}<endEvent id="E"/>{flows}\n'
    return engine.read(document(body, attributes=attributes)).model


class TestReading:
    @pytest.mark.parametrize("tag", ["serviceTask", "sendTask", "businessRuleTask"])
    def test_keeps_topic_and_priority(self, tag: str) -> None:
        node = model(f'<{tag} id="x" {EXTERNAL} camunda:taskPriority=" 50 "/>').nodes["x"]

        assert (node.kind, node.topic, node.task_priority) == (NodeKind.EXTERNAL_TASK, "arsip", 50)

    @pytest.mark.parametrize("event", ["intermediateThrowEvent", "endEvent"])
    def test_a_message_that_a_worker_sends_is_one(self, event: str) -> None:
        drawn = scope("S I\nI E" if event == "intermediateThrowEvent" else "S E", {}, {event[0].upper(): HANDED})

        nodes = engine.read(document(drawn)).model.nodes

        assert [n.topic for n in nodes.values() if n.kind is NodeKind.EXTERNAL_EVENT] == ["arsip"]

    def test_the_priority_of_the_process_is_that_of_its_tasks(self) -> None:
        process = 'isExecutable="true" camunda:taskPriority="7"'

        assert model(f'<sendTask id="x" {EXTERNAL}/>', attributes=process).nodes["x"].task_priority == 7
        own = model(f'<sendTask id="x" {EXTERNAL} camunda:taskPriority="-1"/>', attributes=process)
        assert own.nodes["x"].task_priority == -1

    @pytest.mark.parametrize(
        ("attributes", "codes"),
        [
            ("", ["unsupported-element"]),
            ('camunda:class="org.x.Y"', ["unsupported-attribute", "unsupported-element"]),
            ('camunda:type="mail"', ["unsupported-element"]),
            ('camunda:type="external"', ["topic-missing"]),
            ('camunda:type="external" camunda:topic=" "', ["topic-missing"]),
            ('camunda:type="external" camunda:topic="${unit}"', ["topic-expression"]),
            (f'{EXTERNAL} camunda:taskPriority="${{x}}"', ["priority-refused"]),
            (f'{EXTERNAL} camunda:taskPriority="1.5"', ["priority-refused"]),
            (f'{EXTERNAL} camunda:expression="${{x}}"', ["unsupported-attribute"]),
            (f'{EXTERNAL} camunda:decisionRef="d"', ["unsupported-attribute"]),
        ],
    )
    def test_anything_else_is_refused(self, attributes: str, codes: list[str]) -> None:
        assert refused(document(scope("S W\nW E", {"W": attributes}))) == [(code, "W") for code in codes]

    @pytest.mark.parametrize("event", ["C", "B"])
    def test_what_waits_for_a_message_is_none(self, event: str) -> None:
        flows = "S C\nC E" if event == "C" else "S U\nU E\nB E"
        definition = f'<messageEventDefinition messageRef="m1" {EXTERNAL}/>'

        found = refused(document(scope(flows, {"B": 'attachedToRef="U"'}, {event: definition})))

        assert found == [("unsupported-attribute", event), ("unsupported-attribute", event)]

    def test_a_message_that_no_worker_sends_is_refused(self) -> None:
        assert refused(document(scope("S E", {}, {"E": MESSAGE}))) == [("unsupported-element", "E")]


class TestRunning:
    FLOWS = "S W\nW U\nU E\nB U2\nU2 E2"
    ATTRIBUTES = {**TASK, "B": 'attachedToRef="W"'}  # noqa: RUF012

    def run(self) -> Running:
        return Running(read(self.FLOWS, self.ATTRIBUTES, {"B": timer("PT1H")}))

    def test_it_waits_for_a_worker_of_its_topic(self) -> None:
        run = self.run()

        assert run.open == ""
        assert [(w.element_id, w.kind, w.name, w.due_at) for w in run.step.waits] == [
            ("W", "external", "arsip", None),
            ("B", "timer", None, NOON + HOUR),
        ]

    def test_finished_it_leads_on_with_the_workers_variables(self) -> None:
        run = self.run()
        token = run.waiting("W")

        step = run.finish("W", nomor=7)

        assert (run.open, step.variables, step.waits) == ("U", {"nomor": 7}, ())
        assert token in step.waits_closed
        with pytest.raises(engine.TokenNotOpen):
            engine.finish(run.process, step.state, token, {}, now=NOON)

    def test_its_boundary_events_work(self) -> None:
        run = self.run()

        run.wake(HOUR)

        assert (run.open, run.step.waits) == ("U2", ())

    def test_it_is_no_user_task_and_a_user_task_no_external_one(self) -> None:
        run = self.run()
        with pytest.raises(engine.TokenNotOpen):
            engine.complete(run.process, run.step.state, run.waiting("W"), {}, now=NOON)
        with pytest.raises(engine.TokenNotOpen):
            engine.finish(run.process, run.step.state, run.waiting("B"), {}, now=NOON)

        run.finish("W")
        with pytest.raises(engine.TokenNotOpen):
            engine.finish(run.process, run.step.state, run.token("U"), {}, now=NOON)

    def test_an_event_that_ends_the_process_waits_for_its_worker_first(self) -> None:
        run = Running(read("S I\nI E", {}, {"I": HANDED, "E": HANDED}))

        assert not run.finish("I").finished
        assert run.finish("E").finished
