"""The demonstration users: who is there, and what is refused in production."""

import pytest
import sqlalchemy as sa

from app.core.problems import Conflict
from app.core.settings import NoDemonstration
from app.demo.users import add_demo_users, ensure_demonstration
from app.identity.models import permission_grant, role_holding, user_account
from app.identity.passwords import Passwords
from tests.bpmn.sop_walk import sops
from tests.office import Office


class TestTheDemonstrationUsers:
    def test_are_one_for_every_role_of_the_six_sops(self, shared_office: Office) -> None:
        roles = {row.role for sop in sops().values() for row in sop.rows.values()}
        deciders = {row.decider[1] for sop in sops().values() for row in sop.rows.values() if row.decider}

        for role in roles | deciders:
            assert [held["key"] for held in shared_office.read("me", role)["roles"]] == [role]

    def test_are_added_once(self, shared_office: Office) -> None:
        added = add_demo_users(
            shared_office.database, Passwords(cheap=True), production=False, now=shared_office.clock.now()
        )

        assert added == 0

    def test_are_refused_in_production(self, shared_office: Office) -> None:
        with pytest.raises(Conflict, match="refused in production"):
            add_demo_users(shared_office.database, Passwords(cheap=True), production=True)


class TestADemonstration:
    def test_may_be_set_up_anew_and_again(self, office: Office) -> None:
        ensure_demonstration(office.database)

        with office.database.read() as connection:
            connection.execute(sa.delete(role_holding))
            connection.execute(sa.delete(permission_grant))
            connection.execute(sa.delete(user_account))
        ensure_demonstration(office.database)

    def test_is_not_set_up_beside_people_of_an_office(self, office: Office) -> None:
        with office.database.read() as connection:
            connection.execute(sa.delete(role_holding))
            connection.execute(sa.delete(permission_grant))
            connection.execute(sa.delete(user_account))
        office.hire("budi", "sekretaris@disnaker")

        with pytest.raises(NoDemonstration, match="users of its own"):
            ensure_demonstration(office.database)
