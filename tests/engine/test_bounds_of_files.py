"""Sizes that a file fixes itself are refused where every run would be, and nowhere else."""

from itertools import pairwise

import pytest

from app.engine import read
from app.engine.runs import check_runs
from tests.engine.small_models import document, scope

MANY = "<multiInstanceLoopCharacteristics><loopCardinality>{}</loopCardinality></multiInstanceLoopCharacteristics>"


def found(flows: str, inside: dict[str, str] | None = None) -> list[tuple[str, str | None]]:
    model = read(document(scope(flows, {}, inside))).model
    codes = ("too-many-steps", "too-many-tokens")
    return [(one.code, one.element_id) for one in check_runs(model) if one.code in codes]


def row(first: str, count: int, last: str) -> str:
    nodes = [first, *(f"X{number}" for number in range(count)), last]
    return "\n".join(f"{one} {other}" for one, other in pairwise(nodes))


class TestStepsAtOnce:
    @pytest.mark.parametrize(("count", "said"), [(990, []), (1_200, [("too-many-steps", "S")])])
    def test_of_gateways_in_a_row_are_counted_from_the_start(self, count: int, said: list[tuple[str, str]]) -> None:
        assert found(row("S", count, "U1") + "\nU1 E") == said

    def test_are_counted_behind_a_task_too(self) -> None:
        assert found("S U1\n" + row("U1", 1_200, "E")) == [("too-many-steps", "U1")]

    def test_double_where_branches_meet_unjoined(self) -> None:
        pairs = "\n".join(f"A{one} X{one}\nA{one} X{one}\nX{one} A{one + 1}" for one in range(12))
        assert found(f"S A0\n{pairs}\nA12 U1\nU1 E") == [("too-many-steps", "S")]


class TestTokensAtOnce:
    @pytest.mark.parametrize(("times", "said"), [(600, []), (1_000, [("too-many-tokens", "S")])])
    def test_of_repeated_tasks_side_by_side_are_added(self, times: int, said: list[tuple[str, str]]) -> None:
        many = dict.fromkeys(("U1", "U2", "U3"), MANY.format(times))
        assert found("S A1\nA1 U1\nA1 U2\nA1 U3\nU1 A2\nU2 A2\nU3 A2\nA2 E", many) == said
