"""Every route of the engine: nobody comes in without a name, and who holds nothing sees nothing."""

from typing import Any

import pytest
from fastapi.routing import APIRoute

from app.engine_rest.app import PARTS
from tests.engine_rest.camunda import Camunda, refused
from tests.office import Json, Office

NOTHING = "0190a5a0-0000-7000-8000-000000000000"


def routes() -> list[tuple[str, str]]:
    """Return method and path of all that the engine serves."""
    return sorted(
        (method, route.path)
        for part in PARTS
        for route in part.router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    )


def filled(path: str, instance: Json) -> str:
    (task,) = instance["open_tasks"]
    for name, value in {
        "{task_id}": task["id"],
        "{instance_id}": instance["id"],
        "{definition_id}": instance["process_definition_id"],
        "{deployment_id}": NOTHING,
        "{key}": instance["process_definition_key"],
        "{unit}": "disnaker",
        "{name}": "tahun",
    }.items():
        path = path.replace(name, value)
    assert "{" not in path
    return path


BODIES: dict[str, Any] = {
    "/external-task/fetchAndLock": {
        "workerId": "w",
        "maxTasks": 1,
        "topics": [{"topicName": "x", "lockDuration": 1000}],
    },
    "/external-task/{task_id}/complete": {"workerId": "w"},
    "/external-task/{task_id}/failure": {"workerId": "w"},
    "/external-task/{task_id}/bpmnError": {"workerId": "w", "errorCode": "x"},
    "/external-task/{task_id}/extendLock": {"workerId": "w", "newDuration": 1000},
    "/external-task/{task_id}/lock": {"workerId": "w", "lockDuration": 1000},
    "/external-task/{task_id}/retries": {"retries": 1},
    "/process-instance/{instance_id}/suspended": {"suspended": True},
    "/task/{task_id}/claim": {"userId": "pendatang"},
    "/task/{task_id}/assignee": {"userId": "pendatang"},
    "/message": {"messageName": "pengesahan_bupati"},
    "/identity/verify": {"username": "staf", "password": "salah"},
}
# What everybody who has signed in may know.
OPEN = {
    ("GET", "/version"): {"version": "7.24.0"},
    ("GET", "/engine"): [{"name": "default"}],
    ("GET", "/identity/groups"): {"groups": [], "groupUsers": []},
    ("POST", "/identity/verify"): {"authenticatedUser": "staf", "authenticated": False},
}


class TestEveryRoute:
    def test_is_known_to_this_test(self) -> None:
        assert len(routes()) > 60

    def test_lets_nobody_in_without_a_name(self, shared_camunda: Camunda) -> None:
        instance = shared_camunda.office.start()
        for method, path in routes():
            answer = shared_camunda.send(method, filled(path, instance), None)
            content = refused(answer, 401, "AuthenticationException")
            assert answer.headers.get_list("www-authenticate"), path
            assert "Basic" in content["message"]

    @pytest.mark.parametrize(
        "authorization",
        [
            "Basic",
            "Basic ",
            "Basic !!!",
            "Basic c3RhZg==",
            "Basic c3RhZjpzYWxhaA==",
            "Basic /w==",
            "Bearer",
            "Bearer x.y.z",
            "Digest username=staf",
            "staf:demo",
            f"Basic {'A' * 10_000}",
        ],
    )
    def test_lets_nobody_in_with_what_is_no_proof(self, shared_camunda: Camunda, authorization: str) -> None:
        answer = shared_camunda.send("GET", "/version", None, headers={"Authorization": authorization})

        refused(answer, 401, "AuthenticationException")

    def test_shows_nothing_to_a_person_without_a_role(self, office: Office, camunda: Camunda) -> None:
        office.hire("pendatang")
        instance = office.start()
        before = office.instance(instance["id"])
        for method, path in routes():
            params = {"userId": "pendatang"} if path == "/identity/groups" else {}
            if path == "/deployment/create":
                answer = camunda.deploy("pendatang", {})
            else:
                body = BODIES.get(path, {})
                answer = camunda.send(method, filled(path, instance), "pendatang", params=params, json=body)
            if answer.status_code == 200:
                content = answer.json()
                assert content in ([], {"count": 0}) or content == OPEN[method, path], (method, path, content)
            else:
                # A start by key and a deployment are refused; a message means nobody.
                expected = {403, 404} if path != "/message" else {400}
                assert answer.status_code in expected, (method, path, answer.text)
                refused(answer, answer.status_code)
        assert office.instance(instance["id"]) == before

    def test_shows_a_task_to_those_alone_to_whom_the_native_api_does(self, office: Office, camunda: Camunda) -> None:
        (task,) = office.advance(office.start(), 2)["open_tasks"]
        users = ["staf", "sekretaris", "kepala_dinas", "tim_sakip", "inspektorat", "admin", "analis", "bappeda"]
        for user in users:
            native = office.get(f"tasks/{task['id']}", user).status_code
            listed = [one["id"] for one in office.read("tasks", user, scope="all")["items"]]

            assert camunda.get(f"/task/{task['id']}", user).status_code == native, user
            assert [one["id"] for one in camunda.read("/task", user)] == listed, user
            assert camunda.read("/task/count", user) == {"count": len(listed)}, user


class TestRoutesUnderBothNames:
    def test_are_the_same(self, shared_office: Office) -> None:
        instance = shared_office.start()
        for method, path in routes():
            answers = [
                shared_office.client.request(method, base + filled(path, instance))
                for base in ("/engine-rest", "/rest")
            ]
            assert [answer.status_code for answer in answers] == [401, 401]

    def test_are_all_that_there_is(self, shared_office: Office) -> None:
        for base in ("/engine-rest", "/rest"):
            for path in ("/entah", "/openapi.json", "/docs", "/task/", "/"):
                refused(shared_office.client.get(base + path), 404)
            refused(shared_office.client.patch(f"{base}/version"), 405)
