"""External tasks that a worker has: kept for a time, failed, given back, and shown."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.unit_of_work import UnitOfWork
from app.instances.models import external_task, wait
from tests.engine_rest.camunda import Camunda, give_work, parse, refused
from tests.engine_rest.work import MINUTE, WORKER, act, fetch, trail
from tests.office import Clock, Json, Office


class TestALock:
    def test_is_extended_from_now_on(self, camunda: Camunda, work: Json, real_time: Clock) -> None:
        fetch(camunda)
        real_time.advance(timedelta(seconds=30))

        assert act(camunda, work, "extendLock", newDuration=2 * MINUTE).status_code == 204

        shown = camunda.read(f"/external-task/{work['id']}", WORKER)
        assert parse(shown["lockExpirationTime"]) == real_time.now() + timedelta(minutes=2)

    def test_that_has_ended_is_not_extended(self, camunda: Camunda, work: Json, real_time: Clock) -> None:
        fetch(camunda)
        real_time.advance(timedelta(minutes=1))

        refused(act(camunda, work, "extendLock", newDuration=MINUTE), 400, "InvalidRequestException")

    def test_is_given_back(self, camunda: Camunda, work: Json) -> None:
        fetch(camunda)

        assert camunda.send("POST", f"/external-task/{work['id']}/unlock", WORKER).status_code == 204
        assert [task["workerId"] for task in fetch(camunda, "x")] == ["x"]

    def test_is_taken_of_one_task(self, camunda: Camunda, work: Json, real_time: Clock) -> None:
        assert act(camunda, work, "lock", lockDuration=MINUTE).status_code == 204
        refused(act(camunda, work, "lock", "x", lockDuration=MINUTE), 400, "InvalidRequestException")
        real_time.advance(timedelta(minutes=1))
        assert act(camunda, work, "lock", "x", lockDuration=MINUTE).status_code == 204

    @pytest.mark.parametrize("duration", [0, 2**62])
    def test_lasts_for_a_time(self, camunda: Camunda, work: Json, duration: int) -> None:
        fetch(camunda)

        refused(act(camunda, work, "extendLock", newDuration=duration), 400, "InvalidRequestException")
        refused(act(camunda, work, "lock", lockDuration=duration), 400, "InvalidRequestException")

    def test_moves_no_instance(self, camunda: Camunda, work: Json, office: Office) -> None:
        fetch(camunda)
        act(camunda, work, "extendLock", newDuration=MINUTE)

        assert trail(office, work) == ["process_instance.started"]

    @pytest.mark.parametrize(
        ("what", "more"),
        [
            ("complete", {}),
            ("failure", {"retries": 1}),
            ("bpmnError", {"errorCode": "x"}),
            ("extendLock", {"newDuration": 1}),
        ],
    )
    def test_is_needed_to_act(self, camunda: Camunda, work: Json, office: Office, what: str, more: Json) -> None:
        nobodys = refused(act(camunda, work, what, **more), 400, "InvalidRequestException")
        fetch(camunda, "x")
        anothers = refused(act(camunda, work, what, **more), 400, "InvalidRequestException")

        assert "nobody" in nobodys["message"]
        assert "'x'" in anothers["message"]
        assert trail(office, work) == ["process_instance.started"]


class TestAFailure:
    def fail(self, camunda: Camunda, work: Json, **more: Any) -> None:
        answer = act(camunda, work, "failure", errorMessage="Server surat mati.", **more)
        assert (answer.status_code, answer.content) == (204, b""), answer.text

    def test_makes_the_task_wait_for_another_try(
        self, camunda: Camunda, work: Json, office: Office, real_time: Clock
    ) -> None:
        fetch(camunda)
        self.fail(camunda, work, retries=2, retryTimeout=5 * MINUTE, errorDetails="rincian")

        real_time.advance(timedelta(minutes=4))
        too_early = fetch(camunda, "x")
        real_time.advance(timedelta(minutes=1))
        (task,) = fetch(camunda, "x")

        assert too_early == []
        assert (task["retries"], task["errorMessage"], task["errorDetails"]) == (2, "Server surat mati.", "rincian")
        assert camunda.send("GET", f"/external-task/{work['id']}/errorDetails", WORKER).text == "rincian"
        assert office.instance(work["instance"])["status"] == "active"
        assert trail(office, work) == ["process_instance.started", "external_task.failed"]

    @pytest.mark.parametrize("more", [{"retries": 0}, {"retries": None}, {}])
    def test_without_retries_left_is_an_incident(
        self, camunda: Camunda, work: Json, office: Office, more: Json
    ) -> None:
        fetch(camunda)
        self.fail(camunda, work, **more)

        assert office.instance(work["instance"])["status"] == "incident"
        assert fetch(camunda, "x") == []
        assert trail(office, work)[1:] == ["external_task.failed", "incident.raised"]
        refused(act(camunda, work, "failure", retries=1), 409, "ProcessEngineException")
        refused(act(camunda, work, "complete"), 409, "ProcessEngineException")

    def test_leaves_the_work_of_other_branches_to_be_fetched_and_completed(
        self, camunda: Camunda, work: Json, office: Office
    ) -> None:
        fetch(camunda)
        other = give_work(office, work["instance"], "surat", token=901)
        self.fail(camunda, work, retries=0)

        assert [task["id"] for task in fetch(camunda)] == [other]

        self.fail(camunda, {**work, "id": other}, retries=2)
        assert office.instance(work["instance"])["status"] == "incident"
        assert trail(office, work)[-2:] == ["incident.raised", "external_task.failed"]

    def test_is_over_when_who_manages_the_instance_says_so(self, camunda: Camunda, work: Json, office: Office) -> None:
        other = give_work(office, work["instance"], "surat", token=901)
        fetch(camunda)
        self.fail(camunda, {**work, "id": other}, retries=1)
        self.fail(camunda, work, retries=0)
        path = f"/external-task/{work['id']}/retries"

        refused(camunda.put(path, WORKER, {"retries": 1}), 404)
        refused(camunda.put(path, "bappeda", {"retries": 1}), 404)
        refused(camunda.put(path, "inspektorat", {"retries": 1}), 403, "AuthorizationException")
        refused(camunda.put(path, "sekretaris", {"retries": 0}), 400)
        assert camunda.put(path, "sekretaris", {"retries": 1}).status_code == 204

        assert office.instance(work["instance"])["status"] == "active"
        assert trail(office, work)[-2:] == ["external_task.retried", "incident.resolved"]
        assert {task["id"] for task in fetch(camunda, "x")} == {work["id"], other}

    def test_may_be_tried_once_more_when_the_incident_is(self, camunda: Camunda, work: Json, office: Office) -> None:
        fetch(camunda)
        self.fail(camunda, work, retries=0)

        assert office.post(f"process-instances/{work['instance']}/retry", "sekretaris").json()["status"] == "active"

        (task,) = fetch(camunda, "x")
        assert (task["id"], task["retries"]) == (work["id"], 1)

    def test_is_never_refused_for_its_length(self, camunda: Camunda, work: Json) -> None:
        fetch(camunda)

        answer = act(
            camunda, work, "failure", retries=1, retryTimeout=2**62, errorMessage="x" * 5_000, errorDetails="y" * 90_000
        )

        assert answer.status_code == 204
        assert len(camunda.read(f"/external-task/{work['id']}", WORKER)["errorMessage"]) == 666


class TestTheList:
    def test_is_for_workers_and_for_who_sees_the_instance(self, camunda: Camunda, work: Json) -> None:
        shown = camunda.read(f"/external-task/{work['id']}", WORKER)

        for user in (WORKER, "sekretaris", "inspektorat"):
            assert camunda.read("/external-task", user) == [shown]
        for user in ("bappeda", "tim_renja"):
            assert camunda.read("/external-task/count", user) == {"count": 0}
            refused(camunda.get(f"/external-task/{work['id']}", user), 404)
            refused(camunda.get(f"/external-task/{work['id']}/errorDetails", user), 404)

    def test_is_narrowed_by_filters(self, camunda: Camunda, work: Json, office: Office, real_time: Clock) -> None:
        give_work(office, work["instance"], "lain", token=901, priority=5)
        fetch(camunda)
        filters: list[tuple[Json, int]] = [
            ({}, 2),
            ({"topicName": "surat"}, 1),
            ({"locked": "true"}, 1),
            ({"notLocked": "true", "locked": "false"}, 1),
            ({"workerId": "w"}, 1),
            ({"withRetriesLeft": "true"}, 2),
            ({"noRetriesLeft": "true"}, 0),
            ({"processInstanceId": work["instance"]}, 2),
            ({"processDefinitionKey": "renja"}, 0),
            ({"priorityHigherThanOrEquals": "5"}, 1),
            ({"lockExpirationAfter": "2026-08-03T10:00:30.000+0700"}, 1),
            ({"externalTaskIdIn": f"{work['id']},entah"}, 1),
            ({"active": "true", "sortBy": "taskPriority", "sortOrder": "desc"}, 2),
        ]
        for given, count in filters:
            assert len(camunda.read("/external-task", WORKER, **given)) == count, given
            assert camunda.read("/external-task/count", WORKER, **given) == {"count": count}
        refused(camunda.get("/external-task", WORKER, entah="1"), 400)
        assert real_time.now() == office.clock.now()


class TestTheRow:
    def test_goes_with_its_wait(self, work: Json, office: Office) -> None:
        def gone(uow: UnitOfWork) -> int:
            uow.execute(sa.delete(wait).where(wait.c.kind == "external"))
            left: int = uow.execute(sa.select(sa.func.count()).select_from(external_task)).scalar_one()
            return left

        assert office.database.write(gone) == 0
        assert work["id"]

    def test_is_what_an_instance_waits_for(self, work: Json, office: Office) -> None:
        (waiting,) = office.instance(work["instance"])["waiting_for"]

        assert (waiting["kind"], waiting["message_name"], waiting["due_at"]) == ("external", None, None)
