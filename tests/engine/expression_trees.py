"""Random expressions as trees, how they are written, and what they mean by a second, independent reckoning.

A tree is a tuple: ("literal", value), ("name", name), ("unary", operator, tree), ("binary", operator, tree, tree),
("choice", tree, tree, tree), ("get", tree, tree), ("list", tree, …) or ("call", function, tree, …).
"""

import json
import random
from collections.abc import Mapping
from fractions import Fraction
from math import trunc
from typing import Any

from hypothesis import strategies as st

Tree = tuple[Any, ...]

LIMIT = 10**18
SPELLINGS = {
    "||": ("||", "or"), "&&": ("&&", "and"), "!": ("!", "not"),
    "==": ("==", "eq"), "!=": ("!=", "ne"), "<": ("<", "lt"), ">": (">", "gt"), "<=": ("<=", "le"), ">=": (">=", "ge"),
    "/": ("/", "div"), "%": ("%", "mod"),
}  # fmt: skip
TIGHTNESS = {"choice": 0, "||": 1, "&&": 2, "compare": 3, "+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "unary": 6, "get": 7}
COMPARISONS = ("==", "!=", "<", ">", "<=", ">=", "in", "not in")


class Undefined(Exception):
    """The tree has no value with these variables."""


# ── trees


def _literal(value: Any) -> Tree:
    return ("literal", value)


@st.composite
def _either(draw: st.DrawFn, *choices: st.SearchStrategy[Tree]) -> Tree:
    """Choose between whole branches: `one_of` would flatten them and hardly ever grow a deep tree."""
    return draw(choices[draw(st.integers(0, len(choices) - 1))])


@st.composite
def _chain(draw: st.DrawFn, operators: str, operand: st.SearchStrategy[Tree], least: int = 1) -> Tree:
    """Join several operands, each on the left or the right of what is there already."""
    tree = draw(operand)
    for _ in range(draw(st.integers(least, 4))):
        operator, other = draw(st.sampled_from(operators.split())), draw(operand)
        tree = ("binary", operator, tree, other) if draw(st.booleans()) else ("binary", operator, other, tree)
    return tree


def _grow() -> st.SearchStrategy[Tree]:
    def binary(operators: str, operand: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.tuples(st.just("binary"), st.sampled_from(operators.split()), operand, operand)

    def call(names: str, *operands: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.tuples(st.just("call"), st.sampled_from(names.split()), *operands)

    whole = st.integers(0, 20) | st.integers(0, LIMIT)
    number = (whole | st.integers(0, 10**6).map(lambda n: n / 1000)).map(_literal) | st.just(("name", "jumlah"))
    text = st.text("ab'\"\\ é\n", max_size=4).map(_literal) | st.just(("name", "keputusan"))
    truth = st.booleans().map(_literal) | st.just(("name", "setuju"))
    other = st.sampled_from([_literal(None), ("name", "berkas"), ("name", "nilai"), ("name", "tidakAda"), ("list",)])
    for _ in range(3):
        anything = _either(number, text, truth, other)
        number, text, truth, other = (
            _either(
                number,
                _chain("+ - * / %", number),
                st.tuples(st.just("unary"), st.just("-"), number),
                st.tuples(st.just("choice"), truth, number, number),
                call("len", anything),
                call("number", _either(text, number)),
            ),
            _either(
                text,
                _chain("+", text),
                st.tuples(st.just("choice"), truth, text, text),
                call("lower upper", text),
                call("text", anything),
            ),
            _either(
                truth,
                _chain("&& ||", truth),
                binary("== !=", anything),
                binary("< > <= >=", number),
                binary("< > <= >=", text),
                st.tuples(st.just("binary"), st.sampled_from(["in", "not in"]), anything, other),
                st.tuples(st.just("unary"), st.just("!"), truth),
                st.tuples(st.just("unary"), st.just("empty"), anything),
                call("starts_with ends_with contains", text, text),
                call("contains", other, anything),
            ),
            _either(
                other,
                st.lists(anything, max_size=3).map(lambda items: ("list", *items)),
                st.tuples(st.just("get"), other, _either(number, text)),
                st.tuples(st.just("get"), other, st.sampled_from(["nomor", "isi"]).map(_literal)),
                binary("+ - * / % < == && ||", anything),
            ),
        )
    return _either(number, text, truth, other)


def _grow_chains() -> st.SearchStrategy[Tree]:
    small = _either(st.integers(0, 9).map(_literal), st.just(("name", "jumlah")))
    number = _either(
        small,
        st.tuples(st.just("unary"), st.just("-"), small),
        st.tuples(st.just("get"), st.tuples(st.just("list"), small, small), st.integers(-1, 2).map(_literal_or_minus)),
        _chain("+ - * / %", small),
    )
    sums = _chain("+ - * / %", number, least=2)
    truth = _either(
        st.booleans().map(_literal),
        st.tuples(st.just("binary"), st.sampled_from(["==", "!=", "<", ">", "<=", ">="]), number, number),
        st.tuples(st.just("unary"), st.just("!"), st.just(("name", "setuju"))),
    )
    return _either(sums, _chain("&& || == !=", truth, least=2))


def _literal_or_minus(number: int) -> Tree:
    return ("unary", "-", _literal(-number)) if number < 0 else _literal(number)


trees = _grow()
chains = _grow_chains()

_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.integers(-LIMIT, LIMIT)
    | st.floats(-1e6, 1e6)
    | st.sampled_from(["", "setuju", "3", "-0.5", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["nomor", "isi"]), inner),
    max_leaves=5,
)
environments = st.fixed_dictionaries(
    {
        "jumlah": st.integers(-10, 10) | st.integers(-LIMIT, LIMIT) | st.floats(-1e6, 1e6),
        "keputusan": st.sampled_from(["setuju", "dikembalikan", "", "12"]),
        "setuju": st.booleans(),
        "berkas": st.fixed_dictionaries({"nomor": _values, "isi": st.lists(_values, max_size=3)}),
        "nilai": _values,
    }
)


# ── writing


def write(tree: Tree, dice: random.Random) -> str:
    """Write the tree with the parentheses it needs, some it does not need, and any spelling of its operators."""
    return _wrap(_write(tree, 0, dice), dice)


def _wrap(source: str, dice: random.Random) -> str:
    gap = dice.choice(["", " ", "\n"])
    return dice.choice([f"{gap}{source}{gap}", f"${{{gap}{source}{gap}}}", f" #{{{source}}}\n"])


def _write(tree: Tree, wanted: int, dice: random.Random) -> str:
    source, tightness = _plain(tree, dice)
    if tightness < wanted or dice.random() < 0.15:
        gap = dice.choice(["", " "])
        return f"({gap}{source}{gap})"
    return source


def _plain(tree: Tree, dice: random.Random) -> tuple[str, int]:
    match tree:
        case ("literal", value):
            return _write_literal(value, dice), 8
        case ("name", name):
            return name, 8
        case ("list", *items):
            return f"[{', '.join(_write(item, 0, dice) for item in items)}]", 8
        case ("call", function, *arguments):
            return f"{function}{dice.choice(['', ' '])}({','.join(_write(a, 0, dice) for a in arguments)})", 8
        case ("get", container, ("literal", str() as key)) if key.isidentifier() and dice.random() < 0.5:
            return f"{_write(container, 7, dice)}.{key}", 7
        case ("get", container, key):
            return f"{_write(container, 7, dice)}[{_write(key, 0, dice)}]", 7
        case ("unary", operator, operand):
            return _spell(operator, dice) + _write(operand, 6, dice), 6
        case ("choice", condition, chosen, other):
            parts = _write(condition, 1, dice), _write(chosen, 0, dice), _write(other, 0, dice)
            return f"{parts[0]} ? {parts[1]} : {parts[2]}", 0
        case ("binary", operator, left, right):
            compares = operator in COMPARISONS
            tightness = TIGHTNESS["compare" if compares else operator]
            before, after = _write(left, tightness + compares, dice), _write(right, tightness + 1, dice)
            return f"{before}{_spell(operator, dice)}{after}", tightness
    raise AssertionError(tree)


def _spell(operator: str, dice: random.Random) -> str:
    spelling = dice.choice(SPELLINGS.get(operator, (operator,)))
    return f" {spelling} " if spelling.isidentifier() or " " in spelling or dice.random() < 0.5 else spelling


def _write_literal(value: Any, dice: random.Random) -> str:
    if isinstance(value, str):
        quote = dice.choice("'\"")
        escaped = value.replace("\\", "\\\\").replace(quote, "\\" + quote)
        return quote + (escaped.replace("\n", "\\n") if dice.random() < 0.5 else escaped) + quote
    return f"{value:.3f}" if isinstance(value, float) else json.dumps(value)


# ── meaning


def reckon(tree: Tree, variables: Mapping[str, Any]) -> Any:
    """Return the value of the tree by walking it, with exact fractions where the product has floats and remainders."""
    match tree:
        case ("literal", value):
            return value
        case ("name", name):
            return variables[name] if name in variables else _undefined()
        case ("list", *items):
            return [reckon(item, variables) for item in items]
        case ("call", function, *arguments):
            return _call(function, [reckon(argument, variables) for argument in arguments])
        case ("get", container, key):
            return _get(reckon(container, variables), reckon(key, variables))
        case ("unary", operator, operand):
            return _unary(operator, reckon(operand, variables))
        case ("choice", condition, chosen, other):
            return reckon(chosen if _truth(reckon(condition, variables)) else other, variables)
        case ("binary", ("&&" | "||") as operator, left, right):
            first = _truth(reckon(left, variables))
            return first if first == (operator == "||") else _truth(reckon(right, variables))
        case ("binary", operator, left, right):
            return _binary(operator, reckon(left, variables), reckon(right, variables))
    raise AssertionError(tree)


def names_in(tree: Tree) -> set[str]:
    """Return every variable that the tree mentions."""
    if tree[0] == "name":
        return {tree[1]}
    return set().union(*(names_in(part) for part in tree if isinstance(part, tuple)))


def same(left: Any, right: Any) -> bool:
    """Tell whether two values are equal in content and in kind, where all numbers are one kind."""
    return bool(_canonical(left) == _canonical(right))


def _canonical(value: Any) -> Any:
    if isinstance(value, list):
        return ("list", [_canonical(item) for item in value])
    if isinstance(value, dict):
        return ("dict", {key: _canonical(item) for key, item in value.items()})
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return (type(value).__name__, value)
    return ("number", Fraction(value))


def _undefined() -> Any:
    raise Undefined


def _truth(value: Any) -> bool:
    return value if isinstance(value, bool) else bool(_undefined())


def _number(value: Any) -> Any:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return value + 0 if numeric and abs(value) <= LIMIT else _undefined()


def _string(value: Any) -> str:
    return value if isinstance(value, str) else str(_undefined())


def _unary(operator: str, value: Any) -> Any:
    if operator == "empty":
        return value in (None, "", [], {})
    return not _truth(value) if operator == "!" else 0 - _number(value)


def _binary(operator: str, left: Any, right: Any) -> Any:
    if operator in ("==", "!="):
        return same(left, right) == (operator == "==")
    if operator in ("in", "not in"):
        items = right if isinstance(right, list) else _undefined()
        return any(same(left, item) for item in items) == (operator == "in")
    if isinstance(left, str) and isinstance(right, str) and operator in ("+", "<", ">", "<=", ">="):
        return left + right if operator == "+" else _ordered(operator, left, right)
    first, second = _number(left), _number(right)
    if operator in ("<", ">", "<=", ">="):
        return _ordered(operator, Fraction(first), Fraction(second))
    return _number(_calculate(operator, first, second))


def _ordered(operator: str, left: Any, right: Any) -> bool:
    if left == right:
        return "=" in operator
    return bool(left < right) == ("<" in operator)


def _calculate(operator: str, left: Any, right: Any) -> Any:
    whole = isinstance(left, int) and isinstance(right, int)
    if not whole:
        left, right = float(left), float(right)
    a, b = Fraction(left), Fraction(right)
    if operator in "/%" and b == 0:
        _undefined()
    exact = {
        "+": lambda: a + b,
        "-": lambda: a - b,
        "*": lambda: a * b,
        "/": lambda: a / b,
        "%": lambda: a - b * trunc(a / b),
    }[operator]()
    if abs(exact) > 2 * LIMIT:  # far beyond what a float's rounding could bring back, and maybe beyond any float
        _undefined()
    return int(exact) if whole and operator != "/" else float(exact)


def _get(container: Any, key: Any) -> Any:
    if isinstance(container, dict) and isinstance(key, str):
        return container[key] if key in container else _undefined()
    if isinstance(container, list) and type(key) is int:
        return container[key] if 0 <= key < len(container) else _undefined()
    return _undefined()


def _call(function: str, values: list[Any]) -> Any:
    match function, values:
        case "len", [str() | list() | dict() as value]:
            return len(value)
        case "lower", [str() as value]:
            return value.casefold() if value.isascii() else value.lower()
        case "upper", [str() as value]:
            return "".join(character.upper() for character in value)
        case "starts_with", [whole, part]:
            return _string(whole)[: len(_string(part))] == part
        case "ends_with", [whole, part]:
            return _string(whole)[::-1][: len(_string(part))] == part[::-1]
        case "contains", [list() as whole, part]:
            return any(same(part, item) for item in whole)
        case "contains", [whole, part]:
            return _string(whole).find(_string(part)) >= 0
        case "number", [str() as value]:
            try:
                parsed = json.loads(value)
            except ValueError:
                return _undefined()
            return _number(parsed)
        case "number", [value]:
            return _number(value)
        case "text", [None | list() | dict()]:
            return _undefined()
        case "text", [str() as value]:
            return value
        case "text", [bool() as value]:
            return json.dumps(value)
        case "text", [value]:
            return repr(_number(value))
    return _undefined()
