"""The OpenAPI document: every promised path is in it, under a name that stays, with its errors."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.instances.timers import fire_due
from tests.drawings import one_task, two_branches, with_dead_end
from tests.office import API, Json, Office

# What the contract names and this version has. A name in the third column is what generated clients call.
PROMISED = {
    ("post", "/auth/token"): "create_token",
    ("get", "/me"): "show_me",
    ("post", "/deployments"): "create_deployment",
    ("get", "/process-definitions"): "list_process_definitions",
    ("get", "/process-definitions/{definition_id}"): "show_process_definition",
    ("get", "/process-definitions/{definition_id}/xml"): "show_process_definition_xml",
    ("get", "/process-definitions/{definition_id}/sop"): "show_process_definition_sop",
    ("get", "/process-definitions/{definition_id}/difference"): "show_process_definition_difference",
    ("get", "/process-definitions/startable"): "list_startable_process_definitions",
    ("post", "/process-instances"): "start_process_instance",
    ("get", "/process-instances"): "list_process_instances",
    ("get", "/process-instances/{instance_id}"): "show_process_instance",
    ("get", "/process-instances/{instance_id}/variables"): "show_process_instance_variables",
    ("get", "/process-instances/{instance_id}/history"): "show_process_instance_history",
    ("get", "/process-instances/{instance_id}/diagram"): "show_process_instance_diagram",
    ("get", "/process-instances/{instance_id}/audit"): "show_process_instance_audit",
    ("get", "/process-instances/{instance_id}/audit/verify"): "verify_process_instance_audit",
    ("post", "/process-instances/{instance_id}/cancel"): "cancel_process_instance",
    ("post", "/process-instances/{instance_id}/suspend"): "suspend_process_instance",
    ("post", "/process-instances/{instance_id}/resume"): "resume_process_instance",
    ("post", "/process-instances/{instance_id}/migrate"): "migrate_process_instance",
    ("post", "/process-instances/migrate"): "migrate_process_instances",
    ("post", "/process-instances/{instance_id}/move"): "move_process_instance",
    ("post", "/process-instances/{instance_id}/retry"): "retry_process_instance",
    ("post", "/tasks/{task_id}/comments"): "comment_on_task",
    ("put", "/tasks/{task_id}/requirements"): "check_task",
    ("get", "/process-instances/{instance_id}/audit/export"): "export_process_instance_audit",
    ("get", "/audit"): "list_acts",
    ("get", "/audit/heads"): "list_heads",
    ("get", "/events"): "follow_events",
    ("get", "/webhooks"): "list_webhooks",
    ("post", "/webhooks"): "create_webhook",
    ("get", "/webhooks/{webhook_id}"): "show_webhook",
    ("delete", "/webhooks/{webhook_id}"): "delete_webhook",
    ("post", "/webhooks/{webhook_id}/rotate"): "rotate_webhook_secret",
    ("post", "/webhooks/{webhook_id}/enable"): "enable_webhook",
    ("post", "/webhooks/{webhook_id}/test"): "test_webhook",
    ("get", "/webhooks/{webhook_id}/deliveries"): "list_webhook_deliveries",
    ("post", "/webhooks/{webhook_id}/deliveries/{delivery_id}/replay"): "replay_webhook_delivery",
    ("get", "/stats/summary"): "show_summary",
    ("get", "/stats/processes"): "show_process_stats",
    ("get", "/stats/steps"): "show_step_stats",
    ("get", "/stats/late-tasks"): "list_late_tasks",
    ("get", "/stats/returns"): "list_returns",
    ("post", "/messages"): "send_message",
    ("get", "/tasks"): "list_tasks",
    ("get", "/tasks/counts"): "count_tasks",
    ("get", "/tasks/{task_id}"): "show_task",
    ("get", "/tasks/{task_id}/candidates"): "list_task_candidates",
    ("get", "/tasks/{task_id}/draft"): "show_task_draft",
    ("put", "/tasks/{task_id}/draft"): "save_task_draft",
    ("delete", "/tasks/{task_id}/draft"): "forget_task_draft",
    ("post", "/tasks/{task_id}/claim"): "claim_task",
    ("post", "/tasks/{task_id}/unclaim"): "unclaim_task",
    ("post", "/tasks/{task_id}/assign"): "assign_task",
    ("post", "/tasks/{task_id}/complete"): "complete_task",
    ("post", "/tasks/bulk"): "act_on_tasks",
    ("get", "/users"): "list_users",
    ("post", "/users"): "create_user",
    ("get", "/users/{username}"): "show_user",
    ("post", "/users/{username}/close"): "close_user",
    ("post", "/users/{username}/reopen"): "reopen_user",
    ("post", "/users/{username}/password"): "set_user_password",
    ("post", "/users/{username}/roles"): "give_user_role",
    ("post", "/users/{username}/roles/take"): "take_user_role",
    ("post", "/users/{username}/permissions"): "give_user_permission",
    ("post", "/users/{username}/permissions/take"): "take_user_permission",
    ("post", "/me/password"): "change_own_password",
    ("get", "/roles"): "list_roles",
    ("get", "/units"): "list_units",
}


@pytest.fixture(scope="module")
def document(shared_office: Office) -> Json:
    found: Json = shared_office.get("openapi.json", None).json()
    return found


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def named(operation: Json, place: str) -> set[str]:
    return {found["name"] for found in operation.get("parameters", []) if found["in"] == place}


class TestTheDocument:
    def test_is_openapi_3_1(self, document: Json) -> None:
        assert document["openapi"].startswith("3.1")
        assert document["info"]["version"] == "1"

    def test_holds_every_promised_path_under_its_name(self, document: Json) -> None:
        found = {(method, path): operation["operationId"] for method, path, operation in operations(document)}

        assert {(method, path.removeprefix(API)): name for (method, path), name in found.items()}.items() >= (
            PROMISED.items()
        )

    def test_names_every_operation_once(self, document: Json) -> None:
        names = [operation["operationId"] for _, _, operation in operations(document)]

        assert len(names) == len(set(names))

    def test_describes_every_operation_and_its_answer(self, document: Json) -> None:
        for method, path, operation in operations(document):
            assert operation["description"], (method, path)
            assert any(status.startswith("2") for status in operation["responses"]), (method, path)

    def test_gives_every_error_its_type(self, document: Json) -> None:
        problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
        for method, path, operation in operations(document):
            if not path.startswith(API):
                continue
            errors = {status: found for status, found in operation["responses"].items() if status[0] in "45"}
            assert errors.keys() >= {"401", "422"}, (method, path)
            assert ("413" in errors) == ("requestBody" in operation), (method, path)
            # A password is taken here, and may be tried only so often.
            assert ("429" in errors) == path.endswith(("/auth/token", "/me/password")), (method, path)
            if "{" in path:
                assert "404" in errors, (method, path)
            for status, found in errors.items():
                assert found["content"] == problem, (method, path, status)

    def test_names_the_key_of_every_act(self, document: Json) -> None:
        """Whatever a signed-in caller posts changes something, and can be repeated with its key."""
        acts = {name for (method, path), name in PROMISED.items() if method == "post" and path != "/auth/token"}

        found = {
            operation["operationId"]: operation
            for _, _, operation in operations(document)
            if "Idempotency-Key" in named(operation, "header")
        }

        assert found.keys() == acts
        for operation in found.values():
            successes = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            assert all("Idempotency-Replayed" in answer["headers"] for answer in successes)

    def test_tells_which_answers_have_a_tag(self, office: Office, document: Json) -> None:
        instance = office.start()
        task = instance["open_tasks"][0]["id"]
        office.deploy(a=one_task("a"))
        draft = office.request("PUT", f"tasks/{task}/draft", instance["open_tasks"][0]["role"], json={"variables": {}})
        assert draft.status_code == 200, draft.text
        newer = office.deploy(a=one_task("a", name="dua")).json()["process_definitions"][0]["id"]
        webhook = office.post("webhooks", "admin", {"url": "https://example.org/alur", "unit": "disnaker"}).json()["id"]
        ids = {"instance_id": instance["id"], "task_id": task, "definition_id": newer, "username": "staf"}
        ids["webhook_id"] = webhook
        for method, path, operation in operations(document):
            if method != "get":
                continue
            user = "admin" if operation.get("tags") in (["people"], ["webhooks"]) else "sekretaris"
            if path.endswith("/audit/heads"):
                user = "inspektorat"
            answer = office.get(path.format(**ids), user)
            assert answer.status_code == 200, (path, answer.text)

            tagged = "etag" in answer.headers
            assert ("If-None-Match" in named(operation, "header")) == tagged, path
            assert ("304" in operation["responses"]) == tagged, path
            assert ("ETag" in operation["responses"]["200"].get("headers", {})) == tagged, path
            assert not tagged or "ETag" in operation["responses"]["304"]["headers"], path
            if tagged:
                again = office.get(path.format(**ids), "sekretaris", headers={"If-None-Match": answer.headers["etag"]})
                assert again.status_code == 304, path

    def test_describes_every_list_alike(self, document: Json) -> None:
        schemas = document["components"]["schemas"]
        lists = 0
        for _, path, operation in operations(document):
            content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
            answer = schemas.get(content.get("schema", {}).get("$ref", "").rpartition("/")[2], {})
            is_list = "next_cursor" in answer.get("properties", {})
            lists += is_list
            assert (named(operation, "query") >= {"limit", "cursor", "sort"}) == is_list, path
            assert ("Link" in operation["responses"].get("200", {}).get("headers", {})) == is_list, path
        assert lists >= 5

    def test_tells_the_kinds_of_bulk_acts_apart(self, document: Json) -> None:
        operation = document["paths"][f"{API}/tasks/bulk"]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        schemas = document["components"]["schemas"]

        fields = {
            action: schemas[reference.rpartition("/")[2]]
            for action, reference in schema["discriminator"]["mapping"].items()
        }

        assert schema["discriminator"]["propertyName"] == "action"
        assert len(schema["oneOf"]) == 4
        assert {action: set(kind["properties"]) - {"action", "task_ids"} for action, kind in fields.items()} == {
            "claim": set(),
            "unclaim": set(),
            "assign": {"assignee"},
            "complete": {"variables", "requirements", "outputs"},
        }
        assert "assignee" in fields["assign"]["required"]
        assert all(kind["additionalProperties"] is False for kind in fields.values())

    def test_gives_examples_that_are_taken(self, document: Json) -> None:
        """Each example of a body is one of its kind: nothing unknown in it, nothing missing."""
        bodies = [
            schema
            for name, schema in document["components"]["schemas"].items()
            if schema.get("additionalProperties") is False
        ]
        assert len(bodies) >= 8
        for schema in bodies:
            for example in schema["examples"]:
                assert set(schema.get("required", [])) <= example.keys() <= schema["properties"].keys(), schema["title"]

    def test_refers_to_nothing_that_it_does_not_hold(self, document: Json) -> None:
        def references(value: object) -> Iterator[str]:
            if isinstance(value, dict):
                if isinstance(value.get("$ref"), str):
                    yield value["$ref"]
                for inner in value.values():
                    yield from references(inner)
            elif isinstance(value, list):
                for inner in value:
                    yield from references(inner)

        known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
        assert set(references(document)) <= known

    def test_describes_a_problem_as_it_is_sent(self, shared_office: Office, document: Json) -> None:
        described = document["components"]["schemas"]["ProblemOut"]

        sent = shared_office.get("tasks", None).json()

        assert set(described["required"]) == set(sent)

    def test_describes_answers_as_they_are_sent(self, office: Office, document: Json) -> None:
        """Answers are not checked against their schema when they are sent, so it is done here for the main ones."""
        instance = office.start()
        task = office.complete(instance["open_tasks"][0]).json()
        office.deploy(cabang=two_branches(), buntu=with_dead_end())
        branches = office.start("staf", "cabang", variables={})
        office.complete(branches["open_tasks"][0])
        newer = office.deploy(cabang=one_task("cabang")).json()["process_definitions"][0]["id"]
        body = {"process_definition_id": newer, "process_instance_ids": [branches["id"]], "dry_run": True}
        bulk = office.post("process-instances/migrate", "analis", body).json()
        plan = bulk["results"][0]["result"]
        stuck = office.start("staf", "buntu", variables={"tingkat": 3})
        office.clock.advance(timedelta(hours=1))
        fire_due(office.database, office.app.state.directory, office.app.state.catalogue, office.clock)
        sent = {
            "MigrationPlan": plan,
            "MigrationResults": bulk,
            "PlannedTask": plan["tasks"][0],
            "PlannedRow": plan["tasks"][0]["before"],
            "PlannedJoin": plan["joins"][0],
            "RowOfTable": plan["rows_removed"][0],
            "FindingOnMigration": plan["findings"][0],
            "Incident": office.instance(stuck["id"])["incident"],
            "DifferenceOut": office.read(f"process-definitions/{newer}/difference", "staf"),
            "ProcessInstanceOut": instance,
            "TaskCompleted": task,
            "TaskOut": task["task"],
            "TaskSummary": task["next_tasks"][0],
            "TaskDetail": office.read(f"tasks/{task['task']['id']}", "sekretaris"),
            "TaskPage": office.read("tasks", "sekretaris"),
            "TaskCounts": office.read("tasks/counts", "sekretaris"),
            "ProcessInstancePage": office.read("process-instances", "sekretaris"),
            "HistoryPage": office.read(f"process-instances/{instance['id']}/history", "sekretaris"),
            "HistoryItem": office.read(f"process-instances/{instance['id']}/history", "sekretaris")["items"][0],
            "DiagramOut": office.read(f"process-instances/{instance['id']}/diagram", "sekretaris"),
            "ActPage": office.read(f"process-instances/{instance['id']}/audit", "sekretaris"),
            "Act": office.read(f"process-instances/{instance['id']}/audit", "sekretaris")["items"][0],
            "VerdictOut": office.read(f"process-instances/{instance['id']}/audit/verify", "sekretaris"),
            "DefinitionOut": office.read("process-definitions", "staf")["items"][0],
            "DefinitionDetail": office.read(f"process-definitions/{instance['process_definition_id']}", "staf"),
            "MeOut": office.read("me", "staf"),
            "SummaryOut": office.read("stats/summary", "staf"),
            "ProcessStatsOut": office.read("stats/processes", "sekretaris"),
            "ProcessStats": office.read("stats/processes", "sekretaris")["items"][0],
            "StepStatsOut": office.read("stats/steps", "sekretaris"),
            "StepStats": office.read("stats/steps", "sekretaris")["items"][0],
            "ReturnPage": office.read("stats/returns", "sekretaris"),
            "TrailPage": office.read("audit", "sekretaris"),
            "ActOfTrail": office.read("audit", "sekretaris")["items"][0],
        }
        for name, content in sent.items():
            schema = document["components"]["schemas"][name]
            assert set(schema["properties"]) == set(content), name
            assert set(schema["required"]) == set(content), name
