"""The engine as a player of random processes, by its two ways: through bytes at every step, or kept in memory."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from app import engine
from app.engine.execution import Execution
from tests.engine.bpmn_drawing import Drawing
from tests.engine.players import Seen, shown_as
from tests.engine.random_play import MONDAY
from tests.engine.tokens import ArmedEvent

Row = TypeVar("Row", engine.OpenTask, engine.Wait)


def seen(step: engine.Step) -> Seen:
    """What a step shows, in the words of the comparison."""
    tasks = [(task.token, shown_as(task.element_id, task.local)) for task in step.open_tasks]
    tasks += [(wait.token, wait.element_id) for wait in step.waits if wait.kind == "external"]
    return Seen(
        tasks=tuple(sorted(tasks)),
        waits=Counter(ArmedEvent(wait.element_id, wait.kind, wait.name, wait.due_at) for wait in step.waits),
        finished=step.finished,
        variables=step.variables,
        flows_taken=step.flows_taken,
        visits=step.visits,
        signals=step.signals,
    )


def process_of(drawing: Drawing) -> engine.Process:
    """Read a drawing and all that it calls."""
    called = {process_id: engine.read(xml) for process_id, xml in drawing.called.items()}
    return engine.compose(engine.read(drawing.xml), called)


class ThroughBytes:
    """Only bytes live from one command to the next. A state that is read and written again must not change.

    Beside it, rows of the open tasks and waits are kept as a caller keeps them: by what each step opened and closed.
    """

    def start(self, drawing: Drawing, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._process = process_of(drawing)
        self._tasks: dict[int, engine.OpenTask] = {}
        self._waits: dict[int, engine.Wait] = {}
        return self._keep(engine.start(self._process, variables, now=now), now)

    def complete(self, token: int, variables: Mapping[str, Any], now: datetime) -> Seen:
        return self._keep(engine.complete(self._process, self._state, token, variables, now=now), now)

    def finish(self, token: int, variables: Mapping[str, Any], now: datetime) -> Seen:
        return self._keep(engine.finish(self._process, self._state, token, variables, now=now), now)

    def raise_error(
        self, token: int, code: str, message: str | None, variables: Mapping[str, Any], now: datetime
    ) -> Seen:
        try:
            step = engine.raise_error(self._process, self._state, token, code, message, variables, now=now)
        except engine.NothingCatches:
            return seen(engine.where(self._process, self._state))
        return self._keep(step, now)

    def send(self, message: str, variables: Mapping[str, Any], now: datetime) -> Seen:
        return self._keep(engine.send(self._process, self._state, message, variables, now=now), now)

    def signal(self, name: str, variables: Mapping[str, Any], now: datetime) -> Seen:
        return self._keep(engine.signal(self._process, self._state, name, variables, now=now), now)

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
    """Close first: a cycle that is armed again is closed and opened in one step."""
    kept = {token: row for token, row in rows.items() if token not in set(closed)}
    return kept | {row.token: row for row in opened}


class InMemory:
    """One execution from start to end, never saved and loaded: it counts flows and visits since it began."""

    def start(self, drawing: Drawing, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._execution = Execution.begin(process_of(drawing), variables, now)
        self._flows: Counter[str] = Counter()
        self._visits: Counter[str] = Counter()
        self._signals = 0
        return self._seen()

    def complete(self, token: int, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._execution.complete(token, variables, now)
        return self._seen()

    def finish(self, token: int, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._execution.finish(token, variables, now)
        return self._seen()

    def raise_error(
        self, token: int, code: str, message: str | None, variables: Mapping[str, Any], now: datetime
    ) -> Seen:
        held = dict(self._execution.variables)
        try:
            self._execution.raise_error(token, code, message, variables, now)
        except engine.NothingCatches:
            self._execution.variables = held
        return self._seen()

    def send(self, message: str, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._execution.send(message, variables, now)
        return self._seen()

    def signal(self, name: str, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._execution.signal(name, variables, now)
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
        signals, self._signals = self._signals, len(shown.signals)
        return replace(
            shown,
            flows_taken=self._flows - flows,
            visits=self._visits - visits,
            signals=shown.signals[signals:],
        )
