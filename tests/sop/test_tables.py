"""A table file is taken whole or refused with the place of the fault and what to do."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from app.sop.errors import SopRefused
from app.sop.table import Provenance, RowKind
from app.sop.tables import dump_table, load_table, table_document

TABLES = Path(__file__).parents[2] / "bpmn" / "tables"


def document(name: str) -> dict[str, Any]:
    found = yaml.safe_load((TABLES / f"{name}.yaml").read_bytes())
    assert isinstance(found, dict)
    return found


def encoded(content: object) -> bytes:
    return yaml.safe_dump(content, allow_unicode=True).encode()


def refusal(content: object) -> SopRefused:
    with pytest.raises(SopRefused) as refused:
        load_table(content if isinstance(content, bytes) else encoded(content))
    return refused.value


class TestLoadTable:
    def test_takes_every_cell_of_a_row(self) -> None:
        row = load_table(encoded(document("renja"))).activities[8]

        assert (row.number, row.role, row.kind) == (9, "bappeda", RowKind.VERIFICATION)
        assert row.role_provenance is Provenance.INFERRED
        assert (row.standard_time, row.standard_time_note, row.standard_time_original) == (
            None,
            "menyesuaikan",
            "menyusuaikan",
        )
        assert row.requirements == ("Rancangan Renja",)
        assert row.outputs_proposed == ("Berita acara verifikasi", "Rancangan akhir Renja yang diajukan kepada Bupati")
        assert row.next == (10, 8)

    def test_keeps_missing_null_and_empty_apart(self) -> None:
        content = document("renja")
        first, second, third, *_ = content["activities"]
        first["role_alasan"] = ""
        second["role_alasan"] = None
        del third["role_alasan"]

        table = load_table(encoded(content))

        assert [row.role_reason for row in table.activities[:3]] == ["", None, None]
        assert "activities.2.role_alasan" in table.stated_empty
        assert "activities.3.role_alasan" not in table.stated_empty
        assert table_document(table) == content

    def test_takes_a_full_date_that_yaml_has_made_a_date(self) -> None:
        data = encoded(document("iku")).replace(b"tanggal_efektif: null", b"tanggal_efektif: 2026-01-31")

        assert load_table(data).identity.effective_on == "2026-01-31"

    def test_takes_a_number_whose_key_is_not_quoted(self) -> None:
        data = encoded(document("iku"))

        assert load_table(data.replace(b"'no':", b"no:")) == load_table(data)

    def test_takes_several_automatic_choices(self) -> None:
        content = document("pengumpulan-data-kinerja")
        second: dict[str, Any] = yaml.safe_load(encoded(content["siklus"]))
        second["keputusan"] |= {"sesudah": 2, "dasar": "mendesak"}
        second["keputusan"]["cabang"] = [
            {"bila": "ya", "nilai": ["ya"], "ke": 3},
            {"bila": "tidak", "nilai": ["tidak"], "ke": "selesai"},
        ]
        content["siklus"] = [second, content["siklus"]]
        content["activities"][1]["next"] = [3, "selesai"]

        table = load_table(encoded(content))

        assert [branch.after for branch in table.branches] == [2, 5]
        assert load_table(dump_table(table)) == table


class TestRefusals:
    @pytest.mark.parametrize(
        ("path", "value", "place"),
        [
            (("activities", 0, "waktunya"), "PT1H", "activities.1.waktunya"),
            (("activities", 0, "waktu"), "15 menit", "activities.1.waktu"),
            (("activities", 0, "waktu"), 15, "activities.1.waktu"),
            (("activities", 0, "jenis"), "rapat", "activities.1.jenis"),
            (("activities", 0, "kelengkapan"), None, "activities.1.kelengkapan"),
            (("activities", 0, "kelengkapan"), "Surat", "activities.1.kelengkapan"),
            (("activities", 0, "kelengkapan"), ["Surat\nmasuk"], "activities.1.kelengkapan.1"),
            (("activities", 0, "label"), "x" * 46, "activities.1.label"),
            (("activities", 0, "label"), "dua  spasi", "activities.1.label"),
            (("activities", 0, "catatan"), "panjang " * 2000, "activities.1.catatan"),
            (("activities", 0, "catatan"), "bel \x07", "activities.1.catatan"),
            (("activities", 0, "role"), "bupati", "activities.1.role"),
            (("activities", 0, "no"), 2, "activities.2.no"),
            (("activities", 0, "no"), True, "activities.True.no"),
            (("activities", 0, "next"), [3], "activities.2"),
            (("activities", 0, "next"), [99], "activities.1.next"),
            (("activities", 0, "next"), [1], "activities.1.next"),
            (("activities", 0, "next"), ["akhir"], "activities.1.next"),
            (("activities", 4, "next"), [6, 3], "activities.5.next"),
            (("activities", 4, "keputusan"), False, "activities.5.keputusan"),
            (("activities", 0, "nomor_surat"), "ya", "activities.1.nomor_surat"),
            (("roles", 0, "urutan"), 2, "roles.sekretaris.urutan"),
            (("roles", 0, "key"), "Kepala Dinas", "roles.Kepala Dinas.key"),
            (("roles", 1, "key"), "sekretaris", "roles"),
            (("identitas", "tanggal_efektif"), "Januari 2024", "identitas.tanggal_efektif"),
            (("identitas", "nomor"), 500.15, "identitas.nomor"),
            (("pemicu", "basis"), "tertulis", "pemicu.basis"),
            (("decisions", 0, "pemutus"), "sekretaris", "decisions.5.pemutus"),
            (("decisions", 0, "hasil", 1, "ke"), 5, "decisions.5.hasil.dikembalikan.ke"),
            (("decisions", 1, "hasil", 1, "ke"), 5, "decisions.6.hasil.dikembalikan.ke"),
            (("decisions", 0, "hasil", 1, "wajib_alasan"), False, "decisions.5.hasil.dikembalikan.wajib_alasan"),
            (("decisions", 0, "hasil", 0, "ke"), 4, "decisions.5.hasil.setuju.ke"),
            (("decisions", 0, "hasil", 0, "kode"), "ya", "decisions.5.hasil"),
            (("decisions", 0, "langkah_pengajuan"), 5, "decisions.5.langkah_pengajuan"),
            (("decisions", 2, "alternatif_tujuan_kembali"), [40], "decisions.9.alternatif_tujuan_kembali"),
            (("peristiwa_luar", 0, "sebelum"), 11, "peristiwa_luar.9.sebelum"),
            (("peristiwa_luar", 0, "bpmn"), "timer", "peristiwa_luar.9.bpmn"),
            (("peristiwa_luar", 0, "pesan"), "Pengesahan Bupati", "peristiwa_luar.9.pesan"),
        ],
    )
    def test_names_the_cell(self, path: tuple[str | int, ...], value: object, place: str) -> None:
        content = document("renja")
        cell: Any = content
        for step in path[:-1]:
            cell = cell[step]
        cell[path[-1]] = value

        refused = refusal(content)

        assert refused.path == place
        assert refused.text.id
        assert str(refused) == f"{place}: {refused.text.en}"

    @pytest.mark.parametrize("key", ["identitas", "roles", "activities", "decisions", "judul", "usulan_perbaikan"])
    def test_names_a_missing_key(self, key: str) -> None:
        content = document("renja")
        del content[key]

        assert refusal(content).path == key

    def test_a_table_has_a_bounded_number_of_rows(self) -> None:
        content = document("pengumpulan-data-kinerja")
        row = content["activities"][0]
        del content["siklus"]
        content["activities"] = [row | {"no": n, "next": [n + 1] if n < 101 else []} for n in range(1, 102)]

        assert refusal(content).path == "activities"

    @pytest.mark.parametrize(
        ("cases", "place"),
        [
            ([{"bila": "TW V", "ke": 6}, {"bila": "TW I", "ke": "selesai"}], "siklus.5.cabang.1.nilai"),
            ([{"bila": "TW I", "ke": 6}, {"bila": "TW III", "ke": "selesai"}], "siklus.5.cabang"),
            ([{"bila": "TW I", "ke": 6}, {"bila": "TW I atau TW II", "ke": "selesai"}], "siklus.5.cabang"),
            ([{"bila": "TW I", "ke": 6}, {"bila": "TW II", "ke": 6}], "siklus.5.cabang"),
            ([{"bila": "TW I", "ke": 6}, {"bila": "lain", "nilai": ["lain"], "ke": "selesai"}], "siklus.5.cabang"),
        ],
    )
    def test_an_automatic_choice_has_to_cover_its_values(self, cases: list[dict[str, object]], place: str) -> None:
        content = document("pengumpulan-data-kinerja")
        content["siklus"]["keputusan"]["cabang"] = cases

        assert refusal(content).path == place

    def test_a_key_that_stands_twice_hides_nothing(self) -> None:
        assert "stands twice" in str(refusal(encoded(document("iku")) + b"\njudul: Lain\n"))

    @pytest.mark.parametrize("data", [b"a: [", b"\xff\xfe", b"- satu", b"", b"x" * (1024 * 1024 + 1)])
    def test_what_is_no_table_is_refused(self, data: bytes) -> None:
        assert refusal(data).text.en
