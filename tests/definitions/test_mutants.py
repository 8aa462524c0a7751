"""A few hundred changed models at the gate; `python -m tests.definitions.mutants` does as many as are wanted."""

from random import Random

import pytest

from app import engine
from tests.definitions.mutants import Misbehaved, mutant, run, walk
from tests.engine.small_models import document, scope


@pytest.mark.parametrize("part", range(6))
def test_mutants_are_refused_with_place_and_remedy_or_run_to_an_end(part: int) -> None:
    tally = run(range(part * 60, part * 60 + 60))

    assert tally.faults == []
    assert tally.refused + tally.accepted == 60
    assert tally.refused > 10
    assert tally.accepted > 3
    assert tally.finished > 0


def test_equal_seeds_give_equal_mutants() -> None:
    assert mutant(7) == mutant(7) != mutant(8)


def test_what_misbehaves_is_named_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.definitions.mutants.LONGEST_CHECK", 0.0)

    faults = run(range(3)).faults

    assert [fault.split(": the gate")[0] for fault in faults] == [f"mutant {seed}: Misbehaved" for seed in range(3)]


def test_a_walk_sees_what_is_stuck() -> None:
    flows = "S X\nX U1 ${x}\nX U2 ${!x}\nU1 A\nU2 A\nA E"
    process = engine.read(document(scope(flows)))

    with pytest.raises(Misbehaved, match="has not ended"):
        walk(process, Random(1), must_go_on=True)
