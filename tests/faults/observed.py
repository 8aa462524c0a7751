"""What stands in a database, read with its driver alone."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.faults.processes import LOAD
from tests.faults.sites import query


@dataclass(frozen=True, slots=True)
class Case:
    """A process instance: its business key, its status, and where its trail ends."""

    id: str
    definition_key: str
    business_key: str | None
    status: str
    chain_length: int
    chain_head: bytes


@dataclass(frozen=True, slots=True)
class Task:
    """A user task."""

    id: str
    case: str
    element: str
    state: str
    completed_by: str | None


@dataclass(frozen=True, slots=True)
class Act:
    """A row of the trail."""

    chain: str
    sequence: int
    type: str
    actor: str
    content: str
    hash: bytes

    @property
    def data(self) -> dict[str, Any]:
        """What was recorded about it."""
        found: dict[str, Any] = json.loads(self.content)["data"]
        return found


@dataclass(frozen=True, slots=True)
class Observed:
    """All that a judgement needs of a database."""

    cases: dict[str, Case]
    tasks: dict[str, Task]
    acts: dict[str, list[Act]]
    kept: dict[str, tuple[int, bytes]]


def observe(url: str, keys: Iterable[str] = (LOAD,)) -> Observed:
    """Read the cases of some processes with their tasks and acts, and every kept answer."""
    named = ", ".join(f"'{key}'" for key in keys)
    which = f"SELECT id FROM process_instance WHERE definition_key IN ({named})"
    columns = "id, definition_key, business_key, status, chain_length, chain_head"
    cases = [
        Case(_id(row[0]), row[1], row[2], row[3], row[4], bytes(row[5]))
        for row in query(url, f"SELECT {columns} FROM process_instance WHERE definition_key IN ({named})")
    ]
    tasks = [
        Task(_id(row[0]), _id(row[1]), *row[2:])
        for row in query(
            url,
            f"SELECT id, instance_id, element_id, state, completed_by FROM user_task WHERE instance_id IN ({which})",
        )
    ]
    acts: dict[str, list[Act]] = {case.id: [] for case in cases}
    for row in query(
        url, "SELECT chain_id, sequence, type, actor, content, hash FROM event ORDER BY chain_id, sequence"
    ):
        if row[0] in acts:
            chain, sequence, kind, actor, content, digest = row
            acts[chain].append(Act(chain, sequence, kind, actor, content, bytes(digest)))
    kept = query(url, "SELECT key, status, body FROM idempotency")
    return Observed(
        {case.id: case for case in cases},
        {task.id: task for task in tasks},
        acts,
        {row[0]: (row[1], bytes(row[2])) for row in kept},
    )


def _id(value: Any) -> str:
    """An id as the API writes it; SQLite keeps it without hyphens."""
    return str(UUID(str(value)))
