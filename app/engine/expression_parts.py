"""What an expression compares, as it is written: for those who judge a model before it has any data."""

from collections.abc import Iterator
from typing import Any, NamedTuple


class Variable(NamedTuple):
    """A variable that stands alone on one side of a comparison."""

    name: str


class Literal(NamedTuple):
    """A text, a number, true, false or null that stands alone on one side of a comparison."""

    value: Any


class Comparison(NamedTuple):
    """A variable compared with another one or with a literal; `x in ['a', 'b']` makes two of them."""

    variable: Variable
    operator: str
    other: Variable | Literal


class Operand(NamedTuple):
    """One side of a comparison: what stands alone there, or each element of a list that does."""

    parts: tuple[Variable | Literal, ...] = ()
    is_list: bool = False


NO_OPERAND = Operand()


def comparisons_of(left: Operand, operator: str, right: Operand) -> Iterator[Comparison]:
    """Yield what a comparison compares; a literal on the left is turned to the right, whatever the operator."""
    if left.is_list or right.is_list != (operator in ("in", "not in")):
        return
    for one in left.parts:
        for other in right.parts:
            if isinstance(one, Variable):
                yield Comparison(one, operator, other)
            elif isinstance(other, Variable):
                yield Comparison(other, operator, one)


def negated(operand: Operand) -> Operand:
    """Return an operand behind a minus sign: a number stays a literal."""
    number = operand.parts[0] if len(operand.parts) == 1 and not operand.is_list else None
    if isinstance(number, Literal) and type(number.value) in (int, float):
        return Operand((Literal(-number.value),))
    return NO_OPERAND
