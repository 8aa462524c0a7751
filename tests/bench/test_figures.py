"""The table says what was measured."""

import pytest

from bench.figures import Figure, Ratio, Target, table


class TestRatio:
    def test_compares_what_was_measured_side_by_side(self) -> None:
        """A slow batch of both sides tells nothing of their ratio."""
        ratio = Ratio.of([2.0, 20.0, 3.0], [1.0, 10.0, 2.0])

        assert ratio == (2.0, 1.5, 2.0)

    def test_needs_as_many_of_both(self) -> None:
        with pytest.raises(ValueError, match="shorter"):
            Ratio.of([1.0, 2.0], [1.0])


class TestTarget:
    def test_of_the_ratio_is_met_by_its_median(self) -> None:
        figure = Figure.compared("x", "SQLite", "ms", [1.0, 2.0, 9.0], [1.0, 1.0, 1.0], target=Target("ratio", 2.0))

        assert figure.met is True

    def test_of_the_figure_itself_may_be_missed(self) -> None:
        assert Figure("x", "SQLite", "", 7, target=Target("ours", 6)).met is False

    def test_may_be_a_lower_limit(self) -> None:
        target = Target("ratio", 0.7, at_least=True)

        assert [target.is_met(value) for value in (0.69, 0.7, 2.0)] == [False, True, True]

    def test_is_not_judged_where_there_is_none(self) -> None:
        assert Figure("x", "SQLite", "", 7).met is None


class TestTable:
    def test_shows_each_figure_with_its_ratio_and_target(self) -> None:
        figure = Figure.compared("x", "SQLite", "ms", [3.0], [2.0], target=Target("ratio", 1.2))

        head, _rule, row = table([figure]).splitlines()

        assert [cell.strip() for cell in head.split("|")[1:4]] == ["figure", "database", "ours"]
        assert [cell.strip() for cell in row.split("|")[1:-1]] == [
            "x",
            "SQLite",
            "3 ms",
            "2 ms",
            "1.50 (1.50-1.50)",
            "<= 1.2x",
            "NO",
        ]
