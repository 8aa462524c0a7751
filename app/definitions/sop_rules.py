"""What an SOP should keep to although the engine would run it otherwise: said as warnings, but for a return that nobody
could make, since it has no field for its reason."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from app.core.text import Text
from app.definitions.ways import after, ahead
from app.engine import Finding, Model, Node, NodeKind
from app.engine.expressions import ExpressionFailed, truth
from app.engine.model import FieldType, Flow
from app.sop.facts import ROW_PROPERTIES, SOP_PROPERTIES, activity_facts, misspelt, unreadable
from app.sop.table import APPROVED, RETURN_KINDS, RETURNED

DECISION = "keputusan"
MAKER_DECIDES = "pembuat_boleh_memutuskan"
REASON = "alasan"

_TEXTS = frozenset({FieldType.STRING, FieldType.ENUM, FieldType.DATE})
# So many elements between two rows are no SOP, and looking on would take long.
_FAR = 500

RoleOf = Callable[[Node], str | None]


def check_sop(model: Model, role_of: RoleOf) -> Iterator[Finding]:
    """Yield what an SOP should not be like; `role_of` names the role of a user task, null where it is not known."""
    yield from _rows(model)
    loops = _rounds(model)
    for task in model.user_tasks:
        if _may_be_makers(task):
            yield _warning("maker-may-decide", _MAKER, _MAKER_REMEDY, task)
        if _field(task, DECISION):
            yield from _decision(model, task, loops, role_of)
    # Where no form asks for a decision, that is what is wrong, and the gate says it of every variable.
    asked = any(field.id == DECISION for field in model.start_form) or any(
        _field(task, DECISION) for task in model.user_tasks
    )
    for node in model.nodes.values() if asked else ():
        if node.kind is NodeKind.EXCLUSIVE and _reads_decision(node) and not _follows_its_task(model, node):
            yield _warning("decision-read-late", _READ_LATE, _READ_LATE_REMEDY, node)


# --- Rows -----------------------------------------------------------------------------------------------------------


def _rows(model: Model) -> Iterator[Finding]:
    first: dict[int, Node] = {}
    for name, meant in misspelt(model.properties, SOP_PROPERTIES).items():
        yield _warning("misspelt-property", *_misspelt(name, meant), model)
    for task in model.user_tasks:
        faulty = [name for name in unreadable(task.properties) if name != "waktu"]
        for name in faulty:
            yield _warning("unreadable-property", *_unreadable(name, task.properties[name]), task)
        for name, meant in misspelt(task.properties, ROW_PROPERTIES).items():
            yield _warning("misspelt-property", *_misspelt(name, meant), task)
            faulty.append(meant)
        facts = activity_facts(task.properties)
        if facts.decision_for is not None or "keputusan_untuk" in faulty:
            continue
        if facts.activity_no is None:
            if "nomor" not in faulty:
                yield _warning("row-without-number", _WITHOUT_NUMBER, _WITHOUT_NUMBER_REMEDY, task)
        elif first.setdefault(facts.activity_no, task) is not task:
            yield _warning("number-twice", *_number_twice(facts.activity_no, first[facts.activity_no]), task)
    for task in model.user_tasks:
        decided = activity_facts(task.properties).decision_for
        if decided is not None and decided not in first:
            yield _warning("decision-for-no-row", *_for_no_row(decided), task)


# --- Decisions ------------------------------------------------------------------------------------------------------


def _decision(model: Model, task: Node, loops: Mapping[str, str], role_of: RoleOf) -> Iterator[Finding]:
    options = {option for field in task.form if field.id == DECISION for option, _ in field.options}
    if RETURNED in options and not _asks_reason(task):
        yield Finding("error", "return-without-reason", _NO_REASON, task.id, remedy=_NO_REASON_REMEDY)
    if options and RETURNED not in options:
        yield _warning("decision-without-return", _NO_RETURNED, _NO_RETURNED_REMEDY, task)
        return
    gateway = _gateway_after(model, task)
    if gateway is None:
        yield _warning("decision-without-return", _NOT_READ, _NOT_READ_REMEDY, task)
        return
    rows = list(_rows_behind(model, _taken(gateway, RETURNED)))
    # A row behind the task from which the task is come to again lies on a loop with it.
    if not any(loops[row.id] == loops[task.id] for row in rows):
        yield _warning("decision-without-return", _NO_WAY_BACK, _NO_WAY_BACK_REMEDY, gateway)
        return
    # Where any text is a decision, others than a return can still be taken.
    if not options and not _asks_reason(task):
        yield _warning("return-without-reason", _NO_REASON, _NO_REASON_REMEDY, task)
    for row in rows:
        facts = activity_facts(row.properties)
        if facts.kind is not None and facts.kind not in RETURN_KINDS:
            yield _warning("return-to-no-work", *_to_no_work(row, facts.kind), gateway)
        # A correction may decide as well, but only its kind tells it from a check or a signature.
        elif facts.kind is None and (facts.decision_for is not None or _field(row, DECISION)):
            yield _warning("return-to-no-work", *_to_a_decision(row), gateway)
        role = role_of(row)
        if role is not None and role == role_of(task):
            yield _warning("decides-on-own-work", *_own_work(row), task)


def rows_returned_to(model: Model, task: Node) -> tuple[str, ...]:
    """Return the rows to which a decision sends back, whose makers do not take it; none where its property says so."""
    gateway = _gateway_after(model, task) if _field(task, DECISION) else None
    if gateway is None or _may_be_makers(task):
        return ()
    return tuple(row.id for row in _rows_behind(model, _taken(gateway, RETURNED)) if row.id != task.id)


def _may_be_makers(task: Node) -> bool:
    return task.properties.get(MAKER_DECIDES, "").strip().casefold() == "ya"


def _field(task: Node, name: str) -> bool:
    return any(field.id == name for field in task.form)


def _asks_reason(task: Node) -> bool:
    """Whether a form can give the reason of a return, without which it is refused: a text, of any kind."""
    return any(field.id == REASON and field.type in _TEXTS for field in task.form)


def _gateway_after(model: Model, task: Node) -> Node | None:
    """Return the exclusive gateway that a task decides, if nothing but merges stands between the two."""
    node, seen = task, set[str]()
    while len(node.outgoing) == 1 and node.id not in seen:
        seen.add(node.id)
        node = model.nodes[node.outgoing[0].target]
        if node.kind is NodeKind.EXCLUSIVE and len(node.outgoing) > 1:
            return node if _reads_decision(node) else None
        if node.kind not in (NodeKind.EXCLUSIVE, NodeKind.PASS):
            return None
    return None


def _reads_decision(gateway: Node) -> bool:
    return any(flow.condition is not None and DECISION in flow.condition.names for flow in gateway.outgoing)


def _follows_its_task(model: Model, gateway: Node) -> bool:
    seen, pending = {gateway.id}, [flow.source for flow in gateway.incoming]
    while pending:
        node = model.nodes[pending.pop()]
        if node.id in seen:
            continue
        seen.add(node.id)
        if node.kind is NodeKind.USER_TASK and _field(node, DECISION):
            continue
        if node.kind not in (NodeKind.EXCLUSIVE, NodeKind.PASS) or len(node.outgoing) != 1 or not node.incoming:
            return False
        pending += [flow.source for flow in node.incoming]
    return True


def _taken(gateway: Node, outcome: str) -> list[Flow]:
    """Return the flows that an outcome can take: the first that is true, and those before it that read more than it."""
    taken: list[Flow] = []
    for flow in gateway.outgoing:
        if flow.id == gateway.default_flow or flow.condition is None:
            continue
        try:
            holds = truth(flow.condition, {DECISION: outcome})
        except ExpressionFailed:
            taken.append(flow)
            continue
        if holds:
            return [*taken, flow]
    return [*taken, *(flow for flow in gateway.outgoing if flow.id == gateway.default_flow)]


def _rows_behind(model: Model, flows: Iterable[Flow]) -> Iterator[Node]:
    """Yield the user tasks that flows lead to without passing another one."""
    pending, seen = [flow.target for flow in flows], set[str]()
    while pending and len(seen) < _FAR:
        at = pending.pop(0)
        if at in seen:
            continue
        seen.add(at)
        node = model.nodes[at]
        if node.kind is NodeKind.USER_TASK:
            yield node
        else:
            pending += after(model, node)


def _rounds(model: Model) -> Mapping[str, str]:
    """Give each node the name of the loop that it lies on, the same for all that can be come to from each other."""
    further = ahead(model)
    back: dict[str, list[str]] = {at: [] for at in further}
    for at, following in further.items():
        for other in following:
            back[other].append(at)
    seen: set[str] = set()
    finished = [at for first in further for at in _finished_from(first, further, seen)]
    loops: dict[str, str] = {}
    for first in reversed(finished):
        pending = [first]
        while pending:
            at = pending.pop()
            if at not in loops:
                loops[at] = first
                pending += back[at]
    return loops


def _finished_from(first: str, ahead: Mapping[str, list[str]], seen: set[str]) -> list[str]:
    """Return what is newly come to from a node, each after all that follows it."""
    if first in seen:
        return []
    seen.add(first)
    finished: list[str] = []
    pending = [(first, iter(ahead[first]))]
    while pending:
        at, following = pending[-1]
        further = next((other for other in following if other not in seen), None)
        if further is None:
            finished.append(at)
            pending.pop()
        else:
            seen.add(further)
            pending.append((further, iter(ahead[further])))
    return finished


# --- What is said ---------------------------------------------------------------------------------------------------

_MAKER = Text(
    "Keputusan ini boleh dibuat oleh orang yang mengerjakan baris yang diputuskannya (pembuat_boleh_memutuskan).",
    "Whoever did the row that this decides on may take the decision himself (pembuat_boleh_memutuskan).",
)
_MAKER_REMEDY = Text(
    "Hapus properti itu, kecuali kantor memang hanya mempunyai satu orang untuk keduanya.",
    "Remove the property, unless the office really has but one person for both.",
)


def _warning(code: str, text: Text, remedy: Text, element: Node | Model) -> Finding:
    return Finding("warning", code, text, element.id, remedy=remedy)


_WITHOUT_NUMBER = Text(
    "Tugas ini tidak bernomor, jadi tidak muncul sebagai baris tabel SOP.",
    "This task has no number, so it is no row of the SOP's table.",
)
_WITHOUT_NUMBER_REMEDY = Text(
    "Isi 'nomor' dengan nomor barisnya, atau 'keputusan_untuk' bila tugas ini memutuskan baris lain.",
    "Give it the number of its row in 'nomor', or in 'keputusan_untuk' that of the row it decides on.",
)
_NO_RETURNED = Text(
    f"Keputusan ini tidak punya hasil '{RETURNED}', jadi dokumen tidak dapat dikembalikan.",
    f"This decision has no outcome '{RETURNED}', so a document cannot be returned.",
)
_NO_RETURNED_REMEDY = Text(
    f"Beri bidang '{DECISION}' dua pilihan, '{APPROVED}' dan '{RETURNED}', masing-masing dengan alurnya.",
    f"Give the field '{DECISION}' the two values '{APPROVED}' and '{RETURNED}', each with a flow of its own.",
)
_NOT_READ = Text(
    f"Tugas ini meminta '{DECISION}', tetapi tidak ada gateway sesudahnya yang membacanya.",
    f"This task asks for '{DECISION}', but no gateway behind it reads it.",
)
_NOT_READ_REMEDY = Text(
    f"Letakkan gateway eksklusif tepat sesudah tugas ini, bersyarat ${{{DECISION} == '{APPROVED}'}} dan "
    f"${{{DECISION} == '{RETURNED}'}}.",
    f"Put an exclusive gateway directly behind the task, with the conditions ${{{DECISION} == '{APPROVED}'}} and "
    f"${{{DECISION} == '{RETURNED}'}}.",
)
_NO_WAY_BACK = Text(
    f"Hasil '{RETURNED}' tidak membawa dokumen kembali: dari sana keputusan ini tidak pernah dibuka lagi.",
    f"The outcome '{RETURNED}' does not bring the document back: from there this decision is never opened again.",
)
_NO_WAY_BACK_REMEDY = Text(
    "Tarik alurnya ke baris yang memperbaiki dokumen, sehingga pemeriksaan berikutnya diulang.",
    "Lead its flow to the row that corrects the document, so that the checks behind it are done again.",
)
_NO_REASON = Text(
    f"Keputusan ini dapat mengembalikan dokumen, tetapi formulirnya tidak punya bidang teks '{REASON}', padahal tanpa "
    "alasan tidak ada pengembalian yang diterima.",
    f"This decision can return a document, but its form has no text field '{REASON}', and no return is accepted "
    "without its reason.",
)
_NO_REASON_REMEDY = Text(
    f"Tambahkan bidang teks '{REASON}' pada formulir tugas ini.",
    f"Add a text field '{REASON}' to the form of the task.",
)
_READ_LATE = Text(
    f"Gateway ini membaca '{DECISION}', tetapi tidak tepat sesudah tugas yang mengisinya: nilainya dapat berasal dari "
    "keputusan lain.",
    f"This gateway reads '{DECISION}', but not directly behind the task that sets it: the value may be that of "
    "another decision.",
)
_READ_LATE_REMEDY = Text(
    "Pindahkan gateway ini tepat ke belakang tugas keputusannya.", "Move the gateway directly behind its deciding task."
)


def _unreadable(name: str, value: str) -> tuple[Text, Text]:
    shown = value.strip()[:80]
    return (
        Text(
            f"Isi '{shown}' pada '{name}' tidak dapat dibaca, jadi dianggap kosong.",
            f"What '{name}' holds, '{shown}', cannot be read, so it counts as empty.",
        ),
        Text(
            f"Tulis '{name}' seperti pada baris lain: bilangan untuk nomor, kata yang dikenal untuk jenis dan asal.",
            f"Write '{name}' as other rows do: a figure for a number, a known word for a kind or a provenance.",
        ),
    )


def _misspelt(name: str, meant: str) -> tuple[Text, Text]:
    shown = name[:80]
    return (
        Text(
            f"Properti '{shown}' tidak dikenal, jadi isinya tidak dibaca; yang dikenal adalah '{meant}'.",
            f"The property '{shown}' is not known, so what it holds is not read; the known one is '{meant}'.",
        ),
        Text(
            f"Ubah namanya menjadi '{meant}', persis seperti itu.",
            f"Change its name to '{meant}', exactly so.",
        ),
    )


def _number_twice(number: int, first: Node) -> tuple[Text, Text]:
    name = _name(first)
    return (
        Text(f"Nomor {number} sudah dipakai oleh '{name}'.", f"The number {number} is that of '{name}' already."),
        Text("Beri setiap baris nomornya sendiri.", "Give each row a number of its own."),
    )


def _for_no_row(number: int) -> tuple[Text, Text]:
    return (
        Text(
            f"Tugas ini memutuskan baris {number}, yang tidak ada.",
            f"This task decides on row {number}, which is none.",
        ),
        Text(
            "Tulis nomor baris yang diputuskan pada 'keputusan_untuk'.", "Write in 'keputusan_untuk' a row that exists."
        ),
    )


def _to_no_work(row: Node, kind: str) -> tuple[Text, Text]:
    name = _name(row)
    return (
        Text(
            f"Pengembalian menuju '{name}', baris berjenis '{kind}', bukan baris kerja.",
            f"The return leads to '{name}', a row of the kind '{kind}' and not of work.",
        ),
        Text(
            "Tarik pengembalian ke baris 'kerja' atau 'koreksi' yang memperbaiki dokumen.",
            "Lead the return to the row of work or correction ('kerja', 'koreksi') that mends the document.",
        ),
    )


def _to_a_decision(row: Node) -> tuple[Text, Text]:
    name = _name(row)
    return (
        Text(
            f"Pengembalian menuju '{name}', yang sendiri memutuskan, bukan baris kerja.",
            f"The return leads to '{name}', which itself decides, and not to a row of work.",
        ),
        Text(
            "Tarik pengembalian ke baris yang memperbaiki dokumen; bila itu baris ini, isi 'jenis' dengan 'koreksi'.",
            "Lead the return to the row that mends the document; if it is this one, give it the kind 'koreksi'.",
        ),
    )


def _own_work(row: Node) -> tuple[Text, Text]:
    name = _name(row)
    return (
        Text(
            f"Pemutus dan pelaksana '{name}', baris yang menerima pengembalian, adalah jabatan yang sama.",
            f"The one who decides and the one who performs '{name}', where a return goes, are of the same role.",
        ),
        Text(
            "Serahkan keputusan ini kepada jabatan lain, atau kembalikan ke baris jabatan lain; bila tetap, orangnya "
            "harus berbeda.",
            "Let another role decide, or return to a row of another role; if it stays, they must be different persons.",
        ),
    )


def _name(node: Node) -> str:
    return node.name[:80] or node.id
