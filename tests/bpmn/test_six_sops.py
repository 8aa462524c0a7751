"""The six SOPs, run over HTTP from their start to their end by the users of their roles."""

from itertools import combinations_with_replacement

import pytest

from tests.bpmn.play import check_diagram, check_history, play
from tests.bpmn.sop_walk import Stop, Wait, sops
from tests.office import Office

CASES = [(sop.key, quarter) for sop in sops().values() for quarter in ((1, 2, 3, 4) if sop.branch else (1,))]
DECISIONS = [(sop.key, row) for sop in sops().values() for row in sop.decisions]


class TestTheTables:
    def test_hold_65_rows_and_15_decisions(self) -> None:
        assert sum(len(sop.rows) for sop in sops().values()) == 65
        assert len(DECISIONS) == 15

    def test_make_67_user_tasks(self) -> None:
        """All of them are reached when everything is agreed to, in a quarter that goes on to the half-yearly report."""
        stops = [step for sop in sops().values() for step in sop.walk(quarter=2) if isinstance(step, Stop)]

        assert len(stops) == 67

    def test_wait_for_the_bupati_once_whatever_is_returned(self) -> None:
        for row in sops()["renja"].decisions:
            assert sum(isinstance(step, Wait) for step in sops()["renja"].walk({row: 3})) == 1


class TestWhenEverythingIsAgreedTo:
    @pytest.mark.parametrize(("key", "quarter"), CASES)
    def test_the_rows_are_worked_in_their_order(self, office: Office, key: str, quarter: int) -> None:
        sop = sops()[key]

        instance, stops = play(office, sop, quarter=quarter)

        assert instance["status"] == "completed"
        assert instance["ended_at"] is not None
        assert instance["open_tasks"] == []
        assert instance["progress"]["activity_no"] == (5 if sop.branch and quarter in (1, 3) else len(sop.rows))
        check_history(office, instance, stops)
        check_diagram(office, instance, stops)
        verdict = office.read(f"process-instances/{instance['id']}/audit/verify", "inspektorat")
        assert verdict["valid"] is True


class TestWhenADecisionIsReturned:
    @pytest.mark.parametrize(("key", "row"), DECISIONS)
    def test_it_goes_back_to_the_row_of_work_and_every_later_check_is_done_again(
        self, office: Office, key: str, row: int
    ) -> None:
        sop = sops()[key]

        instance, stops = play(office, sop, returned={row: 1})

        assert instance["status"] == "completed"
        assert instance["returns"] == 1
        target = sop.rows[sop.rows[row].outcomes["dikembalikan"]]
        assert [stop.name for stop in stops].count(target.name) == 2
        check_history(office, instance, stops)
        check_diagram(office, instance, stops)

    @pytest.mark.parametrize("key", [sop.key for sop in sops().values() if sop.decisions])
    def test_any_two_returns_lead_back_as_the_table_says(self, office: Office, key: str) -> None:
        sop = sops()[key]
        for first, second in combinations_with_replacement(sop.decisions, 2):
            returned = {first: 2} if first == second else {first: 1, second: 1}

            instance, stops = play(office, sop, returned=returned)

            assert instance["status"] == "completed"
            assert instance["returns"] == 2
            check_history(office, instance, stops)
            check_diagram(office, instance, stops)


class TestVariables:
    def test_are_those_of_the_start_and_of_the_last_decision(self, office: Office) -> None:
        instance, _ = play(office, sops()["iku"], returned={5: 1})

        variables = office.read(f"process-instances/{instance['id']}/variables", "sekretaris")["variables"]

        assert variables == {"tahun": 2027, "keputusan": "setuju", "alasan": None}

    def test_hold_what_a_message_brought(self, office: Office) -> None:
        instance = office.start("sekretaris", "renja", business_key="R-1")
        instance = office.advance(instance, 9)

        office.post("messages", "sekretaris", {"name": "pengesahan_bupati", "variables": {"nomor": "188.4/2027"}})

        variables = office.read(f"process-instances/{instance['id']}/variables", "sekretaris")["variables"]
        assert variables["nomor"] == "188.4/2027"
