"""Conditions that decide nothing are found before anybody is stuck behind them."""

from collections.abc import Mapping

import pytest

from app import engine
from app.engine.expressions import compile_expression
from tests.engine.small_models import document, scope

CHOICE = "S U\nU X\nX U2 {}\nX E\nU2 E"
TO_E = {"X": 'default="X-E"'}


def found(
    flows: str,
    attributes: Mapping[str, str] | None = None,
    inside: Mapping[str, str] | None = None,
    **document_with: str,
) -> list[tuple[str, str, str | None]]:
    model = engine.examine(document(scope(flows, dict(attributes or {}), dict(inside or {})), **document_with)).model
    assert model is not None
    return [(one.severity, one.code, one.element_id) for one in engine.check_conditions(model)]


def repeated(completion: str) -> dict[str, str]:
    return {
        "U": "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>"
        f"<completionCondition>{completion}</completionCondition></multiInstanceLoopCharacteristics>"
    }


class TestAConditionThatReadsNothing:
    @pytest.mark.parametrize("written", ["${false}", "${true}", "${'setuju'}", "${1/0 == 1}", "${1}", "${1 == 2}"])
    def test_is_refused_on_a_flow(self, written: str) -> None:
        assert found(CHOICE.format(written), TO_E) == [("error", "condition-constant", "X-U2")]

    def test_is_refused_even_if_true_where_it_closes_the_other_ways(self) -> None:
        assert found("S U\nU X\nX U ${true}\nX E ${n == 1}") == [
            ("error", "condition-constant", "X-U"),
        ]
        assert found("S U\nU O\nO U2 ${true}\nO E\nU2 E", {"O": 'default="O-E"'}) == [
            ("error", "condition-constant", "O-U2")
        ]

    @pytest.mark.parametrize("kind", ["X", "O"])
    def test_is_a_warning_where_it_is_true_and_closes_none(self, kind: str) -> None:
        flows = CHOICE.format("${n == 1}").replace("X E", "X E ${true}").replace("X", kind)

        assert found(flows) == [("warning", "condition-always-true", f"{kind}-E")]

    @pytest.mark.parametrize("written", ["${false}", "${true}", "${'cukup'}", "${1}"])
    def test_is_refused_as_the_end_of_a_multi_instance_task(self, written: str) -> None:
        assert found("S U\nU E", {}, repeated(written)) == [("error", "condition-constant", "U")]


class TestAConditionThatIsNeverTrueOrFalse:
    @pytest.mark.parametrize("written", ["${n + 1}", "${len(x)}", "${-n}", "${n == 1 ? 'ya' : 'tidak'}", "${[n]}"])
    def test_is_refused_on_a_flow(self, written: str) -> None:
        assert found(CHOICE.format(written), TO_E) == [("error", "condition-not-boolean", "X-U2")]

    @pytest.mark.parametrize(
        "written", ["${nrOfInstances}", "${!loopCounter}", "${nrOfCompletedInstances / nrOfInstances}"]
    )
    def test_is_refused_as_the_end_of_a_multi_instance_task(self, written: str) -> None:
        assert found("S U\nU E", {}, repeated(written)) == [("error", "condition-not-boolean", "U")]

    @pytest.mark.parametrize(
        "written",
        [
            "${n}", "${!n}", "${empty n}", "${n + 1 > 2}", "${contains(n, 'a')}", "${n.sah}", "${n[0]}", "${(n)}",
            "${n == 1 ? true : m}", "${n in [1, 2]}", "${-n == 1 || m}", "${[true, n][0]}", "${not (n == 1)}",
        ],
    )  # fmt: skip
    def test_is_not_what_may_give_one(self, written: str) -> None:
        assert bool in compile_expression(written).gives
        assert found(CHOICE.format(written), TO_E) == []


def test_counts_may_be_worked_with() -> None:
    done = "${nrOfCompletedInstances / (nrOfInstances - nrOfActiveInstances) >= 1}"

    assert found("S U\nU E", {}, repeated(done)) == []


def test_conditions_that_compare_what_is_given_pass() -> None:
    assert found(CHOICE.format("${n == 1}"), TO_E) == []
    assert found("S U\nU E", {}, repeated("${nrOfCompletedInstances >= 2 &amp;&amp; n}")) == []
