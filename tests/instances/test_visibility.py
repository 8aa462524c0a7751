"""What a list shows somebody is what he may open, for everybody and everything there is."""

import pytest

from tests.drawings import END, START, chain, drawing, one_task, task
from tests.office import Json, Office, problem

USERS = [
    *("kepala_dinas", "sekretaris", "kepala_bidang", "kasubag_perencanaan", "pejabat_fungsional"),
    *("staf_penyusun_evaluasi_kinerja", "staf", "tim_renja", "tim_renstra", "tim_sakip"),
    *("bappeda", "admin", "analis", "inspektorat", "bebas"),
]
WITHOUT_LANE = drawing("sendiri", START + task("kerja") + END + chain("mulai", "kerja", "selesai"))


@pytest.fixture(scope="module")
def busy(shared_office: Office) -> Office:
    """An office with an instance of every process, each some rows on, and one that has ended."""
    keys = ["evaluasi_kinerja", "iku", "lkj", "pengumpulan_data_kinerja", "renja", "renstra"]
    for steps, key in enumerate(keys):
        variables = {"tahun": 2027} | ({"triwulan": 2} if key == "pengumpulan_data_kinerja" else {})
        shared_office.advance(shared_office.start("kasubag_perencanaan", key, variables=variables), steps)
    shared_office.advance(shared_office.start("staf", "iku"), 9)
    shared_office.hire("bebas")
    shared_office.deploy(sendiri=WITHOUT_LANE, a=one_task("a", lane="Kepala Bidang"))
    shared_office.start("kepala_bidang", "sendiri", variables={})
    shared_office.start("kepala_bidang", "a", variables={})
    return shared_office


def everything(office: Office) -> tuple[list[str], list[str]]:
    """Return the ids of all instances and of all their tasks."""
    instances = [one["id"] for one in office.read("process-instances", "inspektorat", limit=200)["items"]]
    histories = [office.read(f"process-instances/{one}/history", "inspektorat")["items"] for one in instances]
    return instances, [item["task_id"] for items in histories for item in items]


class TestALittleMatrix:
    @pytest.mark.parametrize("user", USERS)
    def test_of_tasks_listed_and_tasks_that_open(self, busy: Office, user: str) -> None:
        _, tasks = everything(busy)
        listed = {
            item["id"]
            for state in ("open", "completed")
            for item in busy.read("tasks", user, scope="all", state=state, limit=200)["items"]
        }

        opened = {one for one in tasks if busy.get(f"tasks/{one}", user).status_code == 200}

        assert listed == opened
        if user in ("admin", "analis", "bebas"):
            assert opened == set()
        if user == "inspektorat":
            assert opened == set(tasks)

    @pytest.mark.parametrize("user", USERS)
    def test_of_instances_listed_and_instances_that_open(self, busy: Office, user: str) -> None:
        instances, _ = everything(busy)
        listed = {item["id"] for item in busy.read("process-instances", user, limit=200)["items"]}

        opened = {one for one in instances if busy.get(f"process-instances/{one}", user).status_code == 200}

        assert listed == opened
        if user in ("admin", "inspektorat"):
            assert opened == set(instances)
        if user in ("analis", "bebas"):
            assert opened == set()

    @pytest.mark.parametrize("user", USERS)
    def test_of_processes_that_may_be_started_and_those_that_start(self, office: Office, user: str) -> None:
        if user == "bebas":
            office.hire("bebas")
        listed = {one["id"]: one for one in office.read("process-definitions/startable", user)["items"]}

        for one in office.read("process-definitions", "inspektorat", in_force=True)["items"]:
            fields = listed[one["id"]]["start_form"]["fields"] if one["id"] in listed else []
            values = {field["id"]: {"tahun": 2027, "triwulan": 2}[field["id"]] for field in fields}
            body = {"process_definition_key": one["key"], "variables": values}
            status = office.post("process-instances", user, body).status_code
            assert (status == 201) == (one["id"] in listed), one["key"]

    @pytest.mark.parametrize("user", USERS)
    def test_of_tasks_to_do_and_tasks_that_can_be_taken(self, busy: Office, user: str) -> None:
        _, tasks = everything(busy)
        to_do = {item["id"] for item in busy.read("tasks", user, limit=200)["items"]}

        for one in tasks:
            status = busy.post(f"tasks/{one}/claim", user).status_code
            assert (status == 200) == (one in to_do), (user, one)
            if status == 200:
                busy.post(f"tasks/{one}/unclaim", user)


class TestATaskWithoutALane:
    @pytest.fixture
    def task(self, office: Office) -> Json:
        office.deploy(sendiri=WITHOUT_LANE)
        instance = office.start("kepala_bidang", "sendiri", variables={})
        found: Json = instance["open_tasks"][0]
        return found

    def test_is_its_starters(self, office: Office, task: Json) -> None:
        assert (task["role"], task["lane"], task["assignee"]) == (None, None, "kepala_bidang")
        assert [item["id"] for item in office.read("tasks", "kepala_bidang", scope="mine")["items"]] == [task["id"]]
        for user in ("kepala_dinas", "staf", "admin"):
            problem(office.complete(task, user), 404)
        problem(office.complete(task, "inspektorat"), 403)
        assert office.complete(task, "kepala_bidang").json()["process_instance"]["status"] == "completed"

    def test_cannot_be_given_away(self, office: Office, task: Json) -> None:
        problem(office.post(f"tasks/{task['id']}/unclaim", "kepala_bidang"), 403, "not-your-task")
        problem(office.post(f"tasks/{task['id']}/assign", "kepala_bidang", {"assignee": "staf"}), 403, "not-your-task")
