"""One instance played by hand, through bytes at every command."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app import engine
from tests.engine.small_models import document, scope

NOON = datetime(2026, 8, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def read(
    flows: str, attributes: dict[str, str] | None = None, inside: dict[str, str] | None = None, beside: str = ""
) -> engine.Process:
    """Read a model of a few lines, see `small_models.scope`."""
    return engine.read(document(scope(flows, attributes, inside), beside=beside))


class Running:
    """An instance and its last step; `now` stands still unless a test moves it."""

    def __init__(self, process: engine.Process, **variables: Any) -> None:
        self.process = process
        self.now = NOON
        self.step = engine.start(process, variables, now=self.now)

    @property
    def open(self) -> str:
        """The ids of the open tasks, sorted."""
        return " ".join(sorted(task.element_id for task in self.step.open_tasks))

    def token(self, element: str) -> int:
        """The oldest open task of an element."""
        return next(task.token for task in self.step.open_tasks if task.element_id == element)

    def complete(self, element: str, **variables: Any) -> engine.Step:
        self.step = engine.complete(self.process, self.step.state, self.token(element), variables, now=self.now)
        return self.step

    def send(self, message: str = "surat", **variables: Any) -> engine.Step:
        self.step = engine.send(self.process, self.step.state, message, variables, now=self.now)
        return self.step

    def waiting(self, element: str) -> int:
        """The oldest wait at an element."""
        return next(wait.token for wait in self.step.waits if wait.element_id == element)

    def finish(self, element: str, **variables: Any) -> engine.Step:
        token = self.waiting(element)
        self.step = engine.finish(self.process, self.step.state, token, variables, now=self.now)
        return self.step

    def raise_error(self, element: str, code: str, message: str | None = None, **variables: Any) -> engine.Step:
        token = self.waiting(element)
        self.step = engine.raise_error(self.process, self.step.state, token, code, message, variables, now=self.now)
        return self.step

    def signal(self, name: str = "tanda", **variables: Any) -> engine.Step:
        self.step = engine.signal(self.process, self.step.state, name, variables, now=self.now)
        return self.step

    def wake(self, after: timedelta) -> engine.Step:
        self.now += after
        self.step = engine.wake(self.process, self.step.state, now=self.now)
        return self.step
