"""BPMN's nodes as SpiffWorkflow task specs that play the token game literally.

SpiffWorkflow keeps the whole past in its task tree and decides joins by searching that tree, which goes wrong inside
rework loops and grows with each return. Here every live task is one token: it knows the sequence flow by which it came
and the sub-process token that it lives in, and no decision asks for more. What has finished may therefore be forgotten.
Embedded sub-processes stand in the same flat specification; a scope is the token of their sub-process.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine.expressions import ExpressionFailed, truth
from app.engine.model import Flow, Model, Node, NodeKind
from app.engine.refusals import NoFlowMatches

if TYPE_CHECKING:
    from app.engine.execution import Execution


class Token(Task):  # type: ignore[misc]
    """A task of SpiffWorkflow that is a token; see `NodeSpec` for what its `internal_data` holds."""

    def _set_state(self, value: int) -> None:
        """Change the state alone: SpiffWorkflow makes up a log record each time, which costs more than the step."""
        self._state = value


class NodeSpec(BpmnTaskSpec):  # type: ignore[misc]
    """A node that passes its token on at once; the base of all others.

    `Task.internal_data` of a token holds `flow` (the sequence flow it came by) and `scope` (the token of its
    sub-process), and what its kind adds: `host`, `race`, `due`, `left`.
    """

    waits = False

    def __init__(self, process: "ProcessSpec", node: Node) -> None:
        super().__init__(process, node.id, manual=self.waits)
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
        execution: Execution = my_task.workflow
        self.leave(my_task, execution)
        execution.advance(my_task, self.choose(execution.variables))

    def arrive(self, token: Token, execution: "Execution") -> bool:
        """Take a token in; True lets it go on at once, False leaves it waiting here."""
        return True

    def leave(self, token: Token, execution: "Execution") -> None:
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

    def arrive(self, token: Token, execution: "Execution") -> bool:
        token._set_state(TaskState.WAITING)
        first: dict[str, Token] = {}
        for other in execution.tokens_at(self, token.internal_data["scope"]):
            first.setdefault(other.internal_data["flow"], other)
        if len(first) == len(self.node.incoming):
            execution.merge(first.values())
        return False


class InclusiveSpec(NodeSpec):
    """Waits until no other token can still come by an empty flow; then consumes one token of each flow that has one.

    The rule is that of BPMN 2.0.2, table 13.3: a token elsewhere holds the gateway back if it has a way to an incoming
    flow without a token and none to an incoming flow with a token, ways through the gateway itself left out.
    """

    def arrive(self, token: Token, execution: "Execution") -> bool:
        if len(self.node.incoming) == 1:
            return True
        token._set_state(TaskState.WAITING)
        execution.inclusive_waits = True
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


class HostSpec(NodeSpec):
    """An activity: its boundary events are armed while it is open."""

    waits = True

    def arrive(self, token: Token, execution: "Execution") -> bool:
        token._set_state(TaskState.STARTED)
        execution.arm(token, self.boundary)
        return False

    def leave(self, token: Token, execution: "Execution") -> None:
        execution.disarm(token)


class UserTaskSpec(HostSpec):
    """Waits for a person."""


class SubProcessSpec(HostSpec):
    """Waits until no token is left inside."""

    start: NodeSpec

    def arrive(self, token: Token, execution: "Execution") -> bool:
        super().arrive(token, execution)
        execution.enter(token, self.start)
        return False


class CatchSpec(HostSpec):
    """Waits for a message or a moment."""

    def arrive(self, token: Token, execution: "Execution") -> bool:
        super().arrive(token, execution)
        execution.set_timer(token, self.node.timer)
        return False


class TerminateSpec(NodeSpec):
    """Ends its scope at once, whatever else is going on in it."""

    def leave(self, token: Token, execution: "Execution") -> None:
        execution.terminate(token)


class BoundarySpec(NodeSpec):
    """Listens beside an activity; it becomes a token of its own when it fires."""

    waits = True


_SPECS: Mapping[NodeKind, type[NodeSpec]] = {
    NodeKind.START: NodeSpec,
    NodeKind.END: NodeSpec,
    NodeKind.PASS: NodeSpec,
    NodeKind.TERMINATE: TerminateSpec,
    NodeKind.USER_TASK: UserTaskSpec,
    NodeKind.EXCLUSIVE: ExclusiveSpec,
    NodeKind.PARALLEL: ParallelSpec,
    NodeKind.INCLUSIVE: InclusiveSpec,
    NodeKind.EVENT_GATEWAY: EventGatewaySpec,
    NodeKind.CATCH: CatchSpec,
    NodeKind.BOUNDARY: BoundarySpec,
    NodeKind.SUB_PROCESS: SubProcessSpec,
}


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """The specification of one model; built once for each version, shared by all its instances and never changed."""

    task_specs: dict[str, NodeSpec]

    def __init__(self, model: Model) -> None:
        super().__init__(name=model.id)
        # SpiffWorkflow's own nodes are called Start and End, which are valid ids of a model too.
        self.task_specs.clear()
        self.end = None
        self.start = NodeSpec(self, Node(id="", kind=NodeKind.START, name="", scope=None))
        for node in model.nodes.values():
            _SPECS[node.kind](self, node)
        for spec in self.task_specs.values():
            node = spec.node
            spec._inputs = [flow.source for flow in node.incoming]
            spec._outputs = [flow.target for flow in node.outgoing]
            spec.boundary = tuple(self.task_specs[event.id] for event in model.boundary_events(node.id))
            if isinstance(spec, SubProcessSpec):
                spec.start = self.start_of(model, node.id)
            elif isinstance(spec, InclusiveSpec):
                _ = spec.ways
        self.first = self.start_of(model, None)

    def start_of(self, model: Model, scope: str | None) -> NodeSpec:
        """Return the start event of a scope."""
        return next(self.task_specs[node.id] for node in model.within(scope) if node.kind is NodeKind.START)


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
