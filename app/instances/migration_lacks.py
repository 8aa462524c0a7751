"""What an instance would be asked for in another version and could not answer: variables that decide there."""

from collections.abc import Iterator

from app import engine
from app.core.text import Text
from app.definitions.catalogue import Definition
from app.instances.aggregate import Instance
from app.instances.variables import DECISION, REASON, owned_by_forms


def lack_findings(instance: Instance, target: Definition, step: engine.Step | None) -> Iterator[engine.Finding]:
    """Yield what the target's coming decisions read and the instance does not have; `step` is where it will stand.

    It is refused where nothing that is still to come gives the variable, and told where it may not be given. What the
    present version lacks already is not the migration's doing: that is told where it is certain.
    """
    if step is None:
        return
    before = {lack.variable: lack.certain for lack in _lacking(instance.definition, instance.state)}
    for lack in _lacking(target, step.state):
        node = target.process.model.nodes[lack.element_id]
        known = before.get(lack.variable)
        if lack.certain and not known:
            yield engine.finding("error", "variable-missing", _missing(node, lack.variable), node.id)
        elif lack.certain or known is None:
            yield engine.Finding("warning", "variable-missing", _may_miss(node, lack.variable), node.id)


def _lacking(definition: Definition, state: bytes) -> tuple[engine.Lack, ...]:
    return engine.lacking(definition.process, state, owned_by_forms(definition) | {DECISION, REASON})


def _named(node: engine.Node) -> str:
    return f"'{node.name}' ({node.id})" if node.name else f"'{node.id}'"


def _missing(node: engine.Node, variable: str) -> Text:
    return Text(
        f"{_named(node)} pada versi tujuan membaca variabel '{variable}', yang tidak dimiliki proses ini dan tidak "
        "diisi lagi sebelum langkah itu. "
        f"Tambahkan bidang '{variable}' pada formulir tugas yang terbuka atau yang masih akan datang, atau selesaikan "
        "proses ini pada versinya sekarang.",
        f"{_named(node)} in the target version reads the variable '{variable}', which the instance does not have and "
        "nothing before that step still gives. "
        f"Add a field '{variable}' to the form of a task that is open or still to come, or let the instance end in its "
        "present version.",
    )


def _may_miss(node: engine.Node, variable: str) -> Text:
    return Text(
        f"{_named(node)} pada versi tujuan membaca variabel '{variable}', yang belum dimiliki proses ini; bila tidak "
        "diisi sebelum langkah itu, proses berhenti di sana.",
        f"{_named(node)} in the target version reads the variable '{variable}', which the instance does not have yet; "
        "if nothing gives it before that step, the instance is stuck there.",
    )
