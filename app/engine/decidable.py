"""Whether the conditions of a model can decide anything: seen from the expressions, without running them on data.

These are no faults of reading, so a version that is in force stays readable whatever is said here later.
"""

from collections.abc import Iterator, Mapping
from itertools import product

from app.core.text import Text
from app.engine.expressions import Expression, ExpressionFailed, truth
from app.engine.findings import Finding
from app.engine.model import COUNTS, Flow, Model, Node, NodeKind

_DECIDING = frozenset({NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE})


def check_conditions(model: Model) -> Iterator[Finding]:
    """Yield the conditions of flows and of multi-instance tasks that always come out alike, or always fail."""
    for node in model.nodes.values():
        for flow in conditions_of(node):
            yield from _check_flow(node, flow)
        if node.loop is not None and node.loop.completion is not None:
            completion = node.loop.completion
            if not completion.names:
                yield Finding("error", "condition-constant", _constant(completion), node.id, remedy=_COUNT_REMEDY)
            elif bool not in completion.gives or _fails_with_every_count(completion):
                yield Finding("error", "condition-not-boolean", _not_boolean(completion), node.id, remedy=_COUNT_REMEDY)


def conditions_of(node: Node) -> tuple[Flow, ...]:
    """Return the flows out of a node whose conditions are evaluated."""
    if node.kind not in _DECIDING or len(node.outgoing) < 2:
        return ()
    return tuple(flow for flow in node.outgoing if flow.condition is not None and flow.id != node.default_flow)


def _check_flow(node: Node, flow: Flow) -> Iterator[Finding]:
    condition = flow.condition
    if condition is None:
        return
    if condition.names:
        if bool not in condition.gives:
            yield Finding("error", "condition-not-boolean", _not_boolean(condition), flow.id, remedy=_COMPARE)
    elif _outcome(condition, {}) is _TRUE and _closes_no_way(node, flow):
        yield Finding("warning", "condition-always-true", _ALWAYS, flow.id, remedy=_ALWAYS_REMEDY)
    else:
        yield Finding("error", "condition-constant", _constant(condition), flow.id, remedy=_COMPARE_OR_DEFAULT)


def _closes_no_way(node: Node, flow: Flow) -> bool:
    """Whether every way out can still be taken although this one always is when it is come to."""
    return node.default_flow is None and (node.kind is NodeKind.INCLUSIVE or node.outgoing[-1] is flow)


def _fails_with_every_count(completion: Expression) -> bool:
    """Whether a condition that reads the counts alone gives neither true nor false, such as a count itself."""
    numbers = product(range(4), repeat=len(COUNTS))
    counts = (dict(zip(sorted(COUNTS), some, strict=True)) for some in numbers)
    return completion.names <= COUNTS and all(_outcome(completion, given) is _FAILURE for given in counts)


_TRUE = Text("benar", "true")
_FALSE = Text("salah", "false")
_FAILURE = Text("tidak ada, karena perhitungannya gagal", "none, since it cannot be worked out")

_ALWAYS = Text("Syarat ini selalu benar.", "This condition is always true.")
_ALWAYS_REMEDY = Text(
    "Jadikan alur ini alur baku, atau bandingkan isian sebuah formulir, misalnya ${keputusan == 'setuju'}.",
    "Make this the default flow, or compare what a form asks for, as in ${keputusan == 'setuju'}.",
)
_COMPARE = Text(
    "Tulis perbandingan dengan isian sebuah formulir, misalnya ${keputusan == 'setuju'}.",
    "Compare what a form asks for, as in ${keputusan == 'setuju'}.",
)
_COMPARE_OR_DEFAULT = Text(
    "Bandingkan isian sebuah formulir, misalnya ${keputusan == 'setuju'}, jadikan alur ini alur baku, atau hapus.",
    "Compare what a form asks for, as in ${keputusan == 'setuju'}, make this the default flow, or remove it.",
)
_COUNT_REMEDY = Text(
    "Tulis perbandingan seperti ${nrOfCompletedInstances >= 2}, atau hapus syarat selesainya.",
    "Write a comparison such as ${nrOfCompletedInstances >= 2}, or remove the completion condition.",
)


def _outcome(condition: Expression, variables: Mapping[str, int]) -> Text:
    try:
        return _TRUE if truth(condition, variables) else _FALSE
    except ExpressionFailed:
        return _FAILURE


def _constant(condition: Expression) -> Text:
    shown, outcome = condition.source[:80], _outcome(condition, {})
    return Text(
        f"Syarat '{shown}' tidak membaca variabel apa pun, jadi hasilnya selalu sama: {outcome.id}.",
        f"The condition '{shown}' reads no variable, so its result is always the same: {outcome.en}.",
    )


def _not_boolean(condition: Expression) -> Text:
    shown = condition.source[:80]
    return Text(
        f"Syarat '{shown}' tidak pernah menghasilkan benar atau salah, jadi selalu gagal.",
        f"The condition '{shown}' never gives true or false, so it always fails.",
    )
