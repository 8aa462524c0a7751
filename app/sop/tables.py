"""SOP tables as YAML: one table a file, in Indonesian keys, strict in both directions."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final

import yaml

from app.core.text import Text
from app.sop import cells
from app.sop.cells import Cell
from app.sop.errors import SopRefused
from app.sop.rules import check
from app.sop.table import (
    END,
    OUTCOME_CODES,
    RETURNED,
    Activity,
    Approval,
    Branch,
    Case,
    Continuation,
    Decision,
    DecisionTask,
    Identity,
    Outcome,
    OutsideEvent,
    Relation,
    Role,
    SopTable,
    Target,
    Trigger,
    in_order,
)

MAX_BYTES: Final = 1024 * 1024
MAX_CELL_BYTES: Final = 12_000
"""A cell becomes one attribute of the BPMN file, whose length the XML reader limits."""

MESSAGE_WAIT: Final = "intermediateCatchEvent (message)"
BRANCH_KIND: Final = "exclusive_gateway"
BRANCH_DECIDER: Final = "otomatis"

_ORDER: Final = (
    "key",
    "judul",
    "judul_asli",
    "judul_tabel_asli",
    "identitas",
    "pemicu",
    "roles",
    "catatan_kolom",
    "pihak_luar",
    "peristiwa_luar",
    "activities",
    "decisions",
    "siklus",
    "usulan_perbaikan",
)


class _Loader(yaml.SafeLoader):
    """YAML as `safe_load` reads it, save that keys are always text and never stand twice.

    YAML takes an unquoted `no` for false, and lets the second of two equal keys hide the first.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        mapping: dict[Hashable, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key has to be a word", key.start_mark)
            if key.value in mapping:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value} stands twice", key.start_mark)
            mapping[key.value] = self.construct_object(value, deep=deep)
        return mapping


def load_table(data: bytes) -> SopTable:
    """Return the SOP table that a YAML file holds.

    Raises SopRefused, with the path of the cell and what to do, for anything the table cannot mean: an unknown or
    missing key, a value of another form, a reference to a row or role that is not there, a row that nothing reaches.
    """
    if len(data) > MAX_BYTES:
        raise SopRefused("", Text("Berkas tabel lebih besar dari 1 MB.", "The table file is larger than 1 MB."))
    try:
        document = yaml.load(data.decode("utf-8"), _Loader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as fault:
        reason = " ".join(str(fault).split())
        raise SopRefused(
            "", Text(f"Berkas bukan YAML yang benar: {reason}", f"The file is not correct YAML: {reason}")
        ) from fault
    table = _Reading().table(document)
    check(table)
    return table


def dump_table(table: SopTable) -> bytes:
    """Return the YAML file of `table`; `load_table` gives the same table back."""
    text = yaml.safe_dump(table_document(table), sort_keys=False, allow_unicode=True, width=120)
    return text.encode("utf-8")


class _Reading:
    """One pass over a document; collects the paths of optional cells that it states as null."""

    def __init__(self) -> None:
        self.empty: list[str] = []

    def table(self, document: Any) -> SopTable:
        nested = {
            "identitas", "pemicu", "roles", "peristiwa_luar", "activities", "decisions", "siklus",
        }  # fmt: skip
        taken = self.block(document, cells.TABLE, "", nested, optional={"siklus"})
        cycles = document.get("siklus", [])
        several = isinstance(cycles, list)
        decisions, branches, waits = in_order(
            [self.decision(item, path) for item, _, path in _items(document, "decisions", "langkah")],
            [
                self.branch(item, f"siklus.{place}" if several else "siklus")
                for place, item in enumerate(cycles if several else [cycles], 1)
            ],
            [self.event(item, path) for item, _, path in _items(document, "peristiwa_luar", "sesudah")],
        )
        return SopTable(
            **taken,
            identity=self.identity(document["identitas"], "identitas"),
            trigger=Trigger(**self.block(document["pemicu"], cells.TRIGGER, "pemicu")),
            roles=tuple(self.role(item, place, path) for item, place, path in _items(document, "roles", "key")),
            outside_events=waits,
            activities=self.activities(document),
            decisions=decisions,
            branches=branches,
            stated_empty=tuple(sorted(self.empty)),
        )

    def identity(self, document: Any, path: str) -> Identity:
        taken = self.block(document, cells.IDENTITY, path, {"disahkan_oleh", "keterkaitan"})
        approval = self.block(document["disahkan_oleh"], cells.APPROVAL, f"{path}.disahkan_oleh")
        relations = tuple(
            Relation(**self.block(item, cells.RELATION, item_path))
            for item, _, item_path in _items(document, "keterkaitan", None, path)
        )
        return Identity(**taken, approval=Approval(**approval), relations=relations)

    def role(self, document: Any, place: int, path: str) -> Role:
        taken = self.block(document, cells.ROLE, path, {"urutan"})
        if document["urutan"] != place:
            raise SopRefused(
                f"{path}.urutan",
                Text(f"Peran ke-{place} harus berurutan {place}.", f"Role number {place} has to have urutan {place}."),
            )
        return Role(**taken)

    def activities(self, document: Any) -> tuple[Activity, ...]:
        decisions = document.get("decisions")
        deciding = [item.get("langkah") for item in decisions if isinstance(item, dict)] if decisions else []
        rows = []
        for item, _, path in _items(document, "activities", "no"):
            taken = self.block(item, cells.ACTIVITY, path, {"next", "keputusan"}, optional={"keputusan"})
            if item.get("keputusan", False) is not (taken["number"] in deciding):
                raise SopRefused(
                    f"{path}.keputusan",
                    Text(
                        "Baris bertanda keputusan: true harus ada di decisions, dan sebaliknya.",
                        "A row marked keputusan: true has to stand in decisions, and the other way round.",
                    ),
                )
            targets = tuple(_target(target, f"{path}.next") for target in _list(item["next"], f"{path}.next"))
            rows.append(Activity(**taken, next=targets))
        return tuple(rows)

    def decision(self, document: Any, path: str) -> Decision:
        taken = self.block(document, cells.DECISION, path, {"tugas_keputusan", "hasil"}, optional={"tugas_keputusan"})
        task = document.get("tugas_keputusan")
        return Decision(
            **taken,
            task=None
            if task is None
            else DecisionTask(**self.block(task, cells.DECISION_TASK, f"{path}.tugas_keputusan")),
            outcomes=tuple(
                self.outcome(item, item_path) for item, _, item_path in _items(document, "hasil", "kode", path)
            ),
        )

    def outcome(self, document: Any, path: str) -> Outcome:
        taken = self.block(document, cells.OUTCOME, path, {"ke", "wajib_alasan"}, optional={"wajib_alasan"})
        if document.get("wajib_alasan", False) is not (taken["code"] == RETURNED):
            raise SopRefused(
                f"{path}.wajib_alasan",
                Text(
                    "Pengembalian selalu wajib beralasan (wajib_alasan: true); hasil lain tidak.",
                    "A return always needs a reason (wajib_alasan: true); another outcome never does.",
                ),
            )
        return Outcome(**taken, target=_target(document["ke"], f"{path}.ke"))

    def branch(self, document: Any, path: str) -> Branch:
        taken = self.block(document, cells.BRANCH, path, {"keputusan", "mengalir_ke"}, optional={"mengalir_ke"})
        gateway = document["keputusan"]
        taken |= self.block(gateway, cells.BRANCH_GATEWAY, f"{path}.keputusan", {"jenis", "pemutus", "cabang"})
        _constant(gateway, "jenis", BRANCH_KIND, f"{path}.keputusan")
        _constant(gateway, "pemutus", BRANCH_DECIDER, f"{path}.keputusan")
        case_items = _items(gateway, "cabang", None, f"{path}.keputusan")
        continuations = (
            tuple(
                Continuation(**self.block(item, cells.CONTINUATION, item_path))
                for item, _, item_path in _items(document, "mengalir_ke", None, path)
            )
            if "mengalir_ke" in document
            else None
        )
        return Branch(
            **taken,
            cases=tuple(
                Case(**self.block(item, cells.CASE, item_path, {"ke"}), target=_target(item["ke"], f"{item_path}.ke"))
                for item, _, item_path in case_items
            ),
            continuations=continuations,
        )

    def event(self, document: Any, path: str) -> OutsideEvent:
        taken = self.block(document, cells.OUTSIDE_EVENT, path, {"sebelum", "bpmn"})
        _constant(document, "bpmn", MESSAGE_WAIT, path)
        return OutsideEvent(**taken, before=_target(document["sebelum"], f"{path}.sebelum"))

    def block(
        self,
        document: Any,
        schema: tuple[Cell, ...],
        path: str,
        nested: set[str] | None = None,
        optional: set[str] | None = None,
    ) -> dict[str, Any]:
        """Return the attributes that `schema` finds in a mapping whose other keys are those of `nested`."""
        if not isinstance(document, dict):
            raise SopRefused(path, Text("Harus berupa kunci dan isi.", "This has to be keys and values."))
        known = {cell.key for cell in schema} | (nested or set())
        required = {cell.key for cell in schema if cell.required} | ((nested or set()) - (optional or set()))
        for key in document:
            if key not in known:
                raise SopRefused(
                    _join(path, key),
                    Text(
                        f"Kunci tidak dikenal. Yang dikenal: {', '.join(sorted(known))}.",
                        f"The key is not known. Known are: {', '.join(sorted(known))}.",
                    ),
                )
        for key in sorted(required - document.keys()):
            raise SopRefused(
                _join(path, key),
                Text("Kunci ini harus ada (null bila kosong).", "This key has to be there (null when it is empty)."),
            )
        taken: dict[str, Any] = {}
        for cell in schema:
            if cell.key in document:
                value = document[cell.key]
                if value is not None:
                    taken[cell.attribute] = self.cell(cell, value, _join(path, cell.key))
                elif not cell.required:
                    self.empty.append(_join(path, cell.key))
        for cell in schema:
            if cell.required and cell.form in (cells.LINES, cells.NUMBER) and cell.attribute not in taken:
                raise SopRefused(
                    _join(path, cell.key),
                    Text("Isi ini tidak boleh null.", "This must not be null."),
                )
        return taken

    def cell(self, cell: Cell, value: Any, path: str) -> Any:
        taken = cell.form.take(value, path)
        if len(cell.form.show(taken).encode()) > MAX_CELL_BYTES:
            raise SopRefused(
                path,
                Text(
                    f"Isi sel lebih dari {MAX_CELL_BYTES:,} byte. Persingkat.".replace(",", "."),
                    f"The cell holds more than {MAX_CELL_BYTES:,} bytes. Shorten it.",
                ),
            )
        return taken


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise SopRefused(path, Text("Harus berupa daftar.", "This has to be a list."))
    return value


def _items(document: Any, key: str, name: str | None, path: str = "") -> list[tuple[Any, int, str]]:
    """Return each item of the list under `key` with its place, from 1, and its path, which uses its `name` cell."""
    base = _join(path, key)
    return [
        (item, place, f"{base}.{item[name] if name and isinstance(item, dict) and name in item else place}")
        for place, item in enumerate(_list(document[key], base), 1)
    ]


def _target(value: Any, path: str) -> Target:
    if value == END or (isinstance(value, int) and not isinstance(value, bool)):
        return value  # type: ignore[no-any-return]
    raise SopRefused(
        path,
        Text(f"{value!r} bukan nomor baris atau '{END}'.", f"{value!r} is neither a row's number nor '{END}'."),
    )


def _constant(document: Mapping[str, Any], key: str, expected: str, path: str) -> None:
    if document[key] != expected:
        raise SopRefused(
            _join(path, key), Text(f"Satu-satunya pilihan: '{expected}'.", f"The only choice is '{expected}'.")
        )


def table_document(table: SopTable) -> dict[str, Any]:
    """Return `table` as the plain mapping that a table file holds."""
    give = _writer(frozenset(table.stated_empty))
    document = give(cells.TABLE, table, "")
    document["identitas"] = give(cells.IDENTITY, table.identity, "identitas") | {
        "disahkan_oleh": give(cells.APPROVAL, table.identity.approval, "identitas.disahkan_oleh"),
        "keterkaitan": [
            give(cells.RELATION, relation, f"identitas.keterkaitan.{place}")
            for place, relation in enumerate(table.identity.relations, 1)
        ],
    }
    document["pemicu"] = give(cells.TRIGGER, table.trigger, "pemicu")
    document["roles"] = [
        {"urutan": place} | give(cells.ROLE, role, f"roles.{role.key}") for place, role in enumerate(table.roles, 1)
    ]
    document["peristiwa_luar"] = [
        give(cells.OUTSIDE_EVENT, event, f"peristiwa_luar.{event.after}")
        | {"sebelum": event.before, "bpmn": MESSAGE_WAIT}
        for event in table.outside_events
    ]
    document["activities"] = [
        give(cells.ACTIVITY, row, f"activities.{row.number}")
        | {"next": list(row.next)}
        | ({"keputusan": True} if row.number is not None and table.decision_of(row.number) else {})
        for row in table.activities
    ]
    document["decisions"] = [_decision_document(decision, give) for decision in table.decisions]
    if table.branches:
        cycles = [
            _branch_document(branch, give, f"siklus.{place}" if len(table.branches) > 1 else "siklus")
            for place, branch in enumerate(table.branches, 1)
        ]
        document["siklus"] = cycles[0] if len(cycles) == 1 else cycles
    return {key: document[key] for key in _ORDER if key in document}


_Give = Callable[[tuple[Cell, ...], object, str], dict[str, Any]]


def _writer(empty: frozenset[str]) -> _Give:
    def give(schema: tuple[Cell, ...], value: object, path: str) -> dict[str, Any]:
        document: dict[str, Any] = {}
        for cell in schema:
            content = getattr(value, cell.attribute)
            if content is not None:
                document[cell.key] = cell.form.give(content)
            elif cell.required or _join(path, cell.key) in empty:
                document[cell.key] = None
        return document

    return give


def _decision_document(decision: Decision, give: _Give) -> dict[str, Any]:
    path = f"decisions.{decision.row}"
    document = give(cells.DECISION, decision, path)
    if decision.task is not None:
        document["tugas_keputusan"] = give(cells.DECISION_TASK, decision.task, f"{path}.tugas_keputusan")
    document["hasil"] = [
        give(cells.OUTCOME, outcome, f"{path}.hasil.{outcome.code}")
        | {"ke": outcome.target}
        | ({"wajib_alasan": True} if outcome.code == RETURNED else {})
        for outcome in sorted(decision.outcomes, key=lambda outcome: OUTCOME_CODES.index(outcome.code))
    ]
    return document


def _branch_document(branch: Branch, give: _Give, path: str) -> dict[str, Any]:
    document = give(cells.BRANCH, branch, path)
    document["keputusan"] = give(cells.BRANCH_GATEWAY, branch, f"{path}.keputusan") | {
        "jenis": BRANCH_KIND,
        "pemutus": BRANCH_DECIDER,
        "cabang": [
            give(cells.CASE, case, f"{path}.keputusan.cabang.{place}") | {"ke": case.target}
            for place, case in enumerate(branch.cases, 1)
        ],
    }
    if branch.continuations is not None:
        document["mengalir_ke"] = [
            give(cells.CONTINUATION, item, f"{path}.mengalir_ke.{place}")
            for place, item in enumerate(branch.continuations, 1)
        ]
    return document
