import time
from typing import Any

import pytest

from app.engine.expressions import (
    ExpressionRefused,
    compile_expression,
)
from tests.engine.asked_expressions import failure, refusal, value


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("source", "position", "remedy"),
        [
            ("", 1, "empty"),
            ("  ", 3, "empty"),
            ("${}", 3, "missing"),
            ("${keputusan", 12, "closing brace"),
            ("keputusan}", 10, "missing"),
            ("${a}${b}", 5, "one ${…}"),
            ("Halo ${nama}", 6, "one ${…}"),
            ("= a", 1, "FEEL"),
            ("keputusan = 'setuju'", 11, "=="),
            ("(a = 1)", 4, "=="),
            ("a === 1", 3, "=="),
            ("a !== 1", 3, "!="),
            ("a <> 1", 3, "!="),
            ("a & b", 3, "&&"),
            ("a | b", 3, "||"),
            ("a AND b", 3, "and"),
            ("a is null", 3, "=="),
            ("a instanceof b", 3, "=="),
            ("None", 1, "null"),
            ("True", 1, "true"),
            ("1 if a else 2", 3, "a ? b : c"),
            ("2 ** 3", 3, "does not exist"),
            ("2 ^ 3", 3, "does not exist"),
            ("7 // 2", 3, "/"),
            ("a += b", 3, "+"),
            ("a; b", 2, "does not exist"),
            ("lambda: 1", 1, "does not exist"),
            ("x -> x", 3, "does not exist"),
            ("(x) => x", 5, "does not exist"),
            ("{1: 2}", 1, "does not exist"),
            ("1 < 2 < 3", 7, "chained"),
            ("a == b == c", 8, "chained"),
            ("a < b == true", 7, "chained"),
            ("a in b in c", 8, "chained"),
            ("execution.getVariable('x')", 22, "Methods"),
            ("berkas.nomor.upper()", 19, "Methods"),
            ("a['b']()", 7, "Methods"),
            ("len('a')('b')", 9, "Methods"),
            ("now()", 1, "no function now"),
            ("len()", 1, "1 argument"),
            ("len(1, 2)", 1, "1 argument"),
            ("contains('a')", 1, "2 argument"),
            ("a b", 3, "operator"),
            ("a 'b'", 3, "operator"),
            ("a +", 4, "breaks off"),
            ("+ a", 1, "missing"),
            ("(a", 3, "parenthesis"),
            ("a)", 2, "missing"),
            ("[1, 2", 6, "bracket"),
            ("[1,]", 4, "missing"),
            ("a[", 3, "breaks off"),
            ("a[]", 3, "missing"),
            ("a ? b", 6, "colon"),
            ("a ?: b", 4, "missing"),
            ("a.", 3, "breaks off"),
            ("a.1", 3, "field's name"),
            ("'abc", 1, "not closed"),
            ('"abc\\"', 1, "not closed"),
            (r"'\x41'", 2, "backslash"),
            (r"'\u0041'", 2, "backslash"),
            ("1e5", 1, "digits"),
            ("0x10", 1, "digits"),
            ("10rupiah", 1, "digits"),
            ("1.000.000", 1, "digits"),
            (".5", 1, "missing"),
            ("1000000000000000001", 1, "10 to the 18th"),
            ("9" * 1999, 1, "10 to the 18th"),
            ("9" * 400 + ".5", 1, "10 to the 18th"),
            ("in", 1, "missing"),
            ("a not b", 3, "missing"),
            ("empty", 6, "breaks off"),
            ("\u2018a\u2019 == b", 1, "word processor"),
            ("a \u2013 b", 3, "word processor"),
            ("a \u2265 b", 3, "word processor"),
            ("`a`", 1, "word processor"),
            ("a @ b", 3, "U+0040"),
            ("a\x00", 2, "U+0000"),
            ("a\u200bb", 2, "U+200B"),
            ("a\u202eb", 2, "U+202E"),
        ],
    )
    def test_with_place_and_remedy(self, source: str, position: int, remedy: str) -> None:
        fault = refusal(source)

        assert fault.position == position
        assert remedy in fault.text.en
        assert str(position) in fault.text.id

    @pytest.mark.parametrize(
        "source",
        ["__import__('os').system('id')", "__class__", "_x", "a.__class__", "a._x", "a['__class__']", "a[\"_x\"]",
         "''.__class__.__mro__[1].__subclasses__()", "[].__class__", "len.__globals__", "(1).__add__(1)",
         "open('/etc/passwd')", "eval('1')", "exec('1')", "getattr(a, 'b')", "type(a)", "vars()", "print(1)",
         "[x for x in a]", "(x for x in a)", "{x for x in a}", "a := 1", "(a := 1)", "f'{a}'", "f\"{a!r:>9999}\"",
         "b'a'", "r'a'", "'{0.__class__}'.format(a)", "'a'.join(b)", "'a' 'b'", "...", "a[1:2]", "a[::]", "*a", "**a",
         "a, b", "len(*a)", "len(x=1)", "yield a", "await a", "import os", "1j", "0b1", "0o7", "1_000", "~a", "a >> 1",
         "a << 1", "@a", "$a", "a$b", "#a", "# a", "a # b", "\\", "''.getClass().forName('java.lang.Runtime')",
         "${''.class}${1}", "${facesContext}.x", "T(java.lang.Runtime)", "new Date()", "a?.b", "a ?? b", "a::b",
         "fn:len(a)"],
    )  # fmt: skip
    def test_ways_out_of_the_language(self, source: str) -> None:
        assert refusal(source).position is not None

    @pytest.mark.parametrize(
        "name",
        ["\uff4beputusan", "\u1d41c", "\U0001d424eputusan", "\uff3f\uff3fclass\uff3f\uff3f", "\u2147", "x\u00b2",
         "\ufb01le", "\u24d0", "\u2160"],
    )  # fmt: skip
    def test_letters_that_only_look_ordinary(self, name: str) -> None:
        assert refusal(f"{name} == 1").text.id
        assert refusal(f"a.{name} == 1").text.id

    def test_an_underscore_that_is_computed_finds_nothing(self) -> None:
        assert failure("a['_' + 'x']", a={"_x": 1}).text.id


class TestBounds:
    def test_length_of_the_source(self) -> None:
        assert value("'" + "a" * 1998 + "'") == "a" * 1998
        fault = refusal("'" + "a" * 1999 + "'")
        assert fault.position is None
        assert "2000" in fault.text.en

    def test_number_of_parts(self) -> None:
        assert value("+".join(["1"] * 100)) == 100
        assert value("!" * 50 + "true") is True
        assert "200 parts" in refusal("+".join(["1"] * 101)).text.en
        assert "200 parts" in refusal("[" + ",".join(["1"] * 200) + "]").text.en
        assert "200 parts" in refusal("a" + ".b" * 200).text.en

    @pytest.mark.parametrize(
        ("before", "core", "after"),
        [("(", "1", ")"), ("[", "1", "]"), ("- ", "1", ""), ("not ", "true", ""), ("len([", "1", "])"),
         ("true ? ", "1", " : 2"), ("true ? 1 : ", "1", ""), ("(1 + ", "1", ")"), ("l[", "0", "]")],
    )  # fmt: skip
    def test_nesting(self, before: str, core: str, after: str) -> None:
        deepest = max(n for n in range(60) if self._compiles(before * n + core + after * n))

        assert 20 <= deepest <= 50
        assert not self._compiles(before * 300 + core + after * 300)

    @staticmethod
    def _compiles(source: str) -> bool:
        try:
            return compile_expression(source).source == source
        except ExpressionRefused:
            return False

    def test_fifty_parentheses_are_the_most(self) -> None:
        assert value("(" * 50 + "1" + ")" * 50) == 1
        assert "50 levels" in refusal("(" * 51 + "1" + ")" * 51).text.en

    @pytest.mark.parametrize(
        "source",
        ["n * n", "n + 1", "-n - 1", "n * 1.5", "n * n * n * n", "n / 0.5", "number('1000000000000000001')",
         "number('" + "9" * 40 + "')", "n * 0.1 * 100"],
    )  # fmt: skip
    def test_numbers_stay_below_ten_to_the_eighteenth(self, source: str) -> None:
        assert "18th" in failure(source, n=10**18).text.en

    @pytest.mark.parametrize("source", ["n + 1", "n * n", "n % 7", "-n", "text(n)", "number(n)", "7 / n", "n / n"])
    @pytest.mark.parametrize("number", [10**30, -(10**5000), 1e300], ids=["whole", "5,000 digits", "decimal"])
    def test_numbers_that_arrive_too_large_are_not_worked_with(self, source: str, number: float) -> None:
        assert "18th" in failure(source, n=number).text.en

    @pytest.mark.parametrize("source", ["1 / x", "1.5 / x", "n / x"])
    def test_division_by_next_to_nothing_does_not_reach_infinity(self, source: str) -> None:
        assert "18th" in failure(source, x=5e-324, n=10**18).text.en

    @pytest.mark.parametrize(
        "source", ["t + 'a'", "t + t", "upper(u)", "text(t + t)", "(t + t) + (t + t)", "lower(t + 'a')"]
    )
    def test_texts_stay_below_ten_thousand_characters(self, source: str) -> None:
        assert value("t + ''", t="a" * 10_000) == "a" * 10_000
        assert "10,000" in failure(source, t="a" * 10_000, u="\u0390" * 4_000).text.en

    def test_data_that_contain_themselves_are_not_followed_for_ever(self) -> None:
        one: list[Any] = []
        other: list[Any] = []
        one.extend([one, one])
        other.extend([other, other])

        assert "nested" in failure("a == b", a=one, b=other).text.en
        assert "nested" in failure("a in [b]", a=one, b=other).text.en

    def test_objects_are_never_asked_anything(self) -> None:
        class Trap(str):
            def __getattribute__(self, name: str) -> Any:
                raise AssertionError(name)

            def __eq__(self, other: object) -> bool:
                raise AssertionError("compared")

            __hash__ = str.__hash__

        for source in ("x == x", "x + x", "x < x", "x.upper", "x['a']", "len(x)", "upper(x)", "x in [x]", "x && x",
                       "text(x)", "number(x)", "-x", "contains(x, x)", "b[x]"):  # fmt: skip
            assert failure(source, x=Trap("a"), b={"a": 1}).text.id

    def test_work_stays_small_at_every_limit(self) -> None:
        large = {"x": [{"nomor": n, "nama": "n" * 20} for n in range(5_000)]}
        source = " && ".join(["x == x"] * 50)

        begin = time.process_time()
        assert compile_expression(source)(large) is True
        assert time.process_time() - begin < 5
