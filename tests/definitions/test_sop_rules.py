"""What an SOP should keep to: each rule is said of what breaks it, and of nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app import engine
from app.core.shipped import shipped
from app.definitions.catalogue import performer_name
from app.definitions.gate import Checked, check
from app.definitions.setup import shipped_sops
from app.definitions.sop_rules import check_sop
from app.identity.first_office import OFFICE, first_office
from app.sop.table import END, RETURN_KINDS, RETURNED
from tests.drawings import END as FINISH
from tests.drawings import START, chain, drawing, flow, task

NOW = datetime(2026, 8, 17, tzinfo=UTC)
APPROVED_FLOW, RETURNED_FLOW = "${keputusan == 'setuju'}", "${keputusan == 'dikembalikan'}"


def form(*options: str, reason: bool = True) -> str:
    """Return a form with a decision and, if asked for, its reason."""
    values = "".join(f'<camunda:value id="{option}" name="{option}"/>' for option in options)
    alasan = '<camunda:formField id="alasan" type="string"/>' if reason else ""
    return (
        f'<camunda:formData><camunda:formField id="keputusan" type="enum">{values}</camunda:formField>'
        f"{alasan}</camunda:formData>"
    )


def with_form(node: str, number: int, inner: str, kind: str = "periksa") -> str:
    properties = (
        f'<camunda:properties><camunda:property name="nomor" value="{number}"/>'
        f'<camunda:property name="jenis" value="{kind}"/></camunda:properties>'
    )
    return task(node, inner=f"<bpmn:extensionElements>{inner}{properties}</bpmn:extensionElements>")


def decision(
    *,
    fields: str | None = None,
    back_to: str = "konsep",
    kind: str = "kerja",
    lanes: dict[str, str] | None = None,
    conditions: tuple[str, str | None] = (APPROVED_FLOW, RETURNED_FLOW),
    between: str = "",
) -> bytes:
    """Draw: a draft, its signature, a decision on it that returns, and the end."""
    default = "" if conditions[1] else 'default="pilih_temu"'
    body = (
        START
        + task("konsep", nomor=1, jenis=kind)
        + with_form("putus", 2, form("setuju", "dikembalikan") if fields is None else fields)
        + f'<bpmn:exclusiveGateway id="temu"/><bpmn:exclusiveGateway id="pilih" {default}/>\n'
        + FINISH
        + between
        + chain("mulai", "temu", "konsep", "putus")
        + (chain("putus", "sela", "pilih") if between else chain("putus", "pilih"))
        + flow("pilih", "selesai", conditions[0])
        + flow("pilih", "temu" if back_to == "konsep" else back_to, conditions[1])
    )
    return drawing("a", body, lanes=lanes or {"Staf": "konsep", "Sekretaris": "putus"})


def two_decisions(of_first: str) -> bytes:
    """Draw: a draft, a decision that returns to it, and a second decision that returns to the first one."""
    asked = form("setuju", "dikembalikan")
    properties = f'<camunda:properties><camunda:property name="nomor" value="2"/>{of_first}</camunda:properties>'
    gateways = "".join(f'<bpmn:exclusiveGateway id="{node}"/>\n' for node in ("temu", "pilih_a", "temu_b", "pilih_b"))
    body = (
        START
        + task("konsep", nomor=1)
        + task("putus_a", inner=f"<bpmn:extensionElements>{asked}{properties}</bpmn:extensionElements>")
        + with_form("putus_b", 3, asked)
        + gateways
        + FINISH
        + chain("mulai", "temu", "konsep", "temu_b", "putus_a", "pilih_a")
        + flow("pilih_a", "putus_b", APPROVED_FLOW)
        + flow("pilih_a", "temu", RETURNED_FLOW)
        + chain("putus_b", "pilih_b")
        + flow("pilih_b", "selesai", APPROVED_FLOW)
        + flow("pilih_b", "temu_b", RETURNED_FLOW)
    )
    return drawing("a", body, lanes={"Staf": "konsep", "Kasubag": "putus_a", "Sekretaris": "putus_b"})


def found(data: bytes) -> list[tuple[str, str | None]]:
    """Return code and element of what is said of a file, in the order of its elements."""
    model = engine.read(data).model
    findings = list(check_sop(model, performer_name))
    assert all(finding.remedy.id and finding.remedy.en for finding in findings)
    assert {one.code for one in findings if one.severity == "error"} <= {"return-without-reason"}
    return [(finding.code, finding.element_id) for finding in findings]


class TestTheSixSops:
    def test_keep_to_every_rule(self) -> None:
        office = first_office(shipped_sops().values())
        for path in shipped_sops():
            checked = check(path.name, path.read_bytes(), office=office, unit_id=office.unit_keys[OFFICE].id, now=NOW)

            assert isinstance(checked, Checked)
            assert checked.findings == ()

    def test_so_say_their_tables_too(self) -> None:
        decisions = 0
        for table in shipped_sops().values():
            rows = {row.number: row for row in table.activities}
            assert len(rows) == len(table.activities)
            for one in table.decisions:
                (back,) = (outcome.target for outcome in one.outcomes if outcome.code == RETURNED)
                assert back != END
                assert isinstance(back, int)
                assert rows[back].kind in RETURN_KINDS
                assert rows[back].role != one.decider
                decisions += 1
        assert decisions == 15


class TestDecisions:
    def test_that_return_to_work_of_another_role_are_right(self) -> None:
        assert found(decision()) == []

    def test_are_right_with_the_return_as_the_default_flow(self) -> None:
        assert found(decision(conditions=(APPROVED_FLOW, None))) == []

    def test_need_the_outcome_returned(self) -> None:
        data = decision(fields=form("setuju", "ditolak"), conditions=(APPROVED_FLOW, "${keputusan == 'ditolak'}"))

        assert found(data) == [("decision-without-return", "putus")]

    def test_need_a_way_back(self) -> None:
        data = decision(back_to="selesai").replace(b'id="pilih_selesai" sourceRef', b'id="lain" sourceRef', 1)

        assert found(data) == [("decision-without-return", "pilih")]

    def test_need_a_gateway_that_reads_them(self) -> None:
        data = decision(conditions=("${x == 1}", "${x == 2}"))

        assert found(data) == [("decision-without-return", "putus")]

    def test_are_read_at_once(self) -> None:
        data = decision(between=task("sela", nomor=3), lanes={"Staf": "konsep sela", "Sekretaris": "putus"})

        assert found(data) == [("decision-without-return", "putus"), ("decision-read-late", "pilih")]

    def test_need_a_field_for_the_reason(self) -> None:
        data = decision(fields=form("setuju", "dikembalikan", reason=False))

        assert found(data) == [("return-without-reason", "putus")]
        # Completing the task needs the reason, and its form would not take it.
        assert [one.severity for one in check_sop(engine.read(data).model, performer_name)] == ["error"]

    @pytest.mark.parametrize(("kind", "said"), [("string", []), ("boolean", ["error"]), ("long", ["error"])])
    def test_need_a_reason_that_is_a_text(self, kind: str, said: list[str]) -> None:
        fields = form("setuju", "dikembalikan").replace('"alasan" type="string"', f'"alasan" type="{kind}"')
        data = decision(fields=fields)

        assert [one.severity for one in check_sop(engine.read(data).model, performer_name)] == said

    @pytest.mark.parametrize("kind", ["paraf", "tanda_tangan", "periksa", "verifikasi"])
    def test_return_to_no_signature_and_no_check(self, kind: str) -> None:
        assert found(decision(kind=kind)) == [("return-to-no-work", "pilih")]

    @pytest.mark.parametrize("kind", ["kerja", "koreksi"])
    def test_return_to_work(self, kind: str) -> None:
        assert found(decision(kind=kind)) == []

    @pytest.mark.parametrize(
        ("kind", "said"), [(None, [("return-to-no-work", "pilih_b")]), ("koreksi", []), ("kerja", [])]
    )
    def test_return_to_no_other_decision(self, kind: str | None, said: list[tuple[str, str]]) -> None:
        assert found(two_decisions(f'<camunda:property name="jenis" value="{kind}"/>' if kind else "")) == said

    def test_return_to_no_decision_on_another_row(self) -> None:
        data = two_decisions('<camunda:property name="keputusan_untuk" value="1"/>').replace(
            b'name="nomor" value="2"', b'name="catatan" value="2"'
        )

        assert found(data) == [("return-to-no-work", "pilih_b")]

    def test_are_not_taken_by_the_role_that_made_the_draft(self) -> None:
        data = decision(lanes={"Staf": "konsep putus"})

        assert found(data) == [("decides-on-own-work", "putus")]


class TestRows:
    def rows(self, *properties: dict[str, Any]) -> bytes:
        names = [f"baris_{place}" for place in range(len(properties))]
        tasks = "".join(task(name, **given) for name, given in zip(names, properties, strict=True))
        return drawing("a", START + tasks + FINISH + chain("mulai", *names, "selesai"), lanes={"Staf": " ".join(names)})

    def test_have_a_number(self) -> None:
        assert found(self.rows({"nomor": 1}, {})) == [("row-without-number", "baris_1")]

    def test_have_a_number_of_their_own(self) -> None:
        assert found(self.rows({"nomor": 1}, {"nomor": 2}, {"nomor": 1})) == [("number-twice", "baris_2")]

    def test_have_none_where_they_decide_on_another_row(self) -> None:
        assert found(self.rows({"nomor": 1}, {"keputusan_untuk": 1})) == []

    def test_decide_on_a_row_that_exists(self) -> None:
        assert found(self.rows({"nomor": 1}, {"keputusan_untuk": 4})) == [("decision-for-no-row", "baris_1")]

    @pytest.mark.parametrize(("name", "value"), [("nomor", "empat"), ("jenis", "rapat"), ("asal", "kira-kira")])
    def test_hold_what_can_be_read(self, name: str, value: str) -> None:
        assert found(self.rows({"nomor": 1, name: value})) == [("unreadable-property", "baris_0")]

    @pytest.mark.parametrize(
        ("name", "right"),
        [("Waktu", "waktu"), ("Kelengkapan ", "kelengkapan"), ("asal-simbol", "asal.simbol"), ("JENIS", "jenis")],
    )
    def test_have_properties_of_the_right_name(self, name: str, right: str) -> None:
        data = self.rows({"nomor": 1, name: "P1D"})
        (finding,) = check_sop(engine.read(data).model, performer_name)

        assert (finding.code, finding.element_id) == ("misspelt-property", "baris_0")
        assert f"'{name}'" in finding.text.id
        assert f"'{right}'" in finding.remedy.id

    @pytest.mark.parametrize("name", ["nomor ", "Nomor", "Keputusan Untuk"])
    def test_are_told_of_a_misspelt_number_by_that_alone(self, name: str) -> None:
        assert found(self.rows({"nomor": 1}, {name: 1})) == [("misspelt-property", "baris_1")]

    def test_may_have_properties_of_their_own(self) -> None:
        assert found(self.rows({"nomor": 1, "waktu_rapat": "P1D", "warna": "biru"})) == []

    def test_are_of_an_sop_with_properties_of_the_right_name(self) -> None:
        data = self.rows({"nomor": 1}).replace(
            b"<bpmn:laneSet>",
            b"<bpmn:extensionElements><camunda:properties>"
            b'<camunda:property name="Tanggal efektif" value="2026-01"/>'
            b"</camunda:properties></bpmn:extensionElements><bpmn:laneSet>",
        )

        assert found(data) == [("misspelt-property", "a")]

    def test_are_reported_for_a_time_by_the_error_alone(self) -> None:
        assert found(self.rows({"nomor": 1, "waktu": "tiga hari"})) == []


def test_every_shipped_diagram_is_looked_at() -> None:
    assert {path.name for path in shipped_sops()} == {path.name for path in shipped("bpmn").glob("*.bpmn")}
