"""What a gateway or a multi-instance task comes to with values that the forms before it may hold.

Values are tried, not reasoned about, so the language has its meaning in one place. For each field they are those at
which something can change: its options, its bounds, and what the expression itself speaks of.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from math import floor, prod
from random import Random
from typing import Any, NamedTuple

from app.definitions.given import Given
from app.engine.decidable import conditions_of
from app.engine.expression_tokens import literal, tokenize
from app.engine.expressions import Expression, ExpressionFailed, truth
from app.engine.forms import check_values
from app.engine.model import COUNTS, MAX_INSTANCES, FieldType, FormField, Model, Node, NodeKind

_MOST = 48
_MOST_VALUES = 200
_SHORT_RANGE = 20
_LONGEST = 60


class Decision(NamedTuple):
    """Something that is worked out at an element: `outcome` is null where that fails, or where it leads nowhere."""

    element_id: str
    node: Node
    expressions: tuple[Expression, ...]
    outcome: Callable[[Mapping[str, Any]], Hashable | None]

    @property
    def names(self) -> frozenset[str]:
        """The variables that it may read."""
        return frozenset(name for one in self.expressions for name in one.names)


def decisions_of(model: Model) -> Iterator[Decision]:
    """Yield what is worked out in a model: where gateways lead to, and how often tasks are done."""
    for node in model.nodes.values():
        conditions = tuple(flow.condition for flow in conditions_of(node) if flow.condition is not None)
        if conditions:
            yield Decision(node.id, node, conditions, _leads(node))
        loop = node.loop
        if loop is not None and isinstance(loop.cardinality, Expression):
            yield Decision(node.id, node, (loop.cardinality,), _times(loop.cardinality))
        if loop is not None and loop.completion is not None:
            yield Decision(node.id, node, (loop.completion,), _truth(loop.completion))


def worked_out(expression: Expression, variables: Mapping[str, Any]) -> Any:
    """Return the value of an expression, null where it fails."""
    try:
        return expression(variables)
    except ExpressionFailed:
        return None


def trials(given: Given, expressions: Sequence[Expression], names: Iterable[str]) -> list[dict[str, Any]]:
    """Return sets of values of variables, none of a form's null: all that there are, or some where these are many."""
    ordered = sorted(names)
    values = [values_of(given, expressions, name) for name in ordered]
    if prod(map(len, values)) <= _MOST:
        return [dict(zip(ordered, some, strict=True)) for some in product(*values)]
    random = Random(0)
    return [{name: random.choice(some) for name, some in zip(ordered, values, strict=True)} for _ in range(_MOST)]


def values_of(given: Given, expressions: Sequence[Expression], name: str) -> list[Any]:
    """Return values that a variable may have, at least one of each kind that matters to expressions."""
    if name in COUNTS and name not in given.fields:
        return [0, 1, 2, 3]
    spoken = [word for one in expressions for word in _literals(one)]
    found = [value for field in given.fields.get(name, ()) for value in values_of_field(field, spoken)]
    if not given.only_by_forms(name):
        found += [None, True, False, 0, 1, *spoken, "", "x", [], ["x"], {}]
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
            tried = _span(field) or [*numbers, 0, 1, 2, MAX_INSTANCES, field.minimum, field.maximum]
        case FieldType.STRING:
            lengths = [*numbers, 0, 1, field.minimum or 0]
            tried = [*texts, "1", *("x" * length for length in lengths if 0 <= length <= _LONGEST)]
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
        return tuple(taken) or node.default_flow

    return outcome


def _times(cardinality: Expression) -> Callable[[Mapping[str, Any]], Hashable | None]:
    def outcome(variables: Mapping[str, Any]) -> Hashable | None:
        times = worked_out(cardinality, variables)
        return times if type(times) is int and 0 <= times <= MAX_INSTANCES else None

    return outcome


def _truth(completion: Expression) -> Callable[[Mapping[str, Any]], Hashable | None]:
    def outcome(variables: Mapping[str, Any]) -> Hashable | None:
        done = worked_out(completion, variables)
        return done if type(done) is bool else None

    return outcome
