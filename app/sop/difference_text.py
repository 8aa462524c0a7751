"""A difference between two versions of an SOP as a listing that people read, in Indonesian and in English."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from app.core.text import Text
from app.sop.changes import Change, ChangeKind, Difference, Elsewhere, RoleRef, RowRef, names_rows_or_roles
from app.sop.details import Detail
from app.sop.difference_words import Language, Words, lower
from app.sop.matching import MatchedBy
from app.sop.table import APPROVED, RETURNED

_HEADINGS: Final[Mapping[str, Text]] = {
    "identity": Text("Identitas", "Identity"),
    "trigger": Text("Pemicu", "Trigger"),
    "roles": Text("Pelaksana", "Roles"),
    "rows": Text("Kegiatan", "Activities"),
    "decisions": Text("Keputusan", "Decisions"),
    "branches": Text("Cabang otomatis", "Automatic branches"),
    "outside_events": Text("Peristiwa luar", "Outside events"),
    "table": Text("Catatan pada tabel", "Notes on the table"),
}
_ELSEWHERE: Final[Mapping[Elsewhere, Text]] = {
    Elsewhere.DRAWING: Text("gambar", "the drawing"),
    Elsewhere.START_FORM: Text("formulir awal", "the start form"),
    Elsewhere.FORMS: Text("formulir kegiatan", "the forms of activities"),
    Elsewhere.CONDITIONS: Text("syarat alur", "the conditions of flows"),
    Elsewhere.TECHNICAL: Text("bagian teknis", "technical parts"),
}
_DETAILS: Final[Mapping[str, Text]] = {
    "condition": Text("Syarat", "The condition"),
    "timer": Text("Waktu", "The time"),
    "field": Text("Isian", "The field"),
}
_TARGETS: Final[Mapping[str | None, Text]] = {
    APPROVED: Text("Lanjutan bila setuju", "Next when approved"),
    RETURNED: Text("Tujuan pengembalian", "Return target"),
}
_TOLD_OF_A_WHOLE: Final[Mapping[str, Sequence[str]]] = {
    "rows": ("role", "kind", "standard_time", "requirements", "outputs", "remarks"),
    "decisions": ("decider", "target"),
    "branches": ("variable", "target"),
    "outside_events": ("party", "before"),
}


_RECOGNISED: Final[Mapping[MatchedBy, Text]] = {
    MatchedBy.TEXT: Text(
        "Dikenali dari uraiannya karena elemen BPMN-nya lain, kegiatan",
        "Recognised by their text, since their BPMN elements are others, activities",
    ),
    MatchedBy.POSITION: Text(
        "Dikenali dari letaknya karena elemen BPMN dan uraiannya lain, kegiatan",
        "Recognised by their place, since their BPMN elements and texts are others, activities",
    ),
}


def as_text(difference: Difference, language: Language = "id") -> str:
    """Return `difference` as lines of text, a heading before the changes of each part of the sheet.

    It says so where nothing is different, and where only what the table does not show is different. Rows whose number
    alone changed are told together.
    """
    return "\n".join(_Listing(difference, Words(language)).lines())


class _Listing:
    def __init__(self, difference: Difference, words: Words) -> None:
        self.difference = difference
        self.words = words

    def lines(self) -> Iterator[str]:
        say = self.words.say
        if not self.difference.table_changed:
            yield say("Tidak ada perbedaan pada tabel SOP.", "The SOP tables do not differ.")
        for section, changes in self.difference.sections.items():
            if changes:
                yield self.words.of(_HEADINGS[section])
                yield from (f"- {line[:1].upper()}{line[1:]}." for line in self.section(section, changes))
        if self.difference.elsewhere:
            parts = ", ".join(self.words.of(_ELSEWHERE[part]) for part in self.difference.elsewhere)
            yield say(f"Di luar tabel, yang berubah: {parts}.", f"Beyond the table, these have changed: {parts}.")
            yield from (f"- {self.detail(one)}" for one in self.difference.details)
        yield from self.recognised()

    def detail(self, one: Detail) -> str:
        kind, nothing = self.words.of(_DETAILS[one.kind]), self.words.say("tidak ada", "none")
        was, now = (nothing if text is None else f"'{text}'" for text in (one.before, one.after))
        return self.words.say(
            f"{kind} pada '{one.name}': dari {was} menjadi {now}.", f"{kind} at '{one.name}': from {was} to {now}."
        )

    def section(self, section: str, changes: Sequence[Change]) -> Iterator[str]:
        yield from (self.change(section, change) for change in changes if change.kind != ChangeKind.RENUMBERED)
        yield from self.renumbered([change for change in changes if change.kind == ChangeKind.RENUMBERED])

    def change(self, section: str, change: Change) -> str:
        say, value = self.words.say, self.words.value
        subject = self.subject(section, change)
        if change.kind == ChangeKind.ADDED:
            return say(f"{subject} ditambahkan", f"{subject} was added") + self.whole(section, change.after)
        if change.kind == ChangeKind.REMOVED:
            return say(f"{subject} dihapus", f"{subject} was removed") + self.whole(section, change.before)
        if change.kind == ChangeKind.REORDERED:
            told = change.before is not None
            places = say(f" dari {change.before} ke {change.after}", f" from {change.before} to {change.after}")
            return say(f"{subject} pindah urutan", f"{subject} moved in the order") + (places if told else "")
        cell = change.cell or ""
        if (section, cell) == ("rows", "role"):
            was, now = value(cell, change.before), value(cell, change.after)
            return say(f"{subject} pindah dari {was} ke {now}", f"{subject} moved from {was} to {now}")
        name = self.words.cell(section, cell)
        if section == "decisions" and cell == "target" and change.part in _TARGETS:
            name, subject = self.words.of(_TARGETS[change.part]), self.row(change)
        elif (section, cell) == ("rows", "name"):
            subject = self.row(change, named=False)
        whose = say(f"{name} {subject}", f"{name} of {subject}") if subject else name
        return f"{whose}: {self.content(cell, change)}"

    def content(self, cell: str, change: Change) -> str:
        """Return what a cell has gained and lost, or what it held and holds."""
        say, value = self.words.say, self.words.value
        gained, lost = value(cell, change.items_added), value(cell, change.items_removed)
        was, now = value(cell, change.before), value(cell, change.after)
        contents = change.before, change.after
        if any(map(names_rows_or_roles, contents)) or not any(isinstance(content, tuple) for content in contents):
            return say(f"{was} menjadi {now}", f"from {was} to {now}")
        if change.items_added or change.items_removed:
            told = [say(f"ditambah {gained}", f"added {gained}")] if change.items_added else []
            told += [say(f"dihapus {lost}", f"removed {lost}")] if change.items_removed else []
            return "; ".join(told)
        if None in contents:
            return say(f"{was} menjadi {now}", f"from {was} to {now}")
        return say(f"urutan menjadi {now}", f"the order is now {now}")

    def subject(self, section: str, change: Change) -> str:
        """Return what a change is about, in small letters; nothing for the SOP itself."""
        say, about = self.words.say, change.new or change.old
        if isinstance(about, RoleRef):
            return say(f"pelaksana {about.label or about.key}", f"role {about.label or about.key}")
        row, part = self.row(change), change.part
        if section == "decisions":
            whole = say(f"keputusan {row}", f"the decision of {row}")
            return whole if part is None else say(f"hasil '{part}' pada {whole}", f"outcome '{part}' of {whole}")
        if section == "branches":
            whole = say(f"cabang sesudah {row}", f"the branch after {row}")
            return whole if part is None else say(f"hal '{part}' pada {whole}", f"case '{part}' of {whole}")
        if section == "outside_events":
            name = "" if part is None else f" '{part}'"
            return say(f"peristiwa{name} sesudah {row}", f"event{name} after {row}")
        return row

    def row(self, change: Change, *, named: bool = True) -> str:
        old, new = change.old, change.new
        if isinstance(old, RowRef) and isinstance(new, RowRef):
            row = new if named else RowRef(new.number)
            moved = old.number != new.number and self.difference.matched_by(change) is not None
            return self.words.row(row, old.number if moved else None)
        either = new or old
        return self.words.row(either) if isinstance(either, RowRef) else ""

    def whole(self, section: str, content: Mapping[str, Any]) -> str:
        """Return what is worth saying of what came or went."""
        cells = [cell for cell in _TOLD_OF_A_WHOLE.get(section, ()) if content.get(cell) not in (None, "", ())]
        told = [f"{lower(self.words.cell(section, cell))} {self.words.value(cell, content[cell])}" for cell in cells]
        for way in (*content.get("outcomes", ()), *content.get("cases", ())):
            target = self.words.value("target", way["target"])
            case = way["code"] if "code" in way else self.words.value("condition", way["condition"])
            told.append(self.words.say(f"{case} ke {target}", f"{case} to {target}"))
        return f": {'; '.join(told)}" if told else ""

    def renumbered(self, changes: Sequence[Change]) -> Iterator[str]:
        """Yield the rows that only got another number, those that moved on by the same number together."""
        runs: list[list[tuple[int | None, int | None]]] = []
        for change in changes:
            if isinstance(change.old, RowRef) and isinstance(change.new, RowRef):
                pair = change.old.number, change.new.number
                if runs and _follows(runs[-1][-1], pair):
                    runs[-1].append(pair)
                else:
                    runs.append([pair])
        for run in runs:
            was, now = _span([old for old, _ in run]), _span([new for _, new in run])
            yield self.words.say(
                f"kegiatan {was or 'tanpa nomor'} kini {f'bernomor {now}' if now else 'tanpa nomor'}",
                f"activity {was or 'without number'} is now {f'number {now}' if now else 'without number'}"
                if len(run) == 1
                else f"activities {was} are now numbers {now}",
            )

    def recognised(self) -> Iterator[str]:
        """Yield which rows were not known again by their elements, where a diagram has been drawn anew."""
        for by, text in _RECOGNISED.items():
            rows = [
                match.new
                for match in self.difference.matches
                if match.by == by and None not in (match.old.element_id, match.new.element_id)
            ]
            if rows:
                yield f"{self.words.of(text)}: {', '.join(self.spans(rows))}."

    def spans(self, rows: Sequence[RowRef]) -> Iterator[str]:
        """Yield the numbers of rows, those in a row together, and the rows without a number by name."""
        numbers = sorted(row.number for row in rows if row.number is not None)
        runs = groupby(enumerate(numbers), key=lambda item: item[1] - item[0])
        yield from (_span([number for _, number in run]) for _, run in runs)
        yield from (self.words.row(row) for row in rows if row.number is None)


def _follows(one: tuple[int | None, int | None], other: tuple[int | None, int | None]) -> bool:
    numbers = (*one, *other)
    return None not in numbers and (one[0] or 0) + 1 == other[0] and (one[1] or 0) + 1 == other[1]


def _span(numbers: Sequence[int | None]) -> str:
    """Return numbers in a row as first and last; nothing for a row without a number."""
    if numbers[0] is None:
        return ""
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
