"""Whether what a model decides by can ever have a value: which variables its forms and its doors to outside give.

A form gives its fields. A worker's answer, a message, and the start of a process without a start form give any name but
a decision and its reason, which only who decides gives; a process that is called gives any at all, since both use
the same variables. Signals carry none, and what an instance of a multi-instance task has for itself no condition reads.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from app.core.text import Text
from app.definitions.sop_rules import DECISION, REASON
from app.engine.decidable import conditions_of
from app.engine.expressions import Expression
from app.engine.findings import Finding
from app.engine.model import COUNTS, FieldType, Model, Node, NodeKind

_DECIDED = frozenset({DECISION, REASON})
_ANSWERED = frozenset({NodeKind.EXTERNAL_TASK, NodeKind.EXTERNAL_EVENT})


class _Given(NamedTuple):
    """What can have a value: the fields of forms by name, names of events, and what comes without being named."""

    fields: Mapping[str, frozenset[FieldType]]
    noted: frozenset[str]
    free: bool
    called: bool
    free_start: bool

    def names(self, name: str) -> bool:
        return name in self.fields or name in self.noted

    def may_come(self, name: str) -> bool:
        """Whether it may come from outside although nothing in the model names it."""
        return self.called or (self.free and name not in _DECIDED)

    def only_by_forms(self, name: str) -> bool:
        """Whether nothing but a form can give it; no door gives what a form owns, but a start without a form may."""
        owned = name in self.fields and name not in self.noted and not self.called
        return owned and (name in _DECIDED or not self.free_start)


def check_variables(model: Model) -> Iterator[Finding]:
    """Yield the gateways and multi-instance tasks that read what nothing gives, or what is never of their kind.

    The graph and the forms of the model must have been read without an error.
    """
    given = _given(model)
    for node in model.nodes.values():
        for name in sorted(_read_by(node)):
            if given.names(name):
                continue
            if given.may_come(name):
                yield Finding("warning", "variable-from-outside", _from_outside(name), node.id, remedy=_OUTSIDE_REMEDY)
            else:
                remedy = _ask(model, node, name)
                yield Finding("error", "variable-never-set", _never_set(name), node.id, remedy=remedy)
        loop = node.loop
        if loop is not None and loop.collection is not None and given.only_by_forms(loop.collection):
            yield Finding("error", "loop-collection", _no_list(loop.collection), node.id, remedy=_NO_LIST_REMEDY)
        conditions = [(flow.id, flow.condition) for flow in conditions_of(node)]
        conditions += [(node.id, loop.completion)] if loop is not None else []
        for at, condition in conditions:
            name = _bare(condition)
            if given.only_by_forms(name) and FieldType.BOOLEAN not in given.fields[name]:
                text, remedy = _no_truth(name)
                yield Finding("error", "condition-not-boolean", text, at, remedy=remedy)


def _given(model: Model) -> _Given:
    fields: dict[str, frozenset[FieldType]] = {}
    for form in (model.start_form, *(node.form for node in model.user_tasks)):
        for field in form:
            fields[field.id] = fields.get(field.id, frozenset()) | {field.type}
    nodes = model.nodes.values()
    faults = [node.fault for node in nodes if node.fault is not None]
    noted = {name for fault in faults for name in (fault.code_variable, fault.message_variable) if name is not None}
    answered = any(node.message is not None or node.kind in _ANSWERED for node in nodes)
    return _Given(
        fields=fields,
        noted=frozenset(noted),
        free=answered or not model.start_form,
        called=any(node.kind is NodeKind.CALL for node in nodes),
        free_start=not model.start_form,
    )


def _read_by(node: Node) -> frozenset[str]:
    """Return the variables that a gateway or a multi-instance task may read to decide."""
    read = {name for flow in conditions_of(node) if flow.condition is not None for name in flow.condition.names}
    if node.loop is not None:
        if isinstance(node.loop.cardinality, Expression):
            read |= node.loop.cardinality.names
        if node.loop.collection is not None:
            read.add(node.loop.collection)
        if node.loop.completion is not None:
            read |= node.loop.completion.names - COUNTS
    return frozenset(read)


def _bare(condition: Expression | None) -> str:
    """Return the variable that a condition consists of, empty if it says more."""
    written = "" if condition is None else condition.source.strip().removeprefix("${").removeprefix("#{")
    return written.removesuffix("}").strip()


def _asked_before(model: Model, node: Node) -> Node | None:
    """Return the nearest user task, or start of the process, that is passed before a node decides."""
    if node.loop is not None and node.loop.completion is not None:
        return node
    pending, seen = [flow.source for flow in node.incoming], {node.id}
    while pending:
        at = model.nodes[pending.pop(0)]
        if at.id in seen:
            continue
        seen.add(at.id)
        if at.kind is NodeKind.USER_TASK or (at.kind is NodeKind.START and at.scope is None):
            return at
        # Into a sub-process by its ends, out of it by its start; an interrupted activity has given nothing.
        inside = [one.id for one in model.within(at.id) if not one.outgoing]
        holder = model.nodes.get((at.scope if at.kind is NodeKind.START else at.attached_to) or "")
        pending += inside or [flow.source for flow in (holder or at).incoming]
    return None


# --- What is said ---------------------------------------------------------------------------------------------------


def _never_set(name: str) -> Text:
    shown = name[:80]
    return Text(
        f"Variabel '{shown}' dibaca di sini, tetapi tidak ada formulir, pesan, atau pelaksana luar yang mengisinya.",
        f"The variable '{shown}' is read here, but no form, message or outside worker ever gives it.",
    )


def _ask(model: Model, node: Node, name: str) -> Text:
    task = _asked_before(model, node)
    shown, where = name[:80], "" if task is None else (task.name or task.id)[:80]
    if task is None or task.kind is NodeKind.START:
        form = Text("formulir awal proses", "the start form of the process")
    elif task is node:
        form = Text("formulir tugas ini", "the form of this task")
    elif name == DECISION:
        return Text(
            f"Lengkapi formulir tugas sebelum gateway ini ('{where}') dengan keputusan.",
            f"Add a field keputusan to the form of the task before this gateway ('{where}').",
        )
    else:
        form = Text(f"formulir tugas '{where}'", f"the form of the task '{where}'")
    return Text(
        f"Tambahkan bidang '{shown}' pada {form.id}, atau perbaiki ejaannya di sini.",
        f"Add a field '{shown}' to {form.en}, or correct how it is spelt here.",
    )


def _from_outside(name: str) -> Text:
    shown = name[:80]
    return Text(
        f"Tidak ada formulir yang meminta '{shown}': nilainya harus datang dari luar, atau proses berhenti di sini.",
        f"No form asks for '{shown}': it has to come from outside, or the process is stuck here.",
    )


_OUTSIDE_REMEDY = Text(
    "Pastikan awal proses, pesan, pelaksana luar, atau proses yang dipanggil mengisinya; bila tidak, tambahkan bidang "
    "itu pada formulir tugas sebelumnya.",
    "Make sure that the start, a message, an outside worker or the called process gives it; if none does, add the "
    "field to the form of a task before.",
)


def _no_list(name: str) -> Text:
    shown = name[:80]
    return Text(
        f"'{shown}' hanya diisi formulir, sedangkan formulir tidak pernah mengisi sebuah daftar.",
        f"Only a form gives '{shown}', and a form never gives a list.",
    )


_NO_LIST_REMEDY = Text(
    "Pakai Loop cardinality dengan bidang bilangan, atau ambil daftarnya dari pelaksana luar dengan nama lain.",
    "Use a loop cardinality with a field for a number, or let an outside worker give the list under another name.",
)


def _no_truth(name: str) -> tuple[Text, Text]:
    shown = name[:80]
    return (
        Text(
            f"Bidang '{shown}' bukan bidang benar/salah, jadi syarat ini selalu gagal.",
            f"The field '{shown}' is not one of true or false, so this condition always fails.",
        ),
        Text(
            f"Tulis perbandingan, misalnya ${{{shown} == 'setuju'}}, atau ubah jenis bidangnya menjadi boolean.",
            f"Write a comparison such as ${{{shown} == 'setuju'}}, or make the field a boolean.",
        ),
    )
