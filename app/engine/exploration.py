"""Plays every run of a net, within bounds, and tells where tokens are stuck.

Sound is: from wherever tokens can get, all of them can still be taken away at ends. Where two tokens cannot get in
each other's way only one order of their moves is played, so wide parallel branches cost no more than long ones. An
inclusive gateway looks at every other token, so of moves that it sees all orders are played.
"""

from collections import deque
from dataclasses import dataclass, field

from app.engine.net import Join, Net, Station, order_of, reach

MAX_MARKINGS = 6_000
MAX_TOKENS = 100

# Where tokens are, in ascending order; a place that holds several is named as often.
Marking = tuple[int, ...]


@dataclass(slots=True)
class Outcome:
    """What is wrong with a net.

    `stuck` holds for each join the incoming flows that it may wait for without end; `piled` the same for joins at which
    each round of a loop leaves a token more; `never` the joins that take tokens in and never let one out; `trapped` the
    stations from which tokens cannot get to an end. `complete` is false where a bound was reached first.
    """

    stuck: dict[str, set[str]] = field(default_factory=dict)
    piled: dict[str, set[str]] = field(default_factory=dict)
    never: set[str] = field(default_factory=set)
    trapped: set[str] = field(default_factory=set)
    complete: bool = True
    markings: int = 0


def explore(net: Net, *, limit: int = MAX_MARKINGS) -> Outcome:
    """Play a net; `limit` bounds the markings that are looked at."""
    outcome = Outcome()
    if not net.beginnings:
        return outcome
    kills = any(station.kills for station in net.stations.values())
    board = _Board(net)
    game = _Game(board, limit=limit)
    if game.complete and game.trapped():
        # A loop may have been played at the cost of a token that could have ended all: only every order tells.
        thorough = _Game(board, limit=limit, every_order=True)
        outcome.complete &= thorough.complete
        game = thorough if thorough.complete else game
        outcome.trapped = {board.stations[number].id for number in sorted(thorough.trapped())[-1:]}
    _judge(game, outcome, sure=not kills)
    if kills and game.complete:
        # What a terminating end takes away is not stuck, and yet a join that never lets go leads nowhere.
        plain = _Game(board, limit=limit, kills=False)
        outcome.complete &= plain.complete
        if plain.complete:
            stuck = {join for at in plain.dead() for join in board.joins_at(plain.order[at])}
            outcome.never |= {board.stations[join].id for join in stuck - plain.fired} - outcome.stuck.keys()
    outcome.complete &= game.complete and not any(station.sampled for station in net.stations.values())
    outcome.markings = len(game.markings)
    return outcome


def _judge(game: "_Game", outcome: Outcome, *, sure: bool) -> None:
    """Read out of a game what is stuck; beside the main run it is beyond doubt only if nothing ends all."""
    for at in game.dead():
        root = game.root[at]
        if root != 0 and not sure:
            outcome.complete = False
            continue
        into = outcome.piled if game.excess[root] else outcome.stuck
        for join, missing in game.board.waiting_at(game.order[at]).items():
            into.setdefault(join, set()).update(missing)
    outcome.stuck = {join: flows for join, flows in outcome.stuck.items() if join not in outcome.piled}


class _Board:
    """The places of a net by number, in the order of the net: a station, or a flow into a join."""

    def __init__(self, net: Net) -> None:
        self.net = net
        numbers = order_of(net)
        ordered = sorted(net.stations.values(), key=lambda station: numbers[station.id])
        self.stations = ordered
        self.place: dict[str, int] = {}
        self.station_at: dict[int, Station] = {}
        self.join_of: dict[int, int] = {}
        self.flow_at: dict[int, str] = {}
        self.ins: dict[int, frozenset[int]] = {}
        count = 0
        for number, station in enumerate(ordered):
            if station.join is Join.ANY:
                self.place[station.id] = count
                self.station_at[count] = station
                count += 1
                continue
            for flow in sorted(station.ins):
                self.place[flow] = count
                self.join_of[count] = number
                self.flow_at[count] = flow
                count += 1
            self.ins[number] = frozenset(self.place[flow] for flow in station.ins)
        self.number = {station.id: number for number, station in enumerate(ordered)}
        self.landings = [[(self._landing(way), self._kills(way)) for way in station.ways] for station in ordered]
        self.inclusive = {
            n: self._ways_to(station) for n, station in enumerate(ordered) if station.join is Join.INCLUSIVE
        }
        self.alone = {place for place, station in self.station_at.items() if self._moves_alone(station)}

    def _landing(self, way: tuple[str, ...]) -> Marking:
        places = (self._place_of(flow) for flow in way)
        return tuple(sorted(places))

    def _place_of(self, flow: str) -> int:
        station = self.net.stations[self.net.target[flow]]
        return self.place[station.id if station.join is Join.ANY else flow]

    def _kills(self, way: tuple[str, ...]) -> bool:
        return any(self.net.stations[self.net.target[flow]].kills for flow in way)

    def _ways_to(self, gateway: Station) -> dict[int, frozenset[int]]:
        """For each station, the places of an inclusive gateway that a token there can come to without passing it."""
        ways: dict[int, set[int]] = {}
        for flow in gateway.ins:
            pending, seen = [self.net.source[flow]], {gateway.id}
            while pending:
                at = pending.pop()
                if at not in seen:
                    seen.add(at)
                    ways.setdefault(self.number[at], set()).add(self.place[flow])
                    pending += [self.net.source[other] for other in self.net.stations[at].ins]
        return {number: frozenset(places) for number, places in ways.items()}

    def _moves_alone(self, station: Station) -> bool:
        """Whether no inclusive gateway sees a difference when a token leaves a station."""
        number = self.number[station.id]
        for gateway, ways in self.inclusive.items():
            here = ways.get(number, frozenset())
            for landing, _ in self.landings[number]:
                if here and (len(landing) != 1 or self._holder(landing[0]) == gateway):
                    return False
                if any(ways.get(self._holder(place), frozenset()) != here for place in landing):
                    return False
        return True

    def _holder(self, place: int) -> int:
        return self.join_of[place] if place in self.join_of else self.number[self.station_at[place].id]

    def holds_back(self, gateway: int, marking: Marking) -> bool:
        """The rule of BPMN 2.0.2, table 13.3: a token may still come to an empty flow, and to no filled one."""
        filled = self.ins[gateway].intersection(marking)
        ways = self.inclusive[gateway]
        for place in marking:
            holder = self._holder(place)
            if holder != gateway and (reached := ways.get(holder)) and not reached & filled:
                return True
        return False

    def joins_at(self, marking: Marking) -> set[int]:
        """The joins that hold tokens."""
        return {self.join_of[place] for place in marking if place in self.join_of}

    def waiting_at(self, marking: Marking) -> dict[str, set[str]]:
        """Return the joins at fault where nothing can move, each with the flows that it lacks.

        A join that only waits for another one that is stuck is not at fault itself.
        """
        joins = self.joins_at(marking)
        lacking = {join: {self.flow_at[place] for place in self.ins[join] - set(marking)} for join in joins}
        behind = {join: {*reach(self.net, self.stations[join].id), self.stations[join].id} for join in joins}
        at_fault = [
            join
            for join in joins
            if self.stations[join].join is Join.ALL
            and not any(
                self.net.source[flow] in behind[other] for other in joins if other != join for flow in lacking[join]
            )
        ]
        return {self.stations[join].id: lacking[join] for join in at_fault or sorted(joins)}


class _Game:
    """The markings that can be come to, each with what follows it; number 0 is the beginning, -1 the end of all."""

    def __init__(self, board: _Board, *, limit: int, every_order: bool = False, kills: bool = True) -> None:
        self.board = board
        self.every_order = every_order
        self.kills = kills
        self.complete = True
        self.markings: dict[Marking, int] = {}
        self.order: list[Marking] = []
        self.after: list[set[int]] = []
        self.before: list[int] = []
        self.root: list[int] = []
        self.peak: list[int] = []
        self.excess: dict[int, bool] = {}
        self.fired: set[int] = set()
        self.queue: deque[int] = deque()
        self.limit = limit
        for beginning in board.net.beginnings:
            self._root((board.place[beginning],), excess=False)
        while self.queue:
            if len(self.order) > limit:
                self.complete = False
                break
            self._expand(self.queue.popleft())

    def _root(self, marking: Marking, *, excess: bool) -> None:
        if marking not in self.markings:
            self.excess[self._add(marking, -1)] = excess

    def _add(self, marking: Marking, before: int) -> int:
        number = len(self.order)
        self.markings[marking] = number
        self.order.append(marking)
        self.after.append(set())
        self.before.append(before)
        self.root.append(number if before < 0 else self.root[before])
        self.peak.append(max(len(marking), self.peak[before] if before >= 0 else 0))
        self.queue.append(number)
        return number

    def _expand(self, at: int) -> None:
        for marking in self._moves(self.order[at]):
            if not marking:
                self.after[at].add(-1)
                continue
            known = self.markings.get(marking)
            if known is None and len(marking) > self.peak[at]:
                covered = self._covered(marking, at)
                if covered is not None:
                    # One round more is one token more, for ever: whether it matters is seen on the surplus alone.
                    self.after[at].add(covered)
                    self._root(_without(marking, self.order[covered]), excess=True)
                    continue
            if known is None:
                if len(marking) > MAX_TOKENS:
                    self.complete = False
                    self.after[at].add(-1)
                    continue
                known = self._add(marking, at)
            self.after[at].add(known)

    def _covered(self, marking: Marking, at: int) -> int | None:
        while at >= 0:
            if len(self.order[at]) < len(marking) and _holds(marking, self.order[at]):
                return at
            at = self.before[at]
        return None

    def _moves(self, marking: Marking) -> list[Marking]:
        board = self.board
        distinct = list(dict.fromkeys(marking))
        here = [place for place in distinct if place in board.station_at]
        for place in here:
            if not board.station_at[place].waits:
                return self._move(marking, (place,), board.number[board.station_at[place].id])
        held = dict.fromkeys(board.join_of[place] for place in distinct if place in board.join_of)
        present = set(distinct)
        for join in held:
            if board.stations[join].join is Join.ALL and board.ins[join] <= present:
                return self._move(marking, tuple(board.ins[join]), join)
        for join in held:
            if board.stations[join].join is Join.INCLUSIVE and not board.holds_back(join, marking):
                return self._move(marking, tuple(board.ins[join] & present), join)
        if not self.every_order:
            for place in here:
                if place in board.alone:
                    return self._move(marking, (place,), board.number[board.station_at[place].id])
        return [
            after for place in here for after in self._move(marking, (place,), board.number[board.station_at[place].id])
        ]

    def _move(self, marking: Marking, taken: Marking, station: int) -> list[Marking]:
        self.fired.add(station)
        rest = list(marking)
        for place in taken:
            rest.remove(place)
        return [
            () if killing and self.kills else tuple(sorted(rest + list(landing)))
            for landing, killing in self.board.landings[station]
        ]

    def dead(self) -> list[int]:
        """The markings in which nothing can move."""
        not_yet = set(self.queue)
        return [at for at, following in enumerate(self.after) if not following and at not in not_yet]

    def trapped(self) -> set[int]:
        """The stations of tokens that go round for ever, though nothing is stuck; none where not all was played."""
        if not self.complete:
            return set()
        places = {place for at in self._leading_nowhere() for place in self.order[at]}
        return {
            self.board.number[self.board.station_at[place].id] for place in places if place in self.board.station_at
        }

    def _leading_nowhere(self) -> set[int]:
        """The markings from which neither the end of all nor one where nothing can move is come to."""
        earlier: dict[int, list[int]] = {}
        for at, following in enumerate(self.after):
            for other in following:
                earlier.setdefault(other, []).append(at)
        pending = [-1, *self.dead()]
        found = set(pending)
        while pending:
            for other in earlier.get(pending.pop(), []):
                if other not in found:
                    found.add(other)
                    pending.append(other)
        return set(range(len(self.order))) - found


def _holds(more: Marking, less: Marking) -> bool:
    # Markings are sorted, so what one holds of another stands in it in the same order.
    left = iter(more)
    return all(place in left for place in less)


def _without(more: Marking, less: Marking) -> Marking:
    left = list(more)
    for place in less:
        left.remove(place)
    return tuple(left)
