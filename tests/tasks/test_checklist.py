"""What the performer of a task says of its requirements and outputs."""

import pytest

from tests.office import Json, Office, pointers, problem


@pytest.fixture
def task(office: Office) -> Json:
    """A task of staf whose row has requirements and outputs."""
    task: Json = office.advance(office.start(), 3)["open_tasks"][0]
    shown: Json = office.read(f"tasks/{task['id']}", "staf")
    assert shown["requirements"]
    assert shown["outputs"]
    return shown


def say(office: Office, task: Json, user: str = "staf", **said: list[Json]) -> Json:
    answer = office.request("PUT", f"tasks/{task['id']}/requirements", user, json=said)
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    return content


def satisfied(task: Json, part: str = "requirements") -> list[bool | None]:
    return [one["satisfied"] for one in task[part]]


def acts(office: Office, task: Json) -> list[Json]:
    trail = office.read(f"process-instances/{task['process_instance_id']}/audit", "inspektorat", limit=200)["items"]
    return [act for act in trail if act["type"] in ("task.checked", "task.completed")]


class TestARequirement:
    def test_is_neither_there_nor_missing_until_somebody_says_so(self, office: Office, task: Json) -> None:
        name = task["requirements"][0]["name"]
        assert set(satisfied(task)) == {None}

        told = say(office, task, requirements=[{"name": name, "satisfied": True}])

        assert satisfied(told) == [True, *satisfied(task)[1:]]
        assert satisfied(office.read(f"tasks/{task['id']}", "sekretaris")) == satisfied(told)
        assert satisfied(told, "outputs") == satisfied(task, "outputs")

    def test_can_be_said_to_be_missing_and_taken_back(self, office: Office, task: Json) -> None:
        name = task["requirements"][0]["name"]

        assert satisfied(say(office, task, requirements=[{"name": name, "satisfied": False}]))[0] is False
        assert satisfied(say(office, task, requirements=[{"name": name, "satisfied": None}]))[0] is None

    def test_stands_in_the_trail_once_however_often_it_is_said(self, office: Office, task: Json) -> None:
        output = {"name": task["outputs"][0]["name"], "satisfied": True}
        before = len(acts(office, task))
        for _ in range(3):
            say(office, task, outputs=[output])

        (act,) = acts(office, task)[before:]

        assert act["type"] == "task.checked"
        assert act["data"]["outputs"] == {output["name"]: True}

    def test_of_another_row_is_refused_with_its_place(self, office: Office, task: Json) -> None:
        sent = {"requirements": [{"name": "Paspor", "satisfied": True}]}
        answer = office.request("PUT", f"tasks/{task['id']}/requirements", "staf", json=sent)

        assert pointers(problem(answer, 422)) == ["/requirements/Paspor"]
        assert satisfied(office.read(f"tasks/{task['id']}", "staf")) == satisfied(task)

    def test_is_for_the_performer_to_say(self, office: Office, task: Json) -> None:
        sent = {"requirements": [{"name": task["requirements"][0]["name"], "satisfied": True}]}
        for user, status in (("sekretaris", 403), ("bappeda", 404)):
            problem(office.request("PUT", f"tasks/{task['id']}/requirements", user, json=sent), status)
        office.hire("staf_kedua", "staf@disnaker")
        office.post(f"tasks/{task['id']}/claim", "staf_kedua")
        problem(office.request("PUT", f"tasks/{task['id']}/requirements", "staf", json=sent), 409)


class TestACompletion:
    def test_says_it_together_with_the_rest_in_one_act(self, office: Office, task: Json) -> None:
        first, output = task["requirements"][0]["name"], task["outputs"][0]["name"]
        say(office, task, requirements=[{"name": first, "satisfied": True}])

        sent = {"variables": {}, "outputs": [{"name": output, "satisfied": True}]}
        answer = office.post(f"tasks/{task['id']}/complete", "staf", json=sent)

        done = answer.json()["task"]
        assert (satisfied(done)[0], satisfied(done, "outputs")[0]) == (True, True)
        assert satisfied(office.read(f"tasks/{task['id']}", "staf"))[0] is True
        last = acts(office, task)[-1]
        assert (last["type"], last["data"]["requirements"], last["data"]["outputs"]) == (
            "task.completed",
            {first: True},
            {output: True},
        )

    def test_is_refused_whole_where_the_standard_has_no_such_output(self, office: Office, task: Json) -> None:
        sent = {"variables": {}, "outputs": [{"name": "Paspor", "satisfied": True}]}

        assert pointers(problem(office.post(f"tasks/{task['id']}/complete", "staf", json=sent), 422)) == [
            "/outputs/Paspor"
        ]
        assert office.read(f"tasks/{task['id']}", "staf")["state"] == "open"
