"""What the cells and values of the SOP table are called in a listing, in Indonesian and in English."""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from app.core.text import Text
from app.sop.cells import DATE, DURATION, PROVENANCE_WORDS
from app.sop.changes import RoleRef, RowRef
from app.sop.table import END, Provenance, RowKind

Language = Literal["id", "en"]

CELLS: Final[Mapping[str, Text]] = {
    "key": Text("Kunci", "Key"),
    "title": Text("Judul", "Title"),
    "title_original": Text("Judul tercetak", "Title as printed"),
    "table_title_original": Text("Judul tabel tercetak", "Title of the table as printed"),
    "columns_note": Text("Catatan kolom", "Note on the columns"),
    "outside_parties": Text("Pihak luar", "Outside parties"),
    "proposals": Text("Usulan perbaikan", "Proposed improvements"),
    "stated_empty": Text("Sel yang dinyatakan kosong", "Cells stated to be empty"),
    "number": Text("Nomor SOP", "Number of the SOP"),
    "number_original": Text("Nomor SOP tercetak", "Number of the SOP as printed"),
    "serial": Text("Nomor urut", "Serial number"),
    "created_on": Text("Tanggal pembuatan", "Date of creation"),
    "created_on_original": Text("Tanggal pembuatan tercetak", "Date of creation as printed"),
    "revised_on": Text("Tanggal revisi", "Date of revision"),
    "effective_on": Text("Tanggal efektif", "Effective date"),
    "decreed_on": Text("Tanggal penetapan", "Date of the decree"),
    "unit": Text("Unit", "Unit"),
    "legal_basis": Text("Dasar hukum", "Legal basis"),
    "relations": Text("Keterkaitan", "Related SOPs"),
    "warning": Text("Peringatan", "Warning"),
    "qualifications": Text("Kualifikasi pelaksana", "Qualifications"),
    "equipment": Text("Peralatan dan perlengkapan", "Equipment"),
    "records": Text("Pencatatan dan pendataan", "Records"),
    "organisation_original": Text("Instansi tercetak", "Organisation as printed"),
    "note": Text("Catatan", "Note"),
    "approval.position": Text("Jabatan pengesah", "Position of the approver"),
    "approval.position_provenance": Text("Asal isi jabatan pengesah", "Provenance of the approver's position"),
    "approval.name": Text("Nama pengesah", "Name of the approver"),
    "approval.rank": Text("Pangkat pengesah", "Rank of the approver"),
    "approval.rank_original": Text("Pangkat pengesah tercetak", "Rank of the approver as printed"),
    "approval.note": Text("Catatan pengesahan", "Note on the approval"),
    "kind": Text("Jenis", "Kind"),
    "description": Text("Uraian", "Description"),
    "description_inferred": Text("Uraian yang disimpulkan", "Inferred description"),
    "provenance": Text("Asal isi", "Provenance"),
    "reason": Text("Alasan asal isi", "Reason for the provenance"),
    "label": Text("Label", "Label"),
    "originals": Text("Judul kolom tercetak", "Column headings as printed"),
    "name": Text("Nama", "Name"),
    "statement": Text("Uraian", "Statement"),
    "statement_original": Text("Uraian tercetak", "Statement as printed"),
    "source_line": Text("Baris sumber", "Source line"),
    "role": Text("Pelaksana", "Role"),
    "role_provenance": Text("Asal isi pelaksana", "Provenance of the role"),
    "role_reason": Text("Alasan penentuan pelaksana", "Reason for the role"),
    "role_alternatives": Text("Pelaksana lain yang mungkin", "Other possible roles"),
    "confidence": Text("Keyakinan", "Confidence"),
    "symbol": Text("Simbol", "Symbol"),
    "symbol_provenance": Text("Asal isi simbol", "Provenance of the symbol"),
    "requirements": Text("Kelengkapan", "Requirements"),
    "requirements_original": Text("Kelengkapan tercetak", "Requirements as printed"),
    "requirements_proposed": Text("Usulan kelengkapan", "Proposed requirements"),
    "standard_time": Text("Waktu", "Time"),
    "standard_time_original": Text("Waktu tercetak", "Time as printed"),
    "standard_time_note": Text("Catatan waktu", "Note on the time"),
    "standard_time_doubt": Text("Keraguan atas waktu", "Doubt about the time"),
    "outputs": Text("Output", "Outputs"),
    "outputs_original": Text("Output tercetak", "Outputs as printed"),
    "outputs_proposed": Text("Usulan output", "Proposed outputs"),
    "remarks": Text("Keterangan", "Remarks"),
    "remarks_original": Text("Keterangan tercetak", "Remarks as printed"),
    "next": Text("Lanjutan", "Next"),
    "per_unit": Text("Pelaksanaan per unit", "Done once per unit"),
    "numbers_letter": Text("Penomoran surat", "Numbering of a letter"),
    "authority_warning": Text("Peringatan wewenang", "Warning about authority"),
    "decider": Text("Pemutus", "Decider"),
    "task": Text("Tugas tersendiri", "Task of its own"),
    "task.statement": Text("Uraian tugas tersendiri", "Statement of the task of its own"),
    "task.role": Text("Pelaksana tugas tersendiri", "Role of the task of its own"),
    "task.label": Text("Nama tugas tersendiri", "Name of the task of its own"),
    "task.standard_time": Text("Waktu tugas tersendiri", "Time of the task of its own"),
    "submitted_in": Text("Kegiatan pengajuan", "Submitted in"),
    "quotation": Text("Kutipan", "Quotation"),
    "alternative_returns": Text("Tujuan pengembalian lain yang mungkin", "Other possible return targets"),
    "gateway_label": Text("Label belah ketupat", "Label of the diamond"),
    "flow_label": Text("Label alur", "Label of the flow"),
    "target": Text("Tujuan", "Target"),
    "variable": Text("Isian formulir awal yang menentukan", "Deciding field of the start form"),
    "condition": Text("Syarat", "Condition"),
    "values": Text("Nilai", "Values"),
    "reports": Text("Laporan", "Reports"),
    "continuations": Text("Lanjutan ke SOP lain", "Continuation in other SOPs"),
    "after": Text("Letak sesudah", "Place after"),
    "before": Text("Letak sebelum", "Place before"),
    "party": Text("Pihak", "Party"),
    "message": Text("Pesan", "Message"),
    "proposal": Text("Usulan", "Proposal"),
    "text": Text("Teks", "Text"),
    "sop": Text("SOP", "SOP"),
    "row": Text("Kegiatan", "Activity"),
    "roles.label": Text("Judul kolom", "Column heading"),
}
"""What a cell is called; a name that a section gives another meaning stands with the section before it."""

_KINDS: Final[Mapping[RowKind, Text]] = {
    RowKind.WORK: Text("kerja", "work"),
    RowKind.CORRECTION: Text("koreksi", "correction"),
    RowKind.CHECK: Text("periksa", "check"),
    RowKind.INITIALS: Text("paraf", "initials"),
    RowKind.SIGNATURE: Text("tanda tangan", "signature"),
    RowKind.VERIFICATION: Text("verifikasi", "verification"),
}
_PROVENANCE_EN: Final[Mapping[Provenance, str]] = {
    Provenance.STATED: "stated",
    Provenance.PARTLY_STATED: "partly stated",
    Provenance.INFERRED: "inferred",
    Provenance.CONFIRMED: "confirmed",
}
_UNITS: Final[Mapping[str, tuple[str, str, str]]] = {
    "M": ("bulan", "month", "months"),
    "W": ("minggu", "week", "weeks"),
    "D": ("hari", "day", "days"),
    "TH": ("jam", "hour", "hours"),
    "TM": ("menit", "minute", "minutes"),
}
_MONTHS: Final = (
    Text("Januari", "January"),
    Text("Februari", "February"),
    Text("Maret", "March"),
    Text("April", "April"),
    Text("Mei", "May"),
    Text("Juni", "June"),
    Text("Juli", "July"),
    Text("Agustus", "August"),
    Text("September", "September"),
    Text("Oktober", "October"),
    Text("November", "November"),
    Text("Desember", "December"),
)
_DATES: Final = {"created_on", "revised_on", "effective_on", "decreed_on"}
_TIMES: Final = {"standard_time", "task.standard_time"}


class Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def say(self, id_: str, en: str) -> str:
        return id_ if self.language == "id" else en

    def of(self, text: Text) -> str:
        return self.say(text.id, text.en)

    def cell(self, section: str, cell: str) -> str:
        return self.of(CELLS.get(f"{section}.{cell}") or CELLS[cell])

    def row(self, row: RowRef, formerly: int | None = None) -> str:
        """Return a row by number and name; `formerly` is its number in the old version, where that was another."""
        number = self.say("tanpa nomor", "without number") if row.number is None else str(row.number)
        before = "" if formerly is None else self.say(f" (dahulu nomor {formerly})", f" (number {formerly} before)")
        name = f" '{row.name}'" if row.name else ""
        return f"{self.say('kegiatan', 'activity')} {number}{before}{name}"

    def value(self, cell: str, value: Any) -> str:
        """Return the content of a cell; nothing, and a cell without content, have words of their own."""
        match value:
            case None:
                unset = cell in _TIMES
                return self.say("tidak ditetapkan", "not set") if unset else self.say("tidak ada", "none")
            case () if cell == "next":
                return self.value(cell, END)
            case "" | ():
                return self.say("kosong", "empty")
            case RowRef():
                return self.row(value)
            case RoleRef(key, label):
                return label or key
            case RowKind():
                return self.of(_KINDS[value])
            case Provenance():
                return self.say(PROVENANCE_WORDS[value], _PROVENANCE_EN[value])
            case bool():
                return self.say("ya", "yes") if value else self.say("tidak", "no")
            case tuple():
                return ", ".join(self.value(cell, item) for item in value)
            case dict():
                said = {name: item for name, item in value.items() if item not in (None, (), "")}
                told = [f"{lower(self.cell('', name))} {self.value(name, item)}" for name, item in said.items()]
                return f"({', '.join(told)})"
        if value == END:
            return self.say("selesai", "the end")
        if cell in _TIMES and DURATION.parse(value):
            return self.duration(value)
        if cell in _DATES and DATE.parse(value):
            return self.date(value)
        return str(value) if isinstance(value, int) else "'" + value.replace("\n", " / ") + "'"

    def duration(self, text: str) -> str:
        """Return a standard time in words.

        >>> Words("id").duration("PT1H30M"), Words("en").duration("P3D")
        ('1 jam 30 menit', '3 days')
        """
        days, _, hours = text.removeprefix("P").partition("T")
        parts = [
            *re.findall(r"(\d+)([MWD])", days),
            *((n, f"T{unit}") for n, unit in re.findall(r"(\d+)([HM])", hours)),
        ]
        return " ".join(f"{n} {self.say(_UNITS[unit][0], _UNITS[unit][1 if int(n) == 1 else 2])}" for n, unit in parts)

    def date(self, text: str) -> str:
        """Return a date down to what is printed.

        >>> Words("id").date("2024-01"), Words("en").date("2024-02-29")
        ('Januari 2024', '29 February 2024')
        """
        year, *rest = text.split("-")
        month = [self.of(_MONTHS[int(rest[0]) - 1])] if rest else []
        day = [str(int(rest[1]))] if len(rest) > 1 else []
        return " ".join([*day, *month, year])


def lower(text: str) -> str:
    """Return a name as it stands within a sentence."""
    return text if text.isupper() else text[:1].lower() + text[1:]
