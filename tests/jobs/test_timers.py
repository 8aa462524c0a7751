"""Timers fire once and not early, whatever happens to the workers; and the program that looks finds what is wrong."""

import pytest

from tests.jobs.timers import run


class TestTimers:
    def test_fire_once_and_not_early_while_workers_race_and_are_killed(self, url: str) -> None:
        assert run(url, count=100, workers=2, kills=2, seed=1) == []


class TestTheProgram:
    @pytest.mark.parametrize(("fault", "found"), [("early", "due at"), ("unclaimed", "is incident")])
    def test_finds_a_seeded_bug(self, url: str, fault: str, found: str) -> None:
        wrong = run(url, count=40, workers=2, kills=0, seed=2, fault=fault)

        assert any(found in one for one in wrong)
