"""A program that does external tasks."""

from typing import Any

from tests.engine_rest.camunda import Camunda
from tests.office import Json, Office

WORKER = "mesin"
MINUTE = 60_000


def fetch(camunda: Camunda, worker: str = "w", *topics: str, user: str = WORKER, **more: Any) -> list[Json]:
    body = {
        "workerId": worker,
        "maxTasks": 10,
        "topics": [{"topicName": name, "lockDuration": MINUTE} for name in topics or ("surat",)],
        **more,
    }
    answer = camunda.post("/external-task/fetchAndLock", user, body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    found: list[Json] = answer.json()
    return found


def act(camunda: Camunda, work: Json, what: str, worker: str = "w", user: str = WORKER, **more: Any) -> Any:
    return camunda.post(f"/external-task/{work['id']}/{what}", user, {"workerId": worker, **more})


def trail(office: Office, work: Json) -> list[str]:
    acts = office.read(f"process-instances/{work['instance']}/audit", "inspektorat")["items"]
    verdict = office.read(f"process-instances/{work['instance']}/audit/verify", "inspektorat")
    assert verdict["valid"]
    return [act["type"] for act in acts]
