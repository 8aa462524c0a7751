"""Values that a form lets through and with which nothing is decided: a condition fails, or no way is left."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from app.core.text import Text
from app.definitions.given import Given
from app.definitions.trials import Decision, places_of, trials
from app.engine.expressions import Expression
from app.engine.findings import Finding
from app.engine.model import COUNTS, MAX_INSTANCES

# So many combinations of values are tried; where there are more, some of them.
_MOST = 100
_SHOWN = 5
# Whether values never come to a decision, since another gateway sends them another way.
Elsewhere = Callable[[Decision, Mapping[str, Any]], bool]


def known(given: Given, decision: Decision, names: frozenset[str]) -> bool:
    """Whether all that variables can hold is known: only forms give them, or they count the times of a task."""
    counts = COUNTS - given.fields.keys() if decision.kind == "end" else frozenset[str]()
    return all(name in counts or given.only_by_forms(name) for name in names)


def check_failing(given: Given, decision: Decision, said: Collection[str | None]) -> Iterator[Finding]:
    """Yield the conditions that are neither true nor false whatever their fields hold; `said` are the ids of those
    of which more has been said."""
    if decision.kind == "times":
        return
    for element_id, expression in places_of(decision):
        names = expression.names
        if element_id in said or not known(given, decision, names):
            continue
        empty = [{name: None for name in names if any(not one.required for one in given.fields.get(name, ()))}]
        tried = trials(given, decision, names)
        tried += [{**one, **none} for one in tried for none in empty if none]
        if tried and all(type(decision.value(expression, one)) is not bool for one in tried):
            text = _always_fails(expression)
            yield Finding("error", "condition-not-boolean", text, element_id, remedy=_ALWAYS_FAILS_REMEDY)


def check_lost(given: Given, decision: Decision, elsewhere: Elsewhere) -> Iterator[Finding]:
    """Yield the first values with which a condition fails, and the first that have no way; of a cardinality, the first
    with which it is no number of times."""
    if not known(given, decision, decision.names):
        return
    fails = stuck = False
    for one in trials(given, decision, decision.names, _MOST):
        if (fails and stuck) or decision.outcome(one) is not None or elsewhere(decision, one):
            continue
        at, shown = decision.node.id, _shown(one)
        if decision.kind == "times":
            yield Finding("warning", "loop-cardinality", _no_count(shown), at, remedy=_NO_COUNT_REMEDY)
            return
        failing = any(type(decision.value(expression, one)) is not bool for expression in decision.expressions)
        if failing and not fails:
            fails = True
            yield Finding("warning", "condition-may-fail", _fails(shown), at, remedy=_FAILS_REMEDY)
        if not failing and not stuck:
            stuck = True
            yield Finding("warning", "value-without-way", _no_way(shown), at, remedy=_NO_WAY_REMEDY)


# --- What is said ---------------------------------------------------------------------------------------------------


def _shown(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name[:80]} = {_written(value)}" for name, value in sorted(values.items())[:_SHOWN])


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value[:80]}'" if isinstance(value, str) else str(value)


def _always_fails(expression: Expression) -> Text:
    shown = expression.source[:80]
    return Text(
        f"Syarat '{shown}' gagal dengan isian formulir apa pun: hasilnya tidak pernah benar atau salah.",
        f"The condition '{shown}' fails whatever the forms hold: it is never true or false.",
    )


_ALWAYS_FAILS_REMEDY = Text(
    "Hitung hanya dengan bilangan (bidang long, atau number(…)), gabungkan hanya teks (text(…)), jangan membagi dengan "
    "nol, dan tanpa sifat seperti .length: pakai len(…). Untuk selisih tanggal, mintalah jumlah harinya.",
    "Calculate with numbers alone (fields of the type long, or number(…)), join texts alone (text(…)), divide by "
    "nothing that is zero, and write len(…) for .length. For a time between two dates, ask for the number of days.",
)


def _fails(shown: str) -> Text:
    return Text(
        f"Dengan isian {shown}, syarat di sini gagal dihitung dan proses tidak dapat melanjutkan.",
        f"With {shown} a condition here cannot be worked out, and the process cannot go on.",
    )


_FAILS_REMEDY = Text(
    "Batasi bidangnya (min, max, atau jenis long), atau periksa dahulu, misalnya ${n != 0 && jumlah / n > 3}.",
    "Bound the field (min, max, or the type long), or ask first, as in ${n != 0 && jumlah / n > 3}.",
)


def _no_way(shown: str) -> Text:
    return Text(
        f"Dengan isian {shown}, tidak ada syarat yang benar dan tidak ada alur baku.",
        f"With {shown} no condition is true and there is no default flow.",
    )


_NO_WAY_REMEDY = Text(
    "Tarik alur baku, atau alur dengan syarat untuk nilai itu.",
    "Draw a default flow, or a flow with a condition for that value.",
)


def _no_count(shown: str) -> Text:
    return Text(
        f"Dengan isian {shown}, loop cardinality tidak menghasilkan bilangan bulat dari 0 sampai {MAX_INSTANCES}.",
        f"With {shown} the loop cardinality gives no whole number from 0 to {MAX_INSTANCES}.",
    )


_NO_COUNT_REMEDY = Text(
    "Beri bidangnya batasan min dan max, misalnya min 1 dan max 10.",
    "Give the field the constraints min and max, for example min 1 and max 10.",
)
