"""Clients that never give up: each request is written down, then sent with its key until it is answered."""

import http.client
import json
import time
from collections.abc import Callable, Mapping
from random import Random
from typing import Any
from urllib.parse import urlencode

from app.demo.users import PASSWORD
from tests.faults.journal import Heard, Intent, Journal

API = "/api/v1"
# What says that nothing was decided: nobody is there, or nobody can work. The client asks again with the same key.
TRY_AGAIN = (429, 503, 507)
_PATIENCE = 90.0
_PAUSE = 0.05

Json = dict[str, Any]


class Unanswered(Exception):
    """A request had no final answer in a minute and a half: something is stuck."""


class Misbehaved(Exception):
    """The service answered as it must never answer, whatever happens to it."""


class Client:
    """One client at one server, with a connection that it keeps while it can.

    `impatience` is how often it hangs up without hearing the answer, to send the same again.
    """

    def __init__(
        self,
        port: int,
        tokens: Mapping[str, str],
        journal: Journal,
        random: Random,
        *,
        impatience: float = 0.0,
    ) -> None:
        self._port = port
        self._tokens = tokens
        self._journal = journal
        self._random = random
        self._impatience = impatience
        self._connection: http.client.HTTPConnection | None = None
        self.refused = 0

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def act(self, user: str, path: str, body: Json, *, about: str | None, key: str | None = None) -> tuple[int, Json]:
        """Do an act, once, however often it has to be sent; returns its final status and answer.

        Raises:
            Unanswered: nothing final came back in time.
            Misbehaved: the answer was a failure inside the service.
        """
        key = key or f"{self._random.getrandbits(64):016x}"
        intent = Intent(key, user, path, json.dumps(body), about)
        self._journal.write(intent)
        if self._random.random() < self._impatience:
            self._hang_up(intent)
        status, answer, replayed, unheard = self._until_answered(lambda: self.send(intent))
        self._journal.write(Heard(key, status, answer.decode(), unheard, replayed))
        return status, json.loads(answer)

    def ask(self, user: str, path: str) -> Json:
        """Ask for something until it is answered."""
        headers = {"Authorization": f"Bearer {self._tokens[user]}"}
        status, answer, _, _ = self._until_answered(lambda: self._request("GET", path, None, headers))
        if status != 200:
            raise Misbehaved(f"GET {path} was answered {status}: {answer[:500]!r}")
        content: Json = json.loads(answer)
        return content

    def send(self, intent: Intent) -> tuple[int, bytes, http.client.HTTPMessage]:
        """Send a request once."""
        return self._request("POST", intent.path, intent.body, self._headers(intent))

    def _headers(self, intent: Intent) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._tokens[intent.user]}",
            "Content-Type": "application/json",
            "Idempotency-Key": intent.key,
        }

    def _hang_up(self, intent: Intent) -> None:
        """Send a request and go before the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("POST", intent.path, intent.body, self._headers(intent))
            time.sleep(self._random.uniform(0, 0.02))
        except (OSError, http.client.HTTPException):
            # There was nobody to hear it; the request itself follows.
            self.refused += 1
        finally:
            connection.close()

    def _until_answered(
        self, send: Callable[[], tuple[int, bytes, http.client.HTTPMessage]]
    ) -> tuple[int, bytes, bool, int]:
        deadline = time.monotonic() + _PATIENCE
        unheard = 0
        while time.monotonic() < deadline:
            try:
                status, answer, headers = send()
            except (OSError, http.client.HTTPException):
                self.close()
            else:
                if status in TRY_AGAIN:
                    self.refused += 1
                    if headers.get("Retry-After") is None:
                        raise Misbehaved(f"{status} came without Retry-After: {answer[:500]!r}")
                elif status >= 500:
                    raise Misbehaved(f"{status}: {answer[:500]!r}")
                else:
                    return status, answer, headers.get("Idempotency-Replayed") == "true", unheard
            unheard += 1
            time.sleep(self._random.uniform(0.2, 1) * _PAUSE)
        raise Unanswered(f"Nothing final was heard in {_PATIENCE:.0f} s.")

    def _request(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        self._connection.request(method, path, body, dict(headers))
        answer = self._connection.getresponse()
        return answer.status, answer.read(), answer.headers


def sign_in(port: int, users: list[str]) -> dict[str, str]:
    """Return everybody's token."""
    tokens = {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for user in users:
        form = urlencode({"username": user, "password": PASSWORD})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"{API}/auth/token", form, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise Misbehaved(f"{user} could not sign in: {content[:500]!r}")
        tokens[user] = json.loads(content)["access_token"]
    connection.close()
    return tokens


def complete_path(task_id: str) -> str:
    """Return where a task is completed."""
    return f"{API}/tasks/{task_id}/complete"
