"""What can still become of an instance, from where its tokens are: whether it can end, and what is open together.

Both are asked where tokens are put down by something else than the model's own flows: a migration, a move by hand. The
graph alone is looked at; every condition may turn out either way, and everything awaited may happen.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple
from weakref import WeakKeyDictionary

from app.engine.catching import static_catchers
from app.engine.model import Flow, Node, NodeKind
from app.engine.process import Process
from app.engine.process_spec import ProcessSpec
from app.engine.specs import InclusiveSpec
from app.engine.state import SavedToken

# Beyond so many stands, or tokens in one, nothing is looked for: an instance is then taken to be able to end.
MOST_STANDS = 5_000
MOST_TOKENS = 200

_NO_WAY_ON = "!"


class Place(NamedTuple):
    """Where a token can be: at a node, and at one that joins also by which of its flows it came."""

    node: str
    flow: str = ""


_Stand = tuple[Place, ...]
_ENDING: WeakKeyDictionary[ProcessSpec, frozenset[str]] = WeakKeyDictionary()
_KNOWN: WeakKeyDictionary[ProcessSpec, dict[str | None, Mapping[Place, set[Place]]]] = WeakKeyDictionary()


def joins(node: Node) -> bool:
    """Whether a token may wait at a node for tokens of other flows."""
    return node.kind in (NodeKind.PARALLEL, NodeKind.INCLUSIVE) and len(node.incoming) > 1


def stuck_at(process: Process, tokens: Sequence[SavedToken]) -> frozenset[str]:
    """Return the elements where tokens would stay for ever; none if the instance can end."""
    return _Outlook(process, tokens).stuck_in(0)


def never_together(process: Process, tokens: Sequence[SavedToken]) -> frozenset[tuple[str, str]]:
    """Return the pairs of elements that hold tokens of one scope and that the model never opens together."""
    found: set[tuple[str, str]] = set()
    by_scope: dict[int, list[Place]] = {}
    for token in _standing(tokens):
        by_scope.setdefault(token.internal_data["scope"], []).append(_place_of(process, token))
    hosts = {token.id: token.element_id for token in tokens}
    for scope, places in by_scope.items():
        if len(places) > 1:
            pairs = _together(process, hosts.get(scope))
            found |= {(one.node, other.node) for one, other in combinations(places, 2) if other not in pairs[one]}
    return frozenset(found)


def _standing(tokens: Iterable[SavedToken]) -> Iterator[SavedToken]:
    """The tokens that stand for themselves: no listeners, the events of one event-based gateway once, and of a
    multi-instance task the whole alone."""
    races: set[int] = set()
    for token in tokens:
        race = token.internal_data.get("race")
        if "host" in token.internal_data or "local" in token.internal_data or race in races:
            continue
        if race is not None:
            races.add(race)
        yield token


def _place_of(process: Process, token: SavedToken) -> Place:
    node = process.spec.task_specs[token.element_id].node
    if "race" in token.internal_data:
        return Place(node.incoming[0].source)
    return Place(node.id, token.internal_data["flow"]) if joins(node) else Place(node.id)


def _target(process: Process, flow: Flow) -> Place:
    node = process.model.nodes[flow.target]
    return Place(node.id, flow.id) if joins(node) else Place(node.id)


def _ways(process: Process, node: Node) -> list[tuple[Flow, ...]]:
    """The sets of flows by which a token may leave a node, those of its interrupting events included.

    Of an inclusive split each flow alone and all together stand for every choice.
    """
    ways = [node.outgoing]
    if node.kind in (NodeKind.EXCLUSIVE, NodeKind.EVENT_GATEWAY, NodeKind.INCLUSIVE) and len(node.outgoing) > 1:
        ways = [(flow,) for flow in node.outgoing]
        if node.kind is NodeKind.INCLUSIVE:
            ways.append(node.outgoing)
    return ways + [event.outgoing for event in _events(process, node) if event.interrupting]


def _events(process: Process, node: Node) -> list[Node]:
    return [spec.node for spec in process.spec.task_specs[node.id].boundary]


def _may_end_scope(process: Process) -> frozenset[str]:
    """Return the nodes that may end the scope they stand in: by terminating it, or by a throw that is caught outside.

    A sub-process is one too if what is thrown within it is caught further out. Of an external task any error may come.
    """
    if process.spec in _ENDING:
        return _ENDING[process.spec]
    nodes = process.model.nodes
    found = {node.id for node in nodes.values() if node.kind is NodeKind.TERMINATE}
    catchers = {id_: event for id_, event in static_catchers(nodes).items() if event is not None and event.interrupting}
    for node in nodes.values():
        outermost = catchers[node.id].attached_to if node.id in catchers else None
        if node.topic is not None:
            catching = [one for one in _around(nodes, node) if any(map(_is_error, process.model.boundary_events(one)))]
            outermost = catching[-1] if catching else None
        if outermost is not None:
            inside = [node.id, *_around(nodes, node)]
            found.update(inside[: inside.index(outermost)])
    _ENDING[process.spec] = frozenset(found)
    return _ENDING[process.spec]


def _around(nodes: Mapping[str, Node], node: Node) -> Iterator[str]:
    """The sub-processes and calls that a node stands in, the innermost first."""
    while node.scope is not None:
        yield node.scope
        node = nodes[node.scope]


def _is_error(event: Node) -> bool:
    return event.fault is not None and event.fault.kind == "error"


class _Outlook:
    """The search for an end, scope by scope: a sub-process is left once its own tokens can end.

    Tokens that do not meet do not disturb each other, so one of them is always moved on until it waits at a join; only
    what it may choose is tried out. That finds an end if there is one, without trying every order.
    """

    def __init__(self, process: Process, tokens: Sequence[SavedToken]) -> None:
        self.process = process
        self.ending = _may_end_scope(process)
        self.by_scope: dict[int, list[SavedToken]] = {}
        for token in _standing(tokens):
            self.by_scope.setdefault(token.internal_data["scope"], []).append(token)

    def stuck_in(self, scope: int) -> frozenset[str]:
        inside: frozenset[str] = frozenset()
        places: list[Place] = []
        for token in self.by_scope.get(scope, ()):
            stuck = self.stuck_in(token.id)
            inside |= stuck
            places.append(Place(token.element_id, _NO_WAY_ON) if stuck else _place_of(self.process, token))
        stuck = self._search(tuple(sorted(places)))
        hopeless = {place.node for place in places if place.flow == _NO_WAY_ON}
        return (stuck - hopeless) | inside if stuck else stuck

    def _search(self, stand: _Stand) -> frozenset[str]:
        pending, seen = [stand], {stand}
        ends: frozenset[str] = frozenset()
        while pending:
            stand = pending.pop()
            further = self._further(stand)
            if further is None or len(seen) > MOST_STANDS or len(stand) > MOST_TOKENS:
                return frozenset()
            if not further:
                ends = ends or frozenset(place.node for place in stand)
            for one in further:
                if one not in seen:
                    seen.add(one)
                    pending.append(one)
        return ends

    def _further(self, stand: _Stand) -> list[_Stand] | None:
        """Return the stands that follow when one token moves, or a join fires; None where the scope has ended."""
        if not stand:
            return None
        nodes = self.process.model.nodes
        for number, place in enumerate(stand):
            node = nodes[place.node]
            if node.id in self.ending and place.flow != _NO_WAY_ON:
                return None
            if place.flow == "":
                return self._moved(stand[:number] + stand[number + 1 :], _ways(self.process, node))
            if place.flow == _NO_WAY_ON:
                events = _events(self.process, node)
                # An error or escalation that may still come would have been seen within.
                ways = [event.outgoing for event in events if event.interrupting and event.fault is None]
                if ways:
                    return self._moved(stand[:number] + stand[number + 1 :], ways)
        arrived: dict[str, dict[str, Place]] = {}
        for place in stand:
            if place.flow != _NO_WAY_ON:
                arrived.setdefault(place.node, {}).setdefault(place.flow, place)
        for id_, first in arrived.items():
            if self._fires(nodes[id_], stand, first):
                rest = list(stand)
                for place in first.values():
                    rest.remove(place)
                return self._moved(tuple(rest), _ways(self.process, nodes[id_]))
        return []

    def _fires(self, node: Node, stand: _Stand, first: Mapping[str, Place]) -> bool:
        spec = self.process.spec.task_specs[node.id]
        if not isinstance(spec, InclusiveSpec):
            return len(first) == len(node.incoming)
        nothing: frozenset[str] = frozenset()
        others = (spec.ways.get(place.node, nothing) for place in stand if place.node != node.id)
        return not any(ways and not ways & first.keys() for ways in others)

    def _moved(self, rest: _Stand, ways: Iterable[Sequence[Flow]]) -> list[_Stand]:
        return [tuple(sorted((*rest, *(_target(self.process, flow) for flow in flows)))) for flows in ways]


def _together(process: Process, scope: str | None) -> Mapping[Place, set[Place]]:
    """Return for each place of a scope which places may hold tokens at the same time; worked out once for a model."""
    known = _KNOWN.setdefault(process.spec, {})
    if scope not in known:
        known[scope] = _find_together(process, scope)
    return known[scope]


def _find_together(process: Process, scope: str | None) -> Mapping[Place, set[Place]]:
    """Find the places that may hold tokens at the same time, from nothing on until there are no more.

    What a node puts down at once is together; what was together with a token is together with what follows from it. A
    parallel join needs that of all its flows, and after an inclusive join nothing is left for which it
    would have waited.
    """
    nodes = [node for node in process.model.within(scope) if node.kind is not NodeKind.BOUNDARY]
    arrivals = {
        node.id: [Place(node.id, flow.id) for flow in node.incoming] if joins(node) else [Place(node.id)]
        for node in nodes
    }
    pairs: dict[Place, set[Place]] = defaultdict(set)
    size = -1
    while size < (size := sum(map(len, pairs.values()))):
        for node in nodes:
            beside = _beside(process, node, arrivals[node.id], pairs)
            for flows in _ways(process, node) if node.kind is not NodeKind.INCLUSIVE else [node.outgoing]:
                _add(pairs, [_target(process, flow) for flow in flows], beside)
            for event in _events(process, node):
                if not event.interrupting:
                    # It may be heard again while what it put down before is still there.
                    put = [_target(process, flow) for flow in event.outgoing]
                    _add(pairs, [*put, *put], beside | set(arrivals[node.id]))
    return pairs


def _beside(process: Process, node: Node, arrivals: Sequence[Place], pairs: Mapping[Place, set[Place]]) -> set[Place]:
    """Return what may stand elsewhere when a token leaves a node."""
    others = [pairs[place] for place in arrivals]
    spec = process.spec.task_specs[node.id]
    if isinstance(spec, InclusiveSpec) and len(arrivals) > 1:
        ways, everywhere = spec.ways, frozenset(flow.id for flow in node.incoming)
        return {
            other
            for place, together in zip(arrivals, others, strict=True)
            for other in together
            if other.node != node.id and place.flow in ways.get(other.node, everywhere)
        }
    return set.intersection(*others)


def _add(pairs: Mapping[Place, set[Place]], put: Sequence[Place], beside: set[Place]) -> None:
    for one, other in combinations(put, 2):
        pairs[one].add(other)
        pairs[other].add(one)
    for one in put:
        pairs[one] |= beside
        for other in beside:
            pairs[other].add(one)
