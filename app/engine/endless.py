"""Cycles in which nothing waits for anybody: a token would run round for ever.

What is asked is what could go on by itself, so a way that only a person, a message, a timer or an outside worker opens
does not count. A signal counts as coming by itself where the model throws it; an error and an escalation come from the
events that throw them. A fixed date is waited for until it has passed, and then no more. Where it is not certain that
something waits, it is taken not to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.engine.catching import static_catchers
from app.engine.model import Node, NodeKind

_ALWAYS_WAITING = frozenset({NodeKind.EXTERNAL_TASK, NodeKind.EXTERNAL_EVENT})
_CHOOSING = frozenset({NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE, NodeKind.EVENT_GATEWAY})

# A node, or the end of a sub-process: (id, False) is reached, (id, True) is left.
Place = tuple[str, bool]


def endless_cycle(nodes: Mapping[str, Node]) -> tuple[str, ...]:
    """Return the ids of the nodes on a cycle that could keep itself going, empty if there is none."""
    return _Moves(nodes).cycle()


@dataclass(slots=True)
class _Needs:
    """What a place is fed by: one of each group. `left` counts in each group the places that are not ruled out."""

    groups: list[list[Place]]
    left: list[int] = field(default_factory=list)


class _Moves:
    """What can move in a model without waiting."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes
        self.starts = {
            node.scope: node.id for node in nodes.values() if node.kind is NodeKind.START and node.scope is not None
        }
        self.boundary: dict[str, list[str]] = {}
        for node in nodes.values():
            if node.attached_to is not None:
                self.boundary.setdefault(node.attached_to, []).append(node.id)
        self.throwers: dict[str, list[str]] = {}
        # Where the token that throws goes no further, as it is interrupted with all that is around it.
        self.cut: set[str] = set()
        for at, caught in static_catchers(nodes).items():
            if caught is not None:
                self.throwers.setdefault(caught.id, []).append(at)
                if caught.interrupting:
                    self.cut.add(at)
        signals: dict[str, list[str]] = {}
        for node in nodes.values():
            if node.kind is NodeKind.THROW and node.signal is not None:
                signals.setdefault(node.signal, []).append(node.id)
        for node in nodes.values():
            if node.kind is not NodeKind.THROW and node.signal in signals:
                self.throwers[node.id] = signals[node.signal]
        self.finishing: set[str] = set()
        self.terminating: set[str] = set()
        if self.starts:
            self._find_what_finishes()

    def cycle(self) -> tuple[str, ...]:
        """A place is kept while each of its groups is; what is fed too little is taken out until the rest holds."""
        needs = {place: _Needs(groups) for place, groups in self._feeds()}
        fed: dict[Place, list[tuple[Place, int]]] = {}
        starved: list[Place] = []
        for place, need in needs.items():
            for number, group in enumerate(need.groups):
                known = [feeder for feeder in group if feeder in needs]
                need.groups[number] = known
                need.left.append(len(known))
                for feeder in known:
                    fed.setdefault(feeder, []).append((place, number))
            if not all(need.left):
                starved.append(place)
        gone = set(starved)
        while starved:
            for place, number in fed.get(starved.pop(), ()):
                need = needs[place]
                need.left[number] -= 1
                if not need.left[number] and place not in gone:
                    gone.add(place)
                    starved.append(place)
        at = next((place for place in needs if place not in gone), None)
        if at is None:
            return ()
        # Going back within the rest leads into a cycle sooner or later.
        seen: dict[Place, int] = {}
        while at not in seen:
            seen[at] = len(seen)
            at = next(feeder for feeder in needs[at].groups[0] if feeder not in gone)
        return tuple(dict.fromkeys(place[0] for place, number in seen.items() if number >= seen[at]))

    def _feeds(self) -> Iterable[tuple[Place, list[list[Place]]]]:
        for at, node in self.nodes.items():
            flows = self._entries(at)
            if at in self.starts:
                yield (at, False), [flows]
                if self._passes_scope(at):
                    yield (at, True), [[(at, False)]]
            elif node.kind is NodeKind.BOUNDARY:
                if _is_date(node):
                    yield (at, False), [self._entries(node.attached_to)]
                elif at in self.throwers:
                    thrown = [(one, False) for one in self.throwers[at]]
                    yield (at, False), [thrown, self._entries(node.attached_to)] if node.interrupting else [thrown]
            elif node.kind is NodeKind.START:
                yield (at, False), [[] if node.scope is None else [(node.scope, False)]]
            elif not self._waits(node):
                if node.kind is NodeKind.PARALLEL:
                    fed = 0 < len(flows) == len(node.incoming)
                    yield (at, False), [[place] for place in flows] if fed else [[]]
                else:
                    signals = [[(one, False) for one in self.throwers[at]]] if at in self.throwers else []
                    yield (at, False), [flows, *signals]

    def _entries(self, at: str | None) -> list[Place]:
        incoming = self.nodes[at].incoming if at is not None and at in self.nodes else ()
        return [self._left(flow.source) for flow in incoming if flow.source not in self.cut]

    def _left(self, at: str) -> Place:
        return (at, at in self.starts)

    def _waits(self, node: Node) -> bool:
        """Whether a token at a node that is no sub-process and no boundary event waits there for somebody."""
        match node.kind:
            case NodeKind.USER_TASK:
                # One that is done as often as a variable says may be done no time at all.
                return node.loop is None or (isinstance(node.loop.cardinality, int) and node.loop.cardinality > 0)
            case NodeKind.CATCH | NodeKind.RECEIVE:
                return node.id not in self.throwers and not _is_date(node)
            case NodeKind.CALL:
                return node.id not in self.starts
            case _:
                return node.kind in _ALWAYS_WAITING

    # Which sub-processes can be passed without waiting: those from whose start all tokens can run to an end, or one to
    # a terminate end event.

    def _passes_scope(self, scope: str) -> bool:
        start = self.starts[scope]
        return start in self.finishing or start in self.terminating

    def _find_what_finishes(self) -> None:
        pending = list(self.nodes)
        while pending:
            at = pending.pop()
            finishes, terminates = at not in self.finishing, at not in self.terminating
            finishes, terminates = finishes and self._finishes(at), terminates and self._terminates(at)
            if finishes:
                self.finishing.add(at)
            if terminates:
                self.terminating.add(at)
            if finishes or terminates:
                # What a faulty file names as a source may not be there.
                pending.extend(one for one in self._before(at) if one in self.nodes)

    def _before(self, at: str) -> list[str]:
        node = self.nodes[at]
        before = [flow.source for flow in node.incoming]
        if node.attached_to is not None:
            before.append(node.attached_to)
        if node.kind is NodeKind.START and node.scope is not None:
            before.append(node.scope)
        return before

    def _goes_on(self, at: str) -> bool:
        if at in self.starts:
            return self._passes_scope(at)
        return at not in self.cut and not self._waits(self.nodes[at])

    def _finishes(self, at: str) -> bool:
        """Whether a token here can run to an end, with all that it splits into, without any of it waiting."""
        node = self.nodes[at]
        if self._goes_on(at):
            ways = [flow.target in self.finishing for flow in node.outgoing]
            if not ways or (any(ways) if node.kind in _CHOOSING else all(ways)):
                return True
        return any(
            self._fires(event) and self.nodes[event].interrupting and event in self.finishing
            for event in self.boundary.get(at, ())
        )

    def _terminates(self, at: str) -> bool:
        """Whether something of a token here can run to a terminate end event of its scope without waiting."""
        node = self.nodes[at]
        if node.kind is NodeKind.TERMINATE:
            return True
        if self._goes_on(at) and any(flow.target in self.terminating for flow in node.outgoing):
            return True
        return any(self._fires(event) and event in self.terminating for event in self.boundary.get(at, ()))

    def _fires(self, event: str) -> bool:
        """Whether a boundary event can come without anybody outside."""
        return event in self.throwers or _is_date(self.nodes[event])


def _is_date(node: Node) -> bool:
    return node.timer is not None and node.timer.kind == "date"
