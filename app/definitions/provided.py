"""Whether what a model decides by can ever have a value, and one of the kind that is needed there."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.core.text import Text
from app.definitions.given import DECIDED, given_in
from app.engine.decidable import conditions_of
from app.engine.expressions import Expression
from app.engine.findings import Finding
from app.engine.model import COUNTS, FieldType, Model, Node, NodeKind


def check_variables(model: Model, sent: Iterable[Model] = ()) -> Iterator[Finding]:
    """Yield the gateways and multi-instance tasks that read what nothing gives, or what is never of their kind.

    The graph and the forms of the model must have been read without an error. `sent` are the models of the files that
    are sent with it: where one calls it, both use the same variables.
    """
    given = given_in(model, sent)
    for node in model.nodes.values():
        for name in sorted(read_by(node)):
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
            name = bare(condition)
            if given.only_by_forms(name) and all(field.type is not FieldType.BOOLEAN for field in given.fields[name]):
                text, remedy = _no_truth(name)
                yield Finding("error", "condition-not-boolean", text, at, remedy=remedy)


def read_by(node: Node) -> frozenset[str]:
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


def bare(condition: Expression | None) -> str:
    """Return the variable that a condition consists of, empty if it says more."""
    written = "" if condition is None else condition.source.strip().removeprefix("${").removeprefix("#{")
    return written.removesuffix("}").strip()


class _Asked(NamedTuple):
    """The nearest user task, or start of the process, before a node; `direct` if nothing is waited for in between."""

    node: Node
    direct: bool


def _asked_before(model: Model, node: Node) -> _Asked | None:
    """Return the nearest user task, or start of the process, that is passed before a node decides."""
    if node.loop is not None and node.loop.completion is not None:
        return _Asked(node, direct=True)
    pending, seen = [(flow.source, True) for flow in node.incoming], {node.id}
    while pending:
        id_, direct = pending.pop(0)
        at = model.nodes[id_]
        if at.id in seen:
            continue
        seen.add(at.id)
        if at.kind is NodeKind.USER_TASK or (at.kind is NodeKind.START and at.scope is None):
            return _Asked(at, direct)
        direct = direct and at.kind in _PASSED_AT_ONCE
        # Into a sub-process by its ends, out of it by its start; an interrupted activity has given nothing.
        inside = [one.id for one in model.within(at.id) if not one.outgoing]
        holder = model.nodes.get((at.scope if at.kind is NodeKind.START else at.attached_to) or "")
        pending += [(id_, direct) for id_ in inside or [flow.source for flow in (holder or at).incoming]]
    return None


_PASSED_AT_ONCE = frozenset({NodeKind.EXCLUSIVE, NodeKind.PASS})


# --- What is said ---------------------------------------------------------------------------------------------------


def _never_set(name: str) -> Text:
    shown = name[:80]
    return Text(
        f"Variabel '{shown}' dibaca di sini, tetapi tidak ada formulir, pesan, atau pelaksana luar yang mengisinya.",
        f"The variable '{shown}' is read here, but no form, message or outside worker ever gives it.",
    )


def _ask(model: Model, node: Node, name: str) -> Text:
    asked = _asked_before(model, node)
    task, shown = None if asked is None else asked.node, name[:80]
    where = "" if task is None else (task.name or task.id)[:80]
    at_start = task is None or task.kind is NodeKind.START
    if task is not node and name in DECIDED:
        if asked is None or at_start or not asked.direct:
            return Text(
                f"Taruh tugas pengguna yang memutuskan tepat sebelum gateway ini, dengan bidang '{shown}' pada "
                "formulirnya: awal proses, pesan, dan pelaksana luar tidak dapat mengisinya.",
                f"Put the user task that decides right before this gateway, with a field '{shown}' in its form: no "
                "start, message or outside worker can give it.",
            )
        return Text(
            f"Lengkapi formulir tugas sebelum gateway ini ('{where}') dengan {shown}.",
            f"Add a field {shown} to the form of the task before this gateway ('{where}').",
        )
    if at_start:
        form = Text("formulir awal proses", "the start form of the process")
    elif task is node:
        form = Text("formulir tugas ini", "the form of this task")
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
