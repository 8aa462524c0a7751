"""What an incident in one branch leaves to the people of the others."""

from datetime import timedelta
from typing import Any

import pytest

from app.instances.timers import fire_due
from tests.drawings import END, START, chain, drawing, flow, task
from tests.office import Json, Office, problem

HOUR = timedelta(hours=1)


def after(host: str, duration: str) -> str:
    """Return a boundary event that ends a task after a time."""
    return (
        f'<bpmn:boundaryEvent id="lewat_{host}" attachedToRef="{host}"><bpmn:timerEventDefinition id="jam_{host}">'
        '<bpmn:timeDuration xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:type="bpmn:tFormalExpression">{duration}</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:boundaryEvent>\n"
    )


def side_by_side() -> bytes:
    """Return a process of two branches: the timer of the first leads nowhere, the second is a task, news and a task.

    The second task of the second branch has a timer of its own.
    """
    body = (
        START
        + '<bpmn:parallelGateway id="pisah"/>\n<bpmn:parallelGateway id="gabung"/>\n'
        + task("macet")
        + task("naik")
        + after("macet", "PT1H")
        + '<bpmn:exclusiveGateway id="pilih"/>\n<bpmn:exclusiveGateway id="temu"/>\n'
        + task("satu")
        + '<bpmn:intermediateCatchEvent id="tunggu"><bpmn:messageEventDefinition messageRef="pesan"/>'
        "</bpmn:intermediateCatchEvent>\n"
        + task("dua")
        + after("dua", "PT5H")
        + '<bpmn:exclusiveGateway id="kumpul"/>\n'
        + END
        + chain("mulai", "pisah", "macet", "temu", "gabung", "selesai")
        + chain("lewat_macet", "pilih")
        + flow("pilih", "temu", "${tingkat == 1}")
        + flow("pilih", "naik", "${tingkat == 2}")
        + chain("naik", "temu")
        + chain("pisah", "satu", "tunggu", "dua", "kumpul", "gabung")
        + chain("lewat_dua", "kumpul")
    )
    lanes = {"Staf": "mulai pisah macet lewat_macet pilih naik temu gabung selesai"}
    lanes["Sekretaris"] = "satu tunggu dua lewat_dua kumpul"
    return drawing("sisi", body, lanes=lanes, before='<bpmn:message id="pesan" name="kabar"/>')


def fire(office: Office) -> int:
    state = office.app.state
    return fire_due(office.database, state.directory, state.catalogue, office.clock)


def task_at(instance: Json, element: str) -> Json:
    (found,) = (one for one in instance["open_tasks"] if one["element_id"] == element)
    return dict(found)


class TestAnIncidentOfOneBranch:
    @pytest.fixture
    def stuck(self, office: Office) -> Json:
        deployed = office.deploy(sisi=side_by_side())
        assert deployed.status_code == 201, deployed.text
        instance = office.start("staf", "sisi", variables={"tingkat": 3})
        office.clock.advance(HOUR)
        assert fire(office) == 0
        return office.instance(instance["id"])

    def complete(self, office: Office, instance: Json, element: str) -> Json:
        answer = office.complete(task_at(instance, element))
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["process_instance"])

    def news(self, office: Office) -> Any:
        return office.post("messages", "sekretaris", {"name": "kabar"})

    def test_changes_nothing_but_the_status(self, office: Office, stuck: Json) -> None:
        assert stuck["status"] == "incident"
        assert {one["element_id"] for one in stuck["open_tasks"]} == {"macet", "satu"}

    def test_lets_a_task_of_another_branch_be_claimed_and_completed(self, office: Office, stuck: Json) -> None:
        claimed = office.post(f"tasks/{task_at(stuck, 'satu')['id']}/claim", "sekretaris")
        assert claimed.json()["assignee"] == "sekretaris"

        after = self.complete(office, stuck, "satu")

        assert (after["status"], [one["element_id"] for one in after["open_tasks"]]) == ("incident", ["macet"])
        now = office.instance(stuck["id"])
        assert now["incident"] == stuck["incident"]
        assert {one["kind"] for one in now["waiting_for"]} == {"timer", "message"}
        assert office.read(f"process-instances/{stuck['id']}/audit/verify", "staf")["valid"] is True

    def test_lets_somebody_record_what_another_branch_waits_for(self, office: Office, stuck: Json) -> None:
        self.complete(office, stuck, "satu")

        assert self.news(office).json() == {"correlated": 1}

        assert {one["element_id"] for one in office.instance(stuck["id"])["open_tasks"]} == {"macet", "dua"}

    def test_holds_up_the_timers_of_the_other_branches_until_it_is_over(self, office: Office, stuck: Json) -> None:
        self.complete(office, stuck, "satu")
        self.news(office)
        office.clock.advance(6 * HOUR)
        assert fire(office) == 0

        now = self.complete(office, office.instance(stuck["id"]), "macet")
        retried = office.post(f"process-instances/{stuck['id']}/retry", "staf").json()

        assert [one["element_id"] for one in now["open_tasks"]] == ["dua"]
        assert (now["status"], retried["status"], retried["open_tasks"]) == ("incident", "completed", [])

    def test_is_over_when_people_bring_the_instance_to_its_end(self, office: Office, stuck: Json) -> None:
        self.complete(office, stuck, "satu")
        self.news(office)
        self.complete(office, office.instance(stuck["id"]), "macet")

        after = self.complete(office, office.instance(stuck["id"]), "dua")

        assert (after["status"], after["open_tasks"]) == ("completed", [])
        assert office.instance(stuck["id"])["incident"] is None

    def test_is_not_ended_by_suspending_and_resuming(self, office: Office, stuck: Json) -> None:
        for act in ("suspend", "resume"):
            problem(office.post(f"process-instances/{stuck['id']}/{act}", "staf"), 409, "instance-not-active")
