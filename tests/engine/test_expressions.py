import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.expression_parts import Literal, Variable
from app.engine.expressions import (
    Expression,
    ExpressionFailed,
    ExpressionRefused,
    compile_expression,
    truth,
)
from tests.engine.asked_expressions import VARIABLES, failure, value
from tests.engine.expression_trees import Tree, Undefined, chains, environments, names_in, reckon, same, trees, write


class TestWhatIsUnderstood:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("${keputusan == 'setuju'}", True),
            ("#{keputusan == 'setuju'}", True),
            (" ${ keputusan == 'setuju' } ", True),
            ('keputusan eq "setuju"', True),
            ("keputusan ne 'setuju'", False),
            ("jumlah gt 10 and jumlah le 12 && jumlah lt 13 and jumlah ge 12", True),
            ("lengkap && !empty keputusan || false", True),
            ("not lengkap or jumlah != 12", False),
            ("(lengkap or lengkap) and false", False),
            ("lengkap or lengkap and false", True),
            ("1 + 2 * 3 - 4 / 2", 5.0),
            ("2 - 3 - 4", -5),
            ("7 div 2", 3.5),
            ("7 mod 4", 3),
            ("-7 % 3", -1),
            ("7 % -3", 1),
            ("-7.5 % 2", -1.5),
            ("- - 2", 2),
            ("-berkas.isi[0]", -10),
            ("0 * -1.5", 0.0),
            ("text(-1 * 0.0)", "0.0"),
            ("empty kosong", True),
            ("empty ''", True),
            ("empty []", True),
            ("empty 0", False),
            ("empty false", False),
            ("empty berkas.nomor == false", True),
            ("kosong == null", True),
            ("jumlah > 10 ? 'banyak' : 'sedikit'", "banyak"),
            ("jumlah > 20 ? 'a' : jumlah > 10 ? 'b' : 'c'", "b"),
            ("lengkap ? lengkap ? 1 : 2 : 3", 1),
            ("berkas.nomor", "500.15/012"),
            ("berkas['nomor']", "500.15/012"),
            ("berkas['']", "tanpa nama"),
            ("berkas.isi[1].lembar", 3),
            ("berkas['isi'][0 + 1]['lem' + 'bar']", 3),
            ("[1, 'a', true, null, [2]]", [1, "a", True, None, [2]]),
            ("[]", []),
            ("[3, 4][1]", 4),
            ("keputusan in ['setuju', 'dikembalikan']", True),
            ("keputusan not in ['setuju']", False),
            ("not (1 in [])", True),
            ("len(keputusan) + len([1]) + len(berkas)", 10),
            ("len", "nama yang sama dengan fungsi"),
            ("upper(keputusan) + lower('ÄB')", "SETUJUäb"),
            ("starts_with(keputusan, 'set') && ends_with(keputusan, 'uju')", True),
            ("contains('abc', 'bc') && contains([1, 2], 2)", True),
            ("number('12') + number(' -0.5 ') + number(1)", 12.5),
            ("text(12) + text(0.5) + text(true) + text('x')", "120.5truex"),
            (r"'it\'s \\ \"' + " + r'"\'\"\n\t"', "it's \\ \"'\"\n\t"),
            ("'${bukan ungkapan}'", "${bukan ungkapan}"),
            ("Kinerja_2026", 1),
            ("sasaran_é", "é"),
            ("berkas\n.\tnomor", "500.15/012"),
            ("keputusan\u00a0==\u00a0'setuju'", True),
            ("1000000000000000000", 10**18),
            ("rasio == 0.50", True),
        ],
    )
    def test_gives(self, source: str, expected: Any) -> None:
        result = value(source)

        assert result == expected
        assert type(result) is type(expected)

    def test_a_skipped_branch_is_not_worked_out(self) -> None:
        assert value("false && tidakAda") is False
        assert value("true || tidakAda") is True
        assert value("lengkap ? 1 : tidakAda") == 1

    def test_names_are_the_variables_read(self) -> None:
        names = compile_expression("${a.b['c'] > d && len(e) == 0 ? f : [g, 'h', true][i]}").names

        assert names == {"a", "d", "e", "f", "g", "i"}

    def test_an_expression_is_a_frozen_value(self) -> None:
        expression = compile_expression("jumlah > 1")

        assert isinstance(expression, Expression)
        assert compile_expression("jumlah > 1") is expression
        assert expression.source == "jumlah > 1"
        with pytest.raises(AttributeError):
            expression.source = "true"  # type: ignore[misc]

    def test_data_are_left_as_they_were(self) -> None:
        data = {"daftar": [1, {"a": 2}]}

        compile_expression("[daftar, daftar] == [[1], 2] || len(daftar) > daftar[1].a")(data)

        assert data == {"daftar": [1, {"a": 2}]}


class TestKindsOfValues:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("true == 1", False),
            ("false != 0", True),
            ("[true] == [1]", False),
            ("true in [1]", False),
            ("contains([0], false)", False),
            ("'1' == 1", False),
            ("null == false", False),
            ("'' == null", False),
            ("1 == 1.0", True),
            ("[1, [2]] == [1.0, [2]]", True),
            ("berkas == berkas", True),
            ("berkas == []", False),
            ("9007199254740993 == 9007199254740992.0", False),
        ],
    )
    def test_equality_never_converts(self, source: str, expected: bool) -> None:
        assert value(source) is expected

    @pytest.mark.parametrize(
        "source",
        ["'a' < 1", "1 >= '1'", "true > false", "null < 1", "[1] < [2]", "berkas > 1", "kosong <= kosong", "true < 2"],
    )
    def test_ordering_needs_two_numbers_or_two_texts(self, source: str) -> None:
        assert "two numbers or two texts" in failure(source).text.en

    @pytest.mark.parametrize(
        "source",
        ["'false' && true", "true && 1", "'' || true", "not 'false'", "!0", "kosong ? 1 : 2", "'a' ? 1 : 2",
         "not keputusan == 'setuju'", "not null", "[] or true"],
    )  # fmt: skip
    def test_only_true_and_false_decide(self, source: str) -> None:
        assert "true or false" in failure(source).text.en

    @pytest.mark.parametrize(
        "source",
        ["1 + '1'", "'a' + 1", "true + 1", "null + 1", "[1] + [2]", "'a' * 3", "3 * 'a'", "[0] * 3", "'%s' % 1",
         "'%9999999999d' % 1", "'a' - 'a'", "1 / true", "-'1'", "-true", "-null", "berkas + berkas"],
    )  # fmt: skip
    def test_arithmetic_needs_numbers(self, source: str) -> None:
        assert failure(source).text.id

    @pytest.mark.parametrize("source", ["1 / 0", "1 % 0", "1 div 0.0", "1.5 mod 0", "0 / 0", "1 / (jumlah - 12)"])
    def test_division_by_zero_fails(self, source: str) -> None:
        assert "zero" in failure(source).text.en

    @pytest.mark.parametrize(
        ("source", "reason"),
        [
            ("tidakAda", "tidakAda"),
            ("berkas.tidakAda", "tidakAda"),
            ("berkas['tidakAda']", "tidakAda"),
            ("berkas.isi[2]", "outside"),
            ("berkas.isi[-1]", "outside"),
            ("berkas.isi['0']", "looked up"),
            ("berkas.isi[0.0]", "looked up"),
            ("berkas.isi[true]", "looked up"),
            ("berkas[0]", "looked up"),
            ("keputusan[0]", "looked up"),
            ("keputusan.upper", "looked up"),
            ("kosong.nomor", "looked up"),
            ("1 in 1", "list"),
            ("'a' in 'abc'", "contains"),
            ("'nomor' in berkas", "list"),
            ("len(1)", "len"),
            ("lower(1)", "lower"),
            ("starts_with('a', 1)", "starts_with"),
            ("contains('a', 1)", "contains"),
            ("contains(berkas, 'nomor')", "contains"),
            ("number('1.000.000')", "number"),
            ("number('1e5')", "number"),
            ("number('0x10')", "number"),
            ("number('nan')", "number"),
            ("number('\u0661')", "number"),
            ("number(true)", "number"),
            ("text(null)", "text"),
            ("text([1])", "text"),
        ],
    )
    def test_a_failure_says_what_was_wrong(self, source: str, reason: str) -> None:
        assert reason in failure(source).text.en

    def test_a_failure_does_not_repeat_values(self) -> None:
        secret = "Rahasia Pribadi"

        for source in ("1 + rahasia", "number(rahasia)", "berkas[rahasia]", "rahasia && true", "rahasia in rahasia"):
            fault = failure(source, rahasia=secret)
            assert secret not in fault.text.id + fault.text.en

    @pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
    @pytest.mark.parametrize("source", ["x + 1", "x == x", "x < 1", "-x", "text(x)", "number(x)", "x in [x]", "x % 2"])
    def test_numbers_that_are_none_fail(self, source: str, number: float) -> None:
        assert failure(source, x=number).text.id


class TestTruth:
    def test_gives_the_value_of_a_condition(self) -> None:
        assert truth(compile_expression("keputusan == 'setuju'"), VARIABLES) is True
        assert truth(compile_expression("lengkap && false"), VARIABLES) is False

    @pytest.mark.parametrize("source", ["'false'", "'true'", "1", "0", "null", "keputusan", "[true]", "''"])
    def test_anything_but_true_or_false_fails(self, source: str) -> None:
        with pytest.raises(ExpressionFailed, match="true or false"):
            truth(compile_expression(source), VARIABLES)


class TestAgainstASecondReckoning:
    @settings(max_examples=300, deadline=None)
    @given(trees, environments, st.integers(0, 2**32))
    def test_any_tree_has_the_same_value(self, tree: Tree, variables: dict[str, Any], seed: int) -> None:
        self._agree(tree, variables, seed)

    @settings(max_examples=300, deadline=None)
    @given(chains, environments, st.integers(0, 2**32))
    def test_chains_of_operators_are_grouped_alike(self, tree: Tree, variables: dict[str, Any], seed: int) -> None:
        self._agree(tree, variables, seed)

    @staticmethod
    def _agree(tree: Tree, variables: dict[str, Any], seed: int) -> None:
        expression = compile_expression(write(tree, random.Random(seed)))
        assert expression.names == names_in(tree)
        try:
            expected = reckon(tree, variables)
        except Undefined:
            with pytest.raises(ExpressionFailed):
                expression(variables)
            return
        assert same(expression(variables), expected)


class TestAnyText:
    words = st.sampled_from(
        ["(", ")", "[", "]", "{", "}", "${", "#{", ",", ".", "?", ":", "!", "-", "+", "*", "/", "%", "<", ">", "<=",
         "==", "!=", "=", "&&", "||", "&", "and", "or", "not", "in", "eq", "div", "mod", "empty", "true", "null", "'a'",
         '"b"', "'", '"', "\\", "0", "1.5", "999", "a", "b.c", "len(", "text(", "_x", "__class__", "lambda", "\u2019",
         "é", "\x00", " ", "\n"]
    )  # fmt: skip
    sources = (
        st.text(max_size=60) | st.lists(words, max_size=40).map("".join) | st.lists(words, max_size=40).map(" ".join)
    )

    @settings(max_examples=500, deadline=10_000)
    @given(sources)
    def test_compiles_or_is_refused_and_then_gives_a_value_or_fails(self, source: str) -> None:
        try:
            outcome = compile_expression(source)({"a": 1, "b": {"c": "x"}})
        except (ExpressionRefused, ExpressionFailed) as fault:
            outcome = fault.text.id + fault.text.en

        assert outcome is None or isinstance(outcome, bool | int | float | str | list | dict)

    @settings(max_examples=100)
    @given(st.lists(words, min_size=1, max_size=8), st.integers(1, 2_000))
    def test_repetition_ends_quickly(self, words: list[str], times: int) -> None:
        source = "".join(words) * times
        begin = time.process_time()
        try:
            outcome: object = compile_expression(source[:2_000])({"a": 1, "b": {"c": "x"}})
        except (ExpressionRefused, ExpressionFailed) as fault:
            outcome = fault

        assert outcome is not self
        assert time.process_time() - begin < 0.5


class TestWhatIsCompared:
    @pytest.mark.parametrize(
        ("source", "compared"),
        [
            ("${a == 'x' && 3 < b}", [("a", "==", Literal("x")), ("b", "<", Literal(3))]),
            ("${(a) eq -1 ? b : c ne d}", [("a", "==", Literal(-1)), ("c", "!=", Variable("d"))]),
            ("${a not in ['p', b, 1 + 1]}", [("a", "not in", Literal("p")), ("a", "not in", Variable("b"))]),
            ("${a == ['x'] || !b == true || c.d == 'x' || len(e) == 3 || f + 1 == 2 || 'x' in g}", []),
        ],
    )
    def test_is_known_where_a_variable_stands_alone(
        self, source: str, compared: list[tuple[str, str, Literal | Variable]]
    ) -> None:
        found = compile_expression(source).comparisons

        assert [(one.variable.name, one.operator, one.other) for one in found] == compared

    @pytest.mark.parametrize(
        ("source", "kinds"),
        [
            ("n / 2", set()), ("n * 2", {int}), ("len(n)", {int}), ("n > 2", {bool}), ("n", {bool, int}),
            ("2.5", set()), ("n ? 1 : 'x'", {int}), ("-n", {int}), ("text(n)", set()), ("[n]", set()),
            ("n.a", {bool, int}),
        ],
    )  # fmt: skip
    def test_gives_truth_or_a_whole_number_or_neither(self, source: str, kinds: set[type]) -> None:
        assert compile_expression(source).gives == kinds
