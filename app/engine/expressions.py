"""The one expression language of the product: gateway conditions and whatever else a model leaves to be worked out.

Its surface is what Camunda Modeler's users type in JUEL: `${keputusan == 'setuju' && jumlah gt 10}`. The source is
read by a parser of our own and compiled to closures over the functions of `expression_values`; no Python is ever
parsed or run, there are no attributes, no methods, and only the functions listed there. From loosest to tightest:
`? :`, `|| or`, `&& and`, comparisons and `in` (never chained), `+ -`, `* / div % mod`, `- ! not empty`, `.a [b]`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn

from app.core.text import Text
from app.engine import expression_values as values
from app.engine.expression_tokens import ExpressionRefused, Token, literal, refuse, refuse_underscore, tokenize
from app.engine.expression_values import FUNCTIONS, TESTS, ExpressionFailed, fail

__all__ = ["RESERVED", "Expression", "ExpressionFailed", "ExpressionRefused", "compile_expression", "truth"]

MAX_SOURCE = 2_000
MAX_NODES = 200
MAX_NESTING = 50

Evaluate = Callable[[Mapping[str, Any]], Any]

_CONSTANTS = {"true": True, "false": False, "null": None}
_SPELLINGS = {
    "and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "div": "/", "mod": "%",
}  # fmt: skip
RESERVED = {*_SPELLINGS, *_CONSTANTS, "in", "empty"}
_FOREIGN = {
    "=": "==", "===": "==", "!==": "!=", "<>": "!=", "&": "&&", "|": "||", "+=": "+", "//": "/",
    "none": "null", "is": "==", "instanceof": "==", "if": "a ? b : c", "else": "a ? b : c",
}  # fmt: skip
_ABSENT = {"**", "^", "->", "=>", ";", "{", "lambda"}
_MISSING = {
    "}": Text("kurung kurawal penutup }", "the closing brace }"),
    "]": Text("kurung siku penutup ]", "the closing bracket ]"),
    ")": Text("kurung penutup )", "the closing parenthesis )"),
    "(": Text("kurung pembuka (", "the opening parenthesis ("),
    ":": Text("titik dua dari a ? b : c", "the colon of a ? b : c"),
}

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

    `names` are the variables it may read; `boolean` is false where it can give neither true nor false. A call raises
    ExpressionFailed where a variable is missing or the data do not fit; it changes nothing and the same variables
    always give the same value.
    """

    source: str
    names: frozenset[str]
    boolean: bool
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
    return Expression(source, frozenset(parser.names), parser.boolean, evaluate)


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
    """Reads the tokens once and gives back closures; `names` collects the variables on the way, and `boolean` says
    whether what was read last may give true or false."""

    def __init__(self, tokens: list[Token]) -> None:
        self.names: set[str] = set()
        self.boolean = False
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
            _refuse_foreign(token)
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
            chosen, boolean = self._choice(), self.boolean
            self._expect(":")
            value = _choose(value, chosen, self._choice())
            self.boolean |= boolean
        self._nesting -= 1
        return value

    def _binary(self, lowest: int) -> Evaluate:
        left = self._unary()
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
            self.boolean = level <= _COMPARISON
        return left

    def _infix(self) -> str:
        if self._next.text == "not" and self._tokens[self._at + 1].text == "in":
            return "not in"
        return _SPELLINGS.get(self._next.text, self._next.text)

    def _unary(self) -> Evaluate:
        operator = _SPELLINGS.get(self._next.text, self._next.text)
        if operator not in _UNARY:
            return self._postfix()
        self._at += 1
        self._count_node()
        self._descend()
        operand = self._unary()
        self._nesting -= 1
        self.boolean = operator != "-"
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
            self.boolean = True
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
        self.boolean = token.kind == "name" and token.text != "null"
        if token.kind in ("number", "text"):
            return _constant(literal(token))
        if token.text == "(":
            value = self._choice()
            self._expect(")")
            return value
        if token.text == "[":
            items, self.boolean = self._items("]"), False
            return _make_list(items)
        if token.text in _CONSTANTS:
            return _constant(_CONSTANTS[token.text])
        if token.kind != "name" or token.text in RESERVED:
            _refuse_missing_value(token)
        if self._next.text == "(":
            return self._call(token)
        _refuse_foreign(token)
        self.names.add(token.text)
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
        arguments, self.boolean = self._items(")"), token.text in TESTS
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
        if self._skip(closing):
            return items
        items.append(self._choice())
        while self._skip(","):
            items.append(self._choice())
        self._expect(closing)
        return items

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        if token.kind == "end":
            _refuse_missing_value(token)
        self._at += 1
        return token

    def _skip(self, text: str) -> bool:
        found = self._next.text == text
        self._at += found
        return found

    def _expect(self, text: str) -> None:
        token = self._next
        if not self._skip(text):
            _refuse_foreign(token)
            missing = _MISSING[text]
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


def _refuse_foreign(token: Token) -> None:
    word = token.text.lower()
    instead = _FOREIGN.get(word, word if word in RESERVED and word != token.text else None)
    if instead is not None:
        refuse(token.position, f"Tulis {instead}, bukan {token.text}.", f"Use {instead} instead of {token.text}.")
    if word in _ABSENT:
        refuse(
            token.position,
            f"{token.text} tidak tersedia dalam ungkapan. Pakai perbandingan dan fungsi biasa saja.",
            f"{token.text} does not exist in expressions. Use comparisons and the listed functions only.",
        )


def _refuse_missing_value(token: Token) -> NoReturn:
    _refuse_foreign(token)
    if token.kind == "end":
        refuse(
            token.position,
            "Ungkapan kosong atau terputus. Tulis syaratnya, misalnya ${keputusan == 'setuju'}.",
            "The expression is empty or breaks off. Write the condition, for example ${keputusan == 'setuju'}.",
        )
    refuse(
        token.position,
        f"Di depan '{token.text[:40]}' kurang sebuah nilai atau nama variabel.",
        f"A value or the name of a variable is missing before '{token.text[:40]}'.",
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
