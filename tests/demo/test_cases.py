"""The cases to look at: the promised mix on any day, made by acts that the trail proves."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.audit import trail
from app.demo.cases import OPENED_BEFORE, add_cases, cases, moment_before
from app.instances.models import process_instance
from app.instances.office_time import calendar_of
from tests.office import Json, Office

JAKARTA = calendar_of("Asia/Jakarta")


def add(office: Office) -> int:
    return add_cases(office.database, office.app.state.desk, by="system", now=office.clock.now())


def listed(office: Office) -> dict[str, Json]:
    """Return the cases by their business keys, as an auditor sees them."""
    items = office.read("process-instances", "inspektorat", limit=100)["items"]
    return {item["business_key"]: office.instance(item["id"]) for item in items}


# A Monday at ten; a Sunday night; the first working hour of a year; the week after Lebaran; in Ramadan.
DAYS = (
    datetime(2026, 8, 3, 3, 0, tzinfo=UTC),
    datetime(2026, 8, 9, 17, 30, tzinfo=UTC),
    datetime(2027, 1, 4, 1, 0, tzinfo=UTC),
    datetime(2026, 3, 25, 2, 0, tzinfo=UTC),
    datetime(2026, 3, 3, 5, 0, tzinfo=UTC),
)


class TestTheCases:
    @pytest.mark.parametrize("now", DAYS[:3])
    def test_are_the_promised_mix_on_any_day(self, office: Office, now: datetime) -> None:
        office.clock.moment = now

        assert add(office) == 8

        found = listed(office)
        late = [key for key, one in found.items() if any(task["overdue"] for task in one["open_tasks"])]
        assert len(late) == 3
        assert sum(one["status"] == "completed" for one in found.values()) == 1
        assert max(one["returns"] for one in found.values()) == 2
        assert [wait["kind"] for one in found.values() for wait in one["waiting_for"]] == ["message"]
        (newest,) = (one for one in found.values() if one["title"].startswith("Data Kinerja") and not _is_late(one))
        assert [task["activity_no"] for task in newest["open_tasks"]] == [1]
        assert {one["process_definition_key"] for one in found.values()} == {
            *("renja", "renstra", "lkj", "iku", "evaluasi_kinerja", "pengumpulan_data_kinerja")
        }

    def test_were_done_in_working_time_and_not_before_the_office_had_its_sops(self, office: Office) -> None:
        add(office)

        acts = _acts(office)
        moments = [act["at"] for act in acts]
        assert all(datetime.fromisoformat(one) <= office.clock.now() for one in moments)
        for one in moments:
            moment = datetime.fromisoformat(one)
            assert JAKARTA.working_time(moment - timedelta(seconds=2), moment + timedelta(seconds=2)) > timedelta()
            assert moment > office.clock.now() - OPENED_BEFORE

    def test_are_in_the_trail_like_every_other_act(self, office: Office) -> None:
        add(office)

        with office.database.read() as connection:
            ends = connection.execute(
                sa.select(process_instance.c.id, process_instance.c.chain_length, process_instance.c.chain_head)
            ).all()
            for end in ends:
                assert trail.verify(connection, str(end.id), length=end.chain_length, head=end.chain_head).valid
        assert {act["type"] for act in _acts(office)} == {"process_instance.started", "task.completed"}
        returned = [act["data"]["variables"] for act in _acts(office) if act["type"] == "task.completed"]
        assert sum(one.get("keputusan") == "dikembalikan" and bool(one["alasan"]) for one in returned) == 3

    def test_are_added_once(self, office: Office) -> None:
        assert [add(office), add(office)] == [8, 0]
        assert len(listed(office)) == 8

    def test_go_on_like_any_other(self, office: Office) -> None:
        add(office)
        (iku,) = (one for key, one in listed(office).items() if key.startswith("IKU"))

        assert office.advance(iku, 5)["status"] == "completed"

    def test_have_keys_of_their_own_in_every_month(self) -> None:
        for month in range(1, 13):
            keys = [case.business_key for case in cases(2027, month)]
            assert len(set(keys)) == len(keys) == 8


class TestAMomentBefore:
    @pytest.mark.parametrize("now", DAYS)
    def test_is_so_much_working_time_ago(self, now: datetime) -> None:
        for days in (0.01, 1, 2.5, 30):
            passed = JAKARTA.working_time(moment_before(JAKARTA, now, days), now)
            assert timedelta() <= passed - days * timedelta(hours=7.5) <= timedelta(seconds=1)

    def test_of_the_first_case_is_after_the_office_had_its_sops(self) -> None:
        first = datetime(2026, 1, 1, tzinfo=UTC)
        for day in range(730):
            now = first + timedelta(days=day)
            assert moment_before(JAKARTA, now, 30) > now - OPENED_BEFORE


def _is_late(instance: Json) -> bool:
    return any(task["overdue"] for task in instance["open_tasks"])


def _acts(office: Office) -> list[dict[str, Any]]:
    with office.database.read() as connection:
        rows = connection.execute(
            sa.text("SELECT content FROM event WHERE chain_id NOT LIKE 'unit:%' ORDER BY position")
        )
        return [json.loads(row.content) for row in rows]
