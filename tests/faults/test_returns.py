"""The cost of a return does not grow with those before it; the long form goes to the 2,000th."""

import pytest

from tests.faults.returns import PLACES, costs

MOST = 1.2


class TestAReturn:
    @pytest.mark.parametrize("place", [place for place in PLACES if place != "alone"])
    def test_costs_what_the_hundredth_did(self, url: str, place: str) -> None:
        hundredth, last = costs(url, place, (100, 200))

        assert last.statements == hundredth.statements
        assert last.state <= MOST * hundredth.state
        assert last.calls <= MOST * hundredth.calls
