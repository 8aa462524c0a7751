"""External tasks: fetched by one worker each, at once or after a while."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Timer
from time import monotonic

import pytest

from tests.engine_rest.camunda import Camunda, give_work, parse, refused
from tests.engine_rest.work import MINUTE, WORKER, act, fetch
from tests.office import Clock, Json, Office, running_office

KEYS = {
    "id",
    "activityId",
    "activityInstanceId",
    "errorMessage",
    "errorDetails",
    "executionId",
    "lockExpirationTime",
    "processDefinitionId",
    "processDefinitionKey",
    "processInstanceId",
    "retries",
    "suspended",
    "workerId",
    "tenantId",
    "topicName",
    "variables",
    "priority",
    "businessKey",
    "extensionProperties",
}


class TestFetching:
    def test_gives_a_task_with_what_its_worker_needs(self, camunda: Camunda, work: Json, real_time: Clock) -> None:
        (task,) = fetch(camunda)

        assert task.keys() >= KEYS
        assert (task["id"], task["workerId"], task["topicName"]) == (work["id"], "w", "surat")
        assert parse(task["lockExpirationTime"]) == real_time.now() + timedelta(minutes=1)
        assert (task["businessKey"], task["retries"], task["processInstanceId"]) == ("IKU-1", None, work["instance"])
        assert task["variables"]["tahun"] == {"type": "Long", "value": 2027, "valueInfo": {}}

    def test_gives_a_task_to_nobody_else_before_its_lock_ends(
        self, camunda: Camunda, work: Json, real_time: Clock
    ) -> None:
        assert len(fetch(camunda)) == 1

        at_once = [fetch(camunda, "w"), fetch(camunda, "x")]
        real_time.advance(timedelta(seconds=59))
        before = fetch(camunda, "x")
        real_time.advance(timedelta(seconds=1))
        after = fetch(camunda, "x")

        assert (at_once, before) == ([[], []], [])
        assert [task["id"] for task in after] == [work["id"]]

    def test_gives_each_of_many_tasks_to_one_of_many_workers(
        self, camunda: Camunda, work: Json, office: Office
    ) -> None:
        for token in range(901, 930):
            give_work(office, work["instance"], "surat", token=token)
        with running_office(office.url, office.clock) as second:
            engines = [camunda, Camunda(second), camunda, Camunda(second)]
            barrier = Barrier(len(engines))

            def take(numbered: tuple[int, Camunda]) -> list[str]:
                number, engine = numbered
                barrier.wait()
                return [task["id"] for _ in range(4) for task in fetch(engine, f"w{number}", maxTasks=3)]

            with ThreadPoolExecutor(len(engines)) as threads:
                taken = [one for found in threads.map(take, enumerate(engines)) for one in found]
        taken += [task["id"] for task in fetch(camunda, "zuletzt", maxTasks=100)]

        assert len(taken) == len(set(taken)) == 30

    @pytest.mark.parametrize(
        ("topic", "found"),
        [
            ({"topicName": "surat"}, True),
            ({"topicName": "lain"}, False),
            ({"topicName": "surat", "businessKey": "IKU-1"}, True),
            ({"topicName": "surat", "businessKey": "IKU-2"}, False),
            ({"topicName": "surat", "processDefinitionKey": "iku", "processDefinitionKeyIn": ["iku", "x"]}, True),
            ({"topicName": "surat", "processDefinitionKey": "iku", "processDefinitionKeyIn": ["x"]}, False),
            ({"topicName": "surat", "processDefinitionId": "iku:1:x"}, False),
            ({"topicName": "surat", "processDefinitionVersionTag": "entah"}, False),
            ({"topicName": "surat", "tenantIdIn": ["disnaker"], "withoutTenantId": True}, True),
            ({"topicName": "surat", "tenantIdIn": ["entah"]}, False),
            ({"topicName": "surat", "processVariables": {}, "variables": None, "deserializeValues": True}, True),
        ],
    )
    def test_is_by_topic_and_what_narrows_it(
        self, shared_camunda: Camunda, shared_work: Json, topic: Json, found: bool
    ) -> None:
        fetched = fetch(shared_camunda, topics=[{"lockDuration": MINUTE, **topic}])
        if fetched:
            assert act(shared_camunda, shared_work, "unlock").status_code == 400
            answer = shared_camunda.send("POST", f"/external-task/{shared_work['id']}/unlock", WORKER)
            assert answer.status_code == 204

        assert [task["id"] for task in fetched] == ([shared_work["id"]] if found else [])

    def test_brings_the_variables_that_are_named(self, camunda: Camunda, work: Json) -> None:
        (task,) = fetch(camunda, topics=[{"topicName": "surat", "lockDuration": 1, "variables": ["entah"]}])

        assert (task["id"], task["variables"]) == (work["id"], {})

    def test_is_by_priority_or_by_age(self, camunda: Camunda, work: Json, office: Office, real_time: Clock) -> None:
        office.clock.advance(timedelta(minutes=1))
        urgent = give_work(office, work["instance"], "surat", token=901, priority=7)
        orders: list[tuple[Json, list[str]]] = [
            ({"usePriority": True, "sorting": None}, [urgent, work["id"]]),
            ({"usePriority": False}, [work["id"], urgent]),
            ({"sorting": [{"sortBy": "createTime", "sortOrder": "desc"}]}, [urgent, work["id"]]),
        ]
        for order, expected in orders:
            assert [task["id"] for task in fetch(camunda, **order)] == expected
            real_time.advance(timedelta(minutes=1))

    def test_gives_nothing_of_an_instance_that_stands_still(self, camunda: Camunda, work: Json, office: Office) -> None:
        office.post(f"process-instances/{work['instance']}/suspend", "sekretaris")
        suspended = fetch(camunda)
        (listed,) = camunda.read("/external-task", WORKER)
        office.post(f"process-instances/{work['instance']}/resume", "sekretaris")

        assert (suspended, listed["suspended"]) == ([], True)
        assert len(fetch(camunda)) == 1

    @pytest.mark.parametrize("user", ["sekretaris", "admin", "inspektorat", "analis", "bidang_lain"])
    def test_is_for_those_who_may_work_there(self, camunda: Camunda, work: Json, office: Office, user: str) -> None:
        if user == "bidang_lain":
            office.hire(user, permissions=("work@disnaker",), valid_to=office.clock.now().date() - timedelta(days=1))

        assert fetch(camunda, user=user) == []
        assert len(fetch(camunda)) == 1
        acts: list[tuple[str, Json]] = [
            ("complete", {}),
            ("failure", {"retries": 1}),
            ("bpmnError", {"errorCode": "x"}),
            ("extendLock", {"newDuration": 1}),
            ("lock", {"lockDuration": 1}),
        ]
        for what, more in acts:
            refused(act(camunda, work, what, user=user, **more), 404, "InvalidRequestException")
        refused(camunda.send("POST", f"/external-task/{work['id']}/unlock", user), 404)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"workerId": "w", "maxTasks": 1},
            {"workerId": "w", "maxTasks": 0, "topics": [{"topicName": "x", "lockDuration": 1}]},
            {"workerId": " ", "maxTasks": 1, "topics": [{"topicName": "x", "lockDuration": 1}]},
            {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": "x"}]},
            {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": "x", "lockDuration": 0}]},
            {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": "x", "lockDuration": 2**62}]},
            {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": "x", "lockDuration": 1}] * 2},
            {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": "x", "lockDuration": 1, "entah": 1}]},
            {
                "workerId": "w",
                "maxTasks": 1,
                "topics": [{"topicName": "x", "lockDuration": 1, "processVariables": {"a": 1}}],
            },
            {
                "workerId": "w",
                "maxTasks": 1,
                "topics": [{"topicName": "x", "lockDuration": 1}],
                "asyncResponseTimeout": 1_800_001,
            },
        ],
    )
    def test_refuses_what_makes_no_sense(self, shared_camunda: Camunda, body: Json) -> None:
        refused(shared_camunda.post("/external-task/fetchAndLock", "staf", body), 400, "InvalidRequestException")


class TestWaiting:
    def test_ends_when_there_is_work(self, camunda: Camunda, work: Json, office: Office) -> None:
        begun = monotonic()
        later = Timer(0.3, lambda: give_work(office, work["instance"], "nanti", token=901))
        later.start()

        (task,) = fetch(camunda, "w", "nanti", asyncResponseTimeout=20_000)

        assert task["topicName"] == "nanti"
        assert 0.2 < monotonic() - begun < 10

    def test_ends_without_any_when_the_time_is_over(self, shared_camunda: Camunda, shared_work: Json) -> None:
        begun = monotonic()

        assert fetch(shared_camunda, "w", "nanti", asyncResponseTimeout=600) == []
        assert 0.5 < monotonic() - begun < 5
        assert shared_work["id"]

    def test_holds_no_database_connection(self, shared_camunda: Camunda, shared_work: Json) -> None:
        office = shared_camunda.office
        held: list[int] = []
        look = Timer(0.4, lambda: held.append(office.database.engine.pool.checkedout()))  # type: ignore[attr-defined]
        look.start()

        fetch(shared_camunda, "w", "nanti", asyncResponseTimeout=900)

        look.join()
        assert held == [0]
        assert shared_work["id"]
