"""Clients that others wrote for Camunda, as they come from the package index, against a server on a port."""

from collections.abc import Iterator
from typing import Any

import pycamunda
import pycamunda.activityinst
import pycamunda.deployment
import pycamunda.externaltask
import pycamunda.identity
import pycamunda.message
import pycamunda.processdef
import pycamunda.processinst
import pycamunda.task
import pycamunda.version
import pytest
from operaton.client.engine_client import EngineClient
from operaton.client.external_task_client import ExternalTaskClient
from operaton.external_task.external_task import ExternalTask, TaskResult
from operaton.external_task.external_task_worker import ExternalTaskWorker, NoExternalTaskFound

from app.demo.users import PASSWORD
from tests.drawings import one_task
from tests.engine_rest.camunda import give_work, live
from tests.office import Json, Office


@pytest.fixture
def url(office: Office) -> Iterator[str]:
    """The address of the engine, with a process that is deployed and a program that may work."""
    office.hire("mesin", permissions=("work@disnaker",))
    with live(office) as address:
        yield address


def send(request: Any, user: str = "staf") -> Any:
    """Send a request of pycamunda as somebody."""
    request.auth = (user, PASSWORD)
    return request()


def deploy(url: str, tmp_path: Any, key: str = "satu") -> Any:
    path = tmp_path / f"{key}.bpmn"
    path.write_bytes(one_task(key))
    create = pycamunda.deployment.Create(url, name="coba", source="pycamunda", enable_duplicate_filtering=True)
    with path.open("rb") as file:
        create.add_resource(file)
        return send(create, "analis")


class TestPycamunda:
    def test_deploys_starts_and_completes(self, url: str, office: Office, tmp_path: Any) -> None:
        assert send(pycamunda.version.Get(url)) == "7.24.0"
        (definition,) = deploy(url, tmp_path).deployed_process_definitions.values()
        assert definition.resource == "satu.bpmn"
        start = pycamunda.processdef.StartInstance(url, key="satu", business_key="K-1", with_variables_in_return=True)
        start.add_variable("jumlah", 3, type_="Integer")
        instance = send(start)
        assert (instance.business_key, instance.variables["jumlah"].value) == ("K-1", 3)

        (task,) = send(pycamunda.task.GetList(url, candidate_group="staf", process_instance_business_key="K-1"))
        assert task.created == office.clock.now()
        send(pycamunda.task.Claim(url, task.id_, "staf"))
        assert send(pycamunda.task.Get(url, task.id_)).assignee == "staf"
        links = send(pycamunda.task.IdentityLinksGetList(url, task.id_))
        assert {(link.user_id, link.group_id) for link in links} == {("staf", None), (None, "staf")}
        send(pycamunda.task.Unclaim(url, task.id_))
        send(pycamunda.task.SetAssignee(url, task.id_, "staf"))
        send(pycamunda.task.Complete(url, task.id_))

        assert send(pycamunda.task.GetList(url)) == ()
        assert office.instance(instance.id_)["status"] == "completed"

    def test_reads_definitions_and_instances(self, url: str, tmp_path: Any) -> None:
        deploy(url, tmp_path)
        instance = send(pycamunda.processdef.StartInstance(url, key="satu"))

        (listed,) = send(pycamunda.processdef.GetList(url, key="satu", latest_version=True, sort_by="version"))
        assert send(pycamunda.processdef.Count(url, key="satu")) == 1
        assert send(pycamunda.processdef.Get(url, key="satu")).id_ == listed.id_
        assert send(pycamunda.processdef.GetXML(url, id_=listed.id_)).startswith("<?xml")
        assert send(pycamunda.processinst.Get(url, instance.id_)).definition_id == listed.id_
        assert [one.id_ for one in send(pycamunda.processinst.GetList(url, active=True))] == [instance.id_]
        tree = send(pycamunda.processinst.GetActivityInstance(url, instance.id_))
        assert [one.activity_id for one in tree.child_activity_instances] == ["kerja"]
        assert send(pycamunda.processinst.VariablesGetList(url, instance.id_)) == {}
        send(pycamunda.processinst.Suspend(url, instance.id_))
        assert send(pycamunda.processinst.Get(url, instance.id_)).suspended
        send(pycamunda.processinst.Activate(url, instance.id_))
        send(pycamunda.processinst.Delete(url, instance.id_))
        with pytest.raises(pycamunda.NotFound):
            send(pycamunda.processinst.Get(url, instance.id_))
        assert [one.id_ for one in send(pycamunda.deployment.GetList(url, name="coba"))] == [listed.deployment_id]

    def test_is_told_what_is_wrong(self, url: str) -> None:
        with pytest.raises(pycamunda.Unauthorized, match="Basic"):
            pycamunda.version.Get(url)()
        with pytest.raises(pycamunda.BadRequest, match="owner"):
            send(pycamunda.task.GetList(url, owner="staf"))
        with pytest.raises(pycamunda.NotFound):
            send(pycamunda.processdef.Get(url, key="entah"))
        with pytest.raises(pycamunda.Forbidden):
            send(pycamunda.processdef.StartInstance(url, key="iku"), "analis")
        with pytest.raises(pycamunda.BadRequest, match="Cannot correlate"):
            send(pycamunda.message.CorrelateSingle(url, "entah"))
        groups = send(pycamunda.identity.GetGroups(url, "staf"))
        assert [group.id_ for group in groups.groups] == ["staf"]
        assert send(pycamunda.identity.VerifyUser(url, "staf", PASSWORD)).authenticated

    def test_works(self, url: str, office: Office) -> None:
        task_id = give_work(office, office.start()["id"], "surat")
        fetch = pycamunda.externaltask.FetchAndLock(url, "w", 5)
        fetch.add_topic("surat", 60_000)

        (task,) = send(fetch, "mesin")
        assert (task.id_, task.topic_name, task.variables["tahun"].value) == (task_id, "surat", 2027)
        send(pycamunda.externaltask.ExtendLock(url, task_id, 90_000, "w"), "mesin")
        send(pycamunda.externaltask.HandleFailure(url, task_id, "w", "mati", "rincian", 2, 0), "mesin")
        (again,) = send(pycamunda.externaltask.GetList(url, request_error_details=False), "mesin")
        assert (again.retries, again.error_message) == (2, "mati")
        send(pycamunda.externaltask.Unlock(url, task_id), "mesin")
        shown = send(pycamunda.externaltask.Get(url, task_id, request_error_details=False), "mesin")
        assert shown.worker_id is None


class TestTheWorkerOfOperaton:
    @pytest.fixture
    def config(self) -> Json:
        return {
            "auth_basic": {"username": "mesin", "password": PASSWORD},
            "asyncResponseTimeout": 500,
            "lockDuration": 60_000,
            "retryTimeout": 0,
        }

    def test_finds_nothing_to_do(self, url: str, config: Json) -> None:
        worker = ExternalTaskWorker("w", url, config)

        with pytest.raises(NoExternalTaskFound):
            worker.fetch_and_execute("surat", lambda task: task.complete())

    def test_tries_again_until_there_is_an_incident(self, url: str, office: Office, config: Json) -> None:
        instance = office.start()
        give_work(office, instance["id"], "surat")
        worker = ExternalTaskWorker("w", url, config)
        seen: list[Any] = []

        def fail(task: ExternalTask) -> TaskResult:
            seen.append((task.get_variable("tahun"), task.get_business_key(), task.get_extension_property("waktu")))
            return task.failure("mati", "rincian", 1, 0)

        worker.fetch_and_execute("surat", fail)
        between = office.instance(instance["id"])["status"]
        worker.fetch_and_execute(["surat", "lain"], fail)

        assert seen == [(2027, None, "PT10M")] * 2
        assert (between, office.instance(instance["id"])["status"]) == ("active", "incident")

    def test_signs_in_with_a_token(self, url: str, office: Office, config: Json) -> None:
        give_work(office, office.start()["id"], "surat")
        client = ExternalTaskClient(
            "w", url, {**config, "auth_basic": None, "auth_bearer": {"access_token": office.token("mesin")}}
        )

        assert len(client.fetch_and_lock("surat")) == 1

    def test_is_told_what_is_wrong(self, url: str, config: Json) -> None:
        client = ExternalTaskClient("w", url, {**config, "auth_basic": {"username": "mesin", "password": "salah"}})

        with pytest.raises(Exception, match="received 401 : AuthenticationException"):
            client.fetch_and_lock("surat")

    def test_starts_processes_and_sends_messages(self, url: str, office: Office) -> None:
        client = EngineClient(url, {"auth_basic": {"username": "sekretaris", "password": PASSWORD}})

        started = client.start_process("renja", {"tahun": 2027}, business_key="R-1")
        listed = client.get_process_instance("renja")
        office.advance(office.instance(started["id"]), 9)
        correlated = client.correlate_message("pengesahan_bupati", business_key="R-1")

        assert [one["id"] for one in listed] == [started["id"]]
        assert [one["execution"]["processInstanceId"] for one in correlated] == [started["id"]]
        assert [task["activity_no"] for task in office.instance(started["id"])["open_tasks"]] == [10]
