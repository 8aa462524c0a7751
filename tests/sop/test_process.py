"""The process of a table: names, merges and ends."""

from pathlib import Path

import pytest

from app.sop.process import ElementKind, Process, flow_label, process_of, start_name
from app.sop.tables import load_table

TABLES = Path(__file__).parents[2] / "bpmn" / "tables"


def process(name: str) -> Process:
    return process_of(load_table((TABLES / f"{name}.yaml").read_bytes()))


class TestProcessOf:
    def test_a_merge_stands_before_each_row_that_is_returned_to(self) -> None:
        merges = [element.id for element in process("renja").elements if element.kind is ElementKind.MERGE]

        assert merges == ["merge_04", "merge_08", "merge_10"]

    def test_returns_join_after_the_wait(self) -> None:
        sources = {flow.source for flow in process("renja").flows if flow.target == "merge_10"}

        assert sources == {"menunggu_pengesahan_bupati", "gateway_11", "gateway_12"}

    def test_a_decision_of_its_own_stands_between_row_and_gateway(self) -> None:
        flows = {(flow.source, flow.target) for flow in process("lkj").flows}

        assert flows >= {("kegiatan_05", "keputusan_05"), ("keputusan_05", "gateway_05"), ("gateway_05", "merge_05")}

    def test_each_way_to_the_end_has_an_end_of_its_own(self) -> None:
        ends = [e.id for e in process("pengumpulan-data-kinerja").elements if e.kind is ElementKind.END]

        assert ends == ["selesai_05", "selesai_08"]
        assert [e.id for e in process("iku").elements if e.kind is ElementKind.END] == ["selesai"]

    def test_conditions_read_the_decision_and_the_quarter(self) -> None:
        conditions = {f.id: f.condition for f in process("pengumpulan-data-kinerja").flows if f.condition}

        assert conditions == {
            "flow_05_selesai": "${triwulan == 1 || triwulan == 3}",
            "flow_05_06": "${triwulan == 2 || triwulan == 4}",
        }
        assert {f.condition for f in process("iku").flows if f.condition} == {
            "${keputusan == 'setuju'}",
            "${keputusan == 'dikembalikan'}",
        }


class TestNames:
    @pytest.mark.parametrize(
        ("conditions", "name"),
        [
            (["TW I atau TW III"], "TW I / III"),
            (["TW II", "TW IV"], "TW II / IV"),
            (["baru", "lama"], "baru / lama"),
            (["ya"], "ya"),
        ],
    )
    def test_a_flow_is_named_by_its_cases(self, conditions: list[str], name: str) -> None:
        assert flow_label(conditions) == name

    @pytest.mark.parametrize(
        ("description", "name"),
        [
            ("setiap akhir triwulan (TW I-IV)", "Setiap akhir triwulan"),
            ("disposisi surat; tahunan", "Disposisi surat"),
            (None, "Mulai"),
            ("permintaan " * 8, "Permintaan permintaan permintaan permintaan …"),
        ],
    )
    def test_the_start_is_named_by_its_trigger(self, description: str | None, name: str) -> None:
        assert start_name(description) == name
