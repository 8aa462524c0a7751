"""Completing a task: once, by its performer, with what its form asks for."""

from datetime import timedelta

import pytest

from tests.office import MONDAY, Json, Office, pointers, problem


@pytest.fixture
def colleague(office: Office) -> str:
    """A second member of the staff."""
    office.hire("staf_kedua", "staf@disnaker")
    return "staf_kedua"


@pytest.fixture
def instance(office: Office) -> Json:
    """An instance that stands at row 4, a task of staf."""
    return office.advance(office.start(), 3)


@pytest.fixture
def task(instance: Json) -> Json:
    task: Json = instance["open_tasks"][0]
    assert task["role"] == "staf"
    return task


@pytest.fixture
def decision(office: Office, instance: Json) -> Json:
    """The task of row 5, in which the SAKIP team decides."""
    task: Json = office.advance(instance)["open_tasks"][0]
    return task


class TestTheAnswer:
    def test_tells_the_task_where_the_instance_stands_and_what_is_next(self, office: Office, task: Json) -> None:
        answer = office.complete(task).json()

        assert answer["task"]["state"] == "completed"
        assert answer["task"]["completed_at"] == MONDAY.isoformat()
        assert answer["task"]["completed_by"] == answer["task"]["assignee"] == "staf"
        assert answer["process_instance"]["open_tasks"] == answer["next_tasks"]
        assert [(one["activity_no"], one["role"]) for one in answer["next_tasks"]] == [(5, "tim_sakip")]

    def test_is_what_reading_gives_afterwards(self, office: Office, instance: Json, task: Json) -> None:
        answer = office.complete(task).json()

        shown = office.read(f"tasks/{task['id']}", "staf")
        assert {name: shown[name] for name in answer["task"]} == answer["task"]
        assert office.instance(instance["id"]) == answer["process_instance"]


class TestASecondCompletion:
    def test_is_told_when_and_by_whom_it_was_done(self, office: Office, task: Json, colleague: str) -> None:
        office.complete(task)

        for user in ("staf", colleague):
            content = problem(office.complete(task, user), 409, "task-already-completed")
            assert (content["completed_by"], content["completed_at"]) == ("staf", MONDAY.isoformat())
            assert "staf" in content["detail"]

    def test_leaves_the_instance_unharmed(self, office: Office, instance: Json, task: Json) -> None:
        after = office.complete(task).json()["process_instance"]

        for _ in range(3):
            problem(office.complete(task), 409)

        assert office.instance(instance["id"]) == after
        assert office.advance(after, 5)["status"] == "completed"

    def test_of_a_returned_row_is_of_its_new_visit(self, office: Office, task: Json, decision: Json) -> None:
        office.complete(decision, keputusan="dikembalikan", alasan="Belum tepat.")

        problem(office.complete(task), 409, "task-already-completed")
        (again,) = office.instance(office.read(f"tasks/{task['id']}", "staf")["process_instance_id"])["open_tasks"]
        assert (again["element_id"], again["visit"]) == (task["element_id"], 2)
        assert office.complete(again).status_code == 200


class TestClaiming:
    def test_shows_colleagues_who_does_it(self, office: Office, task: Json, colleague: str) -> None:
        answer = office.post(f"tasks/{task['id']}/claim", "staf")

        assert (answer.json()["assignee"], answer.json()["claimed_at"]) == ("staf", MONDAY.isoformat())
        assert office.read(f"tasks/{task['id']}", colleague)["assignee"] == "staf"
        assert [item["id"] for item in office.read("tasks", "staf", scope="mine")["items"]] == [task["id"]]
        assert office.read("tasks", colleague, scope="claimable")["items"] == []

    def test_keeps_colleagues_from_doing_it(self, office: Office, task: Json, colleague: str) -> None:
        office.post(f"tasks/{task['id']}/claim", "staf")

        for answer in (
            office.post(f"tasks/{task['id']}/claim", colleague),
            office.complete(task, colleague),
        ):
            assert problem(answer, 409, "task-claimed")["assignee"] == "staf"
        problem(office.post(f"tasks/{task['id']}/unclaim", colleague), 403, "not-your-task")
        assert office.complete(task, "staf").status_code == 200

    def test_again_changes_nothing(self, office: Office, task: Json) -> None:
        first = office.post(f"tasks/{task['id']}/claim", "staf").json()

        assert office.post(f"tasks/{task['id']}/claim", "staf").json() == first

    def test_can_be_undone(self, office: Office, task: Json, colleague: str) -> None:
        office.post(f"tasks/{task['id']}/claim", "staf")

        answer = office.post(f"tasks/{task['id']}/unclaim", "staf")

        assert (answer.json()["assignee"], answer.json()["claimed_at"]) == (None, None)
        assert office.complete(task, colleague).status_code == 200

    def test_is_over_when_the_task_is_done(self, office: Office, task: Json, colleague: str) -> None:
        office.complete(task)

        problem(office.post(f"tasks/{task['id']}/claim", colleague), 409, "task-already-completed")
        problem(office.post(f"tasks/{task['id']}/unclaim", "staf"), 409, "task-already-completed")


class TestAssigning:
    def test_gives_it_to_a_colleague(self, office: Office, task: Json, colleague: str) -> None:
        answer = office.post(f"tasks/{task['id']}/assign", "staf", {"assignee": colleague})

        assert answer.json()["assignee"] == colleague
        problem(office.complete(task, "staf"), 409, "task-claimed")
        assert office.complete(task, colleague).status_code == 200

    def test_to_nobody_gives_it_back_to_the_role(self, office: Office, task: Json, colleague: str) -> None:
        office.post(f"tasks/{task['id']}/claim", "staf")

        answer = office.post(f"tasks/{task['id']}/assign", "kasubag_perencanaan", {"assignee": None})

        assert answer.json()["assignee"] is None
        assert office.complete(task, colleague).status_code == 200

    @pytest.mark.parametrize("assignee", [None, "staf"])
    def test_to_who_has_it_already_changes_nothing(
        self, office: Office, instance: Json, task: Json, assignee: str | None
    ) -> None:
        path = f"tasks/{task['id']}"
        first = office.post(f"{path}/assign", "kasubag_perencanaan", {"assignee": assignee}).json()
        acts = office.read(f"process-instances/{instance['id']}/audit", "staf", limit=200)
        office.clock.advance(timedelta(hours=1))

        again = office.post(f"{path}/assign", "kasubag_perencanaan", {"assignee": assignee})
        if assignee is None:
            office.post(f"{path}/unclaim", "staf")
        else:
            office.post(f"{path}/claim", "staf")

        assert (again.status_code, again.json()) == (200, first)
        assert office.read(f"process-instances/{instance['id']}/audit", "staf", limit=200) == acts


class TestTheForm:
    def test_asks_for_the_decision_and_its_reason(self, office: Office, decision: Json) -> None:
        fields = {field["id"]: field for field in office.read(f"tasks/{decision['id']}", "tim_sakip")["form"]["fields"]}

        assert fields["keputusan"]["required"] is True
        assert [option["id"] for option in fields["keputusan"]["options"]] == ["setuju", "dikembalikan"]
        assert fields["alasan"]["required"] is False

    @pytest.mark.parametrize(
        ("given", "wrong"),
        [
            ({}, "/variables/keputusan"),
            ({"keputusan": None}, "/variables/keputusan"),
            ({"keputusan": "tolak"}, "/variables/keputusan"),
            ({"keputusan": "Setuju"}, "/variables/keputusan"),
            ({"keputusan": True}, "/variables/keputusan"),
            ({"keputusan": ["setuju"]}, "/variables/keputusan"),
            ({"keputusan": "setuju", "alasan": 5}, "/variables/alasan"),
            ({"keputusan": "setuju", "lain": "x"}, "/variables/lain"),
            ({"keputusan": "dikembalikan"}, "/variables/alasan"),
            ({"keputusan": "dikembalikan", "alasan": ""}, "/variables/alasan"),
            ({"keputusan": "dikembalikan", "alasan": "  \n"}, "/variables/alasan"),
            ({"keputusan": "dikembalikan", "alasan": "\u200b\u2060"}, "/variables/alasan"),
            ({"keputusan": "dikembalikan", "alasan": "\u3164\u2800"}, "/variables/alasan"),
            ({"keputusan": "setuju", "a/b~c": "x"}, "/variables/a~1b~0c"),
            ({"keputusan": "dikembalikan", "alasan": None}, "/variables/alasan"),
        ],
    )
    def test_refuses_what_does_not_fit_and_names_it(
        self, office: Office, decision: Json, given: Json, wrong: str
    ) -> None:
        before = office.read(f"tasks/{decision['id']}", "tim_sakip")

        answer = office.complete(decision, **given)

        assert wrong in pointers(problem(answer, 422, "invalid"))
        assert office.read(f"tasks/{decision['id']}", "tim_sakip") == before

    def test_of_a_task_of_work_takes_no_variables(self, office: Office, task: Json) -> None:
        content = problem(office.complete(task, keputusan="setuju"), 422, "invalid")

        assert pointers(content) == ["/variables/keputusan"]

    def test_does_not_let_the_last_rounds_reason_shine_through(self, office: Office, decision: Json) -> None:
        office.complete(decision, keputusan="dikembalikan", alasan="Belum tepat.")
        instance_id = office.read(f"tasks/{decision['id']}", "tim_sakip")["process_instance_id"]
        again = office.advance(office.instance(instance_id))

        answer = office.complete(again["open_tasks"][0], keputusan="setuju").json()

        assert (answer["task"]["decision"], answer["task"]["reason"]) == ("setuju", None)
        variables = office.read(f"process-instances/{instance_id}/variables", "staf")["variables"]
        assert variables["alasan"] is None


class TestASuspendedInstance:
    def test_refuses_every_act_on_its_tasks(self, office: Office, instance: Json, task: Json) -> None:
        office.post(f"process-instances/{instance['id']}/suspend", "sekretaris")

        for act, body in (("complete", {}), ("claim", None), ("unclaim", None), ("assign", {"assignee": "staf"})):
            problem(office.post(f"tasks/{task['id']}/{act}", "staf", body), 409, "instance-not-active")

        office.post(f"process-instances/{instance['id']}/resume", "sekretaris")
        assert office.complete(task).status_code == 200


class TestACancelledInstance:
    def test_has_withdrawn_its_tasks(self, office: Office, instance: Json, task: Json) -> None:
        office.post(f"process-instances/{instance['id']}/cancel", "sekretaris", {"reason": "Salah tahun."})

        assert office.read(f"tasks/{task['id']}", "staf")["state"] == "cancelled"
        for act, body in (("complete", {}), ("claim", None), ("unclaim", None), ("assign", {"assignee": "staf"})):
            content = problem(office.post(f"tasks/{task['id']}/{act}", "staf", body), 409, "task-not-open")
            assert content["detail"] == "This task was withdrawn. The process instance was cancelled."
