"""Process instances, definitions and history in Camunda's words."""

from datetime import timedelta
from typing import Any

import pytest

from tests.drawings import END, START, chain, drawing, one_task, task, two_branches, with_deadline
from tests.engine_rest.camunda import Camunda, parse, refused
from tests.office import Json, Office


def with_scope() -> bytes:
    """A process whose only task is inside a sub-process."""
    inner = (
        '<bpmn:startEvent id="mulai_dalam"/>\n'
        + task("dalam")
        + '<bpmn:endEvent id="selesai_dalam"/>\n'
        + chain("mulai_dalam", "dalam", "selesai_dalam")
    )
    body = (
        START
        + f'<bpmn:subProcess id="bagian" name="Bagian">{inner}</bpmn:subProcess>\n'
        + END
        + chain("mulai", "bagian", "selesai")
    )
    return drawing("bersarang", body, lanes={"Staf": "mulai bagian selesai"})


class TestAProcessDefinition:
    def test_is_shown_by_id_and_by_key(self, shared_camunda: Camunda) -> None:
        (listed,) = shared_camunda.read("/process-definition", "staf", key="iku", latestVersion="true")

        assert listed.keys() >= {"category", "diagram", "tenantId", "historyTimeToLive", "startableInTasklist"}
        for path in (listed["id"], "key/iku", "key/iku/tenant-id/disnaker"):
            assert shared_camunda.read(f"/process-definition/{path}", "staf") == listed
            xml = shared_camunda.read(f"/process-definition/{path}/xml", "staf")
            assert xml["id"] == listed["id"]
            assert xml["bpmn20Xml"].startswith("<?xml")

    @pytest.mark.parametrize(
        "path", ["entah:1:x", "key/entah", "key/iku/tenant-id/entah", "key/iku/tenant-id/tanjabbar"]
    )
    def test_that_is_none_is_not_found(self, shared_camunda: Camunda, path: str) -> None:
        for part in ("", "/xml"):
            refused(shared_camunda.get(f"/process-definition/{path}{part}", "staf"), 404, "InvalidRequestException")

    def test_by_key_is_the_version_in_force(self, camunda: Camunda) -> None:
        camunda.deploy("analis", {"satu.bpmn": one_task("satu")})
        camunda.deploy(
            "analis", {"satu.bpmn": one_task("satu", name="Nanti", properties={"tanggal_efektif": "2027-01-01"})}
        )

        versions = camunda.read("/process-definition", "staf", key="satu", sortBy="version", sortOrder="asc")
        latest = camunda.read("/process-definition", "staf", key="satu", latestVersion="true")

        assert [one["version"] for one in versions] == [1, 2]
        assert latest == versions[1:]
        assert camunda.read("/process-definition/key/satu", "staf") == versions[0]

    @pytest.mark.parametrize(
        ("given", "count"),
        [
            ({}, 6),
            ({"keysIn": "iku,renja"}, 2),
            ({"keyLike": "re%"}, 2),
            ({"nameLike": "%entah%"}, 0),
            ({"version": "1"}, 6),
            ({"version": "2"}, 0),
            ({"resourceName": "iku.bpmn"}, 1),
            ({"active": "true"}, 6),
            ({"suspended": "true"}, 0),
            ({"deploymentId": "entah"}, 0),
            ({"tenantIdIn": "disnaker"}, 6),
        ],
    )
    def test_is_found_by_filters(self, shared_camunda: Camunda, given: Json, count: int) -> None:
        assert len(shared_camunda.read("/process-definition", "staf", **given)) == count
        assert shared_camunda.read("/process-definition/count", "staf", **given) == {"count": count}

    def test_is_found_by_its_deployment(self, shared_camunda: Camunda) -> None:
        (deployment,) = shared_camunda.read("/deployment", "staf")

        found = shared_camunda.read("/process-definition", "staf", deploymentId=deployment["id"])

        assert len(found) == 6
        assert shared_camunda.read(f"/deployment/{deployment['id']}", "staf") == deployment
        assert parse(deployment["deploymentTime"]) == shared_camunda.office.clock.now()
        assert shared_camunda.read("/deployment/count", "staf", nameLike="enam%") == {"count": 1}


class TestAStart:
    def test_answers_with_the_variables_that_are_asked_for(self, camunda: Camunda, office: Office) -> None:
        camunda.deploy("analis", {"satu.bpmn": one_task("satu")})
        variables = {"n": {"value": 1, "type": "Integer"}, "teks": {"value": None, "type": "String"}}

        answer = camunda.post(
            "/process-definition/key/satu/start", "staf", {"variables": variables, "withVariablesInReturn": True}
        )

        assert answer.json()["variables"] == {
            "n": {"type": "Integer", "value": 1, "valueInfo": {}},
            "teks": {"type": "Null", "value": None, "valueInfo": {}},
        }
        (link,) = answer.json()["links"]
        assert link["href"].endswith(f"/engine-rest/process-instance/{answer.json()['id']}")

    def test_keeps_to_the_start_form(self, shared_camunda: Camunda) -> None:
        def start(variables: Any) -> Any:
            return shared_camunda.post("/process-definition/key/iku/start", "sekretaris", {"variables": variables})

        assert "tahun" in refused(start({}), 400, "InvalidRequestException")["message"]
        refused(start({"tahun": {"value": "dua ribu", "type": "Long"}}), 400)
        assert start({"tahun": {"value": 2027, "type": "Long"}}).status_code == 200

    @pytest.mark.parametrize(
        "body",
        [
            {"startInstructions": [{"type": "startBeforeActivity", "activityId": "x"}]},
            {"caseInstanceId": "x"},
            {"entah": 1},
            {"businessKey": "x" * 256},
            {"variables": []},
        ],
    )
    def test_refuses_what_would_be_ignored(self, shared_camunda: Camunda, body: Json) -> None:
        refused(shared_camunda.post("/process-definition/key/iku/start", "sekretaris", body), 400)

    def test_of_what_is_not_there_is_not_found(self, shared_camunda: Camunda) -> None:
        for path in ("key/entah", "entah:1:x"):
            refused(shared_camunda.post(f"/process-definition/{path}/start", "staf"), 404)


@pytest.fixture
def running(camunda: Camunda) -> Json:
    """An instance of one task."""
    camunda.deploy("analis", {"satu.bpmn": one_task("satu")})
    return camunda.start("satu", "staf", "K-1", catatan="awal")


class TestAnInstance:
    def test_is_shown_and_listed(self, camunda: Camunda, running: Json) -> None:
        path = f"/process-instance/{running['id']}"

        shown = camunda.read(path, "staf")

        assert shown == running
        assert camunda.read("/process-instance", "staf", businessKey="K-1") == [shown]
        assert camunda.read("/process-instance/count", "staf", processDefinitionKey="entah") == {"count": 0}
        assert camunda.read(f"{path}/variables", "staf")["catatan"]["value"] == "awal"
        assert camunda.read(f"{path}/variables/catatan", "staf")["type"] == "String"
        refused(camunda.get(f"{path}/variables/entah", "staf"), 404)

    def test_is_found_by_filters(self, camunda: Camunda, running: Json) -> None:
        filters: list[tuple[Json, bool]] = [
            ({"businessKeyLike": "k-%"}, True),
            ({"processDefinitionKeyIn": "satu,dua"}, True),
            ({"processDefinitionKeyNotIn": "satu,dua"}, False),
            ({"active": "true"}, True),
            ({"suspended": "true"}, False),
            ({"withIncident": "true"}, False),
            ({"activityIdIn": "kerja"}, True),
            ({"activityIdIn": "selesai"}, False),
            ({"deploymentId": "entah"}, False),
            ({"tenantIdIn": "disnaker"}, True),
            ({"rootProcessInstances": "true"}, True),
            ({"processInstanceIds": "entah"}, False),
            ({"sortBy": "businessKey", "sortOrder": "asc"}, True),
        ]
        for given, found in filters:
            assert camunda.read("/process-instance", "staf", **given) == ([running] if found else []), given
            assert len(camunda.post("/process-instance", "staf", given).json()) == found

    def test_is_suspended_and_goes_on(self, camunda: Camunda, running: Json) -> None:
        path = f"/process-instance/{running['id']}"

        assert camunda.put(f"{path}/suspended", "staf", {"suspended": True}).status_code == 204
        assert camunda.read(path, "staf")["suspended"] is True
        assert camunda.read("/task", "staf")[0]["suspended"] is True
        assert camunda.read("/process-instance/count", "staf", active="true") == {"count": 0}
        refused(camunda.put(f"{path}/suspended", "staf", {}), 400)
        assert camunda.put(f"{path}/suspended", "staf", {"suspended": False}).status_code == 204
        assert camunda.read(path, "staf")["suspended"] is False

    def test_is_deleted_but_not_forgotten(self, camunda: Camunda, office: Office, running: Json) -> None:
        path = f"/process-instance/{running['id']}"

        assert camunda.send("DELETE", path, "staf").status_code == 204

        refused(camunda.get(path, "staf"), 404)
        refused(camunda.get(f"{path}/variables", "staf"), 404)
        assert camunda.read("/process-instance", "staf") == []
        assert office.instance(running["id"])["status"] == "cancelled"
        assert office.read(f"process-instances/{running['id']}/audit", "staf")["items"][-1]["data"]["reason"]
        history = camunda.read(f"/history/process-instance/{running['id']}", "staf")
        assert (history["state"], history["businessKey"]) == ("EXTERNALLY_TERMINATED", "K-1")
        refused(camunda.send("DELETE", path, "staf"), 409, "ProcessEngineException")

    def test_that_is_none_may_be_deleted_quietly(self, shared_camunda: Camunda) -> None:
        path = "/process-instance/0190a5a0-0000-7000-8000-000000000000"

        refused(shared_camunda.send("DELETE", path, "staf"), 404)
        assert shared_camunda.send("DELETE", f"{path}?failIfNotExists=false", "staf").status_code == 204

    def test_stands_at_its_branches(self, camunda: Camunda) -> None:
        camunda.deploy("analis", {"cabang.bpmn": two_branches()})
        started = camunda.start("cabang", "staf")

        tree = camunda.read(f"/process-instance/{started['id']}/activity-instances", "staf")

        assert (tree["id"], tree["parentActivityInstanceId"], tree["activityType"]) == (
            started["id"],
            None,
            "processDefinition",
        )
        children = {one["activityId"]: one for one in tree["childActivityInstances"]}
        assert children.keys() == {"satu", "dua"}
        assert {one["activityType"] for one in children.values()} == {"userTask"}
        assert {one["parentActivityInstanceId"] for one in children.values()} == {tree["id"]}

    def test_stands_inside_its_sub_process_and_not_at_a_timer_beside_it(self, camunda: Camunda) -> None:
        camunda.deploy("analis", {"a.bpmn": with_scope(), "b.bpmn": with_deadline()})
        inside, beside = (
            camunda.read(f"/process-instance/{camunda.start(key, 'staf')['id']}/activity-instances", "staf")
            for key in ("bersarang", "tenggat")
        )

        (scope,) = inside["childActivityInstances"]
        assert (scope["activityId"], scope["activityType"], scope["name"]) == ("bagian", "subProcess", "Bagian")
        assert [one["activityId"] for one in scope["childActivityInstances"]] == ["dalam"]
        assert [one["activityId"] for one in beside["childActivityInstances"]] == ["biasa"]


class TestTheHistory:
    @pytest.fixture
    def past(self, camunda: Camunda, office: Office) -> Json:
        """One instance that has ended, and one that runs."""
        camunda.deploy("analis", {"satu.bpmn": one_task("satu")})
        ended = camunda.start("satu", "staf", "K-1")
        office.clock.advance(timedelta(seconds=90))
        camunda.post(f"/task/{camunda.read('/task', 'staf')[0]['id']}/complete", "staf")
        camunda.start("satu", "staf", "K-2")
        return ended

    def test_tells_how_long_an_instance_took(self, camunda: Camunda, past: Json) -> None:
        shown = camunda.read(f"/history/process-instance/{past['id']}", "staf")

        assert (shown["state"], shown["durationInMillis"], shown["startUserId"]) == ("COMPLETED", 90_000, "staf")
        assert (parse(shown["endTime"]) - parse(shown["startTime"])).total_seconds() == 90
        assert camunda.read("/history/process-instance", "staf", finished="true") == [shown]
        assert camunda.read("/history/process-instance/count", "staf", unfinished="true") == {"count": 1}
        assert camunda.read("/history/process-instance/count", "staf", startedBy="rekan") == {"count": 0}

    def test_tells_who_did_a_task_and_when(self, camunda: Camunda, past: Json) -> None:
        (job,) = camunda.read("/history/task", "staf", processInstanceId=past["id"])
        (activity,) = camunda.read("/history/activity-instance", "staf", processInstanceId=past["id"])

        assert (job["assignee"], job["duration"], job["deleteReason"]) == ("staf", 90_000, "completed")
        assert (activity["taskId"], activity["activityType"], activity["canceled"]) == (job["id"], "userTask", False)
        assert activity["id"] == job["activityInstanceId"]

    def test_is_found_by_filters(self, camunda: Camunda, past: Json) -> None:
        assert past["id"]
        filters: list[tuple[str, Json, int]] = [
            ("task", {"finished": "true"}, 1),
            ("task", {"unfinished": "true"}, 1),
            ("task", {"taskAssignee": "staf"}, 1),
            ("task", {"taskDefinitionKey": "kerja"}, 2),
            ("task", {"taskDeleteReason": "deleted"}, 0),
            ("task", {"processInstanceBusinessKey": "K-2"}, 1),
            ("task", {"startedAfter": "2026-08-03T10:01:00.000+0700"}, 1),
            ("activity-instance", {"activityId": "kerja"}, 2),
            ("activity-instance", {"activityType": "userTask"}, 2),
            ("activity-instance", {"activityType": "startEvent"}, 0),
            ("activity-instance", {"canceled": "true"}, 0),
            ("activity-instance", {"finishedBefore": "2026-08-03T10:02:00.000+0700"}, 1),
            ("process-instance", {"externallyTerminated": "true"}, 0),
            ("process-instance", {"internallyTerminated": "true"}, 0),
            ("process-instance", {"completed": "true"}, 1),
            ("process-instance", {"finishedAfter": "2026-08-03T10:01:00.000+0700"}, 1),
        ]
        for path, given, count in filters:
            assert len(camunda.read(f"/history/{path}", "staf", **given)) == count, given
            assert camunda.read(f"/history/{path}/count", "staf", **given) == {"count": count}
            assert len(camunda.post(f"/history/{path}", "staf", given).json()) == count

    @pytest.mark.parametrize("path", ["process-instance", "task", "activity-instance"])
    def test_refuses_what_would_be_ignored(self, shared_camunda: Camunda, path: str) -> None:
        refused(shared_camunda.get(f"/history/{path}", "staf", variables="x_eq_1"), 400, "InvalidRequestException")


class TestPeople:
    def test_ask_for_their_own_groups(self, shared_camunda: Camunda) -> None:
        shown = shared_camunda.read("/identity/groups", "kasubag_perencanaan", userId="kasubag_perencanaan")

        assert [group["id"] for group in shown["groups"]] == ["kasubag_perencanaan"]
        assert shown["groupUsers"] == []
        for user in ("staf", "entah"):
            refused(shared_camunda.get("/identity/groups", "bappeda", userId=user), 403, "AuthorizationException")

    @pytest.mark.parametrize(("password", "right"), [("demo", True), ("salah", False)])
    def test_are_verified(self, shared_camunda: Camunda, password: str, right: bool) -> None:
        answer = shared_camunda.post("/identity/verify", "staf", {"username": "bappeda", "password": password})

        assert answer.json() == {"authenticatedUser": "bappeda", "authenticated": right}
