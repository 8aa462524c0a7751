"""People and programs that speak Camunda's words, over HTTP."""

import base64
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2 as httpx
import sqlalchemy as sa
import uvicorn

from app.core.ids import new_id
from app.core.unit_of_work import UnitOfWork
from app.demo.users import PASSWORD
from app.instances.models import external_task, process_instance, wait
from tests.office import Json, Office

BASE = "/engine-rest"


def basic(user: str, password: str = PASSWORD) -> dict[str, str]:
    """Return the header by which a person brings name and password."""
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


class Camunda:
    """The engine as clients see it."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def send(self, method: str, path: str, user: str | None, **sent: Any) -> httpx.Response:
        headers = {**(basic(user) if user is not None else {}), **sent.pop("headers", {})}
        return self.office.client.request(method, f"{BASE}{path}", headers=headers, **sent)

    def get(self, path: str, user: str | None, **params: Any) -> httpx.Response:
        return self.send("GET", path, user, params=params)

    def read(self, path: str, user: str, **params: Any) -> Any:
        """Return what a successful GET answers."""
        answer = self.get(path, user, **params)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        return answer.json()

    def post(self, path: str, user: str | None, body: Any = None) -> httpx.Response:
        return self.send("POST", path, user, json={} if body is None else body)

    def put(self, path: str, user: str | None, body: Any) -> httpx.Response:
        return self.send("PUT", path, user, json=body)

    def deploy(self, user: str, files: dict[str, bytes], **texts: str) -> httpx.Response:
        """Deploy as Camunda Modeler does: the texts first, then each file in a field named after it."""
        given = {
            "deployment-name": "coba",
            "deployment-source": "Camunda Modeler",
            "enable-duplicate-filtering": "true",
        }
        parts: list[tuple[str, Any]] = [
            (name, (None, text))
            for name, text in {**given, **{k.replace("_", "-"): v for k, v in texts.items()}}.items()
        ]
        parts += [(name, (name, data, "text/xml")) for name, data in files.items()]
        return self.send("POST", "/deployment/create", user, files=parts)

    def start(self, key: str, user: str, business_key: str | None = None, **variables: Any) -> Json:
        body = {"businessKey": business_key, "variables": {name: {"value": value} for name, value in variables.items()}}
        answer = self.post(f"/process-definition/key/{key}/start", user, body)
        assert answer.status_code == 200, answer.text
        instance: Json = answer.json()
        return instance


def refused(answer: httpx.Response, status: int, kind: str | None = None) -> Json:
    """Return a refusal after making sure that it has Camunda's form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    content: Json = answer.json()
    assert content.keys() - {"details"} == {"type", "message", "code"}
    assert content["message"]
    if kind is not None:
        assert content["type"] == kind
    return content


def parse(moment: str) -> datetime:
    """Read a moment as the clients do."""
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%f%z")


def give_work(office: Office, instance_id: str, topic: str, *, token: int = 900, **columns: Any) -> str:
    """Let an instance wait for external work too, as the step of a service task would; returns the task's id."""
    task_id = new_id()
    element = office.instance(instance_id)["open_tasks"][0]["element_id"]

    def work(uow: UnitOfWork) -> None:
        instance = uow.execute(sa.select(process_instance).where(process_instance.c.id == UUID(instance_id))).one()
        common = {"instance_id": instance.id, "token": token, "element_id": element}
        uow.execute(sa.insert(wait), {**common, "name": "Kerja mesin", "kind": "external"})
        row = {
            "id": task_id,
            "topic": topic,
            "unit_id": instance.unit_id,
            "priority": 0,
            "created_at": office.clock.now(),
        }
        uow.execute(sa.insert(external_task), {**common, **row, **columns})

    office.database.write(work)
    return str(task_id)


@contextmanager
def live(office: Office) -> Iterator[str]:
    """Serve an office on a port of this machine; yields the address of its engine."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(office.app, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}{BASE}"
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()
