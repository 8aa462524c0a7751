"""A migration into a version that decides by what the instance does not have."""

from tests.drawings import END, START, chain, drawing, flow, task
from tests.instances.migrating import deploy, line, plan, started
from tests.office import Json, Office, problem

ASKED = """<bpmn:extensionElements><camunda:formData>
<camunda:formField id="n" label="n" type="long">
<camunda:validation><camunda:constraint name="required"/></camunda:validation></camunda:formField>
</camunda:formData></bpmn:extensionElements>"""
TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"
WAYS = (
    flow("pilih", "dua", "${n &gt; 3}")
    + flow("pilih", "selesai", "${n &lt;= 3}")
    + flow("dua", "selesai")
    + '<bpmn:exclusiveGateway id="pilih" name="Berapa?"/>'
)


def decides(key: str, way: tuple[str, ...], tasks: str, start: str = START) -> bytes:
    body = start + tasks + task("dua") + END + chain("mulai", *way, "pilih") + WAYS
    return drawing(key, body, lanes={"Staf": " ".join([*way, "dua"])})


def lacks(told: Json) -> list[tuple[str, str]]:
    return [(one["severity"], one["element_id"]) for one in told["findings"] if one["code"] == "variable-missing"]


class TestAVariableThatTheTargetDecidesBy:
    def test_is_a_refusal_where_its_form_is_passed_already(self, office: Office) -> None:
        instance = started(office, "a", line("a", "nol", "satu", "dua"))
        instance = office.advance(instance)
        target = deploy(office, "a", decides("a", ("nol", "satu"), task("nol", inner=ASKED) + task("satu")))

        told = plan(office, instance, target)

        assert not told["allowed"]
        assert lacks(told) == [("error", "pilih")]
        assert "'Berapa?' (pilih) in the target version reads the variable 'n'" in told["text_en"]
        assert "membaca variabel 'n'" in told["text"]
        problem(
            office.post(f"process-instances/{instance['id']}/migrate", "analis", {"process_definition_id": target}), 409
        )

    def test_is_a_refusal_where_only_the_start_asks_for_it(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        start = f'<bpmn:startEvent id="mulai">{ASKED}</bpmn:startEvent>'
        target = deploy(office, "a", decides("a", ("satu",), task("satu"), start))

        assert lacks(plan(office, instance, target)) == [("error", "pilih")]

    def test_needs_no_word_where_the_open_task_or_one_after_it_asks(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        open_one = deploy(office, "a", decides("a", ("satu",), task("satu", inner=ASKED)))
        later = deploy(office, "a", decides("a", ("satu", "lalu"), task("satu") + task("lalu", inner=ASKED)))

        assert lacks(plan(office, instance, open_one)) == lacks(plan(office, instance, later)) == []

    def test_is_told_where_only_one_way_asks(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        event = f'<bpmn:boundaryEvent id="lewat" attachedToRef="tanya">{TIMER}</bpmn:boundaryEvent>'
        body = task("satu") + task("tanya", inner=ASKED) + event + flow("lewat", "pilih")
        target = deploy(office, "a", decides("a", ("satu", "tanya"), body))

        told = plan(office, instance, target)

        assert told["allowed"]
        assert lacks(told) == [("warning", "pilih")]

    def test_may_be_given_by_either_branch_before_a_join(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        body = (
            '<bpmn:parallelGateway id="pisah"/><bpmn:parallelGateway id="temu"/>'
            + task("satu")
            + task("tanya", inner=ASKED)
            + task("lain")
            + chain("pisah", "lain", "temu")
        )
        data = decides("a", ("satu", "pisah", "tanya", "temu"), body)
        target = deploy(office, "a", data.replace(b"satu pisah tanya temu dua", b"satu tanya lain dua"))

        assert lacks(plan(office, instance, target)) == []

    def test_that_ends_a_repeated_task_is_a_refusal_at_that_task(self, office: Office) -> None:
        def repeated(until: str) -> str:
            loop = f"<bpmn:loopCardinality>3</bpmn:loopCardinality>{until}"
            return task(
                "banyak", inner=f"<bpmn:multiInstanceLoopCharacteristics>{loop}</bpmn:multiInstanceLoopCharacteristics>"
            )

        until = "<bpmn:completionCondition>${n == 1}</bpmn:completionCondition>"
        old = START + repeated("") + END + chain("mulai", "banyak", "selesai")
        new = START + task("tanya", inner=ASKED) + repeated(until) + END + chain("mulai", "tanya", "banyak", "selesai")
        instance = started(office, "a", drawing("a", old, lanes={"Staf": "banyak"}))
        target = deploy(office, "a", drawing("a", new, lanes={"Staf": "tanya banyak"}))

        assert lacks(plan(office, instance, target)) == [("error", "banyak")]


class TestATopicThatChanges:
    def test_is_told_with_both_names(self, office: Office) -> None:
        def work(topic: str) -> bytes:
            external = f'<bpmn:serviceTask id="w" name="Kirim" camunda:type="external" camunda:topic="{topic}"/>'
            body = START + external + task("a") + END + chain("mulai", "w", "a", "selesai")
            return drawing("t", body, lanes={"Staf": "mulai w a selesai"})

        instance = started(office, "t", work("me"))
        told = plan(office, instance, deploy(office, "t", work("me2")))

        assert (told["waits"][0]["awaited_before"], told["waits"][0]["awaited"]) == ("me", "me2")
        assert "another system, topic 'me' at 'Kirim': becomes 'me2', still waited for" in told["text_en"]
        assert "topik 'me' pada 'Kirim': menjadi 'me2', tetap ditunggu" in told["text"]
