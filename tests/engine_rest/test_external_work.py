"""Service tasks that programs do: opened by the process, completed or ended by an error, gone with their instance."""

from collections.abc import Iterator
from typing import Any

import pycamunda.externaltask
import pytest
import sqlalchemy as sa
from operaton.external_task.external_task import ExternalTask, TaskResult
from operaton.external_task.external_task_worker import ExternalTaskWorker

from app.demo.users import PASSWORD
from app.instances.models import external_task
from tests.drawings import END, START, chain, drawing, flow, task
from tests.engine_rest.camunda import Camunda, live, refused
from tests.engine_rest.work import WORKER, act, fetch, trail
from tests.office import Json, Office


def with_service() -> bytes:
    """A process in which a program sends a letter, and a gateway asks how; staf goes on, or mends what failed."""
    body = (
        START + '<bpmn:serviceTask id="kirim" name="Kirim surat" camunda:type="external" camunda:topic="surat" '
        'camunda:taskPriority="7"><bpmn:extensionElements><camunda:properties>'
        '<camunda:property name="jalur" value="email"/></camunda:properties></bpmn:extensionElements>'
        "</bpmn:serviceTask>\n"
        '<bpmn:boundaryEvent id="gagal" attachedToRef="kirim">'
        '<bpmn:errorEventDefinition id="salah" errorRef="alamat"/></bpmn:boundaryEvent>\n'
        '<bpmn:exclusiveGateway id="pilih"/>\n<bpmn:exclusiveGateway id="temu"/>\n'
        + task("arsip")
        + task("catat")
        + task("perbaiki")
        + END
        + chain("mulai", "kirim", "pilih")
        + flow("pilih", "arsip", "${terkirim == true}")
        + flow("pilih", "catat", "${terkirim == false}")
        + chain("arsip", "temu", "selesai")
        + chain("catat", "temu")
        + chain("gagal", "perbaiki", "temu")
    )
    return drawing(
        "surat_keluar",
        body,
        lanes={"Staf": "mulai kirim gagal pilih arsip catat perbaiki temu selesai"},
        before='<bpmn:error id="alamat" name="Alamat salah" errorCode="alamat-salah"/>\n',
    )


@pytest.fixture
def work(camunda: Camunda, office: Office) -> Json:
    """An instance that stands at its service task, and a program that may work."""
    office.hire(WORKER, permissions=("work@disnaker",))
    answer = camunda.deploy("analis", {"surat.bpmn": with_service()})
    assert answer.status_code == 200, answer.text
    started = camunda.start("surat_keluar", "staf", "S-1", tujuan="bappeda")
    (listed,) = camunda.read("/external-task", WORKER)
    return {"id": listed["id"], "instance": started["id"]}


def open_elements(office: Office, work: Json) -> list[str]:
    return [one["element_id"] for one in office.instance(work["instance"])["open_tasks"]]


def rows(office: Office) -> int:
    with office.database.read() as connection:
        count: int = connection.execute(sa.select(sa.func.count()).select_from(external_task)).scalar_one()
        return count


class TestAServiceTask:
    def test_waits_for_a_worker_with_its_topic_and_priority(self, camunda: Camunda, office: Office, work: Json) -> None:
        (waiting,) = office.instance(work["instance"])["waiting_for"]
        (fetched,) = fetch(camunda)
        tree = camunda.read(f"/process-instance/{work['instance']}/activity-instances", "staf")

        assert (waiting["kind"], waiting["element_id"], waiting["message_name"]) == ("external", "kirim", None)
        assert (fetched["topicName"], fetched["priority"], fetched["activityId"]) == ("surat", 7, "kirim")
        assert fetched["variables"]["tujuan"]["value"] == "bappeda"
        assert [(one["activityId"], one["activityType"]) for one in tree["childActivityInstances"]] == [
            ("kirim", "serviceTask")
        ]

    @pytest.mark.parametrize(("sent", "element"), [(True, "arsip"), (False, "catat")])
    def test_moves_its_process_on_when_it_is_completed(
        self, camunda: Camunda, office: Office, work: Json, sent: bool, element: str
    ) -> None:
        fetch(camunda)

        answer = act(camunda, work, "complete", variables={"terkirim": {"value": sent, "type": "boolean"}})

        assert (answer.status_code, answer.content) == (204, b"")
        assert open_elements(office, work) == [element]
        assert rows(office) == 0
        assert trail(office, work) == ["process_instance.started", "external_task.completed"]
        refused(act(camunda, work, "complete"), 404, "InvalidRequestException")

    @pytest.mark.parametrize(
        "variables", [{}, {"terkirim": {"value": None}}, {"keputusan": {"value": "setuju"}}, {"_x": {"value": 1}}]
    )
    def test_stays_with_its_worker_when_nobody_can_decide_with_what_it_gave(
        self, camunda: Camunda, office: Office, work: Json, variables: Json
    ) -> None:
        fetch(camunda)

        refused(act(camunda, work, "complete", variables=variables), 400, "InvalidRequestException")

        assert trail(office, work) == ["process_instance.started"]
        answer = act(camunda, work, "complete", variables={"terkirim": {"value": True}})
        assert answer.status_code == 204

    def test_ends_by_an_error_that_is_caught(self, camunda: Camunda, office: Office, work: Json) -> None:
        fetch(camunda)

        answer = act(camunda, work, "bpmnError", errorCode="alamat-salah", errorMessage="Tidak ada.", variables={})

        assert answer.status_code == 204
        assert open_elements(office, work) == ["perbaiki"]
        assert trail(office, work) == ["process_instance.started", "external_task.error_raised"]
        assert rows(office) == 0

    def test_stays_when_nothing_catches_the_error(self, camunda: Camunda, office: Office, work: Json) -> None:
        fetch(camunda)

        content = refused(act(camunda, work, "bpmnError", errorCode="lain"), 400, "InvalidRequestException")

        assert "lain" in content["message"]
        assert rows(office) == 1

    def test_goes_with_its_instance(self, camunda: Camunda, office: Office, work: Json) -> None:
        fetch(camunda)

        assert camunda.send("DELETE", f"/process-instance/{work['instance']}", "staf").status_code == 204

        assert rows(office) == 0
        refused(act(camunda, work, "complete"), 404)

    def test_is_completed_once_by_two_who_think_they_have_it(
        self, camunda: Camunda, office: Office, work: Json
    ) -> None:
        fetch(camunda)
        body = {"terkirim": {"value": True}}

        answers = [act(camunda, work, "complete", variables=body).status_code for _ in range(2)]

        assert answers == [204, 404]
        assert open_elements(office, work) == ["arsip"]

    def test_is_done_again_when_its_failure_is_forgiven(self, camunda: Camunda, office: Office, work: Json) -> None:
        fetch(camunda)
        act(camunda, work, "failure", errorMessage="mati", retries=0)
        assert office.instance(work["instance"])["status"] == "incident"

        assert camunda.put(f"/external-task/{work['id']}/retries", "staf", {"retries": 1}).status_code == 204
        fetch(camunda, "x")
        answer = act(camunda, work, "complete", "x", variables={"terkirim": {"value": True}})

        assert answer.status_code == 204
        assert open_elements(office, work) == ["arsip"]


class TestClients:
    @pytest.fixture
    def url(self, office: Office) -> Iterator[str]:
        with live(office) as address:
            yield address

    def test_of_operaton_complete(self, url: str, office: Office, work: Json) -> None:
        config: Json = {"auth_basic": {"username": WORKER, "password": PASSWORD}, "asyncResponseTimeout": 500}

        def send(task: ExternalTask) -> TaskResult:
            assert task.get_extension_property("jalur") == "email"
            return task.complete({"terkirim": task.get_variable("tujuan") == "bappeda"}, {})

        ExternalTaskWorker("w", url, config).fetch_and_execute("surat", send)

        assert open_elements(office, work) == ["arsip"]

    def test_of_operaton_raise_errors(self, url: str, office: Office, work: Json) -> None:
        config: Json = {"auth_basic": {"username": WORKER, "password": PASSWORD}, "asyncResponseTimeout": 500}

        ExternalTaskWorker("w", url, config).fetch_and_execute(
            "surat", lambda task: task.bpmn_error("alamat-salah", "Tidak ada.", {"dicoba": 1})
        )

        assert open_elements(office, work) == ["perbaiki"]

    def test_of_python_complete(self, url: str, office: Office, camunda: Camunda, work: Json) -> None:
        fetch(camunda)
        complete: Any = pycamunda.externaltask.Complete(url, work["id"], "w")
        complete.add_variable("terkirim", False)
        complete.auth = (WORKER, PASSWORD)
        complete()

        assert open_elements(office, work) == ["catat"]
