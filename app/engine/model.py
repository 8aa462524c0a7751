"""A BPMN process as typed, immutable values: what was drawn, before anything runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.engine.expressions import Expression
from app.engine.findings import Finding
from app.engine.timers import Timer


class NodeKind(StrEnum):
    """The flow nodes that Alur runs; every other BPMN element is refused when the file is read."""

    START = "start"
    END = "end"
    TERMINATE = "terminate"
    USER_TASK = "user_task"
    PASS = "pass"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    EVENT_GATEWAY = "event_gateway"
    CATCH = "catch"
    BOUNDARY = "boundary"
    SUB_PROCESS = "sub_process"


class FieldType(StrEnum):
    """Types of a Camunda generated form field; `long` is a whole number of 64 bits, `date` is `YYYY-MM-DD`."""

    STRING = "string"
    LONG = "long"
    BOOLEAN = "boolean"
    DATE = "date"
    ENUM = "enum"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. Bounds are on the value for `long` and on the length in characters for `string`."""

    id: str
    label: str
    type: FieldType
    required: bool = False
    default: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is null for an unconditional or a default flow."""

    id: str
    source: str
    target: str
    name: str
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. `lane` is the name of the innermost lane, inherited by what a sub-process contains.

    `scope` is the id of the sub-process that holds the node, null at the top. A wait has either `message` or `timer`.
    """

    id: str
    kind: NodeKind
    name: str
    scope: str | None
    lane: str | None = None
    outgoing: tuple[Flow, ...] = ()
    incoming: tuple[Flow, ...] = ()
    default_flow: str | None = None
    message: str | None = None
    timer: Timer | None = None
    attached_to: str | None = None
    interrupting: bool = True
    documentation: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    candidate_groups: tuple[str, ...] = ()
    priority: int | None = None
    form: tuple[FormField, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """The executable process of a BPMN file, with everything that later rooms ask of it."""

    id: str
    name: str
    version_tag: str | None
    documentation: str
    properties: Mapping[str, str]
    lanes: tuple[str, ...]
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    start_form: tuple[FormField, ...]
    warnings: tuple[Finding, ...] = ()
    # Asked for every node of a model, so that they must not look through all of them each time.
    _within: Mapping[str | None, tuple[Node, ...]] = field(init=False, repr=False, compare=False)
    _attached: Mapping[str, tuple[Node, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        within: dict[str | None, list[Node]] = {}
        attached: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            within.setdefault(node.scope, []).append(node)
            if node.attached_to is not None:
                attached.setdefault(node.attached_to, []).append(node)
        object.__setattr__(self, "_within", {scope: tuple(nodes) for scope, nodes in within.items()})
        object.__setattr__(self, "_attached", {host: tuple(nodes) for host, nodes in attached.items()})

    @property
    def user_tasks(self) -> tuple[Node, ...]:
        """The user tasks in document order."""
        return tuple(node for node in self.nodes.values() if node.kind is NodeKind.USER_TASK)

    @property
    def messages(self) -> tuple[str, ...]:
        """The names of the messages that an instance may wait for, in document order."""
        return tuple(dict.fromkeys(node.message for node in self.nodes.values() if node.message is not None))

    def within(self, scope: str | None) -> tuple[Node, ...]:
        """The nodes that stand directly in a scope."""
        return self._within.get(scope, ())

    def boundary_events(self, host: str) -> tuple[Node, ...]:
        """The boundary events attached to an activity."""
        return self._attached.get(host, ())
