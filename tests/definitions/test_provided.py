"""A variable that decides something has to come from somewhere: a form, or a door to what is outside."""

from collections.abc import Mapping

import pytest

from app import engine
from app.definitions.provided import check_variables
from app.engine import Finding
from tests.engine.small_models import ERROR, EXTERNAL, KINDS, MESSAGE, SHARED, document, scope

CHOICE = "S U\nU X\nX U2 {}\nX E\nU2 E"
TO_E = {"X": 'default="X-E"'}


def asking(*names: str, kind: str = "long") -> str:
    fields = "".join(f'<camunda:formField id="{name}" type="{kind}"/>' for name in names)
    return f"<extensionElements><camunda:formData>{fields}</camunda:formData></extensionElements>"


# A process with a start form takes nothing else from whoever starts it.
STARTED = {"S": asking("perihal")}


def findings(flows: str, attributes: Mapping[str, str], inside: Mapping[str, str]) -> list[Finding]:
    examined = engine.examine(document(scope(flows, dict(attributes), dict(inside))))
    assert examined.model is not None
    assert [one for one in examined.findings if one.severity == "error"] == []
    return list(check_variables(examined.model))


def found(
    flows: str, attributes: Mapping[str, str] | None = None, inside: Mapping[str, str] | None = None
) -> list[tuple[str, str, str | None]]:
    return [(one.severity, one.code, one.element_id) for one in findings(flows, attributes or {}, inside or {})]


def each(**given: str) -> str:
    loop = "".join(f"<{name}>{value}</{name}>" for name, value in given.items() if name != "collection")
    over = f'camunda:collection="{given["collection"]}"' if "collection" in given else ""
    return f"<multiInstanceLoopCharacteristics {over}>{loop}</multiInstanceLoopCharacteristics>"


class TestAVariableThatNothingGives:
    def test_is_refused_where_a_gateway_reads_it(self) -> None:
        assert found(CHOICE.format("${n == 1}"), TO_E, STARTED) == [("error", "variable-never-set", "X")]

    @pytest.mark.parametrize(
        "loop",
        [
            each(collection="anggota"),
            each(loopCardinality="${anggota}"),
            each(loopCardinality="3", completionCondition="${anggota &gt; nrOfInstances}"),
        ],
    )
    def test_is_refused_where_a_multi_instance_task_does(self, loop: str) -> None:
        assert found("S U\nU E", {}, {**STARTED, "U": loop}) == [("error", "variable-never-set", "U")]

    def test_is_said_once_a_gateway_with_the_form_that_should_ask_for_it(self) -> None:
        (finding,) = findings(
            "S U\nU X0\nX0 P\nP X\nX U2 ${n == 1}\nX E ${n != 1}\nU2 E", {"U": 'name="Terima surat"'},
            {**STARTED, "P": scope("S1 U3\nU3 E3", {"U3": 'name="Telaah"'})},
        )  # fmt: skip

        assert "'n'" in finding.text.id
        assert finding.remedy.id == "Tambahkan bidang 'n' pada formulir tugas 'Telaah', atau perbaiki ejaannya di sini."

    def test_is_to_be_asked_for_at_the_start_where_no_task_comes_before(self) -> None:
        (finding,) = findings("S X\nX U ${n == 1}\nX E\nU E", TO_E, STARTED)

        assert "formulir awal" in finding.remedy.id

    def test_is_refused_if_it_is_a_decision_however_the_process_starts(self) -> None:
        flows = CHOICE.format("${keputusan == 'setuju'}").replace("S U", "S W\nW U")

        (finding,) = findings(flows, {**TO_E, "W": EXTERNAL, "U": 'name="Periksa"'}, {})

        assert (finding.severity, finding.code) == ("error", "variable-never-set")
        assert finding.remedy.id == "Lengkapi formulir tugas sebelum gateway ini ('Periksa') dengan keputusan."

    @pytest.mark.parametrize(
        ("flows", "attributes"),
        [
            ("S W\nW X\nX U ${alasan == 'x'}\nX E\nU E", {"W": EXTERNAL}),
            ("S U\nU W\nW X\nX U2 ${alasan == 'x'}\nX E\nU2 E", {"W": EXTERNAL, "U": 'name="Periksa"'}),
            ("S X\nX U ${alasan == 'x'}\nX E\nU E", {}),
        ],
    )
    def test_asks_for_the_task_that_decides_where_none_stands_right_before(
        self, flows: str, attributes: dict[str, str]
    ) -> None:
        (finding,) = findings(flows, {**TO_E, **attributes}, {})

        assert finding.code == "variable-never-set"
        assert finding.remedy.id.startswith("Taruh tugas pengguna yang memutuskan tepat sebelum gateway ini")
        assert "'alasan'" in finding.remedy.en


class TestAVariableThatComesFromOutside:
    @pytest.mark.parametrize(
        ("node", "attributes", "inside"),
        [
            ("W", {"W": EXTERNAL}, {}),
            ("C", {}, {"C": MESSAGE}),
            ("R", {"R": 'messageRef="m1"'}, {}),
            ("K", {"K": 'calledElement="lain"'}, {"K": SHARED}),
        ],
    )
    def test_is_a_warning_where_there_is_a_door(
        self, node: str, attributes: dict[str, str], inside: dict[str, str]
    ) -> None:
        assert node in KINDS
        flows = CHOICE.format("${n == 1}").replace("S U", f"S {node}\n{node} U")

        assert found(flows, {**TO_E, **attributes}, {**STARTED, **inside}) == [
            ("warning", "variable-from-outside", "X")
        ]

    def test_is_a_warning_where_the_start_has_no_form(self) -> None:
        assert found(CHOICE.format("${n == 1}"), TO_E) == [("warning", "variable-from-outside", "X")]

    def test_may_be_a_decision_that_a_called_process_takes(self) -> None:
        flows = CHOICE.format("${keputusan == 'setuju'}").replace("S U", "S K\nK U")

        assert found(flows, {**TO_E, "K": 'calledElement="lain"'}, {**STARTED, "K": SHARED}) == [
            ("warning", "variable-from-outside", "X")
        ]


class TestAVariableThatIsGiven:
    @pytest.mark.parametrize("node", ["S", "U", "U2"])
    def test_by_a_form_is_not_spoken_of(self, node: str) -> None:
        assert found(CHOICE.format("${n == 1}"), TO_E, {**STARTED, node: asking("n")}) == []

    def test_by_what_an_event_caught_is_not_spoken_of(self) -> None:
        caught = ERROR.replace("/>", ' camunda:errorCodeVariable="kode"/>')
        flows = "S W\nW E\nB X\nX U ${kode == 'E1'}\nX E\nU E"

        assert found(flows, {"W": EXTERNAL, "B": 'attachedToRef="W"', **TO_E}, {**STARTED, "B": caught}) == []

    def test_to_a_count_of_the_task_itself_is_not_spoken_of(self) -> None:
        loop = each(loopCardinality="3", completionCondition="${nrOfCompletedInstances == 2}")

        assert found("S U\nU E", {}, {**STARTED, "U": loop}) == []


class TestWhatAFormNeverGives:
    def test_is_a_list(self) -> None:
        inside = {"S": asking("anggota"), "U": each(collection="anggota")}

        assert found("S U\nU E", {}, inside) == [("error", "loop-collection", "U")]
        assert found("S K\nK U\nU E", {"K": 'calledElement="lain"'}, {**inside, "K": SHARED}) == []

    def test_is_true_or_false_in_a_field_of_another_type(self) -> None:
        assert found(CHOICE.format("${n}"), TO_E, {"S": asking("n")}) == [("error", "condition-not-boolean", "X-U2")]
        assert found(CHOICE.format("${n}"), TO_E, {"S": asking("n", kind="boolean")}) == []
        ended = each(loopCardinality="3", completionCondition="${n}")
        assert found("S U\nU E", {}, {"S": asking("n"), "U": ended}) == [("error", "condition-not-boolean", "U")]
        # Who starts a process without a form may have given the same name as true.
        assert found(CHOICE.format("${n}"), TO_E, {"U2": asking("n")}) == []


def process(id_: str, flows: str, attributes: Mapping[str, str], inside: Mapping[str, str]) -> engine.Model:
    """A process that was read without an error."""
    examined = engine.examine(document(scope(flows, dict(attributes), dict(inside)), process_id=id_))
    assert examined.model is not None
    return examined.model


class TestAProcessThatIsCalled:
    READING = process("anak", CHOICE.format("${n == 1}"), TO_E, STARTED)

    def calling(self, id_: str, called: str, name: str) -> engine.Model:
        inside = {"S": asking(name), "K": SHARED}
        return process(id_, "S K\nK U\nU E", {"K": f'calledElement="{called}"'}, inside)

    def told(self, *sent: engine.Model) -> list[tuple[str, str]]:
        return [(one.severity, one.code) for one in check_variables(self.READING, (self.READING, *sent))]

    def test_takes_what_is_given_by_the_forms_of_the_file_that_calls_it(self) -> None:
        assert self.told(self.calling("induk", "anak", "n")) == [("warning", "variable-from-outside")]
        middle = self.calling("tengah", "anak", "m")
        assert self.told(middle, self.calling("induk", "tengah", "n")) == [("warning", "variable-from-outside")]

    def test_is_refused_where_none_around_it_gives_the_variable(self) -> None:
        assert self.told(self.calling("induk", "anak", "m")) == [("error", "variable-never-set")]
        assert self.told(self.calling("induk", "lain", "n")) == [("error", "variable-never-set")]
        assert self.told() == [("error", "variable-never-set")]
