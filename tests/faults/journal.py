"""What clients asked and what they heard, on disk before anything else: the memory that no fault touches."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Intent:
    """A request that a client means to send until it is answered; `about` is the task that it completes, else null."""

    key: str
    user: str
    path: str
    body: str
    about: str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """The final answer to a request; `unheard` counts what was sent before it and had no answer, or a 503 or 507."""

    key: str
    status: int
    body: str
    unheard: int
    replayed: bool


class Journal:
    """One client's file of what it asked and heard; each line is on disk before the call returns."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._lock = Lock()

    def write(self, entry: Intent | Heard) -> None:
        """Write one line and wait for the disk."""
        line = json.dumps({"entry": type(entry).__name__, **asdict(entry)}) + "\n"
        with self._lock:
            os.write(self._file, line.encode())
            os.fsync(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)


@dataclass(frozen=True, slots=True)
class Asked:
    """All journals together: every request, and the final answer to each that had one."""

    intents: dict[str, Intent]
    answers: dict[str, Heard]

    def answered(self, status: int, *, starts: bool) -> Iterator[tuple[Intent, dict[str, Any]]]:
        """Yield the requests that were answered so, with the answer; `starts` chooses starts or completions."""
        for key, heard in self.answers.items():
            intent = self.intents[key]
            if heard.status == status and (intent.about is None) is starts and not intent.path.endswith("/claim"):
                yield intent, json.loads(heard.body)


def read(folder: Path) -> Asked:
    """Read the journals of a run; a line that was cut off by the end of its writer counts as not written."""
    intents: dict[str, Intent] = {}
    answers: dict[str, Heard] = {}
    for path in sorted(folder.glob("journal-*.jsonl")):
        for line in path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                continue
            content = json.loads(line)
            if content.pop("entry") == "Intent":
                intent = Intent(**content)
                intents[intent.key] = intent
            else:
                heard = Heard(**content)
                answers[heard.key] = heard
    return Asked(intents, answers)
