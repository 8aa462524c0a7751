"""What makes an SOP table whole: every reference lands, every row is reached, a return goes to a row of work."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from app.core.text import Text
from app.sop.errors import SopRefused
from app.sop.table import (
    APPROVED,
    END,
    OUTCOME_CODES,
    RETURN_KINDS,
    Activity,
    Branch,
    Case,
    Decision,
    OutsideEvent,
    SopTable,
    Target,
    Value,
)

MAX_NAME: Final = 45
MAX_HEADING: Final = 120
MAX_TARGETS: Final = 4
MAX_ROWS: Final = 100
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_ROMAN: Final = {"I": 1, "II": 2, "III": 3, "IV": 4}
_QUARTER = re.compile(r"TW (I|II|III|IV)")


def check(table: SopTable) -> None:
    """Refuse a table that cannot be drawn and run as it is; raises SopRefused with the first fault."""
    _key(table.key, "key")
    _name("judul", table.title, MAX_HEADING)
    _roles(table)
    rows = _rows(table)
    for decision in table.decisions:
        _decision(table, decision, rows)
    for branch in table.branches:
        _branch(branch, rows)
    for row in table.activities:
        _next(table, row, rows)
    for event in table.outside_events:
        _event(event, rows)
    _once("decisions", (decision.row for decision in table.decisions))
    _once("siklus", (branch.after for branch in table.branches))
    _once("peristiwa_luar", ((event.after, event.before) for event in table.outside_events))
    _once("peristiwa_luar", (event.message for event in table.outside_events))
    _reached(table)


def case_values(case: Case) -> tuple[Value, ...]:
    """Return the values of the branch's variable that a case is for.

    A case without values of its own says them as the printed tables do: `TW I atau TW III` is 1 and 3.
    """
    if case.values is not None:
        return case.values
    quarters = [_QUARTER.fullmatch(word.strip()) for word in (case.condition or "").split(" atau ")]
    return tuple(_ROMAN[quarter.group(1)] for quarter in quarters if quarter) if all(quarters) else ()


def branch_targets(branch: Branch) -> dict[Target, list[Case]]:
    """Return where a branch goes, in the order of its cases, each with the cases that go there."""
    targets: dict[Target, list[Case]] = {}
    for case in branch.cases:
        targets.setdefault(case.target, []).append(case)
    return targets


def _refuse(path: str, id_: str, en: str) -> None:
    raise SopRefused(path, Text(id_, en))


def _key(key: str, path: str) -> None:
    if not _KEY.fullmatch(key):
        _refuse(
            path,
            f"'{key}' bukan kunci: huruf kecil, angka, dan garis bawah, diawali huruf.",
            f"'{key}' is not a key: lower-case letters, digits and underscores, a letter first.",
        )


def _once(path: str, values: Iterable[object]) -> None:
    for value, times in Counter(values).items():
        if times > 1:
            _refuse(path, f"{value} disebut {times} kali.", f"{value} is named {times} times.")


def _filled(path: str, value: str | None) -> str:
    if not value:
        _refuse(path, "Isi ini tidak boleh kosong.", "This must not be empty.")
    return value or ""


def _name(path: str, value: str | None, longest: int = MAX_NAME) -> None:
    name = _filled(path, value)
    if len(name) > longest:
        _refuse(
            path,
            f"Nama sepanjang {len(name)} huruf tidak muat; paling panjang {longest}.",
            f"A name of {len(name)} letters does not fit; at most {longest}.",
        )


def _roles(table: SopTable) -> None:
    if not table.roles:
        _refuse("roles", "Tabel harus punya peran.", "A table needs a role.")
    for role in table.roles:
        _key(role.key, f"roles.{role.key}.key")
        _name(f"roles.{role.key}.label", role.label, MAX_HEADING)
    _once("roles", (role.key for role in table.roles))
    _once("roles", ((role.label or "").casefold() for role in table.roles))


def _role(table: SopTable, path: str, role: str | None) -> None:
    known = [item.key for item in table.roles]
    if role not in known:
        _refuse(
            path,
            f"'{role}' bukan peran tabel ini. Perannya: {', '.join(known)}.",
            f"'{role}' is not a role of this table. Its roles are: {', '.join(known)}.",
        )


def _rows(table: SopTable) -> dict[int, Activity]:
    rows: dict[int, Activity] = {}
    last = 0
    for row in table.activities:
        path = f"activities.{row.number}"
        if row.number is None or row.number <= last:
            _refuse(f"{path}.no", "Nomor baris harus naik mulai 1.", "Row numbers have to rise from 1.")
        last = row.number or 0
        rows[last] = row
        _name(f"{path}.label", row.name)
        _filled(f"{path}.kegiatan", row.statement)
        _role(table, f"{path}.role", row.role)
        if row.kind is None:
            _refuse(f"{path}.jenis", "Jenis baris harus diisi.", "The kind of a row has to be given.")
    if not 0 < len(rows) <= MAX_ROWS:
        _refuse(
            "activities",
            f"Tabel memuat 1 sampai {MAX_ROWS} baris. Pecah SOP yang lebih panjang.",
            f"A table holds 1 to {MAX_ROWS} rows. Split a longer SOP.",
        )
    return rows


def _row(path: str, target: Target, rows: dict[int, Activity]) -> None:
    if target != END and target not in rows:
        _refuse(path, f"Baris {target} tidak ada.", f"There is no row {target}.")


def _decision(table: SopTable, decision: Decision, rows: dict[int, Activity]) -> None:
    path = f"decisions.{decision.row}"
    _row(f"{path}.langkah", decision.row, rows)
    performer = rows[decision.row].role if decision.task is None else decision.task.role
    if decision.task is not None:
        _role(table, f"{path}.tugas_keputusan.role", decision.task.role)
        _name(f"{path}.tugas_keputusan.label", decision.task.label)
        _filled(f"{path}.tugas_keputusan.nama", decision.task.statement)
    if decision.decider != performer:
        _refuse(
            f"{path}.pemutus",
            f"Pemutus harus pelaksana tugasnya ('{performer}'); bila orang lain, tambahkan tugas_keputusan.",
            f"The decider has to perform the task ('{performer}'); if it is somebody else, add a tugas_keputusan.",
        )
    _name(f"{path}.label_gateway", decision.gateway_label)
    if tuple(outcome.code for outcome in decision.outcomes) != OUTCOME_CODES:
        _refuse(
            f"{path}.hasil",
            "Keputusan punya dua hasil, berurutan: setuju, dikembalikan.",
            "A decision has two outcomes, in this order: setuju, dikembalikan.",
        )
    for outcome in decision.outcomes:
        _row(f"{path}.hasil.{outcome.code}.ke", outcome.target, rows)
        _filled(f"{path}.hasil.{outcome.code}.label", outcome.label)
        _name(f"{path}.hasil.{outcome.code}.label_alur", outcome.flow_label)
    approved, returned = (outcome.target for outcome in decision.outcomes)
    if approved != END and int(approved) <= decision.row:
        _refuse(
            f"{path}.hasil.setuju.ke",
            f"Setuju harus maju: ke baris sesudah {decision.row}, atau '{END}'.",
            f"An approval goes on: to a row after {decision.row}, or to '{END}'.",
        )
    last = decision.row if decision.task is not None else decision.row - 1
    if returned == END or int(returned) > last or rows[int(returned)].kind not in RETURN_KINDS:
        _refuse(
            f"{path}.hasil.dikembalikan.ke",
            "Pengembalian harus ke baris kerja atau koreksi sebelumnya.",
            "A return has to go to an earlier row of work or correction (kerja, koreksi).",
        )
    for target in decision.alternative_returns or ():
        _row(f"{path}.alternatif_tujuan_kembali", target, rows)
    if decision.submitted_in is not None and decision.submitted_in not in [n for n in rows if n < decision.row]:
        _refuse(
            f"{path}.langkah_pengajuan",
            "Langkah pengajuan harus baris sebelumnya.",
            "The submitting step has to be an earlier row.",
        )


def _branch(branch: Branch, rows: dict[int, Activity]) -> None:
    path = f"siklus.{branch.after}"
    _row(f"{path}.sesudah", branch.after, rows)
    _key(branch.variable or "", f"{path}.dasar")
    _name(f"{path}.label_gateway", branch.gateway_label)
    if not 2 <= len(branch_targets(branch)) <= MAX_TARGETS:
        _refuse(
            f"{path}.cabang",
            f"Cabang menuju 2 sampai {MAX_TARGETS} tempat berbeda. Pecah yang lebih besar menjadi beberapa baris.",
            f"A branch goes to 2 to {MAX_TARGETS} different places. Spread a larger one over several rows.",
        )
    seen: list[Value] = []
    for place, case in enumerate(branch.cases, 1):
        _row(f"{path}.cabang.{place}.ke", case.target, rows)
        values = case_values(case)
        if not values:
            _refuse(
                f"{path}.cabang.{place}.nilai",
                f"Nilai '{branch.variable}' untuk '{case.condition}' tidak terbaca. Tambahkan, misalnya nilai: [1, 3].",
                f"The values of '{branch.variable}' for '{case.condition}' cannot be read. Add, say, nilai: [1, 3].",
            )
        seen += values
    _once(f"{path}.cabang", seen)
    numbers = [value for value in seen if isinstance(value, int)]
    if numbers and (len(numbers) < len(seen) or max(numbers) - min(numbers) + 1 != len(numbers)):
        _refuse(
            f"{path}.cabang",
            "Nilai bilangan harus berurutan tanpa sela, tanpa kata di antaranya.",
            "Values that are numbers have to follow one another without gaps, with no word among them.",
        )


def _next(table: SopTable, row: Activity, rows: dict[int, Activity]) -> None:
    number = row.number or 0
    path = f"activities.{number}.next"
    decision, branch = table.decision_of(number), table.branch_after(number)
    expected: tuple[Target, ...] | None = None
    if decision is not None and branch is not None:
        _refuse(
            path,
            "Satu baris tidak dapat memuat keputusan dan cabang otomatis. Pecah menjadi dua baris.",
            "One row cannot hold a decision and an automatic branch. Make two rows of it.",
        )
    if decision is not None:
        expected = tuple(outcome.target for outcome in decision.outcomes)
    elif branch is not None:
        expected = tuple(branch_targets(branch))
    if expected is not None and row.next != expected:
        targets = list(expected)
        _refuse(path, f"Harus {targets}, seperti hasilnya.", f"This has to be {targets}, as its outcomes are.")
    if expected is None and (len(row.next) > 1 or any(t == END or t not in rows or int(t) <= number for t in row.next)):
        _refuse(
            path,
            "Harus satu nomor baris sesudahnya, atau [] bila selesai.",
            "This has to be the number of one later row, or [] at the end.",
        )


def _event(event: OutsideEvent, rows: dict[int, Activity]) -> None:
    path = f"peristiwa_luar.{event.after}"
    _row(f"{path}.sesudah", event.after, rows)
    ahead = rows[event.after].next
    if event.before not in ahead or (event.before != END and int(event.before) <= event.after):
        _refuse(
            f"{path}.sebelum",
            f"Menunggu hanya dapat di antara baris {event.after} dan lanjutannya.",
            f"A wait can only stand between row {event.after} and what follows it.",
        )
    _key(event.message or "", f"{path}.pesan")
    _name(f"{path}.label", event.label)
    _filled(f"{path}.nama", event.description)


def _reached(table: SopTable) -> None:
    rows = {row.number: row for row in table.activities}
    reached: set[Target | None] = set()
    ahead: list[Target | None] = [table.activities[0].number]
    while ahead:
        number = ahead.pop()
        if number not in reached and number in rows:
            reached.add(number)
            ahead += rows[number].next
    for number in rows:
        if number not in reached:
            _refuse(
                f"activities.{number}",
                "Baris ini tidak pernah dicapai dari baris pertama.",
                "Nothing leads from the first row to this one.",
            )
    if not any(not row.next or END in row.next for row in table.activities):
        _refuse("activities", "Tidak ada baris yang selesai.", f"No row ends ({APPROVED} to '{END}', or next: []).")
