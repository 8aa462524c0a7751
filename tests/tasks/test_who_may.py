"""Who sees a task, and who may act on it."""

import pytest

from tests.office import MONDAY, Json, Office, problem

# Around row 3 of the IKU procedure: a task of the SAKIP team, which is below the secretary, who is below the head.
IKU = {"process_definition_key": "iku", "unit": "disnaker"}
OUTSIDERS = ["staf", "kasubag_perencanaan", "bappeda", "tim_renja", "kepala_bidang", "admin", "analis"]
SUPERIORS = ["sekretaris", "kepala_dinas"]
TODAY = MONDAY.date()
NOT_PERFORMING = [*OUTSIDERS, *SUPERIORS, "inspektorat"]


@pytest.fixture
def instance(office: Office) -> Json:
    """An instance that stands at the task of the SAKIP team."""
    return office.advance(office.start(), 2)


@pytest.fixture
def task(instance: Json) -> Json:
    (task,) = instance["open_tasks"]
    assert task["role"] == "tim_sakip"
    found: Json = task
    return found


class TestSomebodyOfAnotherRole:
    @pytest.mark.parametrize("user", OUTSIDERS)
    def test_is_not_told_that_there_is_such_a_task(self, office: Office, task: Json, user: str) -> None:
        path = f"tasks/{task['id']}"

        problem(office.get(path, user), 404, "not-found")
        problem(office.post(f"{path}/claim", user), 404, "not-found")
        problem(office.post(f"{path}/unclaim", user), 404, "not-found")
        problem(office.post(f"{path}/assign", user, {"assignee": user}), 404, "not-found")
        problem(office.complete(task, user), 404, "not-found")
        assert task["id"] not in [item["id"] for item in office.read("tasks", user, scope="all")["items"]]

    def test_gets_the_same_answer_as_for_a_task_that_is_none(self, office: Office, task: Json) -> None:
        nobodys = "0190a5a0-0000-7000-8000-000000000000"

        hidden = office.get(f"tasks/{task['id']}", "staf").json()
        missing = office.get(f"tasks/{nobodys}", "staf").json()

        for answer in (hidden, missing):
            del answer["trace_id"]
        assert hidden == {**missing, "detail": missing["detail"].replace(nobodys, task["id"])}

    def test_changes_nothing(self, office: Office, instance: Json, task: Json) -> None:
        for user in NOT_PERFORMING:
            office.complete(task, user)
            office.post(f"tasks/{task['id']}/claim", user)

        assert office.instance(instance["id"]) == instance


class TestASuperior:
    @pytest.mark.parametrize("user", SUPERIORS)
    def test_reads_the_task_but_does_not_do_it(self, office: Office, task: Json, user: str) -> None:
        path = f"tasks/{task['id']}"

        assert office.read(path, user)["form"] == {"fields": []}
        assert task["id"] in [item["id"] for item in office.read("tasks", user, scope="all")["items"]]
        assert task["id"] not in [item["id"] for item in office.read("tasks", user)["items"]]
        problem(office.complete(task, user), 403, "not-your-task")
        problem(office.post(f"{path}/claim", user), 403, "not-your-task")
        problem(office.post(f"{path}/unclaim", user), 403, "not-your-task")

    def test_assigns_it_to_a_holder_of_its_role(self, office: Office, task: Json) -> None:
        answer = office.post(f"tasks/{task['id']}/assign", "sekretaris", {"assignee": "tim_sakip"})

        assert answer.status_code == 200
        assert answer.json()["assignee"] == "tim_sakip"

    @pytest.mark.parametrize("assignee", ["staf", "sekretaris", "admin", "nobody", "bappeda"])
    def test_cannot_assign_it_to_somebody_of_another_role(self, office: Office, task: Json, assignee: str) -> None:
        answer = office.post(f"tasks/{task['id']}/assign", "sekretaris", {"assignee": assignee})

        assert problem(answer, 422)["errors"][0]["pointer"] == "/assignee"
        assert office.read(f"tasks/{task['id']}", "tim_sakip")["assignee"] is None


class TestTheInspectorate:
    def test_reads_everything_and_does_nothing(self, office: Office, instance: Json, task: Json) -> None:
        path = f"tasks/{task['id']}"

        assert office.read(path, "inspektorat")["name"] == task["name"]
        assert [item["id"] for item in office.read("tasks", "inspektorat", scope="all")["items"]] == [task["id"]]
        assert office.read("tasks", "inspektorat")["items"] == []
        for part in ("", "/variables", "/history", "/diagram", "/audit", "/audit/verify"):
            assert office.get(f"process-instances/{instance['id']}{part}", "inspektorat").status_code == 200
        problem(office.complete(task, "inspektorat"), 403, "not-your-task")
        problem(office.post(f"{path}/claim", "inspektorat"), 403, "not-your-task")
        problem(office.post(f"{path}/assign", "inspektorat", {"assignee": "tim_sakip"}), 403, "not-your-task")
        for act, body in (("cancel", {"reason": "tidak perlu"}), ("suspend", None), ("resume", None)):
            problem(office.post(f"process-instances/{instance['id']}/{act}", "inspektorat", body), 403, "forbidden")
        problem(
            office.post("process-instances", "inspektorat", IKU),
            403,
            "forbidden",
        )

    def test_reads_until_the_last_day_of_its_permission(self, office: Office, instance: Json) -> None:
        last_day = office.clock.now().date()
        office.hire("pemeriksa", permissions=("audit@tanjabbar",), valid_to=last_day)

        seen = office.get(f"process-instances/{instance['id']}", "pemeriksa")
        office.clock.moment = office.clock.moment.replace(hour=17)

        assert seen.status_code == 200
        problem(office.get(f"process-instances/{instance['id']}", "pemeriksa"), 404)


class TestAnAdministrator:
    def test_completes_no_task_of_any_row(self, office: Office) -> None:
        instance = office.start()
        while instance["open_tasks"]:
            problem(office.complete(instance["open_tasks"][0], "admin"), 404, "not-found")
            instance = office.advance(instance)

        assert instance["status"] == "completed"

    def test_starts_nothing(self, office: Office) -> None:
        problem(
            office.post("process-instances", "admin", IKU),
            403,
            "forbidden",
        )

    def test_stops_an_instance(self, office: Office, instance: Json) -> None:
        assert office.post(f"process-instances/{instance['id']}/suspend", "admin").json()["status"] == "suspended"


class TestAnActingHolder:
    def test_completes_on_behalf_of_the_role_while_his_letter_holds(self, office: Office, task: Json) -> None:
        office.hire("pengganti", "tim_sakip@disnaker", valid_to=TODAY, letter="800/17/2026")

        answer = office.complete(task, "pengganti")

        assert answer.status_code == 200
        assert (answer.json()["task"]["completed_by"], answer.json()["task"]["on_behalf_of"]) == (
            "pengganti",
            "tim_sakip",
        )

    def test_cannot_complete_what_he_took_when_his_letter_has_ended(self, office: Office, task: Json) -> None:
        office.hire("pengganti", "tim_sakip@disnaker", valid_to=TODAY, letter="800/17/2026")
        assert office.post(f"tasks/{task['id']}/claim", "pengganti").status_code == 200
        # Five in the afternoon in UTC is midnight where the office is.
        office.clock.moment = office.clock.moment.replace(hour=17)

        problem(office.complete(task, "pengganti"), 403, "not-your-task")
