"""How each cell of the SOP table is named and written: its key in a table file, its property in a BPMN file.

A cell without a property stands in the diagram itself: a lane, a name, a documentation, a flow.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.core.text import Text, is_blank
from app.sop.errors import SopRefused
from app.sop.table import Provenance, RowKind

PROVENANCE_WORDS: Final[Mapping[Provenance, str]] = {
    Provenance.STATED: "tertulis",
    Provenance.PARTLY_STATED: "sebagian",
    Provenance.INFERRED: "disimpulkan",
    Provenance.CONFIRMED: "dikonfirmasi",
}
_WORD_PROVENANCE = {word: provenance for provenance, word in PROVENANCE_WORDS.items()}

_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
# Every form that a standard time of the office's calendar may have, so that none is lost between the two.
_DURATION = re.compile(
    r"P(?=[0-9T])([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?)?"
)
_NUMBER = re.compile(r"-?\d{1,9}")


@dataclass(frozen=True, slots=True)
class Form:
    """How a cell's content is written: `take` and `give` for table files, `parse` and `show` for properties.

    `take` raises SopRefused; `parse` returns None for what it cannot read, since a diagram under work is still read.
    """

    take: Callable[[Any, str], Any]
    give: Callable[[Any], Any]
    parse: Callable[[str], Any]
    show: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the attribute that holds it, its key in a table file, its property, its form.

    A required key has to be in the table file, if only with null; where an optional one is null there, its path is
    kept in `SopTable.stated_empty`.
    """

    attribute: str
    key: str
    prop: str | None
    form: Form
    required: bool = False


def _wrong(path: str, id_: str, en: str) -> SopRefused:
    return SopRefused(path, Text(id_, en))


def _take_text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise _wrong(
            path,
            f"Harus berupa teks, bukan {value!r}. Tulis dalam tanda kutip.",
            f"This has to be text, not {value!r}. Put it in quotation marks.",
        )
    if _CONTROL.search(value):
        raise _wrong(path, "Teks memuat karakter kendali. Hapus.", "The text holds a control character. Remove it.")
    return value


def _take_line(value: Any, path: str) -> str:
    text = _take_text(value, path)
    if text != " ".join(text.split()) or is_blank(text):
        raise _wrong(
            path,
            "Harus satu baris yang tidak kosong, tanpa spasi ganda atau spasi di tepi.",
            "This has to be one line that is not empty, without double spaces or spaces at its ends.",
        )
    return text


def _take_list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(path, "Harus berupa daftar ([] bila kosong).", "This has to be a list ([] when it is empty).")
    return value


def _take_item(value: Any, path: str) -> str:
    text = _take_text(value, path)
    if is_blank(text) or text != text.strip() or len(text.splitlines()) != 1:
        raise _wrong(
            path,
            "Setiap butir harus satu baris yang tidak kosong, tanpa spasi di tepi.",
            "Each item has to be one line that is not empty, without spaces at its ends.",
        )
    return text


def _take_lines(value: Any, path: str) -> tuple[str, ...]:
    return tuple(_take_item(item, f"{path}.{place}") for place, item in enumerate(_take_list(value, path), 1))


def _take_number(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(path, f"Harus bilangan bulat, bukan {value!r}.", f"This has to be a whole number, not {value!r}.")
    return value


def _take_numbers(value: Any, path: str) -> tuple[int, ...]:
    return tuple(_take_number(item, f"{path}.{index}") for index, item in enumerate(_take_list(value, path), 1))


def _take_values(value: Any, path: str) -> tuple[int | str, ...]:
    items = _take_list(value, path)
    whole = all(isinstance(item, int) and not isinstance(item, bool) for item in items)
    words = all(isinstance(item, str) and re.fullmatch(r"[A-Za-z_]\w*", item) for item in items)
    if not items or not (whole or words):
        raise _wrong(
            path,
            "Harus daftar bilangan bulat, atau daftar kata dari huruf, angka, dan garis bawah.",
            "This has to be a list of whole numbers, or of words made of letters, digits and underscores.",
        )
    return tuple(items)


def _take_mark(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, f"Harus true atau false, bukan {value!r}.", f"This has to be true or false, not {value!r}.")
    return value


def _take_date(value: Any, path: str) -> str:
    text = value.isoformat() if type(value) is date else _take_text(value, path)
    if not _DATE.fullmatch(text):
        raise _wrong(
            path,
            "Tanggal ditulis 2024-01-31, 2024-01, atau '2024'.",
            "A date is written 2024-01-31, 2024-01 or '2024'.",
        )
    return text


def _take_duration(value: Any, path: str) -> str:
    text = _take_text(value, path)
    if not _DURATION.fullmatch(text):
        raise _wrong(
            path,
            f"'{text}' bukan waktu baku. Tulis PT15M, PT2H, P3D, P1W, P1M, atau null.",
            f"'{text}' is not a standard time. Write PT15M, PT2H, P3D, P1W, P1M or null.",
        )
    return text


def _take_provenance(value: Any, path: str) -> Provenance:
    if value not in tuple(Provenance):
        known = ", ".join(Provenance)
        raise _wrong(path, f"{value!r} tidak dikenal. Pilihannya: {known}.", f"{value!r} is not one of: {known}.")
    return Provenance(value)


def _take_kind(value: Any, path: str) -> RowKind:
    if value not in tuple(RowKind):
        known = ", ".join(RowKind)
        raise _wrong(path, f"{value!r} tidak dikenal. Pilihannya: {known}.", f"{value!r} is not one of: {known}.")
    return RowKind(value)


def lines_of(text: str) -> tuple[str, ...]:
    """Return the items of a property that holds one a line; blank lines are nothing."""
    return tuple(line.strip() for line in text.splitlines() if not is_blank(line))


def _parse_number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text.strip()) else None


def _parse_values(text: str) -> tuple[int | str, ...]:
    items = lines_of(text)
    return tuple(int(item) for item in items) if all(map(_NUMBER.fullmatch, items)) else items


def _parse_duration(text: str) -> str | None:
    return text.strip() if _DURATION.fullmatch(text.strip()) else None


def _parse_date(text: str) -> str | None:
    return text.strip() if _DATE.fullmatch(text.strip()) else None


def _show_lines(items: tuple[object, ...]) -> str:
    return "\n".join(map(str, items))


TEXT: Final = Form(_take_text, str, str, str)
LINE: Final = Form(_take_line, str, lambda text: None if is_blank(text) else text.strip(), str)
ITEM: Final = Form(_take_item, str, str, str)
LINES: Final = Form(_take_lines, list, lines_of, _show_lines)
NUMBER: Final = Form(_take_number, int, _parse_number, str)
NUMBERS: Final = Form(
    _take_numbers,
    list,
    lambda text: tuple(int(item) for item in lines_of(text) if _NUMBER.fullmatch(item)),
    _show_lines,
)
VALUES: Final = Form(_take_values, list, _parse_values, _show_lines)
MARK: Final = Form(_take_mark, bool, {"true": True, "false": False}.get, lambda mark: "true" if mark else "false")
DATE: Final = Form(_take_date, str, _parse_date, str)
DURATION: Final = Form(_take_duration, str, _parse_duration, str)
PROVENANCE: Final = Form(
    _take_provenance, str, lambda text: _WORD_PROVENANCE.get(text.strip()), PROVENANCE_WORDS.__getitem__
)
KIND: Final = Form(_take_kind, str, lambda text: RowKind(text.strip()) if text.strip() in tuple(RowKind) else None, str)

TABLE: Final = (
    Cell("key", "key", None, LINE, True),
    Cell("title", "judul", "judul", LINE, True),
    Cell("title_original", "judul_asli", "judul_asli", TEXT),
    Cell("table_title_original", "judul_tabel_asli", "judul_tabel_asli", TEXT),
    Cell("columns_note", "catatan_kolom", "catatan_kolom", TEXT),
    Cell("outside_parties", "pihak_luar", "pihak_luar", LINES, True),
    Cell("proposals", "usulan_perbaikan", "usulan_perbaikan", LINES, True),
)
IDENTITY: Final = (
    Cell("number", "nomor", "nomor_sop", TEXT, True),
    Cell("number_original", "nomor_asli", "nomor_sop_asli", TEXT),
    Cell("serial", "nomor_urut", "nomor_urut", TEXT),
    Cell("created_on", "tanggal_pembuatan", "tanggal_pembuatan", DATE, True),
    Cell("created_on_original", "tanggal_pembuatan_asli", "tanggal_pembuatan_asli", TEXT),
    Cell("revised_on", "tanggal_revisi", "tanggal_revisi", DATE, True),
    Cell("effective_on", "tanggal_efektif", "tanggal_efektif", DATE, True),
    Cell("decreed_on", "tanggal_penetapan", "tanggal_penetapan", DATE),
    Cell("unit", "unit", "unit", TEXT),
    Cell("legal_basis", "dasar_hukum", "dasar_hukum", LINES, True),
    Cell("warning", "peringatan", "peringatan", TEXT, True),
    Cell("qualifications", "kualifikasi_pelaksana", "kualifikasi_pelaksana", LINES, True),
    Cell("equipment", "peralatan", "peralatan", LINES, True),
    Cell("records", "pencatatan_pendataan", "pencatatan_pendataan", TEXT, True),
    Cell("organisation_original", "instansi_asli", "instansi_asli", TEXT),
    Cell("note", "catatan", "catatan", TEXT),
)
APPROVAL: Final = (
    Cell("position", "jabatan", "disahkan_oleh", TEXT, True),
    Cell("position_provenance", "jabatan_basis", "asal.disahkan_oleh", PROVENANCE),
    Cell("name", "nama", "disahkan_oleh.nama", TEXT, True),
    Cell("rank", "pangkat", "disahkan_oleh.pangkat", TEXT),
    Cell("rank_original", "pangkat_asli", "disahkan_oleh.pangkat_asli", TEXT),
    Cell("note", "catatan", "disahkan_oleh.catatan", TEXT),
)
RELATION: Final = (Cell("text", "teks", None, ITEM, True), Cell("sop", "sop", None, LINE))
TRIGGER: Final = (
    Cell("kind", "jenis", "pemicu.jenis", LINE, True),
    Cell("description", "keterangan", "pemicu", LINE, True),
    Cell("provenance", "basis", "asal.pemicu", PROVENANCE, True),
    Cell("description_inferred", "keterangan_inferred", "pemicu.disimpulkan", TEXT),
)
ROLE: Final = (
    Cell("key", "key", "peran", LINE, True),
    Cell("label", "label", None, LINE, True),
    Cell("originals", "label_asli", "label_asli", LINES, True),
    Cell("provenance", "asal", "asal", PROVENANCE, True),
    Cell("reason", "alasan", "asal_alasan", TEXT),
)
ACTIVITY: Final = (
    Cell("number", "no", "nomor", NUMBER, True),
    Cell("name", "label", None, LINE, True),
    Cell("source_line", "baris_sumber", "baris_sumber", NUMBER),
    Cell("statement_original", "kegiatan_asli", "kegiatan_asli", TEXT),
    Cell("statement", "kegiatan", None, LINE, True),
    Cell("kind", "jenis", "jenis", KIND, True),
    Cell("symbol", "simbol", "simbol", LINE),
    Cell("symbol_provenance", "simbol_basis", "asal.simbol", PROVENANCE),
    Cell("role", "role", None, LINE, True),
    Cell("role_provenance", "role_basis", "asal", PROVENANCE, True),
    Cell("role_reason", "role_alasan", "asal_alasan", TEXT),
    Cell("confidence", "keyakinan", "keyakinan", LINE),
    Cell("role_alternatives", "role_alternatif", "role_alternatif", LINES),
    Cell("requirements", "kelengkapan", "kelengkapan", LINES, True),
    Cell("requirements_original", "kelengkapan_asli", "kelengkapan_asli", TEXT),
    Cell("requirements_proposed", "kelengkapan_usulan", "kelengkapan_usulan", LINES),
    Cell("standard_time", "waktu", "waktu", DURATION, True),
    Cell("standard_time_original", "waktu_asli", "waktu_asli", TEXT),
    Cell("standard_time_note", "waktu_catatan", "waktu_catatan", TEXT),
    Cell("standard_time_doubt", "waktu_meragukan", "waktu_meragukan", TEXT),
    Cell("outputs", "output", "output", LINES, True),
    Cell("outputs_original", "output_asli", "output_asli", TEXT),
    Cell("outputs_proposed", "output_usulan", "output_usulan", LINES),
    Cell("remarks", "ket", "keterangan", LINES, True),
    Cell("remarks_original", "ket_asli", "ket_asli", TEXT),
    Cell("per_unit", "per_unit", "per_unit", TEXT),
    Cell("numbers_letter", "nomor_surat", "nomor_surat", MARK),
    Cell("authority_warning", "peringatan_wewenang", "peringatan_wewenang", MARK),
    Cell("note", "catatan", "catatan", TEXT),
)
DECISION: Final = (
    Cell("row", "langkah", None, NUMBER, True),
    Cell("kind", "jenis", "jenis", LINE, True),
    Cell("decider", "pemutus", None, LINE, True),
    Cell("submitted_in", "langkah_pengajuan", "langkah_pengajuan", NUMBER),
    Cell("provenance", "basis", "asal", PROVENANCE, True),
    Cell("quotation", "kutipan", "kutipan", TEXT),
    Cell("alternative_returns", "alternatif_tujuan_kembali", "alternatif_tujuan_kembali", NUMBERS),
    Cell("note", "catatan", "catatan", TEXT),
    Cell("gateway_label", "label_gateway", None, LINE, True),
)
DECISION_TASK: Final = (
    Cell("statement", "nama", None, LINE, True),
    Cell("role", "role", None, LINE, True),
    Cell("label", "label", None, LINE, True),
    Cell("standard_time", "waktu", "waktu", DURATION, True),
)
OUTCOME: Final = (
    Cell("code", "kode", None, LINE, True),
    Cell("label", "label", None, LINE, True),
    Cell("provenance", "basis", None, PROVENANCE, True),
    Cell("flow_label", "label_alur", None, LINE, True),
)
BRANCH: Final = (
    Cell("kind", "jenis", "jenis", LINE, True),
    Cell("provenance", "basis", "asal", PROVENANCE, True),
    Cell("reason", "alasan", "asal_alasan", TEXT),
)
BRANCH_GATEWAY: Final = (
    Cell("after", "sesudah", None, NUMBER, True),
    Cell("variable", "dasar", "dasar", LINE, True),
    Cell("gateway_label", "label_gateway", None, LINE, True),
)
CASE: Final = (
    Cell("condition", "bila", "bila", LINE, True),
    Cell("values", "nilai", "nilai", VALUES),
    Cell("reports", "laporan", "laporan", LINES),
)
CONTINUATION: Final = (
    Cell("sop", "sop", "sop", LINE, True),
    Cell("row", "langkah", "langkah", NUMBER, True),
    Cell("condition", "bila", "bila", LINE),
    Cell("provenance", "basis", "asal", PROVENANCE, True),
)
OUTSIDE_EVENT: Final = (
    Cell("after", "sesudah", None, NUMBER, True),
    Cell("description", "nama", None, LINE, True),
    Cell("party", "pihak", "pihak", LINE, True),
    Cell("provenance", "basis", "asal", PROVENANCE, True),
    Cell("quotation", "kutipan", "kutipan", TEXT),
    Cell("label", "label", None, LINE, True),
    Cell("message", "pesan", None, LINE, True),
    Cell("proposal", "usulan", "usulan", TEXT),
    Cell("note", "catatan", "catatan", TEXT),
)


def from_properties(cells: tuple[Cell, ...], properties: Mapping[str, str], prefix: str = "") -> dict[str, Any]:
    """Return what the properties say of `cells`, by attribute; what is missing or cannot be read is left out."""
    found: dict[str, Any] = {}
    for cell in cells:
        text = None if cell.prop is None else properties.get(prefix + cell.prop)
        value = None if text is None else cell.form.parse(text)
        if value is not None:
            found[cell.attribute] = value
    return found


def to_properties(cells: tuple[Cell, ...], value: object, prefix: str = "") -> list[tuple[str, str]]:
    """Return the properties that say what `value` says, in the order of `cells`; nothing for a cell that is None."""
    return [
        (prefix + cell.prop, cell.form.show(content))
        for cell in cells
        if cell.prop is not None and (content := getattr(value, cell.attribute)) is not None
    ]
