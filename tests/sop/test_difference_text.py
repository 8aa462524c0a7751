"""What people read of a difference, in both languages."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.engine.xml import parse
from app.sop.changes import Elsewhere
from app.sop.difference import difference
from app.sop.difference_json import as_json
from app.sop.difference_text import as_text
from app.sop.read import read
from app.sop.table import (
    Approval,
    OutsideEvent,
    Provenance,
    Relation,
    SopTable,
)
from tests.sop.difference_tables import FOLDER, plain_table, with_row


class TestText:
    def lines(self, new: SopTable, language: Any = "id") -> list[str]:
        return as_text(difference(plain_table(), new), language).splitlines()

    def test_says_in_indonesian_what_changed(self) -> None:
        new = with_row(plain_table(), 1, role="sekretaris", standard_time="P3D", requirements=("Disposisi",))

        assert self.lines(new) == [
            "Kegiatan",
            "- Kegiatan 2 'Menyusun konsep rencana kerja' pindah dari Kasubag Perencanaan ke Sekretaris.",
            "- Kelengkapan kegiatan 2 'Menyusun konsep rencana kerja': ditambah 'Disposisi'; dihapus 'Surat masuk'.",
            "- Waktu kegiatan 2 'Menyusun konsep rencana kerja': 2 hari menjadi 3 hari.",
        ]

    def test_says_it_in_english(self) -> None:
        new = with_row(plain_table(), 1, role="sekretaris", standard_time=None, requirements=("Disposisi",))

        assert self.lines(new, "en") == [
            "Activities",
            "- Activity 2 'Menyusun konsep rencana kerja' moved from Kasubag Perencanaan to Sekretaris.",
            "- Requirements of activity 2 'Menyusun konsep rencana kerja': added 'Disposisi'; removed 'Surat masuk'.",
            "- Time of activity 2 'Menyusun konsep rencana kerja': from 2 days to not set.",
        ]

    def test_says_another_return_and_the_identity_sheet(self) -> None:
        table = plain_table()
        outcomes = (table.decisions[0].outcomes[0], replace(table.decisions[0].outcomes[1], target=2))
        identity = replace(
            table.identity, effective_on="2026-09-01", approval=Approval(position="Kepala Dinas"), legal_basis=("UU 1",)
        )
        new = replace(
            with_row(table, 2, next=(4, 2)),
            decisions=(replace(table.decisions[0], outcomes=outcomes),),
            identity=replace(identity, relations=(Relation(text="SOP IKU", sop="iku"),)),
        )

        assert self.lines(new) == [
            "Identitas",
            "- Tanggal efektif: tidak ada menjadi 1 September 2026.",
            "- Dasar hukum: ditambah 'UU 1'.",
            "- Keterkaitan: ditambah (teks 'SOP IKU', SOP 'iku').",
            "- Jabatan pengesah: tidak ada menjadi 'Kepala Dinas'.",
            "Keputusan",
            "- Tujuan pengembalian kegiatan 3 'Memeriksa konsep': kegiatan 1 'Memerintahkan penyusunan rencana kerja' "
            "menjadi kegiatan 2 'Menyusun konsep rencana kerja'.",
        ]

    def test_says_an_added_decision_and_wait_with_where_they_lead(self) -> None:
        old = replace(with_row(plain_table(), 2, next=(4,)), decisions=())
        wait = OutsideEvent(after=3, before=4, label="Menunggu Bupati", party="Bupati", provenance=Provenance.STATED)

        found = difference(old, replace(plain_table(), outside_events=(wait,)))

        assert as_text(found).splitlines() == [
            "Keputusan",
            "- Keputusan kegiatan 3 'Memeriksa konsep' ditambahkan: pemutus Kasubag Perencanaan; "
            "setuju ke kegiatan 4 'Mengirim'; dikembalikan ke kegiatan 1 'Memerintahkan penyusunan rencana kerja'.",
            "Peristiwa luar",
            "- Peristiwa 'Menunggu Bupati' sesudah kegiatan 3 'Memeriksa konsep' ditambahkan: "
            "pihak 'Bupati'; letak sebelum kegiatan 4 'Mengirim'.",
        ]

    def test_says_where_only_the_order_of_items_is_another(self) -> None:
        old = with_row(plain_table(), 0, outputs=("Surat", "Notula"))

        found = difference(old, with_row(plain_table(), 0, outputs=("Notula", "Surat")))

        assert as_text(found).splitlines()[1].endswith(": urutan menjadi 'Notula', 'Surat'.")

    def test_a_row_without_number_is_named(self) -> None:
        new = with_row(plain_table(), 3, number=None)

        assert "- Kegiatan 4 kini tanpa nomor." in self.lines(new)

    def test_says_where_a_row_ends_now_and_a_wait_without_a_name(self) -> None:
        wait = OutsideEvent(after=1, before=2, party="Bupati")
        table = with_row(replace(plain_table(), outside_events=(wait,)), 1, next=())

        assert self.lines(table) == [
            "Kegiatan",
            "- Lanjutan kegiatan 2 'Menyusun konsep rencana kerja': kegiatan 3 'Memeriksa konsep' menjadi selesai.",
            "Peristiwa luar",
            "- Peristiwa sesudah kegiatan 1 'Memerintahkan penyusunan rencana kerja' ditambahkan: pihak 'Bupati'; "
            "letak sebelum kegiatan 2 'Menyusun konsep rencana kerja'.",
        ]


class TestElsewhere:
    def test_equal_tables_are_not_taken_for_equal_files(self) -> None:
        found = difference(plain_table(), plain_table(), {Elsewhere.TECHNICAL, Elsewhere.DRAWING})

        assert not found.table_changed
        assert as_json(found)["summary"]["different"]
        assert as_json(found)["elsewhere"] == ["drawing", "technical"]
        assert as_text(found).splitlines() == [
            "Tidak ada perbedaan pada tabel SOP.",
            "Di luar tabel, yang berubah: gambar, bagian teknis.",
        ]

    def test_it_stands_after_the_changes_of_the_table(self) -> None:
        found = difference(plain_table(), with_row(plain_table(), 0, number=9), [Elsewhere.START_FORM])

        assert as_text(found, "en").splitlines()[-1] == "Beyond the table, these have changed: the start form."


def edited(name: str, edit: Callable[[str], str]) -> list[str]:
    """Return the lines that tell the edit of one of the six diagrams, as text, from its original."""
    text = (FOLDER / f"{name}.bpmn").read_text()
    changed = edit(text)
    assert changed != text
    return as_text(difference(read(parse(text.encode())), read(parse(changed.encode())))).splitlines()


def in_task(id_: str, before: str, after: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        start = text.index(f'<bpmn:userTask id="{id_}"')
        return text[:start] + text[start:].replace(before, after, 1)

    return edit


class TestSixDiagrams:
    def test_a_task_in_another_lane(self) -> None:
        here, there = (
            "<bpmn:flowNodeRef>kegiatan_04</bpmn:flowNodeRef>",
            "<bpmn:flowNodeRef>kegiatan_01</bpmn:flowNodeRef>",
        )

        assert edited("renja", lambda text: text.replace(here, "").replace(there, there + here)) == [
            "Kegiatan",
            "- Kegiatan 4 'Membuat konsep rancangan awal Renja' pindah dari Kasubag ke Sekretaris.",
        ]

    def test_another_time(self) -> None:
        assert edited("renstra", in_task("kegiatan_03", 'name="waktu" value="PT1H"', 'name="waktu" value="PT90M"')) == [
            "Kegiatan",
            "- Waktu kegiatan 3 'Menyampaikan format data Renstra ke bidang': 1 jam menjadi 90 menit.",
        ]

    def test_a_requirement_more(self) -> None:
        assert edited(
            "lkj", in_task("kegiatan_04", 'name="kelengkapan" value="', 'name="kelengkapan" value="Notula&#10;')
        ) == [
            "Kegiatan",
            "- Kelengkapan kegiatan 4 'Melaksanakan rapat koordinasi LKj': ditambah 'Notula'.",
        ]

    def test_a_return_drawn_to_another_row(self) -> None:
        def edit(text: str) -> str:
            start = text.index('<bpmn:sequenceFlow id="flow_05_dikembalikan"')
            end = text.index(">", start)
            flow = text[start:end]
            target = flow.split('targetRef="')[1].split('"')[0]
            return text[:start] + flow.replace(f'targetRef="{target}"', 'targetRef="kegiatan_01"') + text[end:]

        assert edited("iku", edit) == [
            "Keputusan",
            "- Tujuan pengembalian kegiatan 5 'Memeriksa ketepatan konsep IKU': kegiatan 4 'Mengetik konsep IKU' "
            "menjadi kegiatan 1 'Memerintahkan penyusunan IKU'.",
        ]

    def test_a_branch_that_forgets_a_value(self) -> None:
        lines = edited(
            "pengumpulan-data-kinerja", lambda text: text.replace("triwulan == 2 || triwulan == 4", "triwulan == 2")
        )

        assert lines == [
            "Cabang otomatis",
            "- Hal 'TW IV' pada cabang sesudah kegiatan 5 'Menyosialisasikan laporan triwulan' dihapus: "
            "tujuan kegiatan 6 'Merekap laporan triwulan'.",
        ]

    def test_a_new_title(self) -> None:
        title = '<camunda:property name="judul" value="'

        lines = edited("evaluasi-kinerja", lambda text: text.replace(title, f"{title}Tata Cara "))

        assert lines[0] == "Identitas"
        assert lines[1].startswith("- Judul: '")
        assert "menjadi 'Tata Cara " in lines[1]
        assert len(lines) == 2
