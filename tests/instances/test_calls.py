"""Call activities: what is called is the version in force when the instance starts, and its lanes work in it."""

from tests.drawings import END, START, chain, drawing, one_task, task
from tests.office import Office, problem

_ALL = '<bpmn:extensionElements><camunda:in variables="all"/><camunda:out variables="all"/></bpmn:extensionElements>'


def calling(key: str = "induk", called: str = "anak") -> bytes:
    """A process of staf that calls another one, then goes on."""
    body = (
        START
        + f'<bpmn:callActivity id="panggil" name="Memanggil" calledElement="{called}">{_ALL}</bpmn:callActivity>\n'
        + task("akhir")
        + END
        + chain("mulai", "panggil", "akhir", "selesai")
    )
    return drawing(key, body, lanes={"Staf": "mulai panggil akhir selesai"})


class TestACall:
    def test_opens_the_called_process_in_its_own_lane(self, office: Office) -> None:
        assert office.deploy(anak=one_task("anak", lane="Sekretaris"), induk=calling()).status_code == 201

        instance = office.start("staf", "induk", variables={})

        (opened,) = instance["open_tasks"]
        assert (opened["element_id"], opened["role"]) == ("panggil/kerja", "sekretaris")
        assert instance["process_definition_key"] == "induk"
        after = office.advance(instance)
        assert [one["element_id"] for one in after["open_tasks"]] == ["akhir"]
        assert office.advance(after)["status"] == "completed"

    def test_lets_who_works_in_it_see_the_whole(self, office: Office) -> None:
        assert office.deploy(anak=one_task("anak", lane="Bappeda"), induk=calling()).status_code == 201

        instance = office.start("staf", "induk", variables={})

        assert office.instance(instance["id"], "bappeda") == instance
        listed = office.read("process-instances", "bappeda", process_definition_key="induk")["items"]
        assert [one["id"] for one in listed] == [instance["id"]]
        assert office.read("process-instances", "tim_renja", process_definition_key="induk")["items"] == []

    def test_shows_its_worker_no_case_that_does_not_call_it(self, office: Office) -> None:
        drawn = {"anak": one_task("anak", lane="Bappeda"), "induk": calling(), "lain": one_task("lain", lane="Staf")}
        assert office.deploy("analis", **drawn).status_code == 201
        called = office.start("staf", "induk", variables={})
        other = office.start("staf", "lain", variables={})

        listed = [one["id"] for one in office.read("process-instances", "bappeda", limit=200)["items"]]

        assert (called["id"] in listed, other["id"] in listed) == (True, False)
        assert office.get(f"process-instances/{other['id']}", "bappeda").status_code == 404

    def test_keeps_the_version_that_was_in_force_at_the_start(self, office: Office) -> None:
        assert office.deploy(anak=one_task("anak", name="Lama"), induk=calling()).status_code == 201
        before = office.start("staf", "induk", variables={})
        assert office.deploy(anak=one_task("anak", name="Baru", lane="Sekretaris")).status_code == 201

        after = office.start("staf", "induk", variables={})

        assert [one["name"] for one in before["open_tasks"] + after["open_tasks"]] == ["Lama", "Baru"]
        office.app.state.catalogue._kept.clear()
        assert office.advance(before, 2)["status"] == "completed"

    def test_of_what_is_not_there_refuses_the_start_and_names_the_call(self, office: Office) -> None:
        assert office.deploy(induk=calling(called="tidak_ada")).status_code == 201

        answer = office.post("process-instances", "staf", {"process_definition_key": "induk", "variables": {}})

        content = problem(answer, 422, "cannot-call")
        (error,) = content["errors"]
        assert (error["element_id"], error["code"]) == ("panggil", "call-missing")
        assert "'tidak_ada'" in error["message"]
        assert error["message_en"] in content["detail"]
        assert error["remedy"].startswith("Unggah")
        assert error["remedy_en"] in content["detail"]
        assert "'panggil'" in content["detail"]

    def test_of_a_call_is_followed(self, office: Office) -> None:
        assert (
            office.deploy(
                atas=calling("atas", "tengah"), tengah=calling("tengah", "bawah"), bawah=one_task("bawah")
            ).status_code
            == 201
        )

        instance = office.start("staf", "atas", variables={})

        assert [one["element_id"] for one in instance["open_tasks"]] == ["panggil/panggil/kerja"]
        assert office.advance(instance, 3)["status"] == "completed"
