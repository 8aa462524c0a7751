"""Loads for the clients, and the processes that send them."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Step:
    """One request; `{task}` in its path stands for the task that its chain has reached."""

    method: str
    path: str
    token: str | None = None
    body: Mapping[str, Any] | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    with_key: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the request as the client takes it: its head without the closing empty line, and its body."""
        body = json.dumps(self.body) if self.body is not None else ""
        headers = {"Host": "127.0.0.1", **self.headers}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.body is not None:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body.encode()))}
        head = f"{self.method} {self.path} HTTP/1.1\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in headers.items()
        )
        return {"head": head, "body": body, "status": self.status, "with_key": self.with_key}


@dataclass(slots=True)
class Load:
    """What one client sends to one server; `chains` moves on with every request.

    A chain is [id of the task it has reached, steps done].
    """

    port: int
    steps: Sequence[Step]
    chains: list[list[Any]] = field(default_factory=lambda: [["", 0]])


class Took(NamedTuple):
    """What a client measured: milliseconds of each request, and seconds for all."""

    times: list[float]
    seconds: float


class Client:
    """A client process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.client"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout

    def begin(self, load: Load, *, count: int | None = None, seconds: float | None = None) -> None:
        """Start a load for a number of requests or of seconds."""
        steps = [step.as_json() for step in load.steps]
        job = {"port": load.port, "steps": steps, "chains": load.chains, "count": count, "seconds": seconds}
        self._in.write(json.dumps(job) + "\n")
        self._in.flush()

    def end(self, load: Load) -> Took:
        """Wait for the load that was begun.

        Raises:
            RuntimeError: the client met an answer that it did not expect, and wrote it to standard error.
        """
        line = self._out.readline()
        if not line:
            raise RuntimeError("A client stopped; what the server answered stands above.")
        answer = json.loads(line)
        load.chains = answer["chains"]
        return Took(answer["times"], answer["seconds"])

    def run(self, load: Load, *, count: int | None = None, seconds: float | None = None) -> Took:
        """Send a load and wait for its end."""
        self.begin(load, count=count, seconds=seconds)
        return self.end(load)

    def close(self) -> None:
        """End the process."""
        self._in.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._out.close()


@contextmanager
def clients(number: int) -> Iterator[list[Client]]:
    """Open some client processes for a while."""
    opened: list[Client] = []
    try:
        for _ in range(number):
            opened.append(Client())
        yield opened
    finally:
        for one in opened:
            one.close()
