"""The tokens of one instance on their nodes: how one is put down, found, moved on and taken away."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from app.engine.model import Flow, NodeKind
from app.engine.process import Process
from app.engine.refusals import TimerOutOfBounds, TooMuchWork
from app.engine.scripts import NO_SCRIPTS
from app.engine.specs import NodeSpec, Token
from app.engine.timers import Timer, TimerRefused

# Enough for a task that is done a thousand times side by side, and what goes on around it.
MAX_TOKENS = 2_000

# The root of SpiffWorkflow's tree holds the tokens and is none; SpiffWorkflow replaces an id that is false.
_ROOT = -1
_LIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED | TaskState.FUTURE


class Board(BpmnWorkflow):  # type: ignore[misc]
    """What the specs of the nodes play on: they ask it to move tokens and never touch another token themselves."""

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
        self.signals: list[str] = []
        self.task_tree = Token(self, process.spec.start, state=TaskState.COMPLETED, id=_ROOT)

    # Putting down

    def spawn(self, spec: NodeSpec, *, scope: int, flow: str, **more: Any) -> Token:
        """Put a new token on a node, and let the node take it in."""
        if spec.visited_on_arrival:
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

    def enter(self, host: Token, start: NodeSpec) -> None:
        """Put a token on the start of a sub-process."""
        self.spawn(start, scope=host.id, flow="")

    def arm(self, host: Token, events: Iterable[NodeSpec]) -> None:
        """Let the boundary events of an activity listen; errors and escalations come to theirs without."""
        for spec in events:
            if spec.node.fault is None:
                listener = self.place(spec, scope=host.internal_data["scope"], flow="", host=host.id)
                listener._set_state(TaskState.WAITING)
                self.set_timer(listener, spec.node.timer)

    def set_timer(self, token: Token, timer: Timer | None) -> None:
        """Note when a token's timer is due, and how often it still fires where that has an end."""
        if timer is not None:
            try:
                token.internal_data["due"] = timer.first_due(self.now).isoformat()
            except TimerRefused as refusal:
                raise TimerOutOfBounds(str(refusal), token.task_spec.node.id) from refusal
            if timer.repeats is not None:
                token.internal_data["left"] = timer.repeats

    # Finding

    def live(self) -> Iterator[Token]:
        """The tokens that have neither finished nor been withdrawn, the oldest first."""
        return (task for task in self.tasks.values() if task._state & _LIVE)

    def is_live(self, token: Token) -> bool:
        """Whether a token is still there."""
        return token.id in self.tasks and bool(token._state & _LIVE)

    def tokens_at(self, spec: NodeSpec, scope: int) -> Iterator[Token]:
        """The tokens waiting at a node within one scope, the oldest first."""
        for task in self.tasks.values():
            if task.task_spec is spec and task._state == TaskState.WAITING and task.internal_data["scope"] == scope:
                yield task

    # Moving on

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
        self.take(flows, scope)

    def take(self, flows: Iterable[Flow], scope: int) -> None:
        """Put a new token on each of some flows."""
        for flow in flows:
            self.flows_taken[flow.id] += 1
            self.spawn(self.spec.task_specs[flow.target], scope=scope, flow=flow.id)

    def merge(self, tokens: Iterable[Token]) -> None:
        """Let the first of some waiting tokens go on, and take away the others, which a join has merged into it."""
        kept, *others = tokens
        for token in others:
            token._set_state(TaskState.COMPLETED)
            self.forget(token)
        self.visits[kept.task_spec.node.id] += 1
        kept._ready()

    # Taking away

    def disarm(self, host: Token) -> None:
        """Stop the boundary events of an activity."""
        for task in list(self.live()):
            if task.internal_data.get("host") == host.id:
                self.withdraw(task)

    def terminate(self, token: Token) -> None:
        """Withdraw every other token of the same scope."""
        scope = token.internal_data["scope"]
        for task in list(self.live()):
            if task is not token and task.internal_data["scope"] == scope:
                self.withdraw(task)

    def withdraw(self, task: Token) -> None:
        """Take a token away, with what listens at it and what lives in it; nothing if that has happened already."""
        if task.id not in self.tasks:
            return
        task._set_state(TaskState.CANCELLED)
        self.forget(task)
        if not task.task_spec.holds_others:
            return
        for other in list(self.tasks.values()):
            if task.id in (other.internal_data.get("scope"), other.internal_data.get("host")):
                self.withdraw(other)

    def forget(self, token: Token) -> None:
        """Take a finished token out of the tree, so that an instance costs what it holds, not what it went through."""
        del self.tasks[token.id]
        self.task_tree._children.remove(token.id)
