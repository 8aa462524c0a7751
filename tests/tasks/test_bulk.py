"""One act on several tasks: each kind of act takes its own fields, and no others."""

import pytest

from tests.office import Json, Office, pointers, problem

NOBODY = "0190a5a0-0000-7000-8000-000000000000"


class TestABulkAct:
    @pytest.mark.parametrize(
        ("body", "wrong"),
        [
            ({"action": "assign"}, ["/assignee"]),
            ({"action": "assign", "assignee": 5}, ["/assignee"]),
            ({"action": "assign", "assignee": "staf", "variables": {}}, ["/variables"]),
            ({"action": "claim", "assignee": "staf"}, ["/assignee"]),
            ({"action": "claim", "variables": {}}, ["/variables"]),
            ({"action": "claim", "claim": 1}, ["/claim"]),
            ({"action": "unclaim", "assignee": None}, ["/assignee"]),
            ({"action": "unclaim", "variables": {"a": 1}}, ["/variables"]),
            ({"action": "complete", "assignee": "staf"}, ["/assignee"]),
            ({"action": "complete", "variables": []}, ["/variables"]),
            ({"action": "complete", "task_ids": []}, ["/task_ids"]),
            ({"action": "complete", "task_ids": [NOBODY, 5]}, ["/task_ids/1"]),
            ({"action": "claim", "a/b~c": 1}, ["/a~1b~0c"]),
            ({"action": "Claim"}, ["/action"]),
            ({"action": None}, ["/action"]),
            ({"action": ["claim"]}, ["/action"]),
            ({}, ["/action"]),
        ],
    )
    def test_takes_the_fields_of_its_kind_alone(self, shared_office: Office, body: Json, wrong: list[str]) -> None:
        answer = shared_office.post("tasks/bulk", "staf", {"task_ids": [NOBODY], **body})

        assert pointers(problem(answer, 422, "invalid")) == wrong

    @pytest.mark.parametrize("body", [[], "claim", None, 5])
    def test_is_an_object(self, shared_office: Office, body: object) -> None:
        answer = shared_office.request("POST", "tasks/bulk", "staf", json=body)

        assert pointers(problem(answer, 422, "invalid")) == [""]

    def test_says_which_acts_there_are(self, shared_office: Office) -> None:
        content = problem(shared_office.post("tasks/bulk", "staf", {"action": "x", "task_ids": [NOBODY]}), 422)

        assert all(f"'{action}'" in content["detail"] for action in ("claim", "unclaim", "assign", "complete"))

    def test_without_an_assignee_leaves_the_tasks_with_whoever_has_them(self, office: Office) -> None:
        (task,) = office.start()["open_tasks"]
        office.post(f"tasks/{task['id']}/claim", "sekretaris")

        refused = office.post("tasks/bulk", "sekretaris", {"action": "assign", "task_ids": [task["id"]]})
        kept = office.read(f"tasks/{task['id']}", "sekretaris")["assignee"]
        body = {"action": "assign", "task_ids": [task["id"]], "assignee": None}
        given_back = office.post("tasks/bulk", "sekretaris", body)

        problem(refused, 422)
        assert kept == "sekretaris"
        assert given_back.json()["results"][0]["result"]["assignee"] is None

    def test_of_each_kind_does_what_it_says(self, office: Office) -> None:
        tasks = [office.start()["open_tasks"][0]["id"] for _ in range(2)]

        def done(action: str, **fields: object) -> list[Json]:
            answer = office.post("tasks/bulk", "sekretaris", {"action": action, "task_ids": tasks, **fields})
            return [result["result"] for result in answer.json()["results"]]

        assert [task["assignee"] for task in done("claim")] == ["sekretaris"] * 2
        assert [task["assignee"] for task in done("unclaim")] == [None] * 2
        assert [task["assignee"] for task in done("assign", assignee="sekretaris")] == ["sekretaris"] * 2
        assert [found["task"]["state"] for found in done("complete")] == ["completed"] * 2
