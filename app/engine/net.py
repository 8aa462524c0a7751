"""One scope of a model as a net that tokens move through, drawn smaller without changing how it can go wrong.

A station takes one token of any incoming flow, one of all of them, or what an inclusive gateway takes, and leaves by
one of its `ways`: a set of flows that each get a token. Which way is taken is free, as conditions are not looked at.
An interrupting boundary event is one more way out of its activity. The path of an event that does not interrupt runs
beside everything else and may never begin, so it is a net's further beginning, played for itself.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

from app.engine.catching import static_catchers
from app.engine.model import Flow, Model, Node, NodeKind

# Of so many flows out of an inclusive gateway every choice is tried; of more only the telling ones.
_ALL_CHOICES = 6
_MOST_WAYS = 64

_AT_ONCE = frozenset(
    {
        NodeKind.START,
        NodeKind.END,
        NodeKind.TERMINATE,
        NodeKind.PASS,
        NodeKind.THROW,
        NodeKind.EXCLUSIVE,
        NodeKind.PARALLEL,
        NodeKind.INCLUSIVE,
    }
)

Way = tuple[str, ...]


class Join(StrEnum):
    """How many tokens a station takes at a time."""

    ANY = "any"
    ALL = "all"
    INCLUSIVE = "inclusive"


@dataclass(slots=True, eq=False)
class Station:
    """`waits` where a token may stay for as long as it likes; `kills` where it takes all others with it."""

    id: str
    join: Join
    ins: list[str]
    ways: list[Way]
    waits: bool = False
    kills: bool = False
    sampled: bool = False


@dataclass(slots=True, eq=False)
class Net:
    """`source` and `target` name the stations of a flow; a beginning is a station that no flow enters."""

    stations: dict[str, Station] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)
    target: dict[str, str] = field(default_factory=dict)
    beginnings: list[str] = field(default_factory=list)

    def outs(self, station: Station) -> list[str]:
        """The flows out of a station, each once."""
        return list(dict.fromkeys(flow for way in station.ways for flow in way))


def scopes_of(model: Model) -> tuple[str | None, ...]:
    """The scopes of a model: null for the process, and the id of each activity that holds others."""
    return tuple(dict.fromkeys([None, *(node.scope for node in model.nodes.values())]))


def net_of(model: Model, scope: str | None) -> Net:
    """Return the net of what stands directly in a scope; each activity that holds others is one station of it."""
    net = Net()
    inside = model.within(scope)
    # An error that is caught ends its scope as a termination does.
    thrown = {
        at
        for at, caught in static_catchers(model.nodes).items()
        if caught is not None and (fault := model.nodes[at].fault) is not None and fault.kind == "error"
    }
    events: dict[str, list[Node]] = {}
    for node in inside:
        if node.attached_to is not None and node.interrupting:
            events.setdefault(node.attached_to, []).append(node)
    for node in inside:
        if node.kind is NodeKind.BOUNDARY:
            if not node.interrupting:
                _add(net, Station(node.id, Join.ANY, [], [_ids(node.outgoing)]))
                net.beginnings.append(node.id)
            continue
        ways, sampled = _ways(node)
        ways += [_ids(event.outgoing) for event in events.get(node.id, [])]
        raced = bool(node.incoming) and all(
            model.nodes[flow.source].kind is NodeKind.EVENT_GATEWAY for flow in node.incoming
        )
        waits = node.kind not in _AT_ONCE and not raced
        kills = node.kind is NodeKind.TERMINATE or node.id in thrown
        _add(net, Station(node.id, _join(node), list(_ids(node.incoming)), ways, waits, kills, sampled))
        if node.kind is NodeKind.START:
            net.beginnings.insert(0, node.id)
    return net


def smaller(net: Net) -> Net:
    """Take out of a net, in place, what cannot go wrong: sequences, and blocks whose branches meet as they parted."""
    pending = dict.fromkeys(net.stations)
    while pending:
        station = net.stations.get(pending.popitem()[0])
        if station is None:
            continue
        touched = _tidied(net, station)
        touched |= _passed_over(net, station) if station.id in net.stations else set()
        pending.update(dict.fromkeys(touched))
    return net


def without_blocks(net: Net, keep: Collection[str] = ()) -> Net:
    """Take out of a net, in place, the stations that one flow enters and one leaves, once flows that are alike are one.

    Which flows can hold tokens at the same time is the same in what is left. The stations to `keep` stay as they are.
    """
    pending = dict.fromkeys(net.stations)
    while pending:
        station = net.stations.get(pending.popitem()[0])
        if station is None:
            continue
        if station.id in keep:
            continue
        pending.update(dict.fromkeys(_with_alike_as_one(net, station)))
        if len(station.ins) == 1 and [len(way) for way in station.ways] == [1]:
            (out,) = station.ways[0]
            if net.target[out] != station.id:
                touched = _neighbours(net, station) - {station.id}
                _shorten(net, station, out)
                pending.update(dict.fromkeys(touched))
    return net


def order_of(net: Net) -> dict[str, int]:
    """Number the stations so that each comes before what follows it, loops left out of account."""
    seen: set[str] = set()
    finished: list[str] = []
    for beginning in reversed(net.beginnings):
        pending: list[tuple[str, Iterator[str]]] = [(beginning, _following(net, beginning))]
        seen.add(beginning)
        while pending:
            at, ahead = pending[-1]
            further = next((other for other in ahead if other not in seen), None)
            if further is None:
                finished.append(at)
                pending.pop()
            else:
                seen.add(further)
                pending.append((further, _following(net, further)))
    rest = [station for station in net.stations if station not in seen]
    return {station: number for number, station in enumerate([*reversed(finished), *rest])}


def _following(net: Net, station: str) -> Iterator[str]:
    return iter([net.target[flow] for flow in net.outs(net.stations[station])])


def _ids(flows: Iterable[Flow]) -> Way:
    return tuple(sorted(flow.id for flow in flows))


def _join(node: Node) -> Join:
    if len(node.incoming) > 1 and node.kind is NodeKind.PARALLEL:
        return Join.ALL
    if len(node.incoming) > 1 and node.kind is NodeKind.INCLUSIVE:
        return Join.INCLUSIVE
    return Join.ANY


def _ways(node: Node) -> tuple[list[Way], bool]:
    """Return the ways out of a node, and whether some were left out."""
    outs = _ids(node.outgoing)
    if len(outs) < 2 or node.kind not in (NodeKind.EXCLUSIVE, NodeKind.EVENT_GATEWAY, NodeKind.INCLUSIVE):
        return [outs], False
    if node.kind is not NodeKind.INCLUSIVE:
        return [(out,) for out in outs], False
    chosen = tuple(out for out in outs if out != node.default_flow)
    otherwise: list[Way] = [(node.default_flow,)] if node.default_flow in outs and node.default_flow else []
    if len(chosen) <= _ALL_CHOICES:
        sizes = range(1, len(chosen) + 1)
        return [way for size in sizes for way in combinations(chosen, size)] + otherwise, False
    telling = {(out,) for out in chosen} | {tuple(o for o in chosen if o != out) for out in chosen} | {chosen}
    return sorted(telling) + otherwise, True


def _add(net: Net, station: Station) -> None:
    net.stations[station.id] = station
    net.source.update(dict.fromkeys(net.outs(station), station.id))
    net.target.update(dict.fromkeys(station.ins, station.id))


def _neighbours(net: Net, station: Station) -> set[str]:
    before = {net.source[flow] for flow in station.ins}
    return before | {net.target[flow] for flow in net.outs(station)} | {station.id}


def _is_end(station: Station) -> bool:
    return station.join is Join.ANY and station.ways == [()] and not station.kills


def _tidied(net: Net, station: Station) -> set[str]:
    """Leave out what makes no difference at one station; returns the stations to look at again."""
    before = net.outs(station)
    ways = [tuple(flow for flow in way if not _is_end(net.stations[net.target[flow]])) for way in station.ways]
    ways = _merged(net, ways)
    if station.join is Join.ANY and len(ways) > 1:
        # To come back at once to where one was is no difference, so long as there is another way.
        onward = [way for way in ways if not (len(way) == 1 and net.target[way[0]] == station.id)]
        ways = onward or ways
    ways = list(dict.fromkeys(ways))
    touched: set[str] = set()
    if ways != station.ways:
        station.ways = ways
        left = set(net.outs(station))
        for flow in before:
            if flow not in left:
                touched.add(_taken_out(net, flow))
        touched |= _neighbours(net, station)
    if station.join is not Join.ANY and len(station.ins) == 1:
        station.join = Join.ANY
        touched |= _neighbours(net, station)
    return touched


def _with_alike_as_one(net: Net, station: Station) -> set[str]:
    """Write flows between the same two stations that are taken beside the same others as one; returns what is touched.

    Flows that are taken together stay apart where no join makes one of them.
    """
    outs = net.outs(station)
    if len(outs) == len({net.target[flow] for flow in outs}):
        return set()
    touched: set[str] = set()
    for together in (True, False):
        alike: dict[tuple[str, frozenset[str]], str] = {}
        for flow in net.outs(station):
            target = net.target[flow]
            if together and net.stations[target].join is Join.ANY:
                continue
            beside = {other for way in station.ways if flow in way for other in way if together or other != flow}
            first = alike.setdefault((target, frozenset(beside)), flow)
            if first != flow:
                named = ({first if other == flow else other for other in way} for way in station.ways)
                station.ways = list(dict.fromkeys(tuple(sorted(way)) for way in named))
                touched |= {_taken_out(net, flow), station.id}
    return touched


def _merged(net: Net, ways: list[Way]) -> list[Way]:
    """Write two flows that part at one station and meet at another as one, where that is all the same."""
    groups: dict[str, list[str]] = {}
    for flow in dict.fromkeys(flow for way in ways for flow in way):
        groups.setdefault(net.target[flow], []).append(flow)
    for target, flows in groups.items():
        if len(flows) < 2:
            continue
        join = net.stations[target].join
        if join is Join.ALL:
            taken: dict[tuple[int, ...], str] = {}
            for flow in flows:
                together = tuple(way.count(flow) for way in ways)
                if taken.setdefault(together, flow) != flow:
                    ways = [tuple(other for other in way if other != flow) for way in ways]
        else:
            ways = [_as_one(way, flows, at_once=join is Join.INCLUSIVE) for way in ways]
    return ways


def _as_one(way: Way, flows: list[str], *, at_once: bool) -> Way:
    """Write several flows as the first of them: one token for each, or `at_once`, where they are taken together."""
    counts = [way.count(flow) for flow in flows]
    rest = [flow for flow in way if flow not in flows]
    return tuple(sorted(rest + flows[:1] * (max(counts) if at_once else sum(counts))))


def _taken_out(net: Net, flow: str) -> str:
    target = net.target.pop(flow)
    del net.source[flow]
    if target in net.stations:
        net.stations[target].ins.remove(flow)
    return target


def _passed_over(net: Net, station: Station) -> set[str]:
    """Take a station out whose tokens only pass, or only choose what the station before could choose for them."""
    if station.join is not Join.ANY or station.kills or not station.ins:
        return set()
    if len(station.ways) == 1 and len(station.ways[0]) == 1:
        (out,) = station.ways[0]
        follower = net.stations[net.target[out]]
        if follower is station:
            return set()
        touched = _neighbours(net, station)
        if follower.join is Join.ANY:
            _hand_over(net, station, out, follower)
            return touched - {station.id}
        if len(station.ins) == 1:
            _shorten(net, station, out)
            return touched - {station.id}
    if len(station.ins) == 1 and not _is_end(station):
        return _chosen_before(net, station)
    return set()


def _hand_over(net: Net, station: Station, out: str, follower: Station) -> None:
    """Let what enters a station enter its only follower instead."""
    follower.ins.remove(out)
    follower.ins += station.ins
    net.target.update(dict.fromkeys(station.ins, follower.id))
    follower.waits |= station.waits
    del net.target[out], net.source[out], net.stations[station.id]


def _shorten(net: Net, station: Station, out: str) -> None:
    """Let the one flow that leaves a station begin where the one that enters it begins; its name says where it ends."""
    (into,) = station.ins
    before = net.stations[net.source[into]]
    before.ways = [tuple(sorted(out if flow == into else flow for flow in way)) for way in before.ways]
    net.source[out] = before.id
    del net.target[into], net.source[into], net.stations[station.id]


def _chosen_before(net: Net, station: Station) -> set[str]:
    (into,) = station.ins
    before = net.stations[net.source[into]]
    alone = all(len(way) == 1 for way in before.ways if into in way)
    if before is station or not (alone or len(station.ways) == 1) or any(way.count(into) > 1 for way in before.ways):
        return set()
    if len(before.ways) * len(station.ways) > _MOST_WAYS:
        return set()
    touched = _neighbours(net, station)
    ways: list[Way] = []
    for way in before.ways:
        if into in way:
            rest = tuple(flow for flow in way if flow != into)
            ways += [tuple(sorted(rest + chosen)) for chosen in station.ways]
        else:
            ways.append(way)
    before.ways = list(dict.fromkeys(ways))
    before.waits |= station.waits
    before.sampled |= station.sampled
    net.source.update(dict.fromkeys(net.outs(station), before.id))
    del net.target[into], net.source[into], net.stations[station.id]
    return touched - {station.id}


def reach(net: Net, station: str) -> Mapping[str, None]:
    """The stations that a token at one station can still come to, itself among them only if it can come back."""
    found: dict[str, None] = {}
    pending = [station]
    while pending:
        for other in _following(net, pending.pop()):
            if other not in found:
                found[other] = None
                pending.append(other)
    return found
