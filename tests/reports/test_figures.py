"""Medians, shares and the cells of a spreadsheet."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.figures import csv_of, median_of, p90_of, share

times = st.lists(st.integers(0, 100_000), min_size=1, max_size=200)


class TestFigures:
    @given(times)
    def test_nine_of_ten_do_not_exceed_the_p90_and_fewer_do_not_exceed_less(self, minutes: list[int]) -> None:
        found = int((p90_of(minutes) or "").removeprefix("PT").removesuffix("M"))
        assert found in minutes
        assert sum(one <= found for one in minutes) * 10 >= 9 * len(minutes)
        assert sum(one < found for one in minutes) * 10 < 9 * len(minutes)

    @given(times)
    def test_as_many_lie_above_the_median_as_below(self, minutes: list[int]) -> None:
        found = int((median_of(minutes) or "").removeprefix("PT").removesuffix("M"))
        assert sum(one < found for one in minutes) * 2 <= len(minutes)
        assert sum(one > found + 1 for one in minutes) * 2 <= len(minutes)

    def test_of_nothing_are_nothing(self) -> None:
        assert (median_of([]), p90_of([]), share(0, 0)) == (None, None, None)

    def test_a_share_has_four_digits(self) -> None:
        assert share(1, 3) == 0.3333


class TestACell:
    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=cmd|"/c calc"!A1'])
    def test_is_no_formula(self, text: str) -> None:
        ((_, row),) = [list(csv.reader(StringIO(csv_of(["a"], [{"a": text}]).decode(), newline="")))]
        assert row == [f"'{text}"]

    @given(st.dictionaries(st.sampled_from("ab"), st.text(st.characters(exclude_categories=["Cs"])), min_size=2))
    def test_holds_any_text(self, cells: dict[str, str]) -> None:
        read = list(csv.reader(StringIO(csv_of(["a", "b"], [cells]).decode(), newline="")))
        assert [cell.removeprefix("'") for cell in read[1]] == [cells[name].removeprefix("'") for name in "ab"]

    def test_keeps_numbers_and_leaves_nothing_empty(self) -> None:
        assert csv_of(["a", "b", "c"], [{"a": -3, "b": None, "c": 0.5}]) == b"a,b,c\r\n-3,,0.5\r\n"
