"""The trail: whatever is changed, taken out, put in or moved about afterwards, checking finds it."""

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit import trail
from app.audit.models import event
from app.identity.models import unit
from app.instances.models import process_instance
from tests.audit.owner import owner
from tests.office import Json, Office

Tampering = Callable[[Connection, str], object]


@pytest.fixture
def instance(office: Office) -> Json:
    """An instance with six acts, beside another one."""
    office.start()
    return office.advance(office.start(), 5)


def verdict(office: Office, instance: Json) -> Json:
    return office.read(f"process-instances/{instance['id']}/audit/verify", "inspektorat")


def act(connection: Connection, chain: str, sequence: int) -> Any:
    return connection.execute(sa.select(event).where(event.c.chain_id == chain, event.c.sequence == sequence)).one()


def change(connection: Connection, chain: str, place: int, /, **values: object) -> None:
    connection.execute(sa.update(event).where(event.c.chain_id == chain, event.c.sequence == place).values(**values))


def edit_who(connection: Connection, chain: str) -> None:
    change(connection, chain, 3, actor="staf")


def edit_when(connection: Connection, chain: str) -> None:
    change(connection, chain, 3, at=act(connection, chain, 3).at.replace(year=2025))


def edit_type(connection: Connection, chain: str) -> None:
    change(connection, chain, 1, type="task.completed")


def edit_content(connection: Connection, chain: str) -> None:
    content = act(connection, chain, 2).content
    change(connection, chain, 2, content=content.replace("kegiatan_01", "kegiatan_09"))


def edit_content_and_hash(connection: Connection, chain: str) -> None:
    before, row = act(connection, chain, 2), act(connection, chain, 3)
    content = row.content.replace("kegiatan_02", "kegiatan_09")
    change(connection, chain, 3, content=content, hash=hashlib.sha256(before.hash + content.encode()).digest())


def delete_first(connection: Connection, chain: str) -> None:
    connection.execute(sa.delete(event).where(event.c.chain_id == chain, event.c.sequence == 1))


def delete_middle(connection: Connection, chain: str) -> None:
    connection.execute(sa.delete(event).where(event.c.chain_id == chain, event.c.sequence == 3))


def cut_tail(connection: Connection, chain: str) -> None:
    connection.execute(sa.delete(event).where(event.c.chain_id == chain, event.c.sequence > 4))


def delete_all(connection: Connection, chain: str) -> None:
    connection.execute(sa.delete(event).where(event.c.chain_id == chain))


def reorder(connection: Connection, chain: str) -> None:
    change(connection, chain, 3, sequence=99)
    change(connection, chain, 4, sequence=3)
    change(connection, chain, 99, sequence=4)


def insert(connection: Connection, chain: str) -> None:
    row = act(connection, chain, 6)._asdict()
    del row["position"]
    connection.execute(sa.insert(event), {**row, "sequence": 7})


def move_to_another_chain(connection: Connection, chain: str) -> None:
    other = connection.execute(
        sa.select(event.c.chain_id).where(event.c.chain_id != chain, event.c.chain_id.not_like("unit:%")).limit(1)
    ).scalar_one()
    change(connection, chain, 6, chain_id=other, sequence=50)


def forget_in_the_instance(connection: Connection, chain: str) -> None:
    shorter = sa.update(process_instance).where(process_instance.c.id == UUID(chain)).values(chain_length=5)
    connection.execute(shorter)


TAMPERINGS: list[Tampering] = [
    *(edit_who, edit_when, edit_type, edit_content, edit_content_and_hash),
    *(delete_first, delete_middle, cut_tail, delete_all),
    *(reorder, insert, move_to_another_chain, forget_in_the_instance),
]


class TestAChain:
    def test_is_whole_after_every_kind_of_act(self, office: Office, instance: Json) -> None:
        path, task = f"process-instances/{instance['id']}", instance["open_tasks"][0]["id"]
        for act_path, user, body in (
            (f"tasks/{task}/claim", "kasubag_perencanaan", None),
            (f"tasks/{task}/unclaim", "kasubag_perencanaan", None),
            (f"tasks/{task}/assign", "sekretaris", {"assignee": "kasubag_perencanaan"}),
            (f"{path}/suspend", "sekretaris", None),
            (f"{path}/resume", "sekretaris", None),
            (f"{path}/cancel", "sekretaris", {"reason": "Salah; é \u2028 \U0001f600"}),
        ):
            assert office.post(act_path, user, body).status_code == 200
            assert verdict(office, instance)["valid"] is True

        shown = verdict(office, instance)
        assert (shown["events"], shown["fault"]) == (12, None)
        last = office.read(f"{path}/audit", "inspektorat")["items"][-1]
        assert shown["head"] == last["hash"]

    @pytest.mark.parametrize("tamper", TAMPERINGS)
    def test_that_was_tampered_with_is_found_out(self, office: Office, instance: Json, tamper: Tampering) -> None:
        assert verdict(office, instance)["valid"] is True
        with owner(office.database) as connection:
            tamper(connection, instance["id"])

        shown = verdict(office, instance)

        assert shown["valid"] is False
        assert shown["fault"]

    def test_of_a_unit_holds_its_people_and_its_deployments(self, office: Office) -> None:
        with office.database.read() as connection:
            row = connection.execute(sa.select(unit).where(unit.c.key == "disnaker")).one()
            found = trail.verify(connection, f"unit:{row.id}", length=row.chain_length, head=row.chain_head)
            kinds = connection.execute(sa.select(event.c.type).where(event.c.chain_id == f"unit:{row.id}")).scalars()
            told = set(kinds)

        assert found.valid
        assert told == {"deployment.created", "person.added", "role.given", "permission.given"}

    def test_covers_canonical_json(self, office: Office, instance: Json) -> None:
        with office.database.read() as connection:
            content = act(connection, instance["id"], 2).content

        assert content == json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
