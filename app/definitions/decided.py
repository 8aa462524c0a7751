"""Whether what the forms of a model give can decide what it is compared and counted for: found by trying values."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.core.text import Text
from app.definitions.budget import Budget, TooManyTrials
from app.definitions.given import Given, given_before, given_in
from app.definitions.lost import check_failing, check_lost
from app.definitions.provided import bare
from app.definitions.trials import (
    Decision,
    decisions_of,
    places_of,
    takes,
    trials,
    values_of,
)
from app.definitions.ways import ahead, last_forms, reaches
from app.engine.expression_parts import Comparison, Literal, Variable
from app.engine.expressions import Expression
from app.engine.findings import Finding, Severity
from app.engine.model import COUNTS, MAX_INSTANCES, FieldType, FormField, Model, NodeKind

# So many values are tried in all for one model; more is a file made to keep the gate busy.
_MOST_TRIALS = 30_000
_ORDERINGS = frozenset({"<", ">", "<=", ">="})
_NEGATIONS = frozenset({"!=", "not in"})
# A date, or what it begins with: a year, or a year and a month.
_DATED = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?", re.ASCII)
_TEXTS = frozenset({FieldType.STRING, FieldType.DATE, FieldType.ENUM})


def check_decisions(model: Model, sent: Iterable[Model] = (), *, limit: int = _MOST_TRIALS) -> Iterator[Finding]:
    """Yield the conditions and cardinalities that fail with a value that a form lets through, or that never fit one.

    The graph, the forms and the expressions of the model must have been read without an error. `sent` are the models of
    the files that are sent with it.
    """
    given = given_in(model, sent)
    try:
        budget = Budget(limit)
        decisions = list(decisions_of(model, budget))
        readers = _Readers(model, given, decisions, budget)
        for decision in decisions:
            yield from _check(given, decision, readers, _before(given, model, decision, budget))
    except TooManyTrials:
        yield Finding("warning", "not-checked-completely", _TOO_MANY, model.id, remedy=_TOO_MANY_REMEDY)


def _before(given: Given, model: Model, decision: Decision, budget: Budget) -> Given:
    return given_before(given, model, decision.node, decision.names, budget, with_own=decision.kind == "end")


def _check(given: Given, decision: Decision, readers: "_Readers", before: Given) -> Iterator[Finding]:
    faults = [*_misfits(before, decision), *_never_a_number(before, decision)]
    refused = {at for at, condition in places_of(decision) if _is_no_condition(given, decision, condition)}
    faults += check_failing(before, decision, refused | {one.element_id for one in faults})
    yield from faults
    if not faults and not refused:
        yield from _empty(given, decision, readers, before)
        yield from check_lost(before, decision, readers.sent_elsewhere)


def _is_no_condition(given: Given, decision: Decision, condition: Expression) -> bool:
    """Whether it is said elsewhere that this is never true or false: as written, or as a field of another type."""
    name = bare(condition)
    other_type = given.only_by_forms(name) and all(field.type is not FieldType.BOOLEAN for field in given.fields[name])
    return decision.kind != "times" and (bool not in condition.gives or other_type)


# --- Comparisons ----------------------------------------------------------------------------------------------------


def _misfits(given: Given, decision: Decision) -> Iterator[Finding]:
    """Yield what is compared with a value that its fields never have."""
    for element_id, expression in places_of(decision):
        for comparison in expression.comparisons:
            name = comparison.variable.name
            if not given.only_by_forms(name) or _fits(given, comparison):
                continue
            if comparison.operator in _ORDERINGS:
                text = _not_ordered(given, name, comparison.other)
                yield Finding("error", "not-comparable", text, element_id, remedy=_remedy(given, comparison))
                continue
            outcomes = {decision.value(expression, one) for one in _with_empty(given, decision, expression)} - {None}
            text = _never_equal(name, comparison)
            # What else is asked may still decide; alone it decides nothing.
            severity: Severity = "error" if len(outcomes) < 2 and _by_forms(given, expression) else "warning"
            yield Finding(severity, "never-equal", text, element_id, remedy=_remedy(given, comparison))


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
        is_date = isinstance(other.value, str) and _DATED.fullmatch(other.value) is not None
        return any(
            is_date if one.type is FieldType.DATE else _alike(one.type, _type_of(other), ordered) for one in fields
        )
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
    if decision.kind != "times":
        return
    (cardinality,) = decision.expressions
    never = int not in cardinality.gives
    if not never and _by_forms(given, cardinality):
        found = {type(decision.value(cardinality, one)) for one in trials(given, decision, cardinality.names)}
        # What a form gives as it is can be seen to be out of bounds; a calculation may come to anything.
        fields = _bare_field(given, cardinality)
        never = int not in found or (bool(fields) and not any(_counts(field) for field in fields))
    if never:
        yield Finding("error", "loop-cardinality", _no_number(cardinality), decision.node.id, remedy=_NO_NUMBER_REMEDY)


def _bare_field(given: Given, expression: Expression) -> tuple[FormField, ...]:
    name = bare(expression)
    return given.fields[name] if name in expression.names else ()


def _counts(field: FormField) -> bool:
    least, most = field.minimum, field.maximum
    return (least is None or least <= MAX_INSTANCES) and (most is None or most >= 0)


# --- Fields that are left empty -------------------------------------------------------------------------------------


class _Readers:
    """The decisions of a model by the variables that they read."""

    def __init__(self, model: Model, given: Given, decisions: Sequence[Decision], budget: Budget) -> None:
        self._model = model
        self._ahead = ahead(model)
        self._budget = budget
        self._given = given
        self._choices = [one for one in decisions if one.node.kind is NodeKind.EXCLUSIVE]
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

    def sent_elsewhere(self, decision: Decision, values: Mapping[str, Any]) -> bool:
        """Whether a gateway that is always passed between the forms and a decision sends values another way."""
        return any(
            other.node is not decision.node and other.names <= decision.names and self._sends(other, decision, values)
            for other in self._choices
        )

    def _sends(self, gateway: Decision, decision: Decision, values: Mapping[str, Any]) -> bool:
        at, goal = gateway.node.id, decision.node
        if any(last_forms(self._model, goal, name, self._budget, past=at) != () for name in gateway.names):
            return False
        taken = gateway.outcome({name: values[name] for name in gateway.names})
        flows = (flow for flow in gateway.node.outgoing if isinstance(taken, tuple) and flow.id in taken)
        return not any(reaches(self._ahead, flow.target, goal.id, self._budget, past=at) for flow in flows)


def _empty(given: Given, decision: Decision, readers: _Readers, before: Given) -> Iterator[Finding]:
    """Yield the fields that may be left empty although nothing can be decided then."""
    for name in sorted(decision.names - COUNTS):
        fields = given.fields.get(name, ())
        if all(field.required for field in before.fields.get(name, ())):
            continue
        others = trials(before, decision, decision.names - {name})
        values = [value for value in values_of(before, decision, name) if value is not None]
        decided = [one for one in others if any(decision.outcome({**one, name: value}) is not None for value in values)]
        stuck = [one for one in decided if decision.outcome({**one, name: None}) is None]
        if not stuck:
            continue
        never_filled = all(not field.required and field.default is None for field in fields)
        certain = stuck == decided and never_filled and not given.after_its_forms(name)
        severity: Severity = "error" if certain and not readers.tell_empty(name) else "warning"
        remedy = _require(name, decision)
        yield Finding(severity, "field-may-be-empty", _left_empty(name), decision.node.id, remedy=remedy)


# --- What is said ---------------------------------------------------------------------------------------------------


def _written(other: Literal | Variable) -> str:
    if isinstance(other, Variable):
        return other.name[:80]
    if isinstance(other.value, bool):
        return "true" if other.value else "false"
    return f"'{other.value[:80]}'" if isinstance(other.value, str) else str(other.value)


def _not_ordered(given: Given, name: str, other: Literal | Variable) -> Text:
    shown, with_ = name[:80], _written(other)
    if isinstance(other, Literal) and isinstance(other.value, str) and given.fields[name][0].type is FieldType.DATE:
        return Text(
            f"{with_} tidak ditulis seperti isi bidang tanggal '{shown}', jadi urutan keduanya bukan urutan waktu.",
            f"{with_} is not written as the date field '{shown}' holds it, so their order is not that of time.",
        )
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


_TOO_MANY = Text(
    "Syarat dalam berkas ini terlalu banyak untuk dicoba semuanya dengan isian formulir.",
    "There are too many conditions in this file to try them all with what its forms hold.",
)
_TOO_MANY_REMEDY = Text(
    "Persingkat syarat-syaratnya, atau bagi prosesnya menjadi beberapa.",
    "Shorten the conditions, or split the process into several.",
)
