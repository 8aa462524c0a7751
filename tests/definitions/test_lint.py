"""The lint: each recommended rule of bpmnlint on a model that breaks it, and no fault of the lint ever raised."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog.testing
from bpmn_io.lint.config.recommended import CONFIG

from app.core.shipped import shipped
from app.definitions import bpmnlint
from app.definitions.lint import lint
from app.engine import Finding
from app.engine.findings import IN_GENERAL
from tests.drawings import END, START, chain, drawing, flow, one_task, task

SIX = sorted(shipped("bpmn").glob("*.bpmn"))

_DIAGRAM = (
    '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"><bpmndi:BPMNPlane bpmnElement="a">{}</bpmndi:BPMNPlane>'
    "</bpmndi:BPMNDiagram></bpmn:definitions>"
)


def gateway(kind: str, node: str) -> str:
    return f'<bpmn:{kind}Gateway id="{node}"/>\n'


def event(kind: str, node: str, inner: str = "") -> str:
    return f'<bpmn:{kind}Event id="{node}">{inner}</bpmn:{kind}Event>\n'


def throw(node: str, name: str) -> str:
    return event("intermediateThrow", node, f'<bpmn:linkEventDefinition name="{name}"/>')


def catch(node: str, name: str) -> str:
    return event("intermediateCatch", node, f'<bpmn:linkEventDefinition name="{name}"/>')


def part(node: str, inner: str, attributes: str = "", kind: str = "subProcess") -> str:
    return f'<bpmn:{kind} id="{node}" {attributes}>{inner}</bpmn:{kind}>\n'


def message(node: str, name: str) -> str:
    return f'<bpmn:message id="{node}" name="{name}"/>\n'


def shape(node: str, x: int) -> str:
    return (
        f'<bpmndi:BPMNShape bpmnElement="{node}" isExpanded="true">'
        f'<dc:Bounds x="{x}" y="0" width="100" height="80"/></bpmndi:BPMNShape>'
    )


def drawn(body: str, *shapes: str) -> bytes:
    """Return a process with a diagram that holds these shapes."""
    return drawing("a", body).replace(b"</bpmn:definitions>", _DIAGRAM.format("".join(shapes)).encode())


def waiting_for(message_id: str) -> str:
    return event("intermediateCatch", "tunggu", f'<bpmn:messageEventDefinition messageRef="{message_id}"/>')


TIMER = "<bpmn:timerEventDefinition/>"
CONDITION = "${keputusan == 'setuju'}"

BROKEN: list[tuple[str, bytes, set[str]]] = [
    (
        "ad-hoc-sub-process",
        drawing("a", part("bebas", event("start", "awal") + task("x") + event("end", "akhir"), kind="adHocSubProcess")),
        {"awal", "akhir"},
    ),
    (
        "conditional-flows",
        drawing("a", gateway("exclusive", "g") + task("x") + task("y") + flow("g", "x", CONDITION) + flow("g", "y")),
        {"g_y"},
    ),
    ("end-event-required", drawing("a", START + part("bagian", "")), {"a", "bagian"}),
    (
        "event-based-gateway",
        drawing("a", gateway("eventBased", "dulu") + task("x") + flow("dulu", "x", CONDITION)),
        {"dulu", "dulu_x"},
    ),
    (
        "event-sub-process-typed-start-event",
        drawing("a", part("bagian", event("start", "awal"), 'triggeredByEvent="true"')),
        {"awal"},
    ),
    ("fake-join", drawing("a", task("x") + task("y") + task("z") + chain("x", "z") + chain("y", "z")), {"z"}),
    (
        "global",
        drawing("a", waiting_for("m1"), before=message("m1", "ya") + message("m2", "ya") + message("m3", " ")),
        {"m1", "m2", "m3"},
    ),
    ("label-required", drawing("a", START + task("x", " ") + task("y")), {"mulai", "x"}),
    (
        "link-event",
        drawing("a", throw("ke", "A") + catch("dari", "B") + throw("t", "") + catch("c1", "C") + catch("c2", "C")),
        {"ke", "dari", "t", "c1", "c2"},
    ),
    ("no-bpmndi", drawn(task("x") + task("y"), shape("x", 0)), {"y"}),
    ("no-complex-gateway", drawing("a", gateway("complex", "rumit")), {"rumit"}),
    ("no-disconnected", drawing("a", task("x") + task("y") + task("z") + chain("y", "z")), {"x"}),
    (
        "no-duplicate-sequence-flows",
        drawing("a", task("x") + task("y") + chain("x", "y") + chain("x", "y").replace("x_y", "lagi")),
        {"lagi", "x", "y"},
    ),
    (
        "no-gateway-join-fork",
        drawing("a", gateway("parallel", "g") + task("x") + task("y") + chain("x", "g", "y") + chain("y", "g", "x")),
        {"g"},
    ),
    ("no-implicit-end", drawing("a", task("x") + END), {"x"}),
    ("no-implicit-split", drawing("a", task("x") + task("y") + task("z") + chain("x", "y") + chain("x", "z")), {"x"}),
    ("no-implicit-start", drawing("a", START + task("x") + task("y") + chain("mulai", "x")), {"y"}),
    ("no-inclusive-gateway", drawing("a", gateway("inclusive", "atau")), {"atau"}),
    (
        "no-overlapping-elements",
        drawn(task("x") + task("y") + task("z"), shape("x", 0), shape("y", 50), shape("z", 900)),
        {"x", "y"},
    ),
    ("single-blank-start-event", drawing("a", START + event("start", "lain")), {"a"}),
    ("single-event-definition", drawing("a", event("intermediateCatch", "dua", TIMER + TIMER)), {"dua"}),
    ("start-event-required", drawing("a", END + part("bagian", "")), {"a", "bagian"}),
    ("sub-process-blank-start-event", drawing("a", part("bagian", event("start", "awal", TIMER))), {"awal"}),
    (
        "superfluous-gateway",
        drawing("a", task("x") + gateway("exclusive", "g") + task("y") + chain("x", "g", "y")),
        {"g"},
    ),
    (
        "superfluous-label",
        drawing("a", task("x") + task("y") + flow("x", "y").replace(" id=", ' name="ya" id=')),
        {"x_y"},
    ),
    (
        "superfluous-termination",
        drawing("a", START + event("end", "henti", "<bpmn:terminateEventDefinition/>") + chain("mulai", "henti")),
        {"henti"},
    ),
]  # fmt: skip
SOUND = task("x") + gateway("exclusive", "g") + task("y") + task("z") + chain("x", "g", "y") + chain("g", "z")


def of(rule: str, data: bytes) -> list[Finding]:
    return [finding for finding in lint(data) if finding.code == rule]


class TestTheRecommendedRules:
    @pytest.mark.parametrize(("rule", "data", "elements"), BROKEN, ids=[rule for rule, _, _ in BROKEN])
    def test_find_what_breaks_them_and_nothing_else(self, rule: str, data: bytes, elements: set[str]) -> None:
        assert {finding.element_id for finding in of(rule, data)} == elements

    @pytest.mark.parametrize(
        ("rule", "data"), [(rule, data) for rule, data, _ in BROKEN], ids=[r for r, _, _ in BROKEN]
    )
    def test_speak_indonesian_and_quote_the_rule_in_english(self, rule: str, data: bytes) -> None:
        findings = of(rule, data)

        assert findings
        assert all(finding.text.id != finding.text.en for finding in findings)
        assert {finding.severity for finding in findings} == {"warning"}
        assert all(finding.remedy != IN_GENERAL for finding in findings)
        assert all(finding.remedy.id not in finding.text.id for finding in findings)
        assert all(finding.remedy.id != finding.remedy.en for finding in findings)

    def test_say_what_to_do_and_not_a_second_sentence_of_the_rule(self) -> None:
        (found,) = of("superfluous-gateway", {rule: data for rule, data, _ in BROKEN}["superfluous-gateway"])

        assert found.text == (
            "Gateway ini tidak perlu, karena hanya satu alur masuk dan satu alur keluar.",
            "Gateway is superfluous. It only has one source and target.",
        )
        assert found.remedy == ("Hapus, lalu hubungkan langsung.", "Remove it and connect its two sides directly.")

    def test_are_each_tried_here(self) -> None:
        assert {rule for rule, _, _ in BROKEN} == set(CONFIG["rules"])

    def test_know_the_flows_of_a_file_that_lists_them_only_once(self) -> None:
        """BPMN lets a node leave out its incoming and outgoing flows; the rules themselves would not."""
        data = one_task("a")

        assert b"incoming" not in data
        assert of("no-disconnected", data) == of("no-implicit-start", data) == of("no-implicit-end", data) == []

    def test_let_a_choice_between_two_tasks_pass(self) -> None:
        data = drawing("a", SOUND)

        assert of("superfluous-gateway", data) == of("no-implicit-split", data) == of("fake-join", data) == []

    def test_find_what_lies_outside_its_sub_process(self) -> None:
        data = drawn(part("bagian", task("x")), shape("bagian", 0), shape("x", 60))

        assert [finding.element_id for finding in of("no-overlapping-elements", data)] == ["x"]

    @pytest.mark.parametrize("path", SIX, ids=[path.stem for path in SIX])
    def test_find_nothing_in_the_six_sops(self, path: Path) -> None:
        assert lint(path.read_bytes()) == ()


class TestAFinding:
    def test_names_the_link_that_the_rule_names(self) -> None:
        (finding,) = of("link-event", drawing("a", throw("ke", "Lampiran &lt;II&gt;")))

        assert finding.text.en == "Link catch event with link name <Lampiran <II>> missing in scope"
        assert finding.text.id.startswith("Tautan 'Lampiran <II>' tidak punya peristiwa penerima")

    def test_tells_the_place_of_its_element(self) -> None:
        data = one_task("a", name=" ")

        (finding,) = [finding for finding in of("label-required", data) if finding.element_id == "kerja"]

        assert finding.line is not None
        assert data.splitlines()[finding.line - 1].startswith(b'<bpmn:userTask id="kerja"')
        assert finding.column == 1

    def test_stands_at_the_beginning_where_its_element_has_no_id(self) -> None:
        data = drawn('<bpmn:userTask name="Tanpa id"/>', shape("a", 0))

        (finding,) = [finding for finding in of("no-bpmndi", data) if finding.element_id is None]

        assert (finding.line, finding.column) == (1, 1)

    def test_stands_in_the_order_of_the_file(self) -> None:
        findings = lint(drawing("a", task("x", " ") + task("y", " ") + task("z", " ")))

        assert [finding.line for finding in findings] == sorted(finding.line or 0 for finding in findings)
        assert len({finding.line for finding in findings}) > 3

    def test_does_not_depend_on_the_files_before(self) -> None:
        data = next(data for rule, data, _ in BROKEN if rule == "no-duplicate-sequence-flows")
        once = lint(data)

        assert lint(data) == once

    def test_does_not_depend_on_the_files_beside(self) -> None:
        files = [data for _, data, _ in BROKEN]
        alone = [lint(data) for data in files]

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(lint, files)) == alone


NOTHING_IN_IT = b'<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="kosong"/>'


class TestALintThatCannotBeDone:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"bukan XML",
            b"\xff\xfe\x00",
            b"<a/>",
            one_task("a")[:400],
            one_task("a").replace(b"<?xml", b"<!DOCTYPE a><?xml"),
            one_task("a", name="x" * (bpmnlint.MAX_BYTES + 1)),
            drawing("a", task("x") * (bpmnlint.MAX_ELEMENTS + 1)),
        ],
        ids=["empty", "text", "not UTF-8", "not BPMN", "cut", "DOCTYPE", "too many bytes", "too many elements"],
    )
    def test_is_one_warning(self, data: bytes) -> None:
        with structlog.testing.capture_logs() as logged:
            (finding,) = lint(data)

        assert (finding.severity, finding.code, finding.element_id) == ("warning", "lint-failed", None)
        assert "tidak diperiksa" in finding.text.id
        assert [entry["event"] for entry in logged] == ["lint_failed"]

    def test_names_a_rule_that_failed_and_keeps_the_others(self) -> None:
        with structlog.testing.capture_logs() as logged:
            findings = lint(NOTHING_IN_IT)

        assert {finding.code for finding in findings} == {"lint-failed"}
        assert ["'global'" in finding.text.id for finding in findings] == [True, False]
        assert [entry["rule"] for entry in logged] == ["global", "no-bpmndi"]

    @pytest.mark.parametrize(
        "data",
        [
            drawing("a", "", before="".join(message(f"m{number}", f"m{number}") for number in range(3_000))),
            drawing("a", "\n" * 50_000 + '<bpmn:tidakAda id="x"/>' * 3_000),
            drawn("".join(task(f"t{n}") for n in range(2_000)), *(shape(f"t{n}", 0) for n in range(2_000))),
            drawing("a", "".join(f'<x{n}:y xmlns:x{n}="urn:x{n}" x{n}:z="1"/>' for n in range(6_000))),
        ],
        ids=["each with each other", "a count of lines for each fault", "all on one spot", "a namespace each"],
    )
    def test_is_broken_off_soon_after_its_time(self, data: bytes) -> None:
        with pytest.raises(bpmnlint.LintStopped, match="too long"):
            bpmnlint.remarks(data, seconds=0.05)


class TestTheCostOfTheLint:
    def test_is_not_paid_by_a_service_that_lints_nothing(self) -> None:
        script = "import sys, app.main; print('app.definitions.lint' in sys.modules, 'bpmn_io' in sys.modules)"

        answer = subprocess.run(
            [sys.executable, "-c", "import app.definitions.lint;" + script], check=True, capture_output=True, text=True
        )

        assert answer.stdout.split() == ["True", "False"]
