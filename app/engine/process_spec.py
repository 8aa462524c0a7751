"""The specification of a whole model: one task spec for each node, linked once and shared by all instances."""

from collections.abc import Mapping

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from app.engine.activity_specs import (
    CatchSpec,
    ExternalSpec,
    RepeatedTaskSpec,
    ScopeSpec,
    ThrowSpec,
    UserTaskSpec,
)
from app.engine.model import Model, Node, NodeKind
from app.engine.specs import (
    BoundarySpec,
    EventGatewaySpec,
    ExclusiveSpec,
    InclusiveSpec,
    NodeSpec,
    ParallelSpec,
    TerminateSpec,
)

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
    NodeKind.RECEIVE: CatchSpec,
    NodeKind.THROW: ThrowSpec,
    NodeKind.EXTERNAL_TASK: ExternalSpec,
    NodeKind.EXTERNAL_EVENT: ExternalSpec,
    NodeKind.BOUNDARY: BoundarySpec,
    NodeKind.SUB_PROCESS: ScopeSpec,
    NodeKind.CALL: ScopeSpec,
}


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """The specification of one model; built once for each version, shared by all its instances and never changed.

    `uncomposed` are the ids of the calls whose process is not in the model: with one of these nothing can run.
    """

    task_specs: dict[str, NodeSpec]

    def __init__(self, model: Model) -> None:
        super().__init__(name=model.id)
        # SpiffWorkflow's own nodes are called Start and End, which are valid ids of a model too.
        self.task_specs.clear()
        self.end = None
        self.start = NodeSpec(self, Node(id="", kind=NodeKind.START, name="", scope=None))
        starts: dict[str | None, NodeSpec] = {}
        for node in model.nodes.values():
            spec = _SPECS[node.kind](self, node) if node.loop is None else RepeatedTaskSpec(self, node, node.loop)
            spec._inputs = [flow.source for flow in node.incoming]
            spec._outputs = [flow.target for flow in node.outgoing]
            if node.kind is NodeKind.START:
                starts[node.scope] = spec
        self.first = starts[None]
        uncomposed: list[str] = []
        for spec in list(self.task_specs.values()):
            if spec.node.attached_to is not None:
                host = self.task_specs[spec.node.attached_to]
                host.boundary = (*host.boundary, spec)
            if isinstance(spec, InclusiveSpec):
                _ = spec.ways
            elif isinstance(spec, ScopeSpec):
                if spec.name in starts:
                    spec.start = starts[spec.name]
                else:
                    uncomposed.append(spec.name)
        self.uncomposed = tuple(uncomposed)
