"""User tasks in Camunda's words: the same tasks, found by its filters, done by its acts."""

from datetime import timedelta
from typing import Any

import pytest

from tests.drawings import one_task
from tests.engine_rest.camunda import Camunda, parse, refused
from tests.office import Json, Office

KEYS = {
    "id",
    "name",
    "assignee",
    "created",
    "due",
    "followUp",
    "delegationState",
    "description",
    "executionId",
    "owner",
    "parentTaskId",
    "priority",
    "processDefinitionId",
    "processInstanceId",
    "taskDefinitionKey",
    "caseExecutionId",
    "caseInstanceId",
    "caseDefinitionId",
    "suspended",
    "formKey",
    "tenantId",
}


@pytest.fixture
def job(camunda: Camunda) -> Json:
    """An open task of staf."""
    camunda.deploy("analis", {"satu.bpmn": one_task("satu")})
    camunda.start("satu", "staf", "K-1")
    (found,) = camunda.read("/task", "staf")
    content: Json = found
    return content


class TestATask:
    def test_has_every_key_that_clients_index(self, camunda: Camunda, job: Json) -> None:
        assert job.keys() >= KEYS
        assert camunda.read(f"/task/{job['id']}", "staf") == job

    def test_tells_its_moments_as_clients_parse_them(self, camunda: Camunda, office: Office) -> None:
        office.start()
        (found,) = camunda.read("/task", "sekretaris", processDefinitionKey="iku")
        native = office.read("tasks", "sekretaris")["items"][0]

        assert found["created"] == "2026-08-03T03:00:00.000+0000"
        assert parse(found["created"]) == office.clock.now()
        assert parse(found["due"]).isoformat().replace("+00:00", "Z") == native["due_at"].replace("+00:00", "Z")

    def test_names_its_role_and_who_has_it(self, camunda: Camunda, job: Json) -> None:
        path = f"/task/{job['id']}/identity-links"
        candidate = {"userId": None, "groupId": "staf", "type": "candidate"}
        assignee = {"userId": "staf", "groupId": None, "type": "assignee"}

        before = camunda.read(path, "staf")
        camunda.post(f"/task/{job['id']}/claim", "staf", {"userId": "staf"})

        assert before == [candidate]
        assert camunda.read(path, "staf") == [assignee, candidate]
        assert camunda.read(path, "staf", type="assignee") == [assignee]

    def test_is_not_there_any_more_once_it_is_done(self, camunda: Camunda, job: Json) -> None:
        assert camunda.post(f"/task/{job['id']}/complete", "staf").status_code == 204

        refused(camunda.get(f"/task/{job['id']}", "staf"), 404, "InvalidRequestException")
        assert camunda.read("/task", "staf") == []

    @pytest.mark.parametrize("path", ["/task/entah", "/task/0190a5a0-0000-7000-8000-000000000000"])
    def test_that_is_none_is_not_found(self, shared_camunda: Camunda, path: str) -> None:
        refused(shared_camunda.get(path, "staf"), 404, "InvalidRequestException")


class TestActs:
    def test_claim_and_give_back(self, camunda: Camunda, job: Json) -> None:
        path = f"/task/{job['id']}"

        claimed = camunda.post(f"{path}/claim", "staf", {"userId": "staf"})
        taken = camunda.read(path, "staf")["assignee"]
        returned = camunda.send("POST", f"{path}/unclaim", "staf")

        assert (claimed.status_code, taken, returned.status_code) == (204, "staf", 204)
        assert claimed.content == b""
        assert camunda.read(path, "staf")["assignee"] is None

    def test_do_not_claim_for_somebody_else(self, camunda: Camunda, office: Office, job: Json) -> None:
        office.hire("rekan", "staf@disnaker")

        refused(camunda.post(f"/task/{job['id']}/claim", "staf", {"userId": "rekan"}), 403, "AuthorizationException")

    def test_do_not_claim_what_a_colleague_has(self, camunda: Camunda, office: Office, job: Json) -> None:
        office.hire("rekan", "staf@disnaker")
        camunda.post(f"/task/{job['id']}/claim", "staf", {"userId": "staf"})

        answer = camunda.post(f"/task/{job['id']}/claim", "rekan", {"userId": "rekan"})

        refused(answer, 409, "TaskAlreadyClaimedException")

    def test_give_a_task_to_a_holder_of_its_role(self, camunda: Camunda, office: Office, job: Json) -> None:
        office.hire("rekan", "staf@disnaker")
        path = f"/task/{job['id']}"

        assert camunda.post(f"{path}/assignee", "staf", {"userId": "rekan"}).status_code == 204
        assert camunda.read(path, "staf")["assignee"] == "rekan"
        assert camunda.post(f"{path}/assignee", "rekan", {"userId": None}).status_code == 204
        refused(camunda.post(f"{path}/assignee", "staf", {"userId": "bappeda"}), 400, "InvalidRequestException")

    def test_are_in_the_same_trail(self, camunda: Camunda, office: Office, job: Json) -> None:
        camunda.post(f"/task/{job['id']}/claim", "staf", {"userId": "staf"})
        camunda.post(f"/task/{job['id']}/complete", "staf")

        acts = office.read(f"process-instances/{job['processInstanceId']}/audit", "staf")["items"]

        assert [(act["type"], act["actor"]) for act in acts] == [
            ("process_instance.started", "staf"),
            ("task.claimed", "staf"),
            ("task.completed", "staf"),
        ]

    def test_are_done_once_under_one_idempotency_key(self, camunda: Camunda, job: Json) -> None:
        headers = {"Idempotency-Key": "satu kali"}

        first = camunda.send("POST", f"/task/{job['id']}/complete", "staf", json={}, headers=headers)
        second = camunda.send("POST", f"/task/{job['id']}/complete", "staf", json={}, headers=headers)

        assert [first.status_code, second.status_code] == [204, 204]
        assert (first.headers.get("idempotency-replayed"), second.headers["idempotency-replayed"]) == (None, "true")

    def test_are_refused_when_they_have_been_done(self, camunda: Camunda, job: Json) -> None:
        camunda.post(f"/task/{job['id']}/complete", "staf")

        refused(camunda.post(f"/task/{job['id']}/complete", "staf"), 409, "ProcessEngineException")

    def test_complete_decisions_by_the_rules_of_their_form(self, camunda: Camunda, office: Office) -> None:
        instance = office.start()
        while True:
            (summary,) = instance["open_tasks"]
            fields = office.read(f"tasks/{summary['id']}", "inspektorat")["form"]["fields"]
            if "keputusan" in [field["id"] for field in fields]:
                break
            instance = office.advance(instance)
        path = f"/task/{summary['id']}/complete"

        def decide(**variables: Any) -> Any:
            return camunda.post(path, summary["role"], {"variables": {k: {"value": v} for k, v in variables.items()}})

        refused(decide(), 400, "InvalidRequestException")
        refused(decide(keputusan="entah"), 400)
        refused(decide(keputusan="dikembalikan"), 400)
        assert decide(keputusan="dikembalikan", alasan="Belum lengkap.").status_code == 204
        assert office.instance(instance["id"])["returns"] == 1


@pytest.fixture(scope="module")
def full(shared_camunda: Camunda) -> Camunda:
    """An office with work of several processes; nobody changes it."""
    office = shared_camunda.office
    office.hire("rekan", "staf@disnaker")
    shared_camunda.deploy(
        "analis", {f"{key}.bpmn": one_task(key, name=f"Kerja {key}") for key in ("satu", "dua", "tiga")}
    )
    for number, key in enumerate(("satu", "satu", "dua", "tiga")):
        shared_camunda.start(key, "staf", f"K-{number}")
        office.clock.advance(timedelta(minutes=1))
    first = shared_camunda.read("/task", "staf", sortBy="created", sortOrder="asc")[0]
    assert shared_camunda.post(f"/task/{first['id']}/claim", "staf", {"userId": "staf"}).status_code == 204
    return shared_camunda


def keys(found: list[Json], camunda: Camunda) -> list[str]:
    """Return the business keys of tasks."""
    return [
        camunda.read(f"/history/process-instance/{one['processInstanceId']}", "staf")["businessKey"] for one in found
    ]


class TestFilters:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({}, "0123"),
            ({"assignee": "staf"}, "0"),
            ({"assignee": "rekan"}, ""),
            ({"assignee": ""}, ""),
            ({"assigneeIn": "staf,rekan"}, "0"),
            ({"assigned": "true"}, "0"),
            ({"assigned": "false"}, "0123"),
            ({"unassigned": "true"}, "123"),
            ({"candidateGroup": "staf"}, "123"),
            ({"candidateGroup": "staf", "includeAssignedTasks": "true"}, "0123"),
            ({"candidateGroups": "staf,sekretaris"}, "123"),
            ({"candidateGroup": "sekretaris"}, ""),
            ({"candidateUser": "staf"}, "123"),
            ({"processDefinitionKey": "satu"}, "01"),
            ({"processDefinitionKeyIn": "dua,tiga"}, "23"),
            ({"processInstanceBusinessKey": "K-2"}, "2"),
            ({"processInstanceBusinessKeyLike": "%-3"}, "3"),
            ({"processInstanceBusinessKeyLike": "K-_"}, "0123"),
            ({"processInstanceBusinessKeyLike": "K-\\_"}, ""),
            ({"taskDefinitionKey": "kerja"}, "0123"),
            ({"taskDefinitionKeyIn": "entah"}, ""),
            ({"nameLike": "%SATU"}, "01"),
            ({"nameLike": "satu"}, ""),
            ({"createdBefore": "2026-08-03T10:02:00.000+0700"}, "01"),
            ({"createdAfter": "2026-08-03T10:02:00.000+0700"}, "3"),
            ({"createdAfter": "2026-08-03T03:02:00Z"}, "3"),
            ({"dueBefore": "2030-01-01T00:00:00.000+0000"}, ""),
            ({"withoutDueDate": "true"}, "0123"),
            ({"priority": "50"}, "0123"),
            ({"minPriority": "51"}, ""),
            ({"suspended": "true"}, ""),
            ({"active": "true"}, "0123"),
            ({"tenantIdIn": "disnaker"}, "0123"),
            ({"tenantIdIn": "entah"}, ""),
            ({"withoutTenantId": "true"}, "0123"),
            ({"processInstanceId": "entah"}, ""),
        ],
    )
    def test_narrow_the_list_and_the_count_alike(self, full: Camunda, given: Json, expected: str) -> None:
        found = full.read("/task", "staf", sortBy="created", sortOrder="asc", **given)

        assert "".join(key[-1] for key in keys(found, full)) == expected
        assert full.read("/task/count", "staf", **given) == {"count": len(expected)}

    def test_are_taken_in_a_body_too(self, full: Camunda) -> None:
        body = {
            "candidateGroups": ["staf"],
            "processDefinitionKeyIn": ["satu", "dua"],
            "assignee": None,
            "orQueries": [],
            "sorting": [{"sortBy": "name", "sortOrder": "desc"}, {"sortBy": "created", "sortOrder": "desc"}],
        }

        found = full.send("POST", "/task", "staf", json=body, params={"firstResult": 0, "maxResults": 5}).json()
        count = full.post("/task/count", "staf", {"candidateGroups": ["staf"]})

        assert keys(found, full) == ["K-1", "K-2"]
        assert count.json() == {"count": 3}

    @pytest.mark.parametrize(
        "given",
        [
            {"entah": "1"},
            {"owner": "staf"},
            {"variables": "x_eq_1"},
            {"followUpBefore": "2026-08-03T10:02:00.000+0700"},
            {"taskVariables": "x_eq_1"},
        ],
    )
    def test_that_would_be_ignored_are_refused(self, full: Camunda, given: Json) -> None:
        content = refused(full.get("/task", "staf", **given), 400, "InvalidRequestException")

        assert next(iter(given)) in content["message"]
        refused(full.get("/task/count", "staf", **given), 400)
        refused(full.post("/task", "staf", given), 400)

    def test_that_are_off_are_not(self, full: Camunda) -> None:
        assert full.read("/task/count", "staf", entah="false") == {"count": 4}

    @pytest.mark.parametrize(
        "given",
        [
            {"createdBefore": "kemarin"},
            {"createdBefore": "2026-08-03"},
            {"createdBefore": "2026-08-03T10:02:00.000"},
            {"createdBefore": "9999-12-31T23:59:59.000-1400"},
            {"unassigned": "mungkin"},
            {"priority": "tinggi"},
            {"priority": "9999999999"},
            {"nameLike": "satu\\"},
            {"sortBy": "name"},
            {"sortOrder": "asc"},
            {"sortBy": "description", "sortOrder": "asc"},
            {"sortBy": "name", "sortOrder": "naik"},
            {"maxResults": "-1"},
            {"maxResults": "1001"},
            {"firstResult": "-1"},
            {"firstResult": "x"},
            {"name": "a\0b"},
        ],
    )
    def test_that_cannot_be_read_are_refused(self, full: Camunda, given: Json) -> None:
        refused(full.get("/task", "staf", **given), 400, "InvalidRequestException")

    def test_do_not_tell_what_roles_others_hold(self, full: Camunda) -> None:
        refused(full.get("/task", "staf", candidateUser="sekretaris"), 403, "AuthorizationException")
        refused(full.get("/task", "staf", candidateUser="entah"), 403, "AuthorizationException")

    @pytest.mark.parametrize("body", [[], "x", 1, {"firstResult": [1]}])
    def test_in_a_body_that_is_none_are_refused(self, full: Camunda, body: Any) -> None:
        refused(full.send("POST", "/task", "staf", json=body), 400, "InvalidRequestException")

    def test_given_twice_are_refused(self, full: Camunda) -> None:
        refused(full.send("GET", "/task?name=a&name=b", "staf"), 400, "InvalidRequestException")


class TestWindows:
    def test_follow_each_other(self, full: Camunda) -> None:
        order = {"sortBy": "created", "sortOrder": "desc"}
        pages = [full.read("/task", "staf", firstResult=first, maxResults=3, **order) for first in (0, 3, 6)]

        assert [len(page) for page in pages] == [3, 1, 0]
        assert [one for page in pages for one in page] == full.read("/task", "staf", **order)

    def test_may_be_empty(self, full: Camunda) -> None:
        assert full.read("/task", "staf", maxResults=0) == []

    @pytest.mark.parametrize(
        "field",
        [
            "instanceId",
            "executionId",
            "dueDate",
            "created",
            "assignee",
            "name",
            "nameCaseInsensitive",
            "priority",
            "id",
        ],
    )
    def test_are_in_every_order_that_there_is(self, full: Camunda, field: str) -> None:
        up, down = (full.read("/task", "staf", sortBy=field, sortOrder=order) for order in ("asc", "desc"))

        assert {one["id"] for one in up} == {one["id"] for one in down}
        assert len(up) == 4
