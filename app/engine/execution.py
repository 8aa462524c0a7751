"""One process instance in memory: what can be done with it, and how it runs until everything waits."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from app.engine.activity_specs import ExternalSpec, ScopeSpec
from app.engine.board import Board
from app.engine.happening import awaits, fire, fire_all, throw, waiting_for_signal
from app.engine.joins import fire_inclusive
from app.engine.model import Fault
from app.engine.process import Process
from app.engine.refusals import (
    NotComposed,
    NothingCatches,
    NothingWaits,
    StateNotReadable,
    TokenNotOpen,
    TooMuchWork,
)
from app.engine.specs import InclusiveSpec, Token
from app.engine.state import SavedToken, State, decode, encode
from app.engine.step import OpenTask, Step, Wait

MAX_STEPS = 1_000
MAX_SECONDS = 2.0

# No due time looks like this.
_NEVER = ""


class Execution(Board):
    """An instance that moves: load it from bytes or begin it, let it do one thing, and take the `Step`.

    It is good for one command. After an exception it is half moved and must be thrown away; the bytes that it came
    from are still the truth.
    """

    def __init__(self, process: Process, now: datetime) -> None:
        super().__init__(process, now)
        # What was there when the command began: open user tasks, and for waits when their timers were due.
        self._open_before: set[int] = set()
        self._waits_before: dict[int, str | None] = {}
        self._steps_left = 0
        self._deadline = 0.0
        if process.spec.uncomposed:
            raise NotComposed(process.spec.uncomposed[0])

    # What callers do

    @classmethod
    def load(cls, process: Process, state: bytes, now: datetime) -> "Execution":
        """Take an instance up where `Step.state` left it.

        Raises:
            StateNotReadable: the bytes are of another format, or name an element that the model does not have.
            NotComposed: the process calls another one that it was not composed with.
        """
        execution = cls(process, now)
        held = decode(state)
        execution.variables = held.variables
        execution.last_token = held.last_token
        for saved in held.tokens:
            spec = process.spec.task_specs.get(saved.element_id)
            if spec is None:
                raise StateNotReadable(f"The model has no element '{saved.element_id}'.", saved.element_id)
            task = Token(execution, spec, execution.task_tree, state=saved.state, id=saved.id)
            task.internal_data = saved.internal_data
            execution.inclusive_waits |= isinstance(spec, InclusiveSpec)
            if spec.is_open_task:
                execution._open_before.add(saved.id)
            elif _is_wait(task):
                execution._waits_before[saved.id] = saved.internal_data.get("due")
        return execution

    @classmethod
    def begin(cls, process: Process, variables: Mapping[str, Any], now: datetime) -> "Execution":
        """Start an instance and let it run to its first waits.

        Raises:
            NotComposed: the process calls another one that it was not composed with.
        """
        execution = cls(process, now)
        execution._begin_command(variables, now)
        execution.spawn(process.spec.first, scope=0, flow="")
        execution._settle()
        return execution

    def complete(self, token: int, variables: Mapping[str, Any], now: datetime) -> None:
        """Complete an open user task with what its performer gave.

        Raises:
            TokenNotOpen: there is no such open user task.
            NoFlowMatches: a gateway behind it cannot decide with these variables.
            CannotRepeat: a multi-instance task behind it cannot, or it is one that cannot tell if it is complete.
        """
        task = self.tasks.get(token)
        if task is None or not task.task_spec.is_open_task or not self.is_live(task):
            raise TokenNotOpen(token)
        self._go_on(task, variables, now)

    def finish(self, token: int, variables: Mapping[str, Any], now: datetime) -> None:
        """Complete an external task with what its worker gave.

        Raises:
            TokenNotOpen: there is no such external task.
            NoFlowMatches, CannotRepeat: as in `complete`.
        """
        self._go_on(self._external(token), variables, now)

    def raise_error(
        self, token: int, code: str, message: str | None, variables: Mapping[str, Any], now: datetime
    ) -> None:
        """Let the worker of an external task raise an error, for a boundary event to catch.

        Raises:
            TokenNotOpen: there is no such external task.
            NothingCatches: no boundary event around it catches this error.
        """
        task = self._external(token)
        self._begin_command(variables, now)
        if not throw(self, task, Fault("error", code, message)):
            raise NothingCatches(task.task_spec.node.id, code)
        self._settle()

    def send(self, message: str, variables: Mapping[str, Any], now: datetime) -> None:
        """Deliver a message to every token that waits for it when it comes.

        Raises:
            NothingWaits: no token waits for it.
        """
        waiting = [task for task in self.live() if task.task_spec.node.message == message]
        if not waiting:
            raise NothingWaits(message)
        self._begin_command(variables, now)
        fire_all(self, waiting)
        self._settle()

    def signal(self, name: str, variables: Mapping[str, Any], now: datetime) -> None:
        """Let every token that waits for a signal hear it; nothing at all happens where none does."""
        waiting = waiting_for_signal(self, name)
        if waiting:
            self._begin_command(variables, now)
            fire_all(self, waiting)
            self._settle()

    def wake(self, now: datetime) -> None:
        """Fire every timer that is due, the earliest first; one that an earlier one withdraws does not fire."""
        self._begin_command({}, now)
        for _ in range(MAX_STEPS):
            due = [task for task in self.live() if "due" in task.internal_data and task.due <= now]
            if not due:
                return
            fire(self, min(due, key=lambda task: (task.due, task.id)))
            self._settle()
        raise TooMuchWork(f"More than {MAX_STEPS} timers were due at once.")

    def cancel(self) -> None:
        """Withdraw every token."""
        for task in list(self.live()):
            self.withdraw(task)

    def step(self) -> Step:
        """Return where the instance stands, frozen, with the bytes to go on from."""
        open_tasks: dict[int, OpenTask] = {}
        waits: dict[int, Wait] = {}
        due: dict[int, str | None] = {}
        finished = True
        for task in self.live():
            finished = False
            if task.task_spec.is_open_task:
                local = task.internal_data.get("local", {})
                open_tasks[task.id] = OpenTask(task.id, task.task_spec.node.id, local)
            elif _is_wait(task):
                waits[task.id] = _wait(task)
                due[task.id] = task.internal_data.get("due")
        # A cycle that is armed again is another wait: it has another due time.
        return Step(
            state=self.save(),
            variables=self.variables,
            open_tasks=tuple(open_tasks.values()),
            waits=tuple(waits.values()),
            finished=finished,
            flows_taken=dict(self.flows_taken),
            visits=dict(self.visits),
            opened=tuple(task for token, task in open_tasks.items() if token not in self._open_before),
            closed=tuple(sorted(self._open_before - open_tasks.keys())),
            waits_opened=tuple(
                wait for token, wait in waits.items() if self._waits_before.get(token, _NEVER) != due[token]
            ),
            waits_closed=tuple(
                sorted(token for token, before in self._waits_before.items() if due.get(token, _NEVER) != before)
            ),
            signals=tuple(self.signals),
        )

    def save(self) -> bytes:
        """Return the instance as bytes; equal instances give equal bytes."""
        tokens = [
            SavedToken(task.id, task.task_spec.name, task._state, task.internal_data)
            for task in self.tasks.values()
            if task is not self.task_tree
        ]
        return encode(State(self.variables, self.last_token, tokens))

    # How it moves

    def _task_completed_notify(self, task: Token) -> None:
        """Nothing to do: joins are decided by tokens, and `_settle` sees the end of a scope."""

    def _external(self, token: int) -> Token:
        task: Token | None = self.tasks.get(token)
        if task is None or not isinstance(task.task_spec, ExternalSpec) or not awaits(task):
            raise TokenNotOpen(token, "external")
        return task

    def _go_on(self, task: Token, variables: Mapping[str, Any], now: datetime) -> None:
        self._begin_command(variables, now)
        task._ready()
        self._settle()

    def _begin_command(self, variables: Mapping[str, Any], now: datetime) -> None:
        """Write the variables before anything decides, and give the command its share of steps and time."""
        self.now = now
        self.variables.update(variables)
        self._steps_left = MAX_STEPS
        self._deadline = time.monotonic() + MAX_SECONDS

    def _settle(self) -> None:
        """Run until every token waits."""
        while True:
            while self.ready:
                task = self.ready.popleft()
                if task.id not in self.tasks or task._state != TaskState.READY:
                    continue
                self._steps_left -= 1
                if self._steps_left < 0 or time.monotonic() > self._deadline:
                    raise TooMuchWork(
                        f"One command may run {MAX_STEPS} steps in {MAX_SECONDS:g} seconds.", task.task_spec.node.id
                    )
                task.run()
            if not self._finish_scopes() and not fire_inclusive(self):
                return

    def _finish_scopes(self) -> bool:
        live = list(self.live())
        inhabited = {task.internal_data["scope"] for task in live}
        empty = [task for task in live if isinstance(task.task_spec, ScopeSpec) and task.id not in inhabited]
        for task in empty:
            task._ready()
        return bool(empty)


def _is_wait(task: Token) -> bool:
    node = task.task_spec.node
    return (node.message or node.signal or node.topic) is not None or "due" in task.internal_data


def _wait(task: Token) -> Wait:
    node = task.task_spec.node
    if node.message is not None:
        return Wait(task.id, node.id, "message", node.message, None)
    if node.signal is not None:
        return Wait(task.id, node.id, "signal", node.signal, None)
    if node.topic is not None:
        return Wait(task.id, node.id, "external", node.topic, None)
    return Wait(task.id, node.id, "timer", None, task.due)
