"""The conditions of random processes: a second, tiny reading of them, independent of the engine's expressions.

`${...}` around `==`, `!=`, `<`, `>`, `eq`, `ne`, `lt`, `gt`, `&&`, `||`, `!`, `and`, `or`, `not`, parentheses, text,
whole numbers, `true`, `false` and names of variables. A name that has no value is an error.
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

Condition = Callable[[Mapping[str, Any]], bool]
Operand = Callable[[Mapping[str, Any]], Any]

SYMBOL = re.compile(r"\s*('[^']*'|\"[^\"]*\"|\d+|\w+|==|!=|&&|\|\||[<>!()])")
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "eq": operator.eq,
    "!=": operator.ne,
    "ne": operator.ne,
    "<": operator.lt,
    "lt": operator.lt,
    ">": operator.gt,
    "gt": operator.gt,
}


class BadCondition(ValueError):
    """The text is not in this little language."""


def condition(text: str) -> Condition:
    """Read a condition once; the result is called with the variables.

    >>> condition("${x1 == 'a' && !(n > 2)}")({"x1": "a", "n": 2})
    True

    Raises:
        BadCondition: the text is not in this little language.
    """
    text = text.strip()
    if not (text.startswith("${") and text.endswith("}")):
        raise BadCondition(text)
    reader = _Reader(text[2:-1])
    return reader.whole()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._symbols = self._split(text)

    def _split(self, text: str) -> list[str]:
        symbols, at = [], 0
        text = text.rstrip()
        while at < len(text):
            found = SYMBOL.match(text, at)
            if found is None:
                raise BadCondition(text)
            symbols.append(found[1])
            at = found.end()
        return symbols[::-1]

    def _next_is(self, *symbols: str) -> bool:
        if self._symbols and self._symbols[-1] in symbols:
            self._symbols.pop()
            return True
        return False

    def whole(self) -> Condition:
        test = self._either()
        if self._symbols:
            raise BadCondition(self._text)
        return lambda variables: bool(test(variables))

    def _either(self) -> Operand:
        parts = [self._both()]
        while self._next_is("||", "or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda variables: any(part(variables) for part in parts)

    def _both(self) -> Operand:
        parts = [self._negation()]
        while self._next_is("&&", "and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda variables: all(part(variables) for part in parts)

    def _negation(self) -> Operand:
        if self._next_is("!", "not"):
            test = self._negation()
            return lambda variables: not test(variables)
        return self._comparison()

    def _comparison(self) -> Operand:
        left = self._operand()
        if not self._symbols or self._symbols[-1] not in COMPARISONS:
            return left
        compare = COMPARISONS[self._symbols.pop()]
        right = self._operand()
        return lambda variables: compare(left(variables), right(variables))

    def _operand(self) -> Operand:
        if not self._symbols:
            raise BadCondition(self._text)
        symbol = self._symbols.pop()
        if symbol == "(":
            inside = self._either()
            if not self._next_is(")"):
                raise BadCondition(self._text)
            return inside
        if symbol[0] in "'\"":
            return lambda variables: symbol[1:-1]
        if symbol.isdigit():
            return lambda variables: int(symbol)
        if symbol in ("true", "false"):
            return lambda variables: symbol == "true"
        if not symbol.isidentifier():
            raise BadCondition(self._text)
        return lambda variables: variables[symbol]
