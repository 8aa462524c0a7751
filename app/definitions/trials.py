"""What a gateway or a multi-instance task comes to with values that the forms before it may hold.

Values are tried, not reasoned about, so the language has its meaning in one place. For each field they are those at
which something can change: its options, its bounds, and what the expression itself speaks of.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import floor, prod
from random import Random
from typing import Any, Literal

from app.definitions.budget import Budget
from app.definitions.given import Given
from app.engine.decidable import conditions_of
from app.engine.expression_tokens import literal, tokenize
from app.engine.expressions import Expression, ExpressionFailed, truth
from app.engine.forms import check_values
from app.engine.model import COUNTS, MAX_INSTANCES, FieldType, FormField, Model, Node, NodeKind

MOST = 24
_MOST_FIELDS = 20
_MOST_SPOKEN = 10
_MOST_VALUES = 40
_SHORT_RANGE = 20
_LONGEST = 60
# What the counts of a multi-instance task may be when it is asked whether it ends: one has been done by then.
_COUNTED = {
    "nrOfInstances": [1, 2, 3],
    "nrOfCompletedInstances": [1, 2, 3],
    "nrOfActiveInstances": [0, 1, 2],
    "loopCounter": [0, 1, 2],
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that is worked out at an element, from expressions over variables of these names.

    `kind` says what: the ways out of a gateway, how many times a task is done, or its early end. `spoken` are the
    literals in it, by which values are chosen that make a difference.
    """

    node: Node
    kind: Literal["ways", "times", "end"]
    expressions: tuple[Expression, ...]
    names: frozenset[str]
    spoken: tuple[Any, ...]
    _outcome: Callable[[Mapping[str, Any]], Hashable | None]
    _budget: Budget

    def outcome(self, variables: Mapping[str, Any]) -> Hashable | None:
        """Return what it comes to, null where that fails or leads nowhere; raises TooManyTrials."""
        self._budget.spend(self.expressions)
        return self._outcome(variables)

    def value(self, expression: Expression, variables: Mapping[str, Any]) -> Any:
        """Return the value of one of its expressions, null where that fails; raises TooManyTrials."""
        self._budget.spend((expression,))
        return _worked_out(expression, variables)


def decisions_of(model: Model, budget: Budget) -> Iterator[Decision]:
    """Yield what is worked out in a model: where gateways lead to, and how often tasks are done."""
    for node in model.nodes.values():
        conditions = tuple(flow.condition for flow in conditions_of(node) if flow.condition is not None)
        loop = node.loop
        if conditions:
            yield _decision(node, "ways", conditions, _leads(node), budget)
        if loop is not None and isinstance(loop.cardinality, Expression):
            yield _decision(node, "times", (loop.cardinality,), _times(loop.cardinality), budget)
        if loop is not None and loop.completion is not None:
            yield _decision(node, "end", (loop.completion,), _truth(loop.completion), budget)


def places_of(decision: Decision) -> Iterator[tuple[str, Expression]]:
    """Yield the expressions of a decision, each with the id of the flow or the task that it stands in."""
    if decision.kind == "ways":
        flows = conditions_of(decision.node)
        yield from ((flow.id, flow.condition) for flow in flows if flow.condition is not None)
    else:
        yield from ((decision.node.id, one) for one in decision.expressions)


def _decision(
    node: Node,
    kind: Literal["ways", "times", "end"],
    expressions: tuple[Expression, ...],
    outcome: Callable[[Mapping[str, Any]], Hashable | None],
    budget: Budget,
) -> Decision:
    names = frozenset(name for one in expressions for name in one.names)
    budget.spend(expressions)
    spoken = tuple(dict.fromkeys(word for one in expressions for word in _literals(one)))
    return Decision(node, kind, expressions, names, spoken[:_MOST_SPOKEN], outcome, budget)


def trials(given: Given, decision: Decision, names: Iterable[str], most: int = MOST) -> list[dict[str, Any]]:
    """Return sets of values of variables, none of a form's null: all that there are, or some where these are many."""
    ordered = sorted(names)
    values = [values_of(given, decision, name) for name in ordered]
    if prod(map(len, values)) <= most:
        tried = [dict(zip(ordered, some, strict=True)) for some in product(*values)]
    else:
        random = Random(0)
        chosen = ([random.choice(some) for some in values] for _ in range(most))
        tried = [dict(zip(ordered, some, strict=True)) for some in chosen]
    return [one for one in tried if given.fields.keys() & COUNTS or _agree(one)]


def _agree(counts: Mapping[str, Any]) -> bool:
    """Whether the counts of a multi-instance task can be so at one time."""
    done, active = counts.get("nrOfCompletedInstances", 1), counts.get("nrOfActiveInstances", 0)
    return bool(done + active <= counts.get("nrOfInstances", done + active))


def values_of(given: Given, decision: Decision, name: str) -> list[Any]:
    """Return values that a variable may have, at least one of each kind that matters to expressions."""
    if name in COUNTS and name not in given.fields:
        return _COUNTED[name]
    found: list[Any] = []
    for field in given.fields.get(name, ())[:_MOST_FIELDS]:
        found += values_of_field(field, decision.spoken)
    if not given.only_by_forms(name):
        found += [None, True, False, 0, 1, *decision.spoken, "", "x", [], ["x"], {}]
    found = found[:_MOST_VALUES]
    return [value for at, value in enumerate(found) if not any(_same(value, other) for other in found[:at])]


def values_of_field(field: FormField, spoken: Iterable[Any] = ()) -> list[Any]:
    """Return values that a field takes, `spoken` literals among them where they fit."""
    tried: list[Any]
    numbers = [floor(value) + step for value in spoken if not isinstance(value, str) for step in (0, 1, -1)]
    texts = [value for value in spoken if isinstance(value, str)]
    match field.type:
        case FieldType.BOOLEAN:
            tried = [True, False]
        case FieldType.ENUM:
            tried = [option for option, _ in field.options]
        case FieldType.DATE:
            tried = [date(year, 1, 31).isoformat() for year in (2000, 2100)] + texts
        case FieldType.LONG:
            around = (0, 1, 2, -1, MAX_INSTANCES, MAX_INSTANCES + 1)
            tried = _span(field) or [*around, *numbers, field.minimum, field.maximum]
        case FieldType.STRING:
            lengths = [1, 0, 2, 3, *numbers, field.minimum or 0, field.maximum or 0]
            tried = [
                *texts,
                "1",
                "1" * min(field.minimum or 1, _LONGEST),
                *("x" * length for length in lengths if 0 <= length <= _LONGEST),
            ]
            tried += ["x" * field.minimum] if field.minimum is not None and field.minimum > _LONGEST else []
    return [value for value in tried if value is not None and takes(field, value)]


def is_finite(field: FormField) -> bool:
    """Whether `values_of_field` returns every value of a field."""
    return field.type in (FieldType.BOOLEAN, FieldType.ENUM) or bool(_span(field))


def takes(field: FormField, value: Any) -> bool:
    """Whether a form takes a value for a field."""
    return not check_values((field,), {field.id: value})


def _span(field: FormField) -> list[Any]:
    if field.type is not FieldType.LONG or field.minimum is None or field.maximum is None:
        return []
    return list(range(field.minimum, field.maximum + 1)) if field.maximum - field.minimum <= _SHORT_RANGE else []


def _literals(expression: Expression) -> list[Any]:
    return [literal(token) for token in tokenize(expression.source.strip()) if token.kind in ("number", "text")]


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _worked_out(expression: Expression, variables: Mapping[str, Any]) -> Any:
    try:
        return expression(variables)
    except ExpressionFailed:
        return None


def _leads(node: Node) -> Callable[[Mapping[str, Any]], Hashable | None]:
    flows = tuple(flow for flow in node.outgoing if flow.id != node.default_flow)

    def outcome(variables: Mapping[str, Any]) -> Hashable | None:
        taken = []
        try:
            for flow in flows:
                if flow.condition is None or truth(flow.condition, variables):
                    taken.append(flow.id)
                    if node.kind is NodeKind.EXCLUSIVE:
                        break
        except ExpressionFailed:
            return None
        return tuple(taken) or (None if node.default_flow is None else (node.default_flow,))

    return outcome


def _times(cardinality: Expression) -> Callable[[Mapping[str, Any]], Hashable | None]:
    def outcome(variables: Mapping[str, Any]) -> Hashable | None:
        times = _worked_out(cardinality, variables)
        return times if type(times) is int and 0 <= times <= MAX_INSTANCES else None

    return outcome


def _truth(completion: Expression) -> Callable[[Mapping[str, Any]], Hashable | None]:
    def outcome(variables: Mapping[str, Any]) -> Hashable | None:
        done = _worked_out(completion, variables)
        return done if type(done) is bool else None

    return outcome
