"""A lean HTTP client in a process of its own: one job a line comes in as JSON, its times go out the same way.

It is one raw socket and nothing but the standard library, so that the client takes little of the machine that it
shares with what it measures, and none of the server's interpreter.
"""

import json
import os
import socket
import sys
import time
from typing import Any

_NEXT_TASK = b'"next_tasks":[{"id":"'
_PLACE = "{task}"


class UnexpectedAnswer(Exception):
    """The server answered with another status than the job expects."""


def perform(job: dict[str, Any]) -> dict[str, Any]:
    """Send the requests of a job one after the other and return the milliseconds that each answer took.

    A job is for a `count` of requests or for a number of `seconds`. Its requests go round its `chains`, each a task's
    id with the number of steps done so far; a chain takes the job's `steps` in turn, and a step that names a task goes
    on with the first task that the answer opened.
    """
    steps, chains = job["steps"], job["chains"]
    count, seconds = job["count"] or sys.maxsize, job["seconds"] or float("inf")
    times: list[float] = []
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", job["port"])) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while len(times) < count and time.perf_counter() - began < seconds:
            chain = chains[len(times) % len(chains)]
            step = steps[chain[1] % len(steps)]
            message = _message(step, chain[0])
            start = time.perf_counter()
            connection.sendall(message)
            status, body = _receive(connection)
            times.append((time.perf_counter() - start) * 1000)
            if status != step["status"]:
                raise UnexpectedAnswer(f"{step['head'].splitlines()[0]} was answered {status}: {body[:500]!r}")
            if _PLACE in step["head"]:
                chain[0] = body.partition(_NEXT_TASK)[2][:36].decode()
            chain[1] += 1
    return {"times": times, "seconds": time.perf_counter() - began, "chains": chains}


def _message(step: dict[str, Any], task: str) -> bytes:
    key = f"Idempotency-Key: {os.urandom(12).hex()}\r\n" if step["with_key"] else ""
    return f"{step['head'].replace(_PLACE, task)}{key}\r\n{step['body']}".encode()


def _receive(connection: socket.socket) -> tuple[int, bytes]:
    """Read one answer whole; returns its status and its body."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _some(connection)
    status, head = int(data[9:12]), data[:end].lower()
    length = 0
    if status != 304:
        at = head.index(b"\r\ncontent-length:") + 17
        length = int(head[at : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else None])
    body = data[end + 4 :]
    while len(body) < length:
        body += _some(connection)
    return status, body


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise UnexpectedAnswer("The server closed the connection.")
    return data


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(perform(json.loads(line))), flush=True)
