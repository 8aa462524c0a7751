"""Comments at a task: read by all who see it, changed by nobody."""

from hashlib import sha256

import pytest

from tests.office import MONDAY, Json, Office, pointers, problem


@pytest.fixture
def task(office: Office) -> Json:
    task: Json = office.advance(office.start(), 3)["open_tasks"][0]
    assert task["role"] == "staf"
    return task


def write(office: Office, task: Json, text: str, user: str = "staf") -> Json:
    answer = office.post(f"tasks/{task['id']}/comments", user, json={"text": text})
    assert answer.status_code == 201, answer.text
    content: Json = answer.json()
    return content


class TestAComment:
    def test_is_read_by_all_who_see_the_task(self, office: Office, task: Json) -> None:
        first = write(office, task, "Data bidang menyusul.\nBesok pagi. ")
        second = write(office, task, "Baik.", "sekretaris")

        assert {**first, "id": None} == {
            "id": None,
            "text": "Data bidang menyusul.\nBesok pagi.",
            "author": "staf",
            "created_at": MONDAY.isoformat(),
        }
        for user in ("staf", "sekretaris", "inspektorat"):
            assert office.read(f"tasks/{task['id']}", user)["comments"] == [first, second]

    def test_can_be_written_when_the_task_is_done(self, office: Office, task: Json) -> None:
        office.complete(task)

        written = write(office, task, "Sudah diarsipkan.")

        assert office.read(f"tasks/{task['id']}", "staf")["comments"] == [written]

    def test_is_proved_by_the_trail_without_being_told_there(self, office: Office, task: Json) -> None:
        written = write(office, task, "Hanya untuk yang berkepentingan.")
        instance_id = office.instance_of(task)

        act = office.read(f"process-instances/{instance_id}/audit", "inspektorat", limit=200)["items"][-1]

        assert (act["type"], act["data"]["comment_id"]) == ("task.commented", written["id"])
        assert act["data"]["sha256"] == sha256(written["text"].encode()).hexdigest()
        assert "text" not in act["data"]
        assert office.read(f"process-instances/{instance_id}/audit/verify", "inspektorat")["valid"]

    def test_of_nothing_is_refused(self, office: Office, task: Json) -> None:
        for text in ("", " \n", "\u200b"):
            answer = office.post(f"tasks/{task['id']}/comments", "staf", json={"text": text})
            assert pointers(problem(answer, 422)) == ["/text"]

    def test_is_not_for_who_does_not_see_the_task(self, office: Office, task: Json) -> None:
        problem(office.post(f"tasks/{task['id']}/comments", "bappeda", json={"text": "Halo"}), 404)

    def test_sent_twice_with_one_key_is_written_once(self, office: Office, task: Json) -> None:
        answers = [
            office.post(
                f"tasks/{task['id']}/comments", "staf", json={"text": "Sekali"}, headers={"Idempotency-Key": "k"}
            )
            for _ in range(2)
        ]

        assert answers[0].content == answers[1].content
        assert len(office.read(f"tasks/{task['id']}", "staf")["comments"]) == 1
