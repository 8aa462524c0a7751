"""BPMN's events and gateways as SpiffWorkflow task specs that play the token game literally.

SpiffWorkflow keeps the whole past in its task tree and decides joins by searching that tree, which goes wrong inside
rework loops and grows with each return. Here every live task is one token: it knows the sequence flow by which it came
and the sub-process token that it lives in, and no decision asks for more. What has finished may therefore be forgotten.
Sub-processes stand in the same flat specification; a scope is the token of their sub-process.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine.expressions import ExpressionFailed, truth
from app.engine.model import Flow, Node
from app.engine.refusals import NoFlowMatches

if TYPE_CHECKING:
    from app.engine.board import Board
    from app.engine.process_spec import ProcessSpec


class Token(Task):  # type: ignore[misc]
    """A task of SpiffWorkflow that is a token; see `NodeSpec` for what its `internal_data` holds."""

    def _set_state(self, value: int) -> None:
        """Change the state alone: SpiffWorkflow makes up a log record each time, which costs more than the step."""
        self._state = value

    @property
    def due(self) -> datetime:
        """When the timer of this token fires."""
        return datetime.fromisoformat(self.internal_data["due"])


class NodeSpec(BpmnTaskSpec):  # type: ignore[misc]
    """A node that passes its token on at once; the base of all others.

    `Task.internal_data` of a token holds `flow` (the sequence flow it came by) and `scope` (the token of its
    sub-process), and what its kind adds: `host` and `race` of an event, `due` and `left` of a timer, `of` and `done` of
    a multi-instance task and `local` of one of its instances.
    """

    waits = False
    # Whether a person does it, whether other tokens may live or listen at its token, and when it counts as visited.
    is_open_task = False
    holds_others = False
    visited_on_arrival = True

    def __init__(self, process: "ProcessSpec", node: Node, name: str | None = None) -> None:
        super().__init__(process, node.id if name is None else name, manual=self.waits)
        self.node = node
        self.boundary: tuple[NodeSpec, ...] = ()

    def test(self) -> None:
        """Nothing to do: the model was checked when it was read."""

    def _predict(self, my_task: Token, seen: object = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Nothing to do: what may come is in the diagram, so it is not kept in the tree."""

    def _update_hook(self, my_task: Token) -> bool:
        return self.arrive(my_task, my_task.workflow)

    def _on_ready_hook(self, my_task: Token) -> None:
        my_task.workflow.ready.append(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        board: Board = my_task.workflow
        self.leave(my_task, board)
        # What an event throws may end the very scope that it stands in.
        if my_task._state != TaskState.CANCELLED:
            board.advance(my_task, self.choose(board.variables))

    def arrive(self, token: Token, board: "Board") -> bool:
        """Take a token in; True lets it go on at once, False leaves it waiting here."""
        return True

    def leave(self, token: Token, board: "Board") -> None:
        """Tidy up before a token goes on."""

    def choose(self, variables: Mapping[str, object]) -> Iterable[Flow]:
        """Return the sequence flows that the token leaves by."""
        return self.node.outgoing


class ExclusiveSpec(NodeSpec):
    """Takes the first flow in document order whose condition holds, else the default flow."""

    def choose(self, variables: Mapping[str, object]) -> Iterable[Flow]:
        for flow in self.node.outgoing:
            if flow.id != self.node.default_flow and _holds(flow, variables):
                return (flow,)
        return _default(self.node)


class ParallelSpec(NodeSpec):
    """Consumes one token of each incoming flow and puts one on each outgoing flow; tokens in excess stay."""

    visited_on_arrival = False

    def arrive(self, token: Token, board: "Board") -> bool:
        token._set_state(TaskState.WAITING)
        first: dict[str, Token] = {}
        for other in board.tokens_at(self, token.internal_data["scope"]):
            first.setdefault(other.internal_data["flow"], other)
        if len(first) == len(self.node.incoming):
            board.merge(first.values())
        return False


class InclusiveSpec(NodeSpec):
    """Waits until no other token can still come by an empty flow; then consumes one token of each flow that has one.

    The rule is that of BPMN 2.0.2, table 13.3: a token elsewhere holds the gateway back if it has a way to an incoming
    flow without a token and none to an incoming flow with a token, ways through the gateway itself left out.
    """

    visited_on_arrival = False

    def arrive(self, token: Token, board: "Board") -> bool:
        token._set_state(TaskState.WAITING)
        if len(self.node.incoming) == 1:
            board.merge((token,))
        else:
            board.inclusive_waits = True
        return False

    def choose(self, variables: Mapping[str, object]) -> Iterable[Flow]:
        if len(self.node.outgoing) == 1:
            return self.node.outgoing
        chosen = [f for f in self.node.outgoing if f.id != self.node.default_flow and _holds(f, variables)]
        return chosen or _default(self.node)

    @cached_property
    def ways(self) -> Mapping[str, frozenset[str]]:
        """For each node of the same scope, the incoming flows of this gateway that a token at the node can reach."""
        process: ProcessSpec = self._wf_spec
        ways: dict[str, set[str]] = {}
        for entry in self.node.incoming:
            pending, seen = [entry.source], {self.node.id}
            while pending:
                at = pending.pop()
                if at in seen:
                    continue
                seen.add(at)
                ways.setdefault(at, set()).add(entry.id)
                node = process.task_specs[at].node
                pending.extend(flow.source for flow in node.incoming)
                if node.attached_to is not None:
                    pending.append(node.attached_to)
        return {at: frozenset(flows) for at, flows in ways.items()}


class EventGatewaySpec(NodeSpec):
    """Puts a token on each awaited event; the first that happens withdraws the others."""


class TerminateSpec(NodeSpec):
    """Ends its scope at once, whatever else is going on in it."""

    def leave(self, token: Token, board: "Board") -> None:
        board.terminate(token)


class BoundarySpec(NodeSpec):
    """Listens beside an activity; it becomes a token of its own when it fires."""

    waits = True


def _holds(flow: Flow, variables: Mapping[str, object]) -> bool:
    if flow.condition is None:
        return True
    try:
        return truth(flow.condition, variables)
    except ExpressionFailed as failure:
        raise NoFlowMatches(flow.source, f"{flow.condition.source}: {failure.text.en}") from failure


def _default(node: Node) -> Iterable[Flow]:
    for flow in node.outgoing:
        if flow.id == node.default_flow:
            return (flow,)
    raise NoFlowMatches(node.id, "no condition of an outgoing flow is true and there is no default flow")
