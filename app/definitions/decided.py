"""Whether what the forms of a model give can decide what it is compared and counted for: found by trying values."""

from collections.abc import Iterable, Iterator

from app.core.text import Text
from app.definitions.given import Given, given_in
from app.definitions.trials import (
    Budget,
    Decision,
    TooManyTrials,
    decisions_of,
    is_finite,
    takes,
    trials,
    values_of,
    values_of_field,
)
from app.engine.decidable import conditions_of
from app.engine.expression_parts import Comparison, Literal, Variable
from app.engine.expressions import Expression
from app.engine.findings import Finding, Severity
from app.engine.model import COUNTS, MAX_INSTANCES, FieldType, FormField, Model, NodeKind

# So many values are tried in all for one model; more is a file made to keep the gate busy.
_MOST_TRIALS = 30_000
_ORDERINGS = frozenset({"<", ">", "<=", ">="})
_NEGATIONS = frozenset({"!=", "not in"})
_TEXTS = frozenset({FieldType.STRING, FieldType.DATE, FieldType.ENUM})


def check_decisions(model: Model, sent: Iterable[Model] = (), *, limit: int = _MOST_TRIALS) -> Iterator[Finding]:
    """Yield the conditions and cardinalities that fail with a value that a form lets through, or that never fit one.

    The graph, the forms and the expressions of the model must have been read without an error. `sent` are the models of
    the files that are sent with it.
    """
    given = given_in(model, sent)
    try:
        decisions = list(decisions_of(model, Budget(limit)))
        readers = _Readers(given, decisions)
        for decision in decisions:
            faults = [*_misfits(given, decision), *_never_a_number(given, decision)]
            yield from faults
            if not faults:
                yield from _empty(given, decision, readers)
                yield from _nowhere(given, decision)
    except TooManyTrials:
        yield Finding("warning", "not-checked-completely", _TOO_MANY, model.id, remedy=_TOO_MANY_REMEDY)


# --- Comparisons ----------------------------------------------------------------------------------------------------


def _misfits(given: Given, decision: Decision) -> Iterator[Finding]:
    """Yield what is compared with a value that its fields never have."""
    for element_id, expression in _places(decision):
        for comparison in expression.comparisons:
            name = comparison.variable.name
            if not given.only_by_forms(name) or _fits(given, comparison):
                continue
            if comparison.operator in _ORDERINGS:
                text = _not_ordered(name, comparison.other)
                yield Finding("error", "not-comparable", text, element_id, remedy=_remedy(given, comparison))
                continue
            outcomes = {decision.value(expression, one) for one in _with_empty(given, decision, expression)} - {None}
            text = _never_equal(name, comparison)
            # What else is asked may still decide; alone it decides nothing.
            severity: Severity = "error" if len(outcomes) < 2 and _by_forms(given, expression) else "warning"
            yield Finding(severity, "never-equal", text, element_id, remedy=_remedy(given, comparison))


def _places(decision: Decision) -> Iterator[tuple[str, Expression]]:
    flows = [flow for flow in conditions_of(decision.node) if flow.condition in decision.expressions]
    if flows:
        yield from ((flow.id, flow.condition) for flow in flows if flow.condition is not None)
    else:
        yield from ((decision.node.id, one) for one in decision.expressions)


def _by_forms(given: Given, expression: Expression) -> bool:
    return all(given.only_by_forms(name) for name in expression.names)


def _with_empty(given: Given, decision: Decision, expression: Expression) -> list[dict[str, object]]:
    tried = trials(given, decision, expression.names)
    optional = {name for name in expression.names if any(not one.required for one in given.fields.get(name, ()))}
    return [*tried, *({**one, name: None} for one in tried for name in sorted(optional))]


def _fits(given: Given, comparison: Comparison) -> bool:
    """Whether the two sides of a comparison can be alike, or one before the other."""
    fields, other = given.fields[comparison.variable.name], comparison.other
    ordered = comparison.operator in _ORDERINGS
    if isinstance(other, Variable):
        if not given.only_by_forms(other.name):
            return True
        others = given.fields[other.name]
        if not ordered and any(not one.required for one in fields) and any(not one.required for one in others):
            return True
        return any(_alike(one.type, another.type, ordered) for one in fields for another in others)
    if other.value is None:
        return not ordered
    if ordered:
        return any(_alike(one.type, _type_of(other), ordered) for one in fields)
    number = int(other.value) if type(other.value) is float and other.value.is_integer() else other.value
    return any(takes(one, number) for one in fields)


def _alike(one: FieldType, other: FieldType, ordered: bool) -> bool:
    if ordered and FieldType.BOOLEAN in (one, other):
        return False
    return one is other or {one, other} <= _TEXTS


def _type_of(other: Literal) -> FieldType:
    if isinstance(other.value, bool):
        return FieldType.BOOLEAN
    return FieldType.STRING if isinstance(other.value, str) else FieldType.LONG


# --- Counts ---------------------------------------------------------------------------------------------------------


def _never_a_number(given: Given, decision: Decision) -> Iterator[Finding]:
    loop = decision.node.loop
    cardinality = None if loop is None else loop.cardinality
    if not isinstance(cardinality, Expression) or decision.expressions != (cardinality,):
        return
    never = int not in cardinality.gives
    if not never and _by_forms(given, cardinality):
        found = {type(decision.value(cardinality, one)) for one in trials(given, decision, cardinality.names)}
        # What a form gives as it is can be seen to be out of bounds; a calculation may come to anything.
        bare = _bare_field(given, cardinality)
        never = int not in found or (bool(bare) and not any(_counts(field) for field in bare))
    if never:
        yield Finding("error", "loop-cardinality", _no_number(cardinality), decision.node.id, remedy=_NO_NUMBER_REMEDY)


def _bare_field(given: Given, expression: Expression) -> tuple[FormField, ...]:
    written = expression.source.strip().removeprefix("${").removeprefix("#{").removesuffix("}").strip()
    return given.fields[written] if written in expression.names else ()


def _counts(field: FormField) -> bool:
    least, most = field.minimum, field.maximum
    return (least is None or least <= MAX_INSTANCES) and (most is None or most >= 0)


# --- Fields that are left empty -------------------------------------------------------------------------------------


class _Readers:
    """The decisions of a model by the variables that they read."""

    def __init__(self, given: Given, decisions: Iterable[Decision]) -> None:
        self._given = given
        self._by_name: dict[str, list[Decision]] = {}
        self._decided: dict[str, bool] = {}
        for decision in decisions:
            for name in decision.names:
                self._by_name.setdefault(name, []).append(decision)

    def tell_empty(self, name: str) -> bool:
        """Whether something is decided without a value, which may keep the empty one away from everything else."""
        if name not in self._decided:
            self._decided[name] = any(
                one.outcome({**others, name: None}) is not None
                for one in self._by_name[name]
                for others in trials(self._given, one, one.names - {name})
            )
        return self._decided[name]


def _empty(given: Given, decision: Decision, readers: _Readers) -> Iterator[Finding]:
    """Yield the fields that may be left empty although nothing can be decided then."""
    for name in sorted(decision.names - COUNTS):
        fields = given.fields.get(name, ())
        if all(field.required for field in fields):
            continue
        others = trials(given, decision, decision.names - {name})
        values = [value for value in values_of(given, decision, name) if value is not None]
        decided = [one for one in others if any(decision.outcome({**one, name: value}) is not None for value in values)]
        stuck = [one for one in decided if decision.outcome({**one, name: None}) is None]
        if not stuck:
            continue
        never_filled = all(not field.required and field.default is None for field in fields)
        certain = stuck == decided and never_filled and not given.after_its_forms(name)
        severity: Severity = "error" if certain and not readers.tell_empty(name) else "warning"
        remedy = _require(name, decision)
        yield Finding(severity, "field-may-be-empty", _left_empty(name), decision.node.id, remedy=remedy)


def _nowhere(given: Given, decision: Decision) -> Iterator[Finding]:
    """Yield the values of a form for which a gateway has no way, where all of them are known."""
    if decision.node.kind not in (NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE) or len(decision.names) != 1:
        return
    (name,) = decision.names
    fields = given.fields.get(name, ())
    if not given.only_by_forms(name) or not all(is_finite(field) for field in fields):
        return
    values = [value for field in fields for value in values_of_field(field)]
    lost = [str(value) for value in values if decision.outcome({name: value}) is None]
    if lost and len(lost) < len(values):
        text, remedy = _no_way(name, lost[0]), _NO_WAY_REMEDY
        yield Finding("warning", "value-without-way", text, decision.node.id, remedy=remedy)


# --- What is said ---------------------------------------------------------------------------------------------------


def _written(other: Literal | Variable) -> str:
    if isinstance(other, Variable):
        return other.name[:80]
    if isinstance(other.value, bool):
        return "true" if other.value else "false"
    return f"'{other.value[:80]}'" if isinstance(other.value, str) else str(other.value)


def _not_ordered(name: str, other: Literal | Variable) -> Text:
    shown, with_ = name[:80], _written(other)
    return Text(
        f"Isi bidang '{shown}' tidak dapat diurutkan dengan {with_}, jadi syarat ini gagal.",
        f"What the field '{shown}' holds cannot be put in order with {with_}, so this condition fails.",
    )


def _never_equal(name: str, comparison: Comparison) -> Text:
    shown, with_ = name[:80], _written(comparison.other)
    always = Text("benar", "true") if comparison.operator in _NEGATIONS else Text("salah", "false")
    return Text(
        f"Bidang '{shown}' tidak pernah berisi {with_}, jadi perbandingan ini selalu {always.id}.",
        f"The field '{shown}' never holds {with_}, so this comparison is always {always.en}.",
    )


def _remedy(given: Given, comparison: Comparison) -> Text:
    shown = comparison.variable.name[:80]
    field = given.fields[comparison.variable.name][0]
    match field.type:
        case _ if isinstance(comparison.other, Variable):
            return Text(
                "Bandingkan dua bidang yang sejenis, atau bandingkan dengan nilai tetap.",
                "Compare two fields of one type, or compare with a fixed value.",
            )
        case FieldType.ENUM:
            options = ", ".join(f"'{option[:40]}'" for option, _ in field.options[:10])
            return Text(
                f"Pakai salah satu pilihan bidang itu: {options}; atau tambahkan pilihannya pada formulir.",
                f"Use one of the values of the field: {options}; or add the value to the form.",
            )
        case FieldType.BOOLEAN:
            return Text(
                f"Tulis ${{{shown}}} atau ${{{shown} == false}}, tanpa tanda kutip.",
                f"Write ${{{shown}}} or ${{{shown} == false}}, without quotes.",
            )
        case FieldType.LONG:
            return Text(
                "Tulis bilangan bulat tanpa tanda kutip, di antara batas bidang itu.",
                "Write a whole number without quotes, within the bounds of the field.",
            )
        case FieldType.DATE:
            return Text("Tulis tanggal sebagai '2026-08-17'.", "Write a date as '2026-08-17'.")
        case _:
            return Text(
                "Tulis sebuah teks di antara tanda kutip, di antara batas panjang bidang itu; bilangan didapat dengan "
                "mengubah jenis bidangnya menjadi long.",
                "Write a text in quotes, within the bounds of the field; for a number, make the field a long.",
            )


def _no_number(cardinality: Expression) -> Text:
    shown = cardinality.source[:80]
    return Text(
        f"Loop cardinality '{shown}' tidak pernah menghasilkan bilangan bulat dari 0 sampai {MAX_INSTANCES}.",
        f"The loop cardinality '{shown}' never gives a whole number from 0 to {MAX_INSTANCES}.",
    )


_NO_NUMBER_REMEDY = Text(
    "Pakai bidang berjenis long, misalnya ${jumlah}, dengan batas min dan max.",
    "Use a field of the type long, for example ${jumlah}, with the constraints min and max.",
)


def _left_empty(name: str) -> Text:
    shown = name[:80]
    return Text(
        f"Bidang '{shown}' boleh dikosongkan, padahal bila kosong proses tidak dapat melanjutkan dari sini.",
        f"The field '{shown}' may be left empty, but then the process cannot go on from here.",
    )


def _require(name: str, decision: Decision) -> Text:
    shown = name[:80]
    if decision.node.loop is None:
        return Text(
            f"Beri bidang '{shown}' batasan 'required', atau tarik alur baku untuk yang kosong dan tulis "
            f"${{{shown} != null && …}} di depan syaratnya.",
            f"Give the field '{shown}' the constraint 'required', or draw a default flow for the empty one and write "
            f"${{{shown} != null && …}} before the condition.",
        )
    return Text(
        f"Beri bidang '{shown}' batasan 'required', atau tulis ${{{shown} == null ? … : …}} untuk yang kosong.",
        f"Give the field '{shown}' the constraint 'required', or write ${{{shown} == null ? … : …}} for the empty one.",
    )


def _no_way(name: str, value: str) -> Text:
    shown, chosen = name[:80], {"True": "true", "False": "false"}.get(value, value)[:80]
    return Text(
        f"Bila '{shown}' berisi '{chosen}', tidak ada syarat yang benar dan tidak ada alur baku.",
        f"Where '{shown}' is '{chosen}', no condition is true and there is no default flow.",
    )


_NO_WAY_REMEDY = Text(
    "Tarik alur baku, atau alur dengan syarat untuk nilai itu.",
    "Draw a default flow, or a flow with a condition for that value.",
)
_TOO_MANY = Text(
    "Syarat dalam berkas ini terlalu banyak untuk dicoba semuanya dengan isian formulir.",
    "There are too many conditions in this file to try them all with what its forms hold.",
)
_TOO_MANY_REMEDY = Text(
    "Persingkat syarat-syaratnya, atau bagi prosesnya menjadi beberapa.",
    "Shorten the conditions, or split the process into several.",
)
