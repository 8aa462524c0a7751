"""BPMN's activities and the events that wait or throw, as task specs; see `specs` for the rest."""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from app.engine.expressions import Expression, ExpressionFailed, truth
from app.engine.happening import fire_all, throw, waiting_for_signal
from app.engine.model import MAX_INSTANCES, Flow, Loop, Node
from app.engine.refusals import CannotRepeat
from app.engine.specs import NodeSpec, Token

if TYPE_CHECKING:
    from app.engine.board import Board
    from app.engine.process_spec import ProcessSpec


class HostSpec(NodeSpec):
    """An activity: its boundary events are armed while it is open."""

    waits = True
    holds_others = True

    def arrive(self, token: Token, board: "Board") -> bool:
        token._set_state(TaskState.STARTED)
        board.arm(token, self.boundary)
        return False

    def leave(self, token: Token, board: "Board") -> None:
        board.disarm(token)


class UserTaskSpec(HostSpec):
    """Waits for a person."""

    is_open_task = True


class ExternalSpec(HostSpec):
    """Waits for a worker outside, who asks for the work of its topic."""


class ScopeSpec(HostSpec):
    """A sub-process, embedded or called: waits until no token is left inside."""

    start: NodeSpec

    def arrive(self, token: Token, board: "Board") -> bool:
        super().arrive(token, board)
        board.enter(token, self.start)
        return False


class CatchSpec(HostSpec):
    """Waits for a message, a signal or a moment."""

    def arrive(self, token: Token, board: "Board") -> bool:
        super().arrive(token, board)
        board.set_timer(token, self.node.timer)
        return False


class ThrowSpec(NodeSpec):
    """Throws a signal, an error or an escalation, then goes on, unless that has ended its own scope.

    As in Camunda 7, an error or an escalation that nothing catches changes nothing.
    """

    def leave(self, token: Token, board: "Board") -> None:
        if self.node.signal is not None:
            board.signals.append(self.node.signal)
            fire_all(board, waiting_for_signal(board, self.node.signal))
        elif self.node.fault is not None:
            throw(board, token, self.node.fault)


class RepeatedTaskSpec(HostSpec):
    """A multi-instance task as a whole: the scope of its instances, which are tokens at `each`, and one visit."""

    def __init__(self, process: "ProcessSpec", node: Node, loop: Loop) -> None:
        super().__init__(process, node)
        self.loop = loop
        # No id of a model has this sign in it.
        self.each = InstanceSpec(process, node, f"{node.id}#")

    def arrive(self, token: Token, board: "Board") -> bool:
        times = self._times(board.variables)
        if not times:
            return True
        super().arrive(token, board)
        token.internal_data |= {"of": times, "done": 0}
        for counter in range(1 if self.loop.sequential else times):
            self._open(token, board, counter)
        return False

    def ended(self, token: Token, last: Token, board: "Board") -> None:
        """Count an instance that has ended; open the next one, or end the whole with what is left of it."""
        noted = token.internal_data
        noted["done"] += 1
        if noted["done"] == noted["of"] or self._complete(noted, last.internal_data["local"], board.variables):
            board.terminate(last)
            token._ready()
        elif self.loop.sequential:
            self._open(token, board, noted["done"])

    def _open(self, token: Token, board: "Board", counter: int) -> None:
        local: dict[str, Any] = {"loopCounter": counter}
        if self.loop.collection is not None:
            items = self._items(self.loop.collection, board.variables)
            if counter >= len(items):
                raise CannotRepeat(self.node.id, f"'{self.loop.collection}' has become shorter than {counter + 1}.")
            if self.loop.element_variable is not None:
                local[self.loop.element_variable] = items[counter]
        board.spawn(self.each, scope=token.id, flow="", local=local)

    def _times(self, variables: Mapping[str, Any]) -> int:
        if self.loop.collection is not None:
            return len(self._items(self.loop.collection, variables))
        times: object = self.loop.cardinality
        if isinstance(times, Expression):
            source = times.source
            try:
                times = times(variables)
            except ExpressionFailed as failure:
                raise CannotRepeat(self.node.id, f"{source}: {failure.text.en}") from failure
        if isinstance(times, bool) or not isinstance(times, int) or not 0 <= times <= MAX_INSTANCES:
            raise CannotRepeat(self.node.id, f"the loop cardinality must be a whole number from 0 to {MAX_INSTANCES}.")
        return times

    def _items(self, name: str, variables: Mapping[str, Any]) -> list[Any]:
        items = variables.get(name)
        if not isinstance(items, list) or len(items) > MAX_INSTANCES:
            raise CannotRepeat(self.node.id, f"'{name}' must be a list of at most {MAX_INSTANCES} items.")
        return items

    def _complete(self, noted: Mapping[str, int], local: Mapping[str, Any], variables: dict[str, Any]) -> bool:
        if self.loop.completion is None:
            return False
        counts = {
            "nrOfInstances": noted["of"],
            "nrOfCompletedInstances": noted["done"],
            "nrOfActiveInstances": 1 if self.loop.sequential else noted["of"] - noted["done"],
            "loopCounter": local["loopCounter"],
        }
        try:
            return truth(self.loop.completion, ChainMap(counts, variables))
        except ExpressionFailed as failure:
            raise CannotRepeat(self.node.id, f"{self.loop.completion.source}: {failure.text.en}") from failure


class InstanceSpec(NodeSpec):
    """One instance of a multi-instance task, which waits for a person."""

    waits = True
    is_open_task = True
    visited_on_arrival = False

    def arrive(self, token: Token, board: "Board") -> bool:
        token._set_state(TaskState.STARTED)
        return False

    def leave(self, token: Token, board: "Board") -> None:
        whole = board.tasks[token.internal_data["scope"]]
        whole.task_spec.ended(whole, token, board)

    def choose(self, variables: Mapping[str, object]) -> Iterable[Flow]:
        return ()
