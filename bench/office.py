"""The work that is measured: the SOP "Renja", run over HTTP by the demonstration users.

Its fourth activity (the Kasubag drafts) and its fifth (the team checks, and returns the draft) are a rework loop of the
SOP itself, so any number of tasks can be completed on one instance: every second completion is a return.
"""

import http.client
import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

from app.demo.users import PASSWORD
from bench.load import Step

PROCESS = "renja"
API = "/api/v1"
COMPLETE = API + "/tasks/{task}/complete"
DRAFTER, CHECKER = "kasubag_perencanaan", "tim_renja"
RETURN = {"keputusan": "dikembalikan", "alasan": "Target triwulan III belum diisi."}
APPROVAL = {"keputusan": "setuju"}
_FIRST_PERFORMERS = ("sekretaris", DRAFTER, CHECKER)
_MESSAGE = "pengesahan_bupati"

Json = dict[str, Any]


class Send(Protocol):
    """Sends one request and returns its JSON answer; anything but success is an error."""

    def __call__(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Mapping[str, Any] | str | None = None,
        key: str | None = None,
    ) -> Json: ...


class Refused(Exception):
    """The service refused a request that prepares a measurement."""


def headers_of(token: str | None, body: Mapping[str, Any] | str | None, key: str | None) -> dict[str, str]:
    """Return the headers of a request; a body that is text is a form."""
    headers = {"Content-Type": "application/x-www-form-urlencoded" if isinstance(body, str) else "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if key is not None:
        headers["Idempotency-Key"] = key
    return headers


def over_http(port: int) -> Send:
    """Return a sender to a running server."""

    def send(
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Mapping[str, Any] | str | None = None,
        key: str | None = None,
    ) -> Json:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            text = body if isinstance(body, str) or body is None else json.dumps(body)
            connection.request(method, path, text, headers_of(token, body, key))
            answer = connection.getresponse()
            content = answer.read()
            if answer.status >= 300:
                raise Refused(f"{method} {path}: {answer.status} {content[:500]!r}")
            found: Json = json.loads(content)
            return {**found, "etag": answer.headers.get("etag")}
        finally:
            connection.close()

    return send


class Office:
    """The demonstration users at work on one server."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self._tokens: dict[str, str] = {}

    def token(self, username: str) -> str:
        """Return a user's access token; signs him in the first time."""
        if username not in self._tokens:
            form = urlencode({"username": username, "password": PASSWORD})
            self._tokens[username] = self.send("POST", f"{API}/auth/token", body=form)["access_token"]
        return self._tokens[username]

    def start(self) -> Json:
        """Start a process instance."""
        wanted = {"process_definition_key": PROCESS, "variables": {"tahun": 2027}}
        return self.send("POST", f"{API}/process-instances", token=self.token("sekretaris"), body=wanted)

    def complete(self, username: str, task_id: str, variables: Mapping[str, Any], key: str | None = None) -> Json:
        """Complete a task."""
        path = COMPLETE.replace("{task}", task_id)
        return self.send("POST", path, token=self.token(username), body={"variables": variables}, key=key)

    def round(self, task_id: str, key: str | None = None) -> str:
        """Go once round the rework loop, the draft and its return; returns the task that the return opens."""
        for username, values in ((DRAFTER, {}), (CHECKER, RETURN)):
            answer = self.complete(username, task_id, values, f"{key} {username}" if key else None)
            task_id = answer["next_tasks"][0]["id"]
        return task_id

    def loop(self) -> list[Any]:
        """Start an instance and bring it to where its rework loop begins; returns it as a chain of a load."""
        task = self.start()["open_tasks"][0]
        for username in _FIRST_PERFORMERS:
            task = self.complete(username, task["id"], {})["next_tasks"][0]
        return [task["id"], 0]

    def loop_steps(self, *, with_key: bool) -> tuple[Step, Step]:
        """Return the two requests of the rework loop: the draft, and its return."""
        bodies: tuple[tuple[str, Json], ...] = ((DRAFTER, {}), (CHECKER, RETURN))
        draft, check = (
            Step("POST", COMPLETE, self.token(username), {"variables": values}, with_key=with_key)
            for username, values in bodies
        )
        return draft, check

    def finish(self) -> str:
        """Run an instance from its start to its end without a return; returns its id."""
        instance = self.start()
        while instance["status"] == "active":
            if instance["open_tasks"]:
                task = instance["open_tasks"][0]
                decides = self._decides(task)
                instance = self.complete(task["role"], task["id"], APPROVAL if decides else {})["process_instance"]
            else:
                self._record_approval(instance["id"])
                instance = self.send("GET", f"{API}/process-instances/{instance['id']}", token=self.token(DRAFTER))
        if instance["status"] != "completed":
            raise Refused(f"The instance is {instance['status']}.")
        return str(instance["id"])

    def _decides(self, task: Json) -> bool:
        """Whether the form of a task asks for a decision."""
        form = self.send("GET", f"{API}/tasks/{task['id']}", token=self.token(task["role"]))["form"]
        return any(field["id"] == "keputusan" for field in form["fields"])

    def _record_approval(self, instance_id: str) -> None:
        message = {"name": _MESSAGE, "process_instance_id": instance_id, "variables": {}}
        self.send("POST", f"{API}/messages", token=self.token("bappeda"), body=message)
