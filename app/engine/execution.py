"""One process instance in memory: its tokens, its variables, and how they move."""

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from app.engine.model import Flow, NodeKind
from app.engine.process import Process
from app.engine.refusals import NothingWaits, StateNotReadable, TimerOutOfBounds, TokenNotOpen, TooMuchWork
from app.engine.scripts import NO_SCRIPTS
from app.engine.specs import InclusiveSpec, NodeSpec, Token
from app.engine.state import SavedToken, State, decode, encode
from app.engine.step import OpenTask, Step, Wait
from app.engine.timers import Timer, TimerRefused

MAX_STEPS = 1_000
MAX_TOKENS = 1_000
MAX_SECONDS = 2.0

# The root of SpiffWorkflow's tree holds the tokens and is none; SpiffWorkflow replaces an id that is false.
_ROOT = -1
_LIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED | TaskState.FUTURE
# No due time looks like this.
_NEVER = ""


class Execution(BpmnWorkflow):  # type: ignore[misc]
    """An instance that moves: load it from bytes or begin it, let it do one thing, and take the `Step`.

    It is good for one command. After an exception it is half moved and must be thrown away; the bytes that it came
    from are still the truth.
    """

    def __init__(self, process: Process, now: datetime) -> None:
        super().__init__(process.spec, script_engine=NO_SCRIPTS, deserializing=True)
        self.process = process
        self.now = now
        self.variables: dict[str, Any] = {}
        self.last_token = 0
        self.ready: deque[Token] = deque()
        self.inclusive_waits = False
        self.flows_taken: Counter[str] = Counter()
        self.visits: Counter[str] = Counter()
        # What was there when the command began: open user tasks, and for waits when their timers were due.
        self._open_before: set[int] = set()
        self._waits_before: dict[int, str | None] = {}
        self._steps_left = 0
        self._deadline = 0.0
        self.task_tree = Token(self, process.spec.start, state=TaskState.COMPLETED, id=_ROOT)

    # What callers do

    @classmethod
    def load(cls, process: Process, state: bytes, now: datetime) -> "Execution":
        """Take an instance up where `Step.state` left it.

        Raises:
            StateNotReadable: the bytes are of another format, or name an element that the model does not have.
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
            if spec.node.kind is NodeKind.USER_TASK:
                execution._open_before.add(saved.id)
            elif _is_wait(task):
                execution._waits_before[saved.id] = saved.internal_data.get("due")
        return execution

    @classmethod
    def begin(cls, process: Process, variables: Mapping[str, Any], now: datetime) -> "Execution":
        """Start an instance and let it run to its first waits."""
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
        """
        task = self.tasks.get(token)
        if task is None or task.task_spec.node.kind is not NodeKind.USER_TASK or not task.has_state(_LIVE):
            raise TokenNotOpen(token)
        self._begin_command(variables, now)
        task._ready()
        self._settle()

    def send(self, message: str, variables: Mapping[str, Any], now: datetime) -> None:
        """Deliver a message to every token that waits for it when it comes.

        Raises:
            NothingWaits: no token waits for it.
        """
        waiting = [task for task in self._live() if task.task_spec.node.message == message]
        if not waiting:
            raise NothingWaits(message)
        self._begin_command(variables, now)
        for task in waiting:
            if task.id in self.tasks and task.has_state(_LIVE):
                self._fire(task)
                self._settle()

    def wake(self, now: datetime) -> None:
        """Fire every timer that is due, the earliest first; one that an earlier one withdraws does not fire."""
        self._begin_command({}, now)
        for _ in range(MAX_STEPS):
            due = [task for task in self._live() if "due" in task.internal_data and self._due(task) <= now]
            if not due:
                return
            self._fire(min(due, key=lambda task: (self._due(task), task.id)))
            self._settle()
        raise TooMuchWork(f"More than {MAX_STEPS} timers were due at once.")

    def cancel(self) -> None:
        """Withdraw every token."""
        for task in list(self._live()):
            self._withdraw(task)

    def step(self) -> Step:
        """Return where the instance stands, frozen, with the bytes to go on from."""
        open_tasks: dict[int, OpenTask] = {}
        waits: dict[int, Wait] = {}
        due: dict[int, str | None] = {}
        finished = True
        for task in self._live():
            finished = False
            if task.task_spec.node.kind is NodeKind.USER_TASK:
                open_tasks[task.id] = OpenTask(task.id, task.task_spec.node.id)
            elif _is_wait(task):
                waits[task.id] = self._wait(task)
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
        )

    def _wait(self, task: Token) -> Wait:
        node = task.task_spec.node
        if node.message is not None:
            return Wait(task.id, node.id, "message", node.message, None)
        return Wait(task.id, node.id, "timer", None, self._due(task))

    def save(self) -> bytes:
        """Return the instance as bytes; equal instances give equal bytes."""
        tokens = [
            SavedToken(task.id, task.task_spec.name, task._state, task.internal_data)
            for task in self.tasks.values()
            if task is not self.task_tree
        ]
        return encode(State(self.variables, self.last_token, tokens))

    # What specs ask for

    def spawn(self, spec: NodeSpec, *, scope: int, flow: str, **more: Any) -> Token:
        """Put a new token on a node, and let the node take it in."""
        self.visits[spec.node.id] += 1
        token = self.place(spec, scope=scope, flow=flow, **more)
        spec._update(token)
        return token

    def place(self, spec: NodeSpec, *, scope: int, flow: str, **more: Any) -> Token:
        """Put a new token on a node without asking the node."""
        if len(self.tasks) > MAX_TOKENS:
            raise TooMuchWork(f"The instance has more than {MAX_TOKENS} tokens.", spec.node.id)
        self.last_token += 1
        token = Token(self, spec, self.task_tree, state=TaskState.FUTURE, id=self.last_token)
        token.internal_data = {"scope": scope, "flow": flow, **more}
        return token

    def advance(self, token: Token, flows: Iterable[Flow]) -> None:
        """Forget a token and put one on each of the flows that it leaves by."""
        self.forget(token)
        scope = token.internal_data["scope"]
        if token.task_spec.node.kind is NodeKind.EVENT_GATEWAY:
            # The token stays at the gateway until one event happens: only that one's flow is taken.
            for flow in flows:
                spec = self.spec.task_specs[flow.target]
                spec._update(self.place(spec, scope=scope, flow=flow.id, race=token.id))
            return
        for flow in flows:
            self.flows_taken[flow.id] += 1
            self.spawn(self.spec.task_specs[flow.target], scope=scope, flow=flow.id)

    def merge(self, tokens: Iterable[Token]) -> None:
        """Let the first of some waiting tokens go on, and take away the others, which a join has merged into it."""
        kept, *others = tokens
        for token in others:
            token._set_state(TaskState.COMPLETED)
            self.forget(token)
        kept._ready()

    def tokens_at(self, spec: NodeSpec, scope: int) -> Iterator[Token]:
        """The tokens waiting at a node within one scope, the oldest first."""
        for task in self.tasks.values():
            if task.task_spec is spec and task._state == TaskState.WAITING and task.internal_data["scope"] == scope:
                yield task

    def arm(self, host: Token, events: Iterable[NodeSpec]) -> None:
        """Let the boundary events of an activity listen."""
        for spec in events:
            listener = self.place(spec, scope=host.internal_data["scope"], flow="", host=host.id)
            listener._set_state(TaskState.WAITING)
            self.set_timer(listener, spec.node.timer)

    def disarm(self, host: Token) -> None:
        """Stop the boundary events of an activity."""
        for task in list(self.tasks.values()):
            if task.internal_data.get("host") == host.id and task.has_state(_LIVE):
                self._withdraw(task)

    def enter(self, host: Token, start: NodeSpec) -> None:
        """Put a token on the start of a sub-process."""
        self.spawn(start, scope=host.id, flow="")

    def terminate(self, token: Token) -> None:
        """Withdraw every other token of the same scope."""
        scope = token.internal_data["scope"]
        for task in list(self._live()):
            if task is not token and task.internal_data["scope"] == scope:
                self._withdraw(task)

    def set_timer(self, token: Token, timer: Timer | None) -> None:
        """Note when a token's timer is due, and how often it still fires where that has an end."""
        if timer is not None:
            try:
                token.internal_data["due"] = timer.first_due(self.now).isoformat()
            except TimerRefused as refusal:
                raise TimerOutOfBounds(str(refusal), token.task_spec.node.id) from refusal
            if timer.repeats is not None:
                token.internal_data["left"] = timer.repeats

    def forget(self, token: Token) -> None:
        """Take a finished token out of the tree, so that an instance costs what it holds, not what it went through."""
        del self.tasks[token.id]
        self.task_tree._children.remove(token.id)

    # How it moves

    def _task_completed_notify(self, task: Token) -> None:
        """Nothing to do: joins are decided by tokens, and `_settle` sees the end of a scope."""

    def _live(self) -> Iterator[Token]:
        return (task for task in self.tasks.values() if task._state & _LIVE)

    def _due(self, task: Token) -> datetime:
        return datetime.fromisoformat(task.internal_data["due"])

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
            if not self._finish_scopes() and not self._fire_inclusive():
                return

    def _finish_scopes(self) -> bool:
        inhabited = {task.internal_data["scope"] for task in self.tasks.values() if task._state & _LIVE}
        empty = [
            task
            for task in self._live()
            if task.task_spec.node.kind is NodeKind.SUB_PROCESS and task.id not in inhabited
        ]
        for task in empty:
            task._ready()
        return bool(empty)

    def _fire_inclusive(self) -> bool:
        if not self.inclusive_waits:
            return False
        gathered: dict[tuple[str, int], dict[str, Token]] = {}
        for task in self._live():
            if isinstance(task.task_spec, InclusiveSpec):
                at = (task.task_spec.name, task.internal_data["scope"])
                gathered.setdefault(at, {}).setdefault(task.internal_data["flow"], task)
        for (name, scope), first in gathered.items():
            spec = self.spec.task_specs[name]
            if not self._may_still_come(spec, scope, frozenset(first)):
                self.merge(first.values())
                return True
        self.inclusive_waits = bool(gathered)
        return False

    def _may_still_come(self, gateway: InclusiveSpec, scope: int, filled: frozenset[str]) -> bool:
        nothing: frozenset[str] = frozenset()
        # The events behind an event-based gateway are one token, which is at the gateway until one of them happens.
        ways_of: dict[int, frozenset[str]] = {}
        for task in self._live():
            spec, noted = task.task_spec, task.internal_data
            if spec is gateway or noted["scope"] != scope or "host" in noted:
                continue
            token = noted.get("race", task.id)
            ways_of[token] = ways_of.get(token, nothing) | gateway.ways.get(spec.name, nothing)
        return any(ways and not ways & filled for ways in ways_of.values())

    def _fire(self, task: Token) -> None:
        """Let the message or the timer of a waiting token happen."""
        node = task.task_spec.node
        if node.kind is not NodeKind.BOUNDARY:
            self._win_race(task)
            task._ready()
            return
        self.visits[node.id] += 1
        if node.interrupting:
            host = self.tasks[task.internal_data.pop("host")]
            self._withdraw(host)
            task.internal_data.pop("due", None)
            task._ready()
        else:
            self._listen_on(task, node.timer)
            for flow in node.outgoing:
                self.flows_taken[flow.id] += 1
                self.spawn(self.spec.task_specs[flow.target], scope=task.internal_data["scope"], flow=flow.id)

    def _listen_on(self, listener: Token, timer: Timer | None) -> None:
        """Arm a non-interrupting event again: a message always, a cycle while it has repeats left."""
        if timer is None:
            return
        left = listener.internal_data.get("left")
        if left == 1:
            self._withdraw(listener)
            return
        if left is not None:
            listener.internal_data["left"] = left - 1
        listener.internal_data["due"] = timer.next_due(self._due(listener)).isoformat()

    def _win_race(self, winner: Token) -> None:
        race = winner.internal_data.pop("race", None)
        if race is None:
            return
        self.flows_taken[winner.internal_data["flow"]] += 1
        self.visits[winner.task_spec.node.id] += 1
        for task in list(self._live()):
            if task.internal_data.get("race") == race:
                self._withdraw(task)

    def _withdraw(self, task: Token) -> None:
        """Take a token away, with what listens at it and what lives in it; nothing if that has happened already."""
        if task.id not in self.tasks:
            return
        task._set_state(TaskState.CANCELLED)
        self.forget(task)
        for other in list(self.tasks.values()):
            if task.id in (other.internal_data.get("scope"), other.internal_data.get("host")):
                self._withdraw(other)


def _is_wait(task: Token) -> bool:
    return task.task_spec.node.message is not None or "due" in task.internal_data
