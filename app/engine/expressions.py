"""The one expression language of the product: gateway conditions and whatever else a model leaves to be worked out.

Its surface is what Camunda Modeler's users type in JUEL: `${keputusan == 'setuju' && jumlah gt 10}`. The source is
read by a parser of our own and compiled to closures over the functions of `expression_values`; no Python is ever
parsed or run, there are no attributes, no methods, and only the functions listed there. From loosest to tightest:
`? :`, `|| or`, `&& and`, comparisons and `in` (never chained), `+ -`, `* / div % mod`, `- ! not empty`, `.a [b]`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from app.core.text import Text
from app.engine import expression_values as values
from app.engine.expression_parts import NO_OPERAND, Comparison, Literal, Operand, Variable, comparisons_of, negated
from app.engine.expression_tokens import (
    CONSTANTS,
    MISSING,
    RESERVED,
    SPELLINGS,
    ExpressionRefused,
    Token,
    literal,
    refuse,
    refuse_foreign,
    refuse_missing_value,
    refuse_underscore,
    tokenize,
)
from app.engine.expression_values import FUNCTIONS, TESTS, ExpressionFailed, fail

__all__ = ["RESERVED", "Expression", "ExpressionFailed", "ExpressionRefused", "compile_expression", "truth"]

MAX_SOURCE = 2_000
MAX_NODES = 200
MAX_NESTING = 50

Evaluate = Callable[[Mapping[str, Any]], Any]

_NEITHER, _TRUTH, _WHOLE, _EITHER = frozenset[type](), frozenset({bool}), frozenset({int}), frozenset({bool, int})
_OR, _AND, _COMPARISON, _SUM, _PRODUCT = range(5)
_LEVELS = {
    "||": _OR, "&&": _AND,
    "==": _COMPARISON, "!=": _COMPARISON, "<": _COMPARISON, ">": _COMPARISON, "<=": _COMPARISON, ">=": _COMPARISON,
    "in": _COMPARISON, "not in": _COMPARISON,
    "+": _SUM, "-": _SUM,
    "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT,
}  # fmt: skip
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "==": values.equal,
    "!=": lambda left, right: not values.equal(left, right),
    "<": lambda left, right: values.ordered(left, right, "<") < 0,
    ">": lambda left, right: values.ordered(left, right, ">") > 0,
    "<=": lambda left, right: values.ordered(left, right, "<=") <= 0,
    ">=": lambda left, right: values.ordered(left, right, ">=") >= 0,
    "in": values.among,
    "not in": lambda left, right: not values.among(left, right),
    "+": values.add,
    "-": values.subtract,
    "*": values.multiply,
    "/": values.divide,
    "%": values.remainder,
}
_UNARY: dict[str, Callable[[Any], Any]] = {
    "!": lambda value: not values.boolean(value, "not"),
    "-": values.negate,
    "empty": values.is_empty,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression: call it with the variables to get its value.

    `names` are the variables it may read; `gives` says which of bool and int it may give, and `comparisons` what it
    compares, both sides in the order in which they are written or turned round. A call raises ExpressionFailed where a
    variable is missing or the data do not fit; it changes nothing and the same variables always give the same value.
    """

    source: str
    names: frozenset[str]
    gives: frozenset[type]
    comparisons: tuple[Comparison, ...]
    _evaluate: Evaluate = field(repr=False, compare=False)

    def __call__(self, variables: Mapping[str, Any]) -> Any:
        return self._evaluate(variables)


@lru_cache(maxsize=4096)
def compile_expression(source: str) -> Expression:
    """Compile `source`, bare or wrapped in `${…}` or `#{…}`; raises ExpressionRefused."""
    if len(source) > MAX_SOURCE:
        raise ExpressionRefused(
            Text(
                f"Ungkapan lebih panjang dari {MAX_SOURCE} karakter. Pecah menjadi beberapa gerbang.",
                f"The expression is longer than {MAX_SOURCE} characters. Split it over several gateways.",
            )
        )
    parser = _Parser(tokenize(source))
    evaluate = parser.whole()
    return Expression(source, frozenset(parser.names), parser.gives, tuple(parser.comparisons), evaluate)


def truth(expression: Expression, variables: Mapping[str, Any]) -> bool:
    """Return the value of a condition; raises ExpressionFailed unless it is true or false itself."""
    value = expression(variables)
    if type(value) is not bool:
        fail(
            "Hasil syarat ini bukan benar atau salah. Tulis perbandingan, misalnya keputusan == 'setuju'.",
            "The condition does not give true or false. Write a comparison, for example keputusan == 'setuju'.",
        )
    return value


class _Parser:
    """Reads the tokens once and gives back closures; `names` collects the variables on the way, and `gives` says
    which of bool and int may come of what was read last, `operand` what it is where it stands alone."""

    def __init__(self, tokens: list[Token]) -> None:
        self.names: set[str] = set()
        self.comparisons: list[Comparison] = []
        self.gives = _NEITHER
        self.operand = NO_OPERAND
        self._tokens = tokens
        self._at = 0
        self._nodes = 0
        self._nesting = -1  # the whole itself is no nesting

    def whole(self) -> Evaluate:
        """Read everything up to the end of the source."""
        if self._next.text == "=":
            refuse(
                self._next.position,
                "Tanda = di awal berasal dari Camunda 8 (FEEL). Hapus tanda itu, atau tulis ${…}.",
                "The leading = comes from Camunda 8 (FEEL). Remove it, or write ${…}.",
            )
        wrapped = self._skip("${") or self._skip("#{")
        evaluate = self._choice()
        if wrapped:
            self._expect("}")
        token = self._next
        if wrapped and token.kind != "end":
            refuse(
                token.position,
                "Hanya satu ${…} yang diterima, tanpa teks di luarnya. Gabungkan semuanya di dalam satu ${…}.",
                "Only one ${…} is accepted, with no text around it. Put everything into one ${…}.",
            )
        if token.kind != "end":
            refuse_foreign(token)
            refuse(
                token.position,
                f"Di depan '{token.text[:40]}' kurang operator, misalnya == atau &&. Teks ditulis di antara kutip.",
                f"An operator such as == or && is missing before '{token.text[:40]}'. A text is written in quotes.",
            )
        return evaluate

    def _choice(self) -> Evaluate:
        self._descend()
        value = self._binary(_OR)
        if self._skip("?"):
            self._count_node()
            chosen, gives = self._choice(), self.gives
            self._expect(":")
            value = _choose(value, chosen, self._choice())
            self.gives |= gives
            self.operand = NO_OPERAND
        self._nesting -= 1
        return value

    def _binary(self, lowest: int) -> Evaluate:
        left, operand = self._unary(), self.operand
        compared = False
        while (operator := self._infix()) in _LEVELS and (level := _LEVELS[operator]) >= lowest:
            if compared and level == _COMPARISON:
                refuse(
                    self._next.position,
                    "Perbandingan tidak boleh dirangkai. Tulis a < b && b < c, atau pakai tanda kurung.",
                    "Comparisons cannot be chained. Write a < b && b < c, or use parentheses.",
                )
            compared = level == _COMPARISON
            self._count_node()
            self._at += 2 if operator == "not in" else 1
            left = _combine(operator, left, self._binary(level + 1))
            if level == _COMPARISON:
                self.comparisons += comparisons_of(operand, operator, self.operand)
            self.gives = _TRUTH if level <= _COMPARISON else _NEITHER if operator == "/" else _WHOLE
            self.operand = operand = NO_OPERAND
        return left

    def _infix(self) -> str:
        if self._next.text == "not" and self._tokens[self._at + 1].text == "in":
            return "not in"
        return SPELLINGS.get(self._next.text, self._next.text)

    def _unary(self) -> Evaluate:
        operator = SPELLINGS.get(self._next.text, self._next.text)
        if operator not in _UNARY:
            return self._postfix()
        self._at += 1
        self._count_node()
        self._descend()
        operand = self._unary()
        self._nesting -= 1
        self.gives = _WHOLE if operator == "-" else _TRUTH
        self.operand = negated(self.operand) if operator == "-" else NO_OPERAND
        apply = _UNARY[operator]
        return lambda variables: apply(operand(variables))

    def _postfix(self) -> Evaluate:
        value = self._primary()
        while True:
            if self._skip("."):
                token = self._take()
                if token.kind != "name":
                    refuse(
                        token.position,
                        "Setelah titik harus ada nama isian, misalnya berkas.nomor.",
                        "After the dot a field's name has to follow, for example berkas.nomor.",
                    )
                value = _look_up(value, _constant(token.text), token.text)
            elif self._skip("["):
                key, named = self._key()
                value = _look_up(value, key, named)
            elif self._next.text == "(":
                refuse(
                    self._next.position,
                    "Metode tidak dapat dipanggil. Tulis nama variabelnya saja, misalnya keputusan, "
                    "bukan execution.getVariable('keputusan').",
                    "Methods cannot be called. Write the variable's name alone, for example keputusan, "
                    "not execution.getVariable('keputusan').",
                )
            else:
                return value
            self.gives, self.operand = _EITHER, NO_OPERAND
            self._count_node()

    def _key(self) -> tuple[Evaluate, str]:
        token, start = self._next, self._at
        key = self._choice()
        is_literal = token.kind == "text" and self._at == start + 1
        self._expect("]")
        if is_literal and literal(token).startswith("_"):
            refuse_underscore(token.position)
        return key, token.text[1:-1] if is_literal else "…"

    def _primary(self) -> Evaluate:
        token = self._take()
        self._count_node()
        self.gives, self.operand = _NEITHER, NO_OPERAND
        if token.kind in ("number", "text"):
            value = literal(token)
            self.gives, self.operand = _WHOLE if type(value) is int else _NEITHER, Operand((Literal(value),))
            return _constant(value)
        if token.text == "(":
            value = self._choice()
            self._expect(")")
            return value
        if token.text == "[":
            items, self.gives = self._items("]"), _NEITHER
            return _make_list(items)
        if token.text in CONSTANTS:
            value = CONSTANTS[token.text]
            self.gives, self.operand = _NEITHER if value is None else _TRUTH, Operand((Literal(value),))
            return _constant(value)
        if token.kind != "name" or token.text in RESERVED:
            refuse_missing_value(token)
        if self._next.text == "(":
            return self._call(token)
        refuse_foreign(token)
        self.names.add(token.text)
        self.gives, self.operand = _EITHER, Operand((Variable(token.text),))
        return _variable(token.text)

    def _call(self, token: Token) -> Evaluate:
        if token.text not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            refuse(
                token.position,
                f"Fungsi {token.text[:40]} tidak ada. Yang tersedia: {known}.",
                f"There is no function {token.text[:40]}. The functions are: {known}.",
            )
        self._expect("(")
        arguments = self._items(")")
        self.gives = _TRUTH if token.text in TESTS else _WHOLE if token.text in ("len", "number") else _NEITHER
        self.operand = NO_OPERAND
        arity, function = FUNCTIONS[token.text]
        if len(arguments) != arity:
            refuse(
                token.position,
                f"Fungsi {token.text} memerlukan {arity} argumen, bukan {len(arguments)}.",
                f"The function {token.text} takes {arity} argument(s), not {len(arguments)}.",
            )
        return lambda variables: function(*[argument(variables) for argument in arguments])

    def _items(self, closing: str) -> list[Evaluate]:
        items: list[Evaluate] = []
        parts: tuple[Variable | Literal, ...] = ()
        if not self._skip(closing):
            items, parts = [self._choice()], self.operand.parts
            while self._skip(","):
                items.append(self._choice())
                parts += self.operand.parts
            self._expect(closing)
        self.operand = Operand(parts, is_list=True)
        return items

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        if token.kind == "end":
            refuse_missing_value(token)
        self._at += 1
        return token

    def _skip(self, text: str) -> bool:
        found = self._next.text == text
        self._at += found
        return found

    def _expect(self, text: str) -> None:
        token = self._next
        if not self._skip(text):
            refuse_foreign(token)
            missing = MISSING[text]
            refuse(token.position, f"Di sini kurang {missing.id}.", f"Here {missing.en} is missing.")

    def _count_node(self) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            refuse(
                self._next.position,
                f"Ungkapan memuat lebih dari {MAX_NODES} unsur. Pecah menjadi beberapa gerbang.",
                f"The expression has more than {MAX_NODES} parts. Split it over several gateways.",
            )

    def _descend(self) -> None:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            refuse(
                self._next.position,
                f"Ungkapan bersarang lebih dari {MAX_NESTING} tingkat. Kurangi tanda kurungnya.",
                f"The expression is nested more than {MAX_NESTING} levels deep. Use fewer parentheses.",
            )


def _constant(value: Any) -> Evaluate:
    return lambda variables: value


def _variable(name: str) -> Evaluate:
    def read(variables: Mapping[str, Any]) -> Any:
        if name not in variables:
            fail(
                f"Variabel {name} belum mempunyai nilai. Isi dahulu di formulir sebelum langkah ini.",
                f"The variable {name} has no value. Have a form before this step fill it in.",
            )
        return variables[name]

    return read


def _make_list(items: list[Evaluate]) -> Evaluate:
    return lambda variables: [item(variables) for item in items]


def _look_up(container: Evaluate, key: Evaluate, named: str) -> Evaluate:
    return lambda variables: values.look_up(container(variables), key(variables), named)


def _choose(condition: Evaluate, chosen: Evaluate, other: Evaluate) -> Evaluate:
    return lambda variables: (chosen if values.boolean(condition(variables), "?") else other)(variables)


def _combine(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
    if operator == "&&":
        return lambda variables: values.boolean(left(variables), "&&") and values.boolean(right(variables), "&&")
    if operator == "||":
        return lambda variables: values.boolean(left(variables), "||") or values.boolean(right(variables), "||")
    apply = _BINARY[operator]
    return lambda variables: apply(left(variables), right(variables))
