"""The gate says everything about a file at once: what cannot be run, who is not known, what an SOP should not be."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.shipped import shipped
from app.definitions.gate import check
from app.definitions.setup import shipped_sops
from app.engine import Finding
from app.identity.first_office import OFFICE, first_office
from app.identity.office import Office
from tests.drawings import END, START, chain, drawing, flow, one_task, task
from tests.office import Office as Service
from tests.office import problem

NOW = datetime(2026, 8, 17, tzinfo=UTC)


@pytest.fixture(scope="module")
def known() -> Office:
    return first_office(shipped_sops().values())


def findings_on(known: Office, data: bytes) -> tuple[Finding, ...]:
    result = check("a.bpmn", data, office=known, unit_id=known.unit_keys[OFFICE].id, now=NOW)
    return result.findings


EVERYTHING = drawing(
    "a",
    START
    + task("tanpa_nomor")
    + task("tanpa_waktu", nomor=1, waktu="3 hari")
    + task("nomor_lagi", nomor=1, jenis="rapat")
    + '<bpmn:exclusiveGateway id="pilih" default="pilih_nomor_lagi"/>\n<bpmn:parallelGateway id="gabung"/>\n'
    + END
    + chain("mulai", "tanpa_nomor", "pilih")
    + flow("pilih", "tanpa_waktu", "${x.y()}")
    + flow("pilih", "nomor_lagi")
    + chain("tanpa_waktu", "gabung", "selesai")
    + chain("nomor_lagi", "gabung"),
    lanes={"Raja": "tanpa_nomor", "Staf": "tanpa_waktu"},
    properties={"tanggal_efektif": "kemarin"},
)


class TestOnePass:
    def test_says_the_faults_of_every_kind_in_the_order_of_the_file(self, known: Office) -> None:
        found = findings_on(known, EVERYTHING)

        assert [(one.code, one.element_id) for one in found] == [
            ("effective-date", "a"),
            ("unknown-lane", "lane_0"),
            ("row-without-number", "tanpa_nomor"),
            ("standard-time", "tanpa_waktu"),
            ("task-without-lane", "nomor_lagi"),
            ("unreadable-property", "nomor_lagi"),
            ("number-twice", "nomor_lagi"),
            ("stuck-join", "gabung"),
            ("expression-refused", "pilih_tanpa_waktu"),
        ]
        places = [(one.line or 0, one.column or 0) for one in found]
        assert places == sorted(places)
        assert min(places) > (0, 0)

    def test_says_what_to_do_apart_from_what_is_wrong(self, known: Office) -> None:
        for one in findings_on(known, EVERYTHING):
            assert one.remedy.id not in one.text.id
            assert one.remedy.en not in one.text.en
            assert one.text.id != one.text.en

    def test_says_of_what_is_no_xml_only_that(self, known: Office) -> None:
        (finding,) = findings_on(known, EVERYTHING[:900])

        assert finding.code == "xml-not-well-formed"
        assert finding.line is not None

    def test_does_not_play_what_is_not_connected(self, known: Office) -> None:
        data = EVERYTHING.replace(b'targetRef="gabung"', b'targetRef="hilang"', 1)

        codes = {finding.code for finding in findings_on(known, data)}

        assert "flow-not-connected" in codes
        assert not codes & {"stuck-join", "dead-activity", "no-completion"}

    def test_says_of_a_lane_once_what_is_wrong_with_all_that_stands_in_it(self, known: Office) -> None:
        data = EVERYTHING.replace(b'name="Staf"', b'name="Juru"').replace(
            b"<bpmn:flowNodeRef>tanpa_waktu<",
            b"<bpmn:flowNodeRef>nomor_lagi</bpmn:flowNodeRef><bpmn:flowNodeRef>tanpa_waktu<",
        )

        assert [one.element_id for one in findings_on(known, data) if one.code == "unknown-lane"] == [
            "lane_0",
            "lane_1",
        ]


class TestOverHttp:
    def test_a_refusal_lists_everything_with_its_remedy(self, shared_office: Service) -> None:
        errors = problem(shared_office.deploy(a=EVERYTHING), 422, "deployment-refused")["errors"]

        assert {error["severity"] for error in errors} == {"error", "warning"}
        assert set(errors[0]) == {
            "file", "severity", "code", "element_id", "line", "column", "message", "message_en", "remedy", "remedy_en",
        }  # fmt: skip

    def test_a_deployment_carries_its_warnings(self, office: Service) -> None:
        body = START + task("kerja") + END + chain("mulai", "kerja", "selesai")

        answer = office.deploy(a=drawing("a", body, lanes={"Staf": "kerja"}))

        assert answer.status_code == 201
        (warning,) = answer.json()["warnings"]
        assert (warning["code"], warning["remedy"] != "") == ("row-without-number", True)

    def test_an_sop_that_would_be_stuck_is_refused(self, shared_office: Service) -> None:
        (path,) = shipped("bpmn").glob("renja.bpmn")
        text = path.read_text()
        data = text.replace('<bpmn:exclusiveGateway id="merge_08">', '<bpmn:parallelGateway id="merge_08">')
        start, rest = data.split('<bpmn:parallelGateway id="merge_08">')
        data = start + '<bpmn:parallelGateway id="merge_08">' + rest.replace("exclusiveGateway>", "parallelGateway>", 1)

        (error,) = problem(shared_office.deploy(renja=data.encode()), 422)["errors"]

        assert (error["code"], error["element_id"]) == ("stuck-join", "merge_08")
        assert "menunggu cabang" in error["message"]


def test_a_flow_without_its_condition_is_told_of_once(known: Office) -> None:
    body = (
        START
        + task("kerja", nomor=1)
        + task("lagi", nomor=2)
        + '<bpmn:exclusiveGateway id="pilih"/>\n<bpmn:exclusiveGateway id="temu"/>\n'
        + END
        + chain("mulai", "kerja", "pilih")
        + flow("pilih", "lagi", "${x == 1}")
        + chain("pilih", "temu", "selesai")
        + chain("lagi", "temu")
    )
    data = drawing("a", body, lanes={"Staf": "kerja lagi"}).replace(
        b"</bpmn:definitions>",
        b'<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI">'
        b'<bpmndi:BPMNPlane bpmnElement="a"><bpmndi:BPMNShape bpmnElement="kerja"/></bpmndi:BPMNPlane>'
        b"</bpmndi:BPMNDiagram></bpmn:definitions>",
    )

    found = findings_on(known, data)

    assert [one.code for one in found if one.element_id == "pilih_temu" and "bpmndi" not in one.code] == [
        "condition-missing"
    ]
    assert {"label-required"} <= {one.code for one in found}


class TestAStandardTime:
    @pytest.mark.parametrize(
        ("written", "what_id", "what_en"),
        [
            ("P11Y", "lebih dari sepuluh tahun", "is longer than ten years"),
            ("PT0S", "bernilai nol", "is zero"),
            ("-P1D", "bernilai negatif", "is negative"),
            ("PT1.5H", "memuat pecahan", "has a fraction"),
            ("3 hari", "tidak dapat dibaca", "is not an ISO 8601 duration"),
        ],
    )
    def test_is_refused_for_its_real_reason(self, known: Office, written: str, what_id: str, what_en: str) -> None:
        data = drawing(
            "a", START + task("x", nomor=1, waktu=written) + END + chain("mulai", "x", "selesai"), lanes={"Staf": "x"}
        )

        (found,) = findings_on(known, data)

        assert found.code == "standard-time"
        assert found.text == (f"Waktu baku '{written}' {what_id}.", f"The standard time '{written}' {what_en}.")

    def test_that_can_be_read_is_not_told_to_be_written_as_one(self, known: Office) -> None:
        data = drawing(
            "a", START + task("x", nomor=1, waktu="P11Y") + END + chain("mulai", "x", "selesai"), lanes={"Staf": "x"}
        )

        (found,) = findings_on(known, data)

        assert found.remedy.id == "Tulis paling lama P10Y, P120M, P520W, P2600D, atau PT19500H."


class TestTheLaneOfATask:
    def given_to(self, role: str, lane: str = "Staf") -> bytes:
        given = f'<bpmn:userTask camunda:candidateGroups="{role}"'.encode()
        return one_task("a", lane=lane).replace(b"<bpmn:userTask", given)

    def test_that_is_another_role_than_its_group_is_told_of(self, known: Office) -> None:
        (found,) = findings_on(known, self.given_to("sekretaris"))

        assert (found.severity, found.code, found.element_id) == ("warning", "lane-not-performer", "kerja")
        assert "lane 'Staf'" in found.text.id
        assert f"'{known.roles['sekretaris'].name}'" in found.text.id
        assert "candidateGroups" in found.remedy.id

    def test_may_be_the_role_of_its_group_in_other_words(self, known: Office) -> None:
        assert findings_on(known, self.given_to("staf")) == ()
        assert findings_on(known, self.given_to("SEKRETARIS", lane="sekretaris")) == ()

    def test_may_be_no_role_at_all(self, known: Office) -> None:
        assert findings_on(known, self.given_to("staf", lane="Kelompok kerja")) == ()


class TestWhatCouldNotBeDecided:
    """A model that would get stuck at a gateway is told of there, once, and with what mends it."""

    def test_is_a_decision_that_no_form_asks_for(self, known: Office) -> None:
        data = undecided("${keputusan == 'setuju'}")

        (finding,) = findings_on(known, data)

        assert (finding.severity, finding.code, finding.element_id) == ("error", "variable-never-set", "pilih")
        assert "periksa" in finding.remedy.id
        assert (finding.line or 0) > 1

    def test_is_a_condition_that_reads_nothing(self, known: Office) -> None:
        (finding,) = findings_on(known, undecided("${false}"))

        assert (finding.severity, finding.code, finding.element_id) == ("error", "condition-constant", "pilih_ulang")

    def test_is_not_said_of_a_condition_that_could_not_be_read(self, known: Office) -> None:
        assert [one.code for one in findings_on(known, undecided("${x.y()}"))] == ["expression-refused"]

    @pytest.mark.parametrize("path", sorted(shipped("bpmn").glob("*.bpmn")), ids=lambda path: path.stem)
    def test_is_nothing_in_the_shipped_sops(self, known: Office, path: Path) -> None:
        assert findings_on(known, path.read_bytes()) == ()


class TestTimers:
    """How far ahead a moment lies is known at the gate alone: the reading of a file knows no clock."""

    @pytest.mark.parametrize("literal", ["2036-08-18", "2090-01-01T00:00:00Z", "R3/2090-01-01T00:00:00Z/P1D"])
    def test_of_more_than_ten_years_ahead_are_refused(self, known: Office, literal: str) -> None:
        (finding,) = findings_on(known, waiting_until(literal))

        assert (finding.severity, finding.code, finding.element_id) == ("error", "timer-refused", "waktu")
        assert (finding.remedy.id, finding.remedy.en) == ("Periksa tahunnya.", "Check the year.")
        assert (finding.line or 0) > 1

    @pytest.mark.parametrize("literal", ["2036-08-16", "2020-01-01", "R3/2020-01-01T00:00:00Z/P1D"])
    def test_of_less_are_not(self, known: Office, literal: str) -> None:
        assert findings_on(known, waiting_until(literal)) == ()


def waiting_until(literal: str) -> bytes:
    """Draw a timer on a task, which sends a reminder: at a moment, or in a cycle from one on."""
    word = "timeCycle" if literal[0] == "R" else "timeDate"
    body = (
        START
        + task("kerja", nomor=1)
        + task("ingat", nomor=2)
        + END
        + '<bpmn:endEvent id="diingatkan"/>\n'
        + '<bpmn:boundaryEvent id="waktu" attachedToRef="kerja" cancelActivity="false">'
        + f"<bpmn:timerEventDefinition><bpmn:{word}>{literal}</bpmn:{word}></bpmn:timerEventDefinition>"
        + "</bpmn:boundaryEvent>\n"
        + chain("mulai", "kerja", "selesai")
        + chain("waktu", "ingat", "diingatkan")
    )
    return drawing("a", body, lanes={"Staf": "mulai kerja selesai waktu ingat diingatkan"})


def undecided(condition: str) -> bytes:
    body = (
        START
        + task("periksa", nomor=1)
        + task("ulang", nomor=2)
        + '<bpmn:exclusiveGateway id="pilih" default="pilih_selesai"/>\n'
        + END
        + chain("mulai", "periksa", "pilih", "selesai")
        + flow("pilih", "ulang", condition)
        + chain("ulang", "selesai")
    )
    return drawing("a", body, lanes={"Staf": "mulai periksa ulang pilih selesai"})
