"""The demonstration: who is there, and what is refused in production."""

import pytest

from app.core.problems import Conflict
from app.demo.setup import add_demo_users, set_up
from app.identity.passwords import Passwords
from tests.bpmn.sop_walk import sops
from tests.office import Office


class TestTheDemonstration:
    def test_has_a_user_for_every_role_of_the_six_sops(self, shared_office: Office) -> None:
        roles = {row.role for sop in sops().values() for row in sop.rows.values()}
        deciders = {row.decider[1] for sop in sops().values() for row in sop.rows.values() if row.decider}

        for role in roles | deciders:
            assert [held["key"] for held in shared_office.read("me", role)["roles"]] == [role]

    def test_set_up_again_adds_nothing(self, office: Office) -> None:
        before = office.read("process-definitions", "staf")
        directory = office.app.state.directory

        ids = set_up(office.database, directory, office.clock.now())
        added = add_demo_users(office.database, Passwords(cheap=True), production=False, now=office.clock.now())

        assert added == 0
        assert sorted(ids) == sorted(item["id"] for item in before["items"])
        assert office.read("process-definitions", "staf") == before

    def test_set_up_again_leaves_what_the_office_has_changed(self, office: Office) -> None:
        renja = office.read("process-definitions?key=renja", "staf")["items"][0]
        xml = office.request("GET", f"process-definitions/{renja['id']}/xml", "staf").content
        changed = xml.replace(b"</bpmn:definitions>", b"<!-- diubah -->\n</bpmn:definitions>")
        assert office.deploy(renja=changed).status_code == 201
        before = office.read("process-definitions", "staf")

        set_up(office.database, office.app.state.directory, office.clock.now())

        assert office.read("process-definitions", "staf") == before

    def test_adds_no_users_in_production(self, office: Office) -> None:
        with pytest.raises(Conflict, match="refused in production"):
            add_demo_users(office.database, Passwords(cheap=True), production=True)
