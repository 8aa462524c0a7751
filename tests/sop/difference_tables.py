"""Tables to compare, and edits of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.sop.changes import Change, ChangeKind, Difference
from app.sop.table import (
    Activity,
    Decision,
    Outcome,
    Role,
    RowKind,
    SopTable,
    Target,
)

FOLDER = Path(__file__).parents[2] / "bpmn"
NAMES = ("pengumpulan-data-kinerja", "renja", "renstra", "iku", "lkj", "evaluasi-kinerja")


def drawn(table: SopTable) -> SopTable:
    """Return a table as it is read from a diagram: each row knows its element."""
    rows = (replace(row, element_id=f"kegiatan_{row.number:02}") for row in table.activities)
    return replace(table, activities=tuple(rows))


def told(found: Difference) -> list[tuple[str, ChangeKind, str | None]]:
    return [(name, change.kind, change.cell) for name, changes in found.sections.items() for change in changes]


def row_changes(found: Difference, kind: ChangeKind) -> list[Change]:
    return [change for change in found.rows if change.kind == kind]


def with_row(table: SopTable, place: int, **cells: Any) -> SopTable:
    rows = list(table.activities)
    rows[place] = replace(rows[place], **cells)
    return replace(table, activities=tuple(rows))


def renumbered(table: SopTable, number_of: Callable[[int], int]) -> SopTable:
    """Return the table with other numbers, wherever it names a row."""

    def target(old: Target) -> Target:
        return old if isinstance(old, str) else number_of(old)

    def path(text: str) -> str:
        parts = text.split(".")
        if parts[0] in ("activities", "decisions", "peristiwa_luar"):
            parts[1] = str(number_of(int(parts[1])))
        return ".".join(parts)

    def decision(old: Decision) -> Decision:
        return replace(
            old,
            row=number_of(old.row),
            submitted_in=None if old.submitted_in is None else number_of(old.submitted_in),
            outcomes=tuple(replace(outcome, target=target(outcome.target)) for outcome in old.outcomes),
            alternative_returns=old.alternative_returns and tuple(map(number_of, old.alternative_returns)),
        )

    return replace(
        table,
        activities=tuple(
            replace(row, number=number_of(row.number or 0), next=tuple(map(target, row.next)))
            for row in table.activities
        ),
        decisions=tuple(map(decision, table.decisions)),
        branches=tuple(
            replace(
                branch,
                after=number_of(branch.after),
                cases=tuple(replace(case, target=target(case.target)) for case in branch.cases),
            )
            for branch in table.branches
        ),
        outside_events=tuple(
            replace(event, after=number_of(event.after), before=target(event.before)) for event in table.outside_events
        ),
        stated_empty=tuple(map(path, table.stated_empty)),
    )


def with_new_row(table: SopTable, number: int) -> SopTable:
    """Return the table with a new row of that number, nothing but its number and those after it changed."""
    moved = renumbered(table, lambda old: old + 1 if old >= number else old)
    rows = list(moved.activities)
    last = number > len(rows)
    row = Activity(
        element_id="Activity_baru",
        number=number,
        name="Menggandakan naskah",
        statement="Menggandakan naskah untuk rapat",
        role=table.roles[0].key,
        kind=RowKind.WORK,
        next=() if last else (number + 1,),
    )
    return replace(moved, activities=(*rows[: number - 1], row, *rows[number - 1 :]))


def plain_table() -> SopTable:
    """Return four rows in a line, the third with a decision that goes back to the first."""
    names = (
        "Memerintahkan penyusunan rencana kerja",
        "Menyusun konsep rencana kerja",
        "Memeriksa konsep",
        "Mengirim",
    )
    rows = tuple(
        Activity(
            element_id=f"kegiatan_{number:02}",
            number=number,
            name=name,
            statement=f"{name} kepada pimpinan",
            role="kasubag",
            kind=RowKind.WORK,
            requirements=("Surat masuk",),
            standard_time="P2D",
            next=(4, 1) if number == 3 else (number + 1,) if number < 4 else (),
        )
        for number, name in enumerate(names, 1)
    )
    outcomes = (Outcome(code="setuju", target=4), Outcome(code="dikembalikan", target=1))
    return SopTable(
        key="contoh",
        title="Contoh",
        roles=(Role(key="kasubag", label="Kasubag Perencanaan"), Role(key="sekretaris", label="Sekretaris")),
        activities=rows,
        decisions=(Decision(row=3, decider="kasubag", outcomes=outcomes),),
    )
