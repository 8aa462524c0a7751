"""Drafts: what somebody has typed and not sent, kept for him alone, and for no longer than it is of use."""

from datetime import timedelta

import pytest

from app.tasks import drafts
from tests.office import MONDAY, Json, Office, pointers, problem


@pytest.fixture
def decision(office: Office) -> Json:
    """The task of row 5, in which the SAKIP team decides."""
    task: Json = office.advance(office.start(), 4)["open_tasks"][0]
    assert task["role"] == "tim_sakip"
    return task


def save(office: Office, task: Json, user: str = "tim_sakip", **sent: object) -> Json:
    answer = office.request("PUT", f"tasks/{task['id']}/draft", user, json={"variables": {}, **sent})
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    return content


class TestADraft:
    def test_is_given_back_as_it_was_typed(self, office: Office, decision: Json) -> None:
        sent = {"variables": {"alasan": "Belum\nlengkap ", "keputusan": "ragu"}}

        assert save(office, decision, **sent) == {"saved_at": MONDAY.isoformat()}

        found = office.read(f"tasks/{decision['id']}/draft", "tim_sakip")
        assert found == {**sent, "requirements": [], "outputs": [], "saved_at": MONDAY.isoformat()}

    def test_takes_the_place_of_the_one_before(self, office: Office, decision: Json) -> None:
        shown = office.read(f"tasks/{decision['id']}", "tim_sakip")
        ticked = [one["name"] for one in shown["outputs"]][:1]
        save(office, decision, variables={"alasan": "Satu"})
        office.clock.advance(timedelta(minutes=5))
        save(office, decision, variables={"alasan": "Dua"}, outputs=ticked)

        found = office.read(f"tasks/{decision['id']}/draft", "tim_sakip")
        assert (found["variables"], found["outputs"]) == ({"alasan": "Dua"}, ticked)
        assert found["saved_at"] == (MONDAY + timedelta(minutes=5)).isoformat()

    def test_is_seen_by_nobody_else(self, office: Office, decision: Json) -> None:
        office.hire("tim_kedua", "tim_sakip@disnaker")
        save(office, decision, variables={"alasan": "Untuk saya"})

        for user in ("tim_kedua", "sekretaris", "inspektorat"):
            problem(office.get(f"tasks/{decision['id']}/draft", user), 404)
        save(office, decision, "tim_kedua", variables={"alasan": "Untuk dia"})
        assert office.read(f"tasks/{decision['id']}/draft", "tim_sakip")["variables"] == {"alasan": "Untuk saya"}

    def test_changes_nothing_that_others_see(self, office: Office, decision: Json) -> None:
        before = office.get(f"tasks/{decision['id']}", "tim_sakip")
        trail = office.read(f"process-instances/{office.instance_of(decision)}/audit", "inspektorat")

        save(office, decision, variables={"alasan": "Belum"})

        tag = {"If-None-Match": before.headers["etag"]}
        assert office.get(f"tasks/{decision['id']}", "tim_sakip", headers=tag).status_code == 304
        assert office.read(f"process-instances/{office.instance_of(decision)}/audit", "inspektorat") == trail

    def test_outlives_its_task(self, office: Office, decision: Json) -> None:
        office.hire("tim_kedua", "tim_sakip@disnaker")
        office.complete(decision, "tim_kedua", keputusan="setuju")

        save(office, decision, variables={"alasan": "Terlambat mengirim"})

        found = office.read(f"tasks/{decision['id']}/draft", "tim_sakip")
        assert found["variables"] == {"alasan": "Terlambat mengirim"}

    def test_is_dropped_by_its_person(self, office: Office, decision: Json) -> None:
        save(office, decision, variables={"alasan": "Belum"})

        for _ in range(2):
            assert office.request("DELETE", f"tasks/{decision['id']}/draft", "tim_sakip").status_code == 204
        problem(office.get(f"tasks/{decision['id']}/draft", "tim_sakip"), 404)

    def test_is_swept_away_after_thirty_days(self, office: Office, decision: Json) -> None:
        save(office, decision, variables={"alasan": "Belum"})

        for days, status in ((30, 200), (31, 404)):
            office.database.write(lambda uow, at=MONDAY + timedelta(days=days): drafts.sweep(uow, at))
            assert office.get(f"tasks/{decision['id']}/draft", "tim_sakip").status_code == status


class TestADraftIsRefused:
    def test_to_who_does_not_perform_the_task(self, office: Office, decision: Json) -> None:
        for user, status in (("inspektorat", 403), ("staf", 404), ("analis", 404)):
            answer = office.request("PUT", f"tasks/{decision['id']}/draft", user, json={"variables": {}})
            problem(answer, status)

    def test_with_each_name_that_the_task_does_not_ask_for(self, office: Office, decision: Json) -> None:
        sent = {"variables": {"lain": 1, "alasan": "x"}, "requirements": ["Tidak ada"], "outputs": ["Juga tidak"]}
        answer = office.request("PUT", f"tasks/{decision['id']}/draft", "tim_sakip", json=sent)

        assert pointers(problem(answer, 422)) == ["/variables/lain", "/requirements/0", "/outputs/0"]

    def test_when_it_is_too_large(self, office: Office, decision: Json) -> None:
        sent = {"variables": {"alasan": "x" * drafts.MOST_BYTES}}

        problem(office.request("PUT", f"tasks/{decision['id']}/draft", "tim_sakip", json=sent), 413, "too-large")


class TestWhatMayBeDone:
    def test_is_said_with_the_task(self, office: Office, decision: Json) -> None:
        office.hire("tim_kedua", "tim_sakip@disnaker")

        def acts(user: str) -> list[str]:
            found: list[str] = office.read(f"tasks/{decision['id']}", user)["acts"]
            return found

        assert acts("tim_sakip") == ["claim", "assign", "complete"]
        assert acts("inspektorat") == []
        office.post(f"tasks/{decision['id']}/claim", "tim_sakip")
        assert acts("tim_sakip") == ["unclaim", "assign", "complete"]
        assert acts("tim_kedua") == ["assign"]
        office.complete(decision, keputusan="setuju")
        assert acts("tim_sakip") == []

    def test_is_nothing_while_the_instance_is_suspended(self, office: Office, decision: Json) -> None:
        assert office.post(f"process-instances/{office.instance_of(decision)}/suspend", "sekretaris").status_code == 200
        assert office.read(f"tasks/{decision['id']}", "tim_sakip")["acts"] == []


class TestTheCandidates:
    def test_are_who_holds_the_role_now(self, office: Office, decision: Json) -> None:
        office.hire("andi", "tim_sakip@disnaker")
        office.hire("bekas", "tim_sakip@disnaker", valid_to=MONDAY.date() - timedelta(days=1))
        office.hire("orang_lain", "staf@disnaker")

        found = office.read(f"tasks/{decision['id']}/candidates", "tim_sakip")["items"]

        assert [one["username"] for one in found] == ["tim_sakip", "andi"]
        for one in found:
            answer = office.post(f"tasks/{decision['id']}/assign", "tim_sakip", {"assignee": one["username"]})
            assert answer.status_code == 200

    def test_are_told_to_who_may_assign(self, office: Office, decision: Json) -> None:
        problem(office.get(f"tasks/{decision['id']}/candidates", "inspektorat"), 403)
        problem(office.get(f"tasks/{decision['id']}/candidates", "analis"), 404)
