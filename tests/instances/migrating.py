"""A process deployed in versions, and its instance brought from one into another."""

from typing import Any

from tests.drawings import END, START, chain, drawing, task
from tests.office import Json, Office


def deploy(office: Office, key: str, data: bytes) -> str:
    """Deploy a version and return its id."""
    files: dict[str, Any] = {key: data}
    answer = office.deploy(**files)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["process_definitions"][0]["id"]
    return found


def line(key: str, *rows: str, lanes: dict[str, str] | None = None, names: dict[str, str] | None = None) -> bytes:
    """Return a process of tasks in a row, all of staf unless `lanes` says otherwise."""
    body = START + "".join(task(row, (names or {}).get(row)) for row in rows) + END
    return drawing(key, body + chain("mulai", *rows, "selesai"), lanes=lanes or {"Staf": " ".join(rows)})


def started(office: Office, key: str, data: bytes, user: str = "staf") -> Json:
    deploy(office, key, data)
    return office.start(user, key, variables={}, business_key=f"{key}-1")


def plan(office: Office, instance: Json, target: str, user: str = "analis", **mapping: str) -> Json:
    body = {"process_definition_id": target, "dry_run": True, "mapping": mapping}
    answer = office.post(f"process-instances/{instance['id']}/migrate", user, body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def migrate(office: Office, instance: Json, target: str, user: str = "analis", **mapping: str) -> Json:
    body = {"process_definition_id": target, "mapping": mapping}
    answer = office.post(f"process-instances/{instance['id']}/migrate", user, body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found
