"""An instance whose tokens are put down by something else than its model's own flows, and how it goes on."""

from datetime import datetime

from app.engine.execution import Execution
from app.engine.model import Flow
from app.engine.process import Process
from app.engine.specs import NodeSpec, ParallelSpec
from app.engine.state import SavedToken


class Arrival(Execution):
    """An execution that tokens are put into and taken out of by hand; see `migration` and `correction`."""

    @classmethod
    def load(cls, process: Process, state: bytes, now: datetime) -> "Arrival":
        """Take an instance up, with the share of steps and time of one command."""
        arrival = super().load(process, state, now)
        assert isinstance(arrival, Arrival)
        arrival._begin_command({}, now)
        return arrival

    def listen(self, host: int, event: str) -> None:
        """Let a boundary event of an open activity listen from now on."""
        self.arm(self.tasks[host], [self._spec(event)])

    def await_too(self, race: int, scope: int, flow: Flow) -> None:
        """Let one more event behind an event-based gateway be waited for from now on."""
        token = self.place(self._spec(flow.target), scope=scope, flow=flow.id, race=race)
        token.task_spec._update(token)

    def remove(self, token: int) -> None:
        """Take a token away, with what listens at it and what lives in it."""
        self.withdraw(self.tasks[token])

    def open(self, element_id: str, *, scope: int) -> None:
        """Put a token on a node, as if a flow had led there."""
        self.spawn(self._spec(element_id), scope=scope, flow="")

    def settle(self) -> None:
        """Let go on what does not wait any more: a join may have all that it waits for."""
        for task in list(self.live()):
            if task.id in self.tasks and isinstance(task.task_spec, ParallelSpec):
                task.task_spec.arrive(task, self)
        self._settle()

    def saved(self) -> list[SavedToken]:
        """Return the tokens as they are now."""
        return [SavedToken(task.id, task.task_spec.name, task._state, task.internal_data) for task in self.live()]

    def _spec(self, element_id: str) -> NodeSpec:
        return self.process.spec.task_specs[element_id]
