"""A BPMN process as typed, immutable values: what was drawn, before anything runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from app.engine.expressions import Expression
from app.engine.findings import Finding
from app.engine.timers import Timer

# How often a multi-instance task may be done.
MAX_INSTANCES = 1_000
# What the completion condition of one reads beside the variables.
COUNTS = frozenset({"nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances", "loopCounter"})


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
    RECEIVE = "receive"
    THROW = "throw"
    EXTERNAL_TASK = "external_task"
    EXTERNAL_EVENT = "external_event"
    BOUNDARY = "boundary"
    SUB_PROCESS = "sub_process"
    CALL = "call"


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
class Fault:
    """An error or an escalation, as an event throws it or as a boundary event catches it.

    A catching event without a `code` catches all; it may note code and message of what it caught in variables.
    """

    kind: Literal["error", "escalation"]
    code: str | None
    message: str | None = None
    code_variable: str | None = None
    message_variable: str | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """How often a multi-instance task is done: either `cardinality` times, or once for each item of `collection`.

    `collection` and `element_variable` are names of variables. `completion` ends it early.
    """

    sequential: bool
    cardinality: int | Expression | None = None
    collection: str | None = None
    element_variable: str | None = None
    completion: Expression | None = None


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

    `scope` is the id of the sub-process or call that holds the node, null at the top. A wait has one of `message`,
    `signal`, `timer` and `topic`; a boundary event may have a `fault` in their place. An event that throws has a
    `signal` or a `fault`; `ends` says that nothing follows it. `called` is the id of the process of a call.
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
    signal: str | None = None
    timer: Timer | None = None
    fault: Fault | None = None
    topic: str | None = None
    task_priority: int | None = None
    loop: Loop | None = None
    called: str | None = None
    ends: bool = False
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
    # The id of the first lane of each name.
    lane_ids: Mapping[str, str]
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    start_form: tuple[FormField, ...]
    warnings: tuple[Finding, ...] = ()
    # The id of the process that each call activity calls, by the id of the activity.
    calls: Mapping[str, str] = field(init=False, repr=False, compare=False)
    # These are asked for every node of a model, and `calls` for every act on an instance: none may look through it each
    # time.
    _within: Mapping[str | None, tuple[Node, ...]] = field(init=False, repr=False, compare=False)
    _attached: Mapping[str, tuple[Node, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        within: dict[str | None, list[Node]] = {}
        attached: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            within.setdefault(node.scope, []).append(node)
            if node.attached_to is not None:
                attached.setdefault(node.attached_to, []).append(node)
        called = {node.id: node.called for node in self.nodes.values() if node.called is not None}
        object.__setattr__(self, "calls", called)
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
