"""What puts an instance right by hand: a task moved to another row, and an incident tried again."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.instances.timers import fire_due
from tests.drawings import END, START, chain, drawing, task, two_branches, with_dead_end
from tests.office import Json, Office, pointers, problem

REASON = "Tim belum lengkap ketika langkah ini dibuka."


def line(*rows: str) -> bytes:
    body = START + "".join(task(row) for row in rows) + END
    return drawing("a", body + chain("mulai", *rows, "selesai"), lanes={"Staf": " ".join(rows)})


def move(office: Office, instance: Json, to: str, user: str = "kepala_dinas", **other: str) -> Any:
    body = {"cancel": instance["open_tasks"][0]["id"], "open": to, "reason": REASON, **other}
    return office.post(f"process-instances/{instance['id']}/move", user, body)


class TestAMove:
    @pytest.fixture
    def instance(self, office: Office) -> Json:
        assert office.deploy(a=line("satu", "dua", "tiga")).status_code == 201
        return office.advance(office.start("staf", "a", variables={}))

    @pytest.mark.parametrize("to", ["satu", "tiga"])
    def test_withdraws_a_task_and_opens_another_row_with_a_deadline_of_its_own(
        self, office: Office, instance: Json, to: str
    ) -> None:
        office.clock.advance(timedelta(hours=1))

        after = move(office, instance, to).json()

        (opened,) = after["open_tasks"]
        assert (opened["element_id"], opened["visit"]) == (to, 2 if to == "satu" else 1)
        assert opened["created_at"] == office.clock.now().isoformat()
        assert after == office.instance(instance["id"])
        problem(office.complete(instance["open_tasks"][0]), 409, "task-not-open")

    def test_stands_with_its_reason_in_the_history_and_in_the_trail(self, office: Office, instance: Json) -> None:
        move(office, instance, "tiga", reason=f"  {REASON} ")

        path = f"process-instances/{instance['id']}"
        history = office.read(f"{path}/history", "staf")["items"]
        withdrawn = next(item for item in history if item["element_id"] == "dua")
        assert (withdrawn["state"], withdrawn["reason"], withdrawn["completed_by"]) == ("cancelled", REASON, None)
        act = office.read(f"{path}/audit", "staf")["items"][-1]
        assert (act["type"], act["actor"]) == ("process_instance.moved", "kepala_dinas")
        assert act["data"] == {
            "task_id": instance["open_tasks"][0]["id"],
            "element_id": "dua",
            "opened": ["tiga"],
            "reason": REASON,
            "on_behalf_of": None,
        }
        assert office.read(f"{path}/audit/verify", "staf")["valid"] is True

    def test_by_who_stands_in_for_the_head_names_the_post(self, office: Office, instance: Json) -> None:
        office.hire("plh", "kepala_dinas@disnaker", letter="800/12/2026", valid_to=date(2026, 12, 31))

        assert move(office, instance, "tiga", "plh").status_code == 200

        act = office.read(f"process-instances/{instance['id']}/audit", "staf")["items"][-1]
        assert act["data"]["on_behalf_of"] == "kepala_dinas"

    @pytest.mark.parametrize(
        ("user", "status"),
        [("staf", 403), ("sekretaris", 403), ("admin", 403), ("inspektorat", 403), ("bappeda", 404), ("analis", 404)],
    )
    def test_is_for_the_head_of_the_office_alone(self, office: Office, instance: Json, user: str, status: int) -> None:
        problem(move(office, instance, "tiga", user), status)
        assert office.instance(instance["id"]) == instance

    @pytest.mark.parametrize("to", ["dua", "mulai", "tiada"])
    def test_goes_to_another_task_of_the_process(self, office: Office, instance: Json, to: str) -> None:
        (fault,) = problem(move(office, instance, to), 409, "move-refused")["errors"]

        assert fault["element_id"] == to
        assert fault["message"] != fault["message_en"]

    def test_does_not_leave_a_parallel_block(self, office: Office) -> None:
        office.deploy(cabang=two_branches())
        instance = office.start("staf", "cabang", variables={})

        (fault,) = problem(move(office, instance, "akhir"), 409, "move-refused")["errors"]

        assert fault["element_id"] == "dua"
        assert office.instance(instance["id"]) == instance

    @pytest.mark.parametrize(
        ("body", "wrong"),
        [
            ({"reason": " \u200b "}, ["/reason"]),
            ({"reason": ""}, ["/reason"]),
            ({"cancel": "0190a5a0-0000-7000-8000-000000000000"}, ["/cancel"]),
            ({"lain": "x"}, ["/lain"]),
        ],
    )
    def test_names_an_open_task_and_a_reason(
        self, office: Office, instance: Json, body: dict[str, str], wrong: list[str]
    ) -> None:
        assert pointers(problem(move(office, instance, "tiga", **body), 422, "invalid")) == wrong

    def test_is_not_of_a_task_of_another_instance(self, office: Office, instance: Json) -> None:
        other = office.start("staf", "a", variables={})

        answer = move(office, instance, "tiga", cancel=other["open_tasks"][0]["id"])

        assert pointers(problem(answer, 422)) == ["/cancel"]

    def test_is_possible_while_the_instance_is_suspended_and_leaves_it_so(self, office: Office, instance: Json) -> None:
        office.post(f"process-instances/{instance['id']}/suspend", "staf")

        after = move(office, instance, "tiga").json()

        assert (after["status"], after["open_tasks"][0]["element_id"]) == ("suspended", "tiga")

    def test_is_not_of_an_instance_that_has_ended(self, office: Office, instance: Json) -> None:
        office.post(f"process-instances/{instance['id']}/cancel", "staf", {"reason": "Salah."})

        problem(move(office, instance, "tiga"), 409, "instance-not-active")


class TestAnIncident:
    def fire(self, office: Office) -> int:
        state = office.app.state
        return fire_due(office.database, state.directory, state.catalogue, office.clock)

    @pytest.fixture
    def stuck(self, office: Office) -> Json:
        """An instance whose timer comes to a gateway that no flow leads out of."""
        assert office.deploy(buntu=with_dead_end()).status_code == 201
        instance = office.start("staf", "buntu", variables={"tingkat": 3})
        office.clock.advance(timedelta(hours=1))
        self.fire(office)
        return office.instance(instance["id"])

    def retry(self, office: Office, instance: Json, user: str = "staf") -> Any:
        return office.post(f"process-instances/{instance['id']}/retry", user)

    def test_says_why_and_since_when(self, office: Office, stuck: Json) -> None:
        assert stuck["status"] == "incident"
        assert "pilih" in stuck["incident"]["reason"]
        assert stuck["incident"]["raised_at"] == office.clock.now().isoformat()
        (listed,) = office.read("process-instances", "staf", status="incident")["items"]
        assert listed == stuck

    def test_that_fails_again_stays_one_with_the_new_reason(self, office: Office, stuck: Json) -> None:
        office.clock.advance(timedelta(hours=1))

        after = self.retry(office, stuck).json()

        assert (after["status"], after["open_tasks"]) == ("incident", stuck["open_tasks"])
        assert after["incident"]["raised_at"] == office.clock.now().isoformat()
        act = office.read(f"process-instances/{stuck['id']}/audit", "staf")["items"][-1]
        assert (act["type"], act["actor"], act["data"]["retried"]) == ("incident.raised", "staf", True)

    def test_is_over_once_its_cause_has_been_mended(self, office: Office, stuck: Json) -> None:
        mended = with_dead_end().replace(b"${tingkat == 1}", b"${tingkat != 2}")
        target = office.deploy(buntu=mended).json()["process_definitions"][0]["id"]
        path = f"process-instances/{stuck['id']}"

        migrated = office.post(f"{path}/migrate", "analis", {"process_definition_id": target}).json()
        after = self.retry(office, stuck).json()

        assert (migrated["status"], migrated["incident"]) == ("incident", stuck["incident"])
        assert (after["status"], after["incident"]) == ("active", None)
        assert [one["element_id"] for one in after["open_tasks"]] == ["naik"]
        assert after == office.instance(stuck["id"])
        act = office.read(f"{path}/audit", "staf")["items"][-1]
        assert (act["type"], act["actor"], act["data"]["opened"]) == ("incident.retried", "staf", ["naik"])
        assert office.read(f"{path}/audit/verify", "staf")["valid"] is True
        assert office.advance(after)["status"] == "completed"

    def test_is_over_where_nothing_is_left_to_be_tried(self, office: Office, stuck: Json) -> None:
        moved = move(office, stuck, "naik").json()

        after = self.retry(office, stuck).json()

        assert (moved["status"], after["status"]) == ("incident", "active")
        assert after["waiting_for"] == []

    def test_is_what_is_tried_again_and_nothing_else(self, office: Office, stuck: Json) -> None:
        active = office.start("staf", "buntu", variables={"tingkat": 1})

        problem(self.retry(office, active), 409, "no-incident")

    @pytest.mark.parametrize(
        ("user", "status"),
        [("staf", 200), ("kepala_dinas", 200), ("admin", 200), ("inspektorat", 403), ("bappeda", 404)],
    )
    def test_is_tried_again_by_who_manages_the_instance(
        self, office: Office, stuck: Json, user: str, status: int
    ) -> None:
        assert self.retry(office, stuck, user).status_code == status
