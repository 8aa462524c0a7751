"""Which variables an instance lacks that what lies ahead of it reads to decide.

Asked where an instance comes into a model without having gone through it from its start: a form that the model asks
before may be behind the instance already. The graph alone is looked at; every condition may turn out either way.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from app.engine.catching import static_catchers
from app.engine.decidable import conditions_of
from app.engine.expressions import Expression, ExpressionFailed
from app.engine.model import COUNTS, Model, Node, NodeKind
from app.engine.outlook import joins
from app.engine.process import Process
from app.engine.state import SavedToken, decode

_HOLDERS = frozenset({NodeKind.SUB_PROCESS, NodeKind.CALL})


class Lack(NamedTuple):
    """A gateway or multi-instance task that reads a variable, where the instance may come without it.

    `certain` says that it then always fails there: the variable is read whatever else holds, and nothing that the
    instance may pass before gives it.
    """

    element_id: str
    variable: str
    certain: bool


def lacking(process: Process, state: bytes, by_forms: frozenset[str]) -> tuple[Lack, ...]:
    """Return what will be read on the way of an instance and may not be there, in the order of the model.

    A form gives its fields, those of open tasks too; a message and an outside worker may give any variable but those
    that are given `by_forms` alone.

    Raises:
        StateNotReadable: the state is damaged.
    """
    held, graph = decode(state), _Graph(process.model)
    found: list[Lack] = []
    for name in sorted(graph.read - held.variables.keys()):
        found += _Search(graph, held.tokens, name, free=name not in by_forms).lacks()
    order = {id_: number for number, id_ in enumerate(process.model.nodes)}
    return tuple(sorted(found, key=lambda lack: order[lack.element_id]))


class _Edge(NamedTuple):
    """A way of a token to a node; `flow` is empty where none is drawn, as into a sub-process."""

    target: str
    flow: str = ""


class _Graph:
    """The ways through a model: `beside` those that are open while a node is at work, `onward` those behind it."""

    def __init__(self, model: Model) -> None:
        self.nodes = model.nodes
        self.beside: dict[str, list[_Edge]] = {id_: [] for id_ in model.nodes}
        self.onward: dict[str, list[_Edge]] = {id_: [] for id_ in model.nodes}
        self.reads: dict[str, tuple[list[Expression | str], Expression | None]] = {}
        for node in model.nodes.values():
            events = model.boundary_events(node.id)
            self.beside[node.id] += [_Edge(one.id) for one in events if one.fault is None]
            if node.topic is not None:
                self.beside[node.id] += [_Edge(id_) for id_ in _errors_around(model, node)]
            if node.kind in _HOLDERS:
                self.beside[node.id] += [_Edge(one.id) for one in model.within(node.id) if one.kind is NodeKind.START]
            self.onward[node.id] += _behind(model, node)
            self.reads[node.id] = _reads_of(node)
        for thrower, event in static_catchers(model.nodes).items():
            if event is not None:
                self.onward[thrower].append(_Edge(event.id))
        reads = [one for first, last in self.reads.values() for one in [*first, *([last] if last else [])]]
        self.read = {name for one in reads for name in _names(one)}


def _errors_around(model: Model, node: Node) -> Iterator[str]:
    """The boundary events at an outside worker's task, and around it, that may catch its error."""
    at: str | None = node.id
    while at is not None:
        yield from (one.id for one in model.boundary_events(at) if one.fault is not None)
        at = model.nodes[at].scope


def _behind(model: Model, node: Node) -> list[_Edge]:
    """The flows out of a node; behind an end those of what holds it, and of a sub-process none but by its ends."""
    if node.kind in _HOLDERS and model.within(node.id):
        return []
    while not node.outgoing and node.scope is not None:
        node = model.nodes[node.scope]
    return [_Edge(flow.target, flow.id) for flow in node.outgoing]


def _reads_of(node: Node) -> tuple[list[Expression | str], Expression | None]:
    """Return what a node reads when it is come to, in that order, and what it reads when it has been done once."""
    first: list[Expression | str] = [flow.condition for flow in conditions_of(node) if flow.condition is not None]
    if node.loop is None:
        return first, None
    if node.loop.collection is not None:
        first.append(node.loop.collection)
    if isinstance(node.loop.cardinality, Expression):
        first.append(node.loop.cardinality)
    once = isinstance(node.loop.cardinality, int) and node.loop.cardinality <= 1
    return first, None if once else node.loop.completion


def _names(read: Expression | str) -> frozenset[str]:
    return frozenset({read}) if isinstance(read, str) else read.names - COUNTS


class _Search:
    """Where tokens come to, and where without anything on the way that may have given one variable."""

    def __init__(self, graph: _Graph, tokens: list[SavedToken], name: str, *, free: bool) -> None:
        self.graph, self.name, self.free = graph, name, free
        self.arrived: list[_Edge] = []
        self.standing: dict[str, None] = {}
        self.repeated: set[str] = set()
        for token in tokens:
            noted = token.internal_data
            if "host" in noted or "local" in noted:
                continue
            node = graph.nodes[token.element_id]
            if joins(node):
                self.arrived.append(_Edge(node.id, noted["flow"]))
            else:
                self.standing[node.id] = None
            # The last of a repeated task ends it without a question.
            if "of" in noted and noted["of"] - noted["done"] > 1:
                self.repeated.add(node.id)

    def lacks(self) -> Iterator[Lack]:
        without = self._without()
        entered = {edge.target for edge in without}
        for id_ in dict.fromkeys([*self.standing, *entered]):
            first, last = self.graph.reads[id_]
            asked = list(first) if id_ in entered else []
            if last is not None and (id_ in self.repeated or id_ in entered) and not self._gives(id_):
                asked.append(last)
            if any(self.name in _names(one) for one in asked):
                certain = self._is_read_at_once(id_, asked) and not self._may_be_given_before(id_)
                yield Lack(id_, self.name, certain)

    def _is_read_at_once(self, id_: str, asked: list[Expression | str]) -> bool:
        """Whether a node reads the variable before anything else could spare it that."""
        exclusive = self.graph.nodes[id_].kind is NodeKind.EXCLUSIVE
        return any(_first_read(one) == self.name for one in asked[: 1 if exclusive else None])

    def _may_be_given_before(self, id_: str) -> bool:
        passed = {*self.standing, *(edge.target for edge in self._reached(stop=id_))} - {id_}
        return any(map(self._gives, passed))

    def _gives(self, id_: str) -> bool:
        """Whether a node that is done may have given the variable."""
        node = self.graph.nodes[id_]
        if node.kind is NodeKind.USER_TASK and any(field.id == self.name for field in node.form):
            return True
        if node.fault is not None and self.name in (node.fault.code_variable, node.fault.message_variable):
            return True
        return self.free and (node.message is not None or node.topic is not None)

    def _beginnings(self) -> Iterator[tuple[str, _Edge, bool]]:
        """The ways on from open nodes, each with whether what is open there may give the variable first."""
        for id_ in self.standing:
            for edge in self.graph.beside[id_]:
                # What an open sub-process holds has tokens of its own.
                if self.graph.nodes[edge.target].attached_to is not None:
                    yield id_, edge, False
            yield from ((id_, edge, self._gives(id_)) for edge in self.graph.onward[id_])

    def _reached(self, stop: str | None = None) -> set[_Edge]:
        """All ways that tokens may still take, but those behind `stop`."""
        pending = [*self.arrived, *(edge for id_, edge, _ in self._beginnings() if id_ != stop)]
        seen = set(pending)
        while pending:
            at = pending.pop().target
            for edge in () if at == stop else (*self.graph.beside[at], *self.graph.onward[at]):
                if edge not in seen:
                    seen.add(edge)
                    pending.append(edge)
        return seen

    def _without(self) -> set[_Edge]:
        """The ways that a token may take although nothing has given the variable yet.

        A parallel join goes on with it as soon as one of its branches brings it.
        """
        reached = self._reached()
        flows: dict[str, set[_Edge]] = {}
        for edge in reached:
            flows.setdefault(edge.target, set()).add(edge)
        pending = [*self.arrived, *(edge for _, edge, given in self._beginnings() if not given)]
        seen = set(pending)
        while pending:
            at = pending.pop().target
            if self.graph.nodes[at].kind is NodeKind.PARALLEL and not flows[at] <= seen:
                continue
            onward = [] if self._gives(at) else self.graph.onward[at]
            for edge in (*self.graph.beside[at], *onward):
                if edge not in seen:
                    seen.add(edge)
                    pending.append(edge)
        return seen


class _FirstAsked(Exception):
    """Carries the name of the variable that an expression reads first."""


class _Asked(dict[str, Any]):
    def __contains__(self, name: object) -> bool:
        if name in COUNTS:
            return True
        raise _FirstAsked(name)

    def __missing__(self, name: str) -> int:
        return 0


def _first_read(read: Expression | str) -> str | None:
    """Return the variable that is read whatever the others are."""
    if isinstance(read, str):
        return read
    try:
        read(_Asked())
    except _FirstAsked as first:
        return str(first.args[0])
    except ExpressionFailed:
        return None
    return None
