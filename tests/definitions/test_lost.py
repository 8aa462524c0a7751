"""Values that a form lets through and with which nothing can be decided are named before anybody sends them."""

import pytest

from tests.definitions.test_decided import REQUIRED, bounded, chosen, field, findings, form, found, optional
from tests.definitions.test_provided import CHOICE, TO_E, each


class TestACardinality:
    @pytest.mark.parametrize(
        ("written", "fields", "named"),
        [
            ("${n}", field("n"), "n = -1"),
            ("${n}", bounded("n", min="0"), "n = 1001"),
            ("${n * 1000 - 50000}", field("n"), "n = 0"),
            ("${len(n) * 500}", field("n", "string"), "n = 'xxx'"),
            ("${len(n) == 7 ? 3 : 'x'}", field("n", "string"), "n = 'x'"),
            ("${number(n)}", field("n", "string"), "n = 'x'"),
        ],
    )
    def test_that_is_none_with_some_values_is_a_warning_that_names_one(
        self, written: str, fields: str, named: str
    ) -> None:
        (finding,) = findings("S U\nU E", {"S": form(fields), "U": each(loopCardinality=written)}, {})

        assert (finding.severity, finding.code, finding.element_id) == ("warning", "loop-cardinality", "U")
        assert named in finding.text.id


class TestAConditionThatFails:
    @pytest.mark.parametrize(
        ("condition", "fields"),
        [
            ("${sampai - mulai > 3}", field("mulai", "date") + field("sampai", "date")),
            ("${t.length > 3}", field("t", "string")),
            ("${t.nomor == 3}", field("t", "string")),
            ("${d + 1 > d}", field("d", "date")),
            ("${t + n == 'x5'}", field("t", "string") + field("n")),
            ("${t[0] == 'x'}", field("t", "string")),
            ("${t in 'xyz'}", field("t", "string")),
            ("${n.real > 1}", field("n")),
            ("${n / 0 > 1}", field("n")),
            ("${n % 0 == 1}", field("n")),
            ("${!n}", field("n")),
            ("${(n)}", field("n")),
            ("${n == 1 ? b : 'tidak'}", field("n") + field("b", "string")),
            ("${number(k) > 1}", field("k", "enum", REQUIRED, "satu", "dua")),
            ("${len(n) > 1}", optional("n")),
        ],
    )
    def test_whatever_is_filled_in_is_refused(self, condition: str, fields: str) -> None:
        assert ("error", "condition-not-boolean", "X-U2") in chosen(condition, fields)

    @pytest.mark.parametrize(
        ("condition", "fields"),
        [
            ("${n / 2 > 1}", field("n")),
            ("${n != 0 && 10 / n > 1}", field("n")),
            ("${10 / n > 1}", bounded("n", min="1", max="5")),
            ("${len(t) > 3}", field("t", "string")),
            ("${t + text(n) == 'x5'}", field("t", "string") + field("n")),
            ("${contains('xyz', t)}", field("t", "string")),
            ("${data.nomor == 3}", field("n")),
            ("${number(k) > 1}", field("k", "enum", REQUIRED, "1", "2")),
        ],
    )
    def test_with_nothing_is_not_spoken_of(self, condition: str, fields: str) -> None:
        assert chosen(condition, fields) == []

    @pytest.mark.parametrize(
        ("condition", "fields", "named"),
        [
            ("${n / k > 3}", field("n") + field("k"), "k = 0"),
            ("${n % (k - 7) == 1}", field("n") + field("k"), "k = 7"),
            ("${number(t) > 3}", field("t", "string"), "t = 'x'"),
            ("${number(t) > 3}", bounded("t", minlength="12"), "t = 'xxx"),
        ],
    )
    def test_with_some_values_is_a_warning_that_names_one(self, condition: str, fields: str, named: str) -> None:
        (finding,) = findings(CHOICE.format(condition), {"S": form(fields)})

        assert (finding.severity, finding.code, finding.element_id) == ("warning", "condition-may-fail", "X")
        assert named in finding.text.id

    def test_is_refused_where_it_says_when_a_task_is_done(self) -> None:
        loop = each(loopCardinality="3", completionCondition="${nama + 1 == 4}")

        inside = {"S": form(field("nama", "string")), "U": loop}
        assert found("S U\nU E", inside, {}) == [("error", "condition-not-boolean", "U")]

    @pytest.mark.parametrize(
        ("completion", "said"),
        [
            ("${nrOfCompletedInstances / nrOfInstances &gt;= 0.5}", []),
            ("${nrOfInstances - nrOfCompletedInstances &lt; n}", []),
            ("${1 / nrOfActiveInstances &gt; n}", [("warning", "condition-may-fail", "U")]),
        ],
    )
    def test_is_worked_out_with_counts_that_there_can_be(
        self, completion: str, said: list[tuple[str, str, str | None]]
    ) -> None:
        loop = each(loopCardinality="3", completionCondition=completion)

        assert found("S U\nU E", {"S": form(field("n")), "U": loop}, {}) == said

    def test_is_none_where_a_gateway_before_sends_the_value_another_way(self) -> None:
        flows = "S X0\nX0 E ${n == 0}\nX0 U\nU X\nX U2 ${10 / n > 3}\nX E\nU2 E"
        attributes = {**TO_E, "X0": 'default="X0-U"'}

        assert found(flows, {"S": form(field("n"))}, attributes) == []
        # What a form gives behind that gateway may be zero again.
        assert found(flows, {"S": form(field("n")), "U": form(field("n"))}, attributes) == [
            ("warning", "condition-may-fail", "X")
        ]
        other_way = flows.replace("X0 E", "X0 U3").replace("U2 E", "U2 E\nU3 X")
        assert found(other_way, {"S": form(field("n"))}, attributes) == [("warning", "condition-may-fail", "X")]


class TestAValueWithoutAWay:
    FLOWS = "S U\nU X\nX U ${k == 'a'}\nX E ${k == 'b'}"

    def test_is_a_warning(self) -> None:
        (finding,) = findings(self.FLOWS, {"S": form(field("k", "enum", REQUIRED, "a", "b", "c"))}, {})

        assert (finding.severity, finding.code, finding.element_id) == ("warning", "value-without-way", "X")
        assert "'c'" in finding.text.id

    def test_is_none_with_a_default_or_where_all_have_one(self) -> None:
        fields = {"S": form(field("k", "enum", REQUIRED, "a", "b", "c"))}

        assert found(self.FLOWS.replace(" ${k == 'b'}", ""), fields, {"X": 'default="X-E"'}) == []
        assert found(self.FLOWS, {"S": form(field("k", "enum", REQUIRED, "a", "b"))}, {}) == []

    def test_is_looked_for_in_a_short_range_of_numbers(self) -> None:
        flows = "S U\nU X\nX U ${n == 1 || n == 3}\nX E ${n == 2 || n == 4}"

        assert found(flows, {"S": form(bounded("n", min="1", max="4"))}, {}) == []
        assert found(flows, {"S": form(bounded("n", min="1", max="5"))}, {}) == [("warning", "value-without-way", "X")]

    @pytest.mark.parametrize(
        ("back", "on", "fields", "named"),
        [
            ("${n > 5}", "${n < 5}", field("n"), "n = 5"),
            ("${t == 'a'}", "${t == 'b'}", field("t", "string"), "t = '1'"),
            (
                "${k == 'a' && m == 'x'}",
                "${k == 'b' && m == 'y'}",
                field("k", "enum", REQUIRED, "a", "b") + field("m", "enum", REQUIRED, "x", "y"),
                "k = 'a', m = 'y'",
            ),
            ("${n > 5 && b}", "${n <= 5}", field("n") + field("b", "boolean"), "b = false, n = "),
        ],
    )
    def test_between_conditions_is_named(self, back: str, on: str, fields: str, named: str) -> None:
        (finding,) = findings(f"S U\nU X\nX U {back}\nX E {on}", {"S": form(fields)}, {})

        assert (finding.severity, finding.code) == ("warning", "value-without-way")
        assert named in finding.text.en

    @pytest.mark.parametrize(
        ("back", "on", "fields"),
        [
            ("${n > 5}", "${n <= 5}", field("n")),
            ("${t == 'a'}", "${t != 'a'}", field("t", "string")),
            ("${d < '2026-08-17'}", "${d >= '2026-08-17'}", field("d", "date")),
            ("${n > 5 && b}", "${n <= 5 || !b}", field("n") + field("b", "boolean")),
        ],
    )
    def test_is_none_where_the_conditions_meet(self, back: str, on: str, fields: str) -> None:
        assert found(f"S U\nU X\nX U {back}\nX E {on}", {"S": form(fields)}, {}) == []
