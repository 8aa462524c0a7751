"""The engine as a player of random processes, by its two ways: through bytes at every step, or kept in memory."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from app import engine
from app.engine.execution import Execution
from tests.engine.random_play import MONDAY, Seen
from tests.engine.token_model import ArmedEvent

Row = TypeVar("Row", engine.OpenTask, engine.Wait)


def seen(step: engine.Step) -> Seen:
    """What a step shows, in the words of the comparison."""
    return Seen(
        tasks=tuple((task.token, task.element_id) for task in step.open_tasks),
        waits=Counter(
            ArmedEvent(wait.element_id, wait.name, None)
            if wait.kind == "message"
            else ArmedEvent(wait.element_id, None, wait.due_at)
            for wait in step.waits
        ),
        finished=step.finished,
        variables=step.variables,
        flows_taken=step.flows_taken,
        visits=step.visits,
    )


class ThroughBytes:
    """Only bytes live from one command to the next. A state that is read and written again must not change.

    Beside it, rows of the open tasks and waits are kept as a caller keeps them: by what each step opened and closed.
    """

    def start(self, xml: bytes, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._process = engine.read(xml)
        self._tasks: dict[int, engine.OpenTask] = {}
        self._waits: dict[int, engine.Wait] = {}
        return self._keep(engine.start(self._process, variables, now=now), now)

    def complete(self, token: int, variables: Mapping[str, Any], now: datetime) -> Seen:
        return self._keep(engine.complete(self._process, self._state, token, variables, now=now), now)

    def send(self, message: str, variables: Mapping[str, Any], now: datetime) -> Seen:
        return self._keep(engine.send(self._process, self._state, message, variables, now=now), now)

    def wake(self, now: datetime) -> Seen:
        return self._keep(engine.wake(self._process, self._state, now=now), now)

    def cancel(self) -> Seen:
        return self._keep(engine.cancel(self._process, self._state), MONDAY)

    def _keep(self, step: engine.Step, now: datetime) -> Seen:
        self._state = step.state
        again = Execution.load(self._process, step.state, now).step()
        assert again.state == step.state, "restored and saved, the bytes differ"
        looked, shown = seen(engine.where(self._process, step.state)), seen(step)
        assert looked.tasks == shown.tasks, f"where shows the tasks {looked.tasks}, the step {shown.tasks}"
        assert looked.waits == shown.waits, f"where shows the waits {looked.waits}, the step {shown.waits}"
        assert (looked.finished, looked.variables) == (shown.finished, shown.variables), "where differs from the step"
        self._tasks = _changed(self._tasks, step.opened, step.closed)
        self._waits = _changed(self._waits, step.waits_opened, step.waits_closed)
        assert self._tasks == {task.token: task for task in step.open_tasks}, f"rows of tasks: {self._tasks}"
        assert self._waits == {wait.token: wait for wait in step.waits}, f"rows of waits: {self._waits}"
        return shown


def _changed(rows: dict[int, Row], opened: Iterable[Row], closed: Iterable[int]) -> dict[int, Row]:
    after = rows | {row.token: row for row in opened}
    return {token: row for token, row in after.items() if token not in set(closed)}


class InMemory:
    """One execution from start to end, never saved and loaded: it counts flows and visits since it began."""

    def start(self, xml: bytes, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._execution = Execution.begin(engine.read(xml), variables, now)
        self._flows: Counter[str] = Counter()
        self._visits: Counter[str] = Counter()
        return self._seen()

    def complete(self, token: int, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._execution.complete(token, variables, now)
        return self._seen()

    def send(self, message: str, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._execution.send(message, variables, now)
        return self._seen()

    def wake(self, now: datetime) -> Seen:
        self._execution.wake(now)
        return self._seen()

    def cancel(self) -> Seen:
        self._execution.cancel()
        return self._seen()

    def _seen(self) -> Seen:
        shown = seen(self._execution.step())
        flows, self._flows = self._flows, Counter(shown.flows_taken)
        visits, self._visits = self._visits, Counter(shown.visits)
        return replace(shown, flows_taken=self._flows - flows, visits=self._visits - visits)
