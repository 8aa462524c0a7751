"""An office for tests: a clock that can be set, and people who use the service over HTTP."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import httpx2 as httpx
from anyio.from_thread import start_blocking_portal
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.bootstrap import LISTENERS
from app.core.database import Database
from app.core.settings import Settings
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.demo.users import PASSWORD
from app.identity.commands import add_person, set_password
from app.identity.holdings import PermissionGiven, RoleGiven
from app.identity.office import Actor, system_actor
from app.identity.passwords import Passwords
from app.main import create_app
from app.tasks.commands import Desk

API = "/api/v1"
SECRET = "a secret that only the tests know, long enough"
TRAIL_KEY = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

# Ten in the morning of a working day where the office is.
MONDAY = datetime(2026, 8, 3, 3, 0, tzinfo=UTC)

Json = dict[str, Any]


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, moment: datetime = MONDAY) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, by: timedelta) -> None:
        self.moment += by


@cache
def _catalogue() -> Catalogue:
    """The definitions of this test process; their ids are made from their content, so tests can share them."""
    return Catalogue()


class Office:
    """A running service on a database, with the people who use it."""

    def __init__(self, url: str, client: TestClient, app: FastAPI, clock: Clock) -> None:
        self.url = url
        self.client = client
        self.app = app
        self.clock = clock
        self._tokens: dict[str, str] = {}

    @property
    def database(self) -> Database:
        database: Database = self.app.state.parts.database
        return database

    # --- Requests ---------------------------------------------------------------------------------------------------

    def sign_in(self, username: str, password: str = PASSWORD) -> httpx.Response:
        return self.client.post(f"{API}/auth/token", data={"username": username, "password": password})

    def token(self, username: str) -> str:
        if username not in self._tokens:
            answer = self.sign_in(username)
            assert answer.status_code == 200, answer.text
            self._tokens[username] = answer.json()["access_token"]
        return self._tokens[username]

    def sign_out(self) -> None:
        """Forget everybody's token, as after a time that is longer than one lasts."""
        self._tokens.clear()

    def request(
        self,
        method: str,
        path: str,
        user: str | None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        **sent: Any,
    ) -> httpx.Response:
        """Send a request as somebody, or as nobody; a path without a leading slash lies below the API."""
        given = dict(headers or {})
        if user is not None:
            given["Authorization"] = f"Bearer {self.token(user)}"
        if key is not None:
            given["Idempotency-Key"] = key
        url = path if path.startswith(("/", "http")) else f"{API}/{path}"
        return self.client.request(method, url, headers=given, **sent)

    def get(self, path: str, user: str | None, **sent: Any) -> httpx.Response:
        return self.request("GET", path, user, **sent)

    def post(self, path: str, user: str | None, body: Any = None, **sent: Any) -> httpx.Response:
        if body is not None:
            sent["json"] = body
        return self.request("POST", path, user, **sent)

    def read(self, path: str, user: str, **params: Any) -> Json:
        """Return what a successful GET answers."""
        answer = self.get(path, user, params=params)
        assert answer.status_code == 200, answer.text
        content: Json = answer.json()
        return content

    # --- Acts -------------------------------------------------------------------------------------------------------

    def start(self, user: str = "sekretaris", key: str = "iku", **given: Any) -> Json:
        """Start a process by its key; the year is filled in where the start form of the six SOPs asks for it."""
        body = {"process_definition_key": key, "variables": {"tahun": 2027}, **given}
        answer = self.post("process-instances", user, body)
        assert answer.status_code == 201, answer.text
        instance: Json = answer.json()
        return instance

    def instance(self, instance_id: str, user: str = "inspektorat") -> Json:
        return self.read(f"process-instances/{instance_id}", user)

    def instance_of(self, task: Json) -> str:
        """Return the id of the instance of a task summary."""
        found: str = self.read(f"tasks/{task['id']}", "inspektorat")["process_instance_id"]
        return found

    def complete(self, task: Json | str, user: str | None = None, **variables: Any) -> httpx.Response:
        """Complete a task, by default as the demonstration user of its role."""
        task_id = task if isinstance(task, str) else task["id"]
        if user is None:
            assert isinstance(task, dict)
            user = task["role"]
        return self.post(f"tasks/{task_id}/complete", user, {"variables": variables})

    def advance(self, instance: Json, steps: int = 1) -> Json:
        """Complete the only open task of an instance some times, agreeing to everything; returns the instance."""
        for _ in range(steps):
            (task,) = instance["open_tasks"]
            answer = self.complete(task)
            if answer.status_code == 422:
                answer = self.complete(task, keputusan="setuju")
            assert answer.status_code == 200, answer.text
            instance = answer.json()["process_instance"]
        return instance

    def deploy(self, user: str = "analis", **files: bytes) -> httpx.Response:
        """Deploy files, each under its keyword with `.bpmn` behind it."""
        sent = [("files", (f"{name}.bpmn", data, "application/xml")) for name, data in files.items()]
        return self.post("deployments", user, files=sent)

    def set_password(self, username: str, password: str) -> None:
        """Replace a password as somebody on the server does."""
        kept, now = Passwords(cheap=True).choose(password), self.clock.now()
        self.database.write(
            lambda uow: set_password(uow, actor=self.system(uow), username=username, password_hash=kept, now=now)
        )

    def system(self, uow: UnitOfWork) -> Actor:
        """Who acts on the server, as it is now."""
        office = self.app.state.directory.office(uow.reader)
        return system_actor(office, "administer", office.roots)

    # --- People -----------------------------------------------------------------------------------------------------

    def hire(
        self,
        username: str,
        *roles: str,
        permissions: tuple[str, ...] = (),
        valid_from: date = date(2024, 1, 1),
        valid_to: date | None = None,
        letter: str | None = None,
    ) -> None:
        """Add a person who holds roles and permissions, each written as `what@unit`; with a letter he is a Plh."""

        def work(uow: UnitOfWork) -> None:
            kind = "plh" if letter else "definitif"
            add_person(
                uow,
                actor=self.system(uow),
                username=username,
                name=username,
                password_hash=Passwords(cheap=True).hash(PASSWORD),
                roles=[
                    RoleGiven(key, unit, valid_from, valid_to, kind, letter)
                    for key, unit in (held.split("@") for held in roles)
                ],
                permissions=[
                    PermissionGiven(key, unit, valid_from, valid_to)
                    for key, unit in (held.split("@") for held in permissions)
                ],
                now=self.clock.now(),
            )

        self.database.write(work)


def settings_of(url: str, **more: Any) -> Settings:
    """Return the settings of a service on a database."""
    given: dict[str, Any] = {
        "environment": "demo",
        "database_url": url,
        "secret_key": SecretStr(SECRET),
        "log_level": "error",
        "trail_key": SecretStr(TRAIL_KEY),
    }
    return Settings(**given | more)


@contextmanager
def running_office(url: str, clock: Clock, **more: Any) -> Iterator[Office]:
    """Run the service on a filled database, with more settings, without the threads that look for what is due."""
    settings = settings_of(url, **more)
    database = Database(url, listeners=LISTENERS)
    app = create_app(settings, clock=clock, database=database, passwords=Passwords(cheap=True))
    app.state.catalogue = _catalogue()
    app.state.desk = Desk(app.state.directory, _catalogue())
    client = TestClient(app)
    with start_blocking_portal() as portal:
        # One event loop for all requests of the test; the client would start one for each.
        client.portal = portal
        yield Office(url, client, app, clock)
    client.close()
    database.close()


def problem(answer: httpx.Response, status: int, code: str | None = None) -> Json:
    """Return a problem document after making sure that it is a whole one, of this status and code."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    content: Json = answer.json()
    assert content.keys() >= {"type", "title", "status", "detail", "code", "errors", "trace_id"}
    assert content["status"] == status
    assert content["trace_id"] == answer.headers["x-trace-id"]
    assert content["title"]
    assert content["detail"]
    if code is not None:
        assert content["code"] == code
    return content


def pointers(content: Json) -> list[str]:
    """Return the places that a problem names."""
    return [error["pointer"] for error in content["errors"]]
