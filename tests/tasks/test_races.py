"""Two people at the same moment: what one may do, one does; what both may do, both do."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx2 as httpx

from tests.drawings import two_branches
from tests.office import Json, Office, problem, running_office


def at_once(*requests: tuple[Office, str, str, Json]) -> list[httpx.Response]:
    """Send POST requests at the same moment, each of an office, a path, a user and a body."""
    barrier = Barrier(len(requests))

    def send(request: tuple[Office, str, str, Json]) -> httpx.Response:
        office, path, user, body = request
        office.token(user)
        barrier.wait()
        return office.post(path, user, body)

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(send, requests))


class TestOneTask:
    def test_is_completed_by_one_of_two_colleagues(self, office: Office) -> None:
        office.hire("wakil", "sekretaris@disnaker")
        for _ in range(10):
            instance = office.start()
            (task,) = instance["open_tasks"]
            path = f"tasks/{task['id']}/complete"

            answers = at_once((office, path, "sekretaris", {}), (office, path, "wakil", {}))

            won, lost = sorted(answers, key=lambda answer: answer.status_code)
            assert won.status_code == 200
            content = problem(lost, 409, "task-already-completed")
            assert content["completed_by"] == won.json()["task"]["completed_by"]
            assert office.instance(instance["id"]) == won.json()["process_instance"]

    def test_is_completed_once_through_two_workers(self, office: Office) -> None:
        with running_office(office.url, office.clock) as other:
            for _ in range(10):
                instance = office.start()
                path = f"tasks/{instance['open_tasks'][0]['id']}/complete"

                answers = at_once(*((one, path, "sekretaris", {}) for one in (office, other, office, other)))

                assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 3}
                history = office.read(f"process-instances/{instance['id']}/history", "sekretaris")["items"]
                assert [item["activity_no"] for item in history] == [1, 2]
                verdict = office.read(f"process-instances/{instance['id']}/audit/verify", "sekretaris")
                assert (verdict["valid"], verdict["events"]) == (True, 2)

    def test_is_taken_by_one_of_two_colleagues(self, office: Office) -> None:
        office.hire("wakil", "sekretaris@disnaker")
        for _ in range(5):
            (task,) = office.start()["open_tasks"]
            path = f"tasks/{task['id']}/claim"

            answers = at_once((office, path, "sekretaris", {}), (office, path, "wakil", {}))

            won, lost = sorted(answers, key=lambda answer: answer.status_code)
            assert won.status_code == 200
            assert problem(lost, 409, "task-claimed")["assignee"] == won.json()["assignee"]

    def test_of_an_instance_that_is_cancelled_meanwhile_is_done_before_or_not_at_all(self, office: Office) -> None:
        for _ in range(5):
            instance = office.start()
            (task,) = instance["open_tasks"]

            done, cancelled = at_once(
                (office, f"tasks/{task['id']}/complete", "sekretaris", {}),
                (office, f"process-instances/{instance['id']}/cancel", "sekretaris", {"reason": "Salah."}),
            )

            assert cancelled.status_code == 200
            assert done.status_code in (200, 409)
            after = office.instance(instance["id"])
            assert (after["status"], after["open_tasks"]) == ("cancelled", [])
            states = [
                item["state"]
                for item in office.read(f"process-instances/{instance['id']}/history", "sekretaris")["items"]
            ]
            assert states == (["completed", "cancelled"] if done.status_code == 200 else ["cancelled"])


class TestTwoBranches:
    def test_completed_at_once_are_both_done_and_join_once(self, office: Office) -> None:
        office.deploy(cabang=two_branches())
        for _ in range(10):
            instance = office.start("staf", "cabang", variables={})
            tasks = {task["element_id"]: task for task in instance["open_tasks"]}
            assert tasks.keys() == {"satu", "dua"}

            answers = at_once(*((office, f"tasks/{task['id']}/complete", task["role"], {}) for task in tasks.values()))

            assert [answer.status_code for answer in answers] == [200, 200]
            after = office.instance(instance["id"])
            assert [task["element_id"] for task in after["open_tasks"]] == ["akhir"]
            diagram = office.read(f"process-instances/{instance['id']}/diagram", "staf")
            assert diagram["flows_taken"]["gabung_akhir"] == diagram["visits"]["akhir"] == 1
            assert office.advance(after)["status"] == "completed"

    def test_show_the_other_branch_while_it_is_open(self, office: Office) -> None:
        office.deploy(cabang=two_branches())
        instance = office.start("staf", "cabang", variables={})
        one, other = instance["open_tasks"]

        after = office.complete(one).json()

        assert after["next_tasks"] == []
        assert after["process_instance"]["open_tasks"] == [other]
        assert office.instance(instance["id"]) == after["process_instance"]


class TestAMessage:
    def test_sent_twice_at_once_is_received_once(self, office: Office) -> None:
        for _ in range(5):
            instance = office.advance(office.start("sekretaris", "renja"), 9)
            body = {"name": "pengesahan_bupati", "process_instance_id": instance["id"]}

            answers = at_once((office, "messages", "sekretaris", body), (office, "messages", "bappeda", body))

            assert sorted(answer.status_code for answer in answers) == [200, 404]
            assert [task["activity_no"] for task in office.instance(instance["id"])["open_tasks"]] == [10]
