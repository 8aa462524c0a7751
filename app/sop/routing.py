"""How the flows of a diagram run: straight on where they can, returns and jumps in channels of their own.

Routes are found on a symbolic height, since how high a lane is depends on how many channels it needs: `lane * LANE` is
the lane's middle line, and channel `n` above or below it lies `CHANNEL + n` away.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from app.sop.placement import GATEWAYS, TASKS, Spot, barred
from app.sop.process import Flow, Process

LANE: Final = 1000
CHANNEL: Final = 200
SPREAD: Final = 20
"""How far from an element's centre its flows may leave and enter; less than `placement.CLEAR`."""
MARGIN: Final = 12

_CROSSING, _LANE, _SHARED_SIDE, _SLOT = 60, 20, 40, 4
_NO_ROOM: Final = 1000
"""A third flow out of one side of a gateway: the one in the middle has no place for its label."""

_OFFSETS: Final = (0, -14, 14, -20, 20, -7, 7)

Point = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Segment:
    """A horizontal or vertical piece of a flow's route, its ends in rising order."""

    flow: str
    x1: int
    y1: float
    x2: int
    y2: float

    @property
    def vertical(self) -> bool:
        return self.x1 == self.x2


Route = tuple[Point, ...]
"""Symbolic points from the source's edge to the target's."""


def route(process: Process, spots: dict[str, Spot]) -> dict[str, Route]:
    """Return the route of every flow, by its id."""
    return _Router(process, spots).route()


def channel_of(y: float) -> tuple[int, float]:
    """Return the lane of a symbolic height and its distance from the lane's middle line."""
    lane = round(y / LANE)
    return lane, y - lane * LANE


def dock(spot: Spot, offset: int) -> int:
    """Return how far above or below its centre the edge of a shape is, `offset` pixels beside the centre."""
    if spot.kind in TASKS:
        return spot.height // 2
    if spot.kind in GATEWAYS:
        return spot.height // 2 - abs(offset)
    return round(math.sqrt((spot.height // 2) ** 2 - offset**2))


class _Router:
    def __init__(self, process: Process, spots: dict[str, Spot]) -> None:
        self.process = process
        self.spots = spots
        self.lanes = 1 + max(spot.lane for spot in spots.values())
        self.routes: dict[str, Route] = {}
        self.segments: list[Segment] = []
        self.channels: dict[float, list[Segment]] = {}

    def route(self) -> dict[str, Route]:
        far: list[Flow] = []
        for flow in self.process.flows:
            points = self.direct(self.spots[flow.source], self.spots[flow.target])
            if points is None:
                far.append(flow)
            else:
                self.take(flow.id, points)
        far.sort(key=self.span)
        for flow in far:
            self.take(flow.id, self.around(flow))
        for flow in far:
            self.drop(flow.id)
            self.take(flow.id, self.around(flow))
        return _closed_up(self.routes)

    def span(self, flow: Flow) -> tuple[int, str]:
        return abs(self.spots[flow.source].x - self.spots[flow.target].x), flow.id

    def take(self, flow: str, points: Route) -> None:
        self.routes[flow] = points
        for segment in segments_of(flow, points):
            self.segments.append(segment)
            if not segment.vertical:
                self.channels.setdefault(segment.y1, []).append(segment)

    def drop(self, flow: str) -> None:
        del self.routes[flow]
        self.segments = [segment for segment in self.segments if segment.flow != flow]
        for segments in self.channels.values():
            segments[:] = [segment for segment in segments if segment.flow != flow]

    def direct(self, source: Spot, target: Spot) -> Route | None:
        """Return the way from an element to the one placed next to it, or None where it has to go around."""
        if target.origin != source.id:
            return None
        here, there = source.lane * LANE, target.lane * LANE
        if source.lane == target.lane:
            between = any(spot.lane == source.lane and source.x < spot.x < target.x for spot in self.spots.values())
            return None if between else ((source.right, here), (target.left, here))
        away = 1 if target.lane > source.lane else -1
        if target.partner == source.id:
            return (source.x, here + away * dock(source, 0)), (source.x, there - away * dock(target, 0))
        if barred(self.spots, source, target.lane):
            bend = target.left - 20
            return (source.right, here), (bend, here), (bend, there), (target.left, there)
        return (source.x, here + away * dock(source, 0)), (source.x, there), (target.left, there)

    def around(self, flow: Flow) -> Route:
        """Return the cheapest way through a channel: few crossings, near the two ends, on a side of its own."""
        best: tuple[float, Route] | None = None
        for points in self.ways(self.spots[flow.source], self.spots[flow.target]):
            cost = self.cost(flow, points, math.inf if best is None else best[0])
            if best is None or cost < best[0]:
                best = cost, points
        if best is None:
            raise AssertionError(f"no way for {flow.id}")
        return best[1]

    def ways(self, source: Spot, target: Spot) -> Iterator[Route]:
        for lane in range(self.lanes):
            for side in (-1, 1):
                middle = lane * LANE + side * CHANNEL
                leave, enter = self.leg(source, middle), self.leg(target, middle)
                if leave is None or enter is None:
                    continue
                for y in self.slots(lane, side, leave[0], enter[0]):
                    yield leave, (leave[0], y), (enter[0], y), enter

    def leg(self, spot: Spot, y: float) -> Point | None:
        """Return where a vertical between `spot` and height `y` docks, or None where a shape stands in its way."""
        here = spot.lane * LANE
        away = 1 if y > here else -1
        low, high = min(here, y), max(here, y)
        if any(
            low < other.lane * LANE < high and other.left - 5 < spot.x < other.right + 5
            for other in self.spots.values()
            if other is not spot
        ):
            return None
        for offset in (*_OFFSETS, *range(-SPREAD, SPREAD + 1)):
            x = spot.x + offset
            if not any(
                segment.vertical and abs(segment.x1 - x) < 1 and segment.y1 < high and segment.y2 > low
                for segment in self.segments
            ):
                return x, here + away * dock(spot, offset)
        return None

    def slots(self, lane: int, side: int, x1: int, x2: int) -> Iterator[float]:
        """Yield the nearest free channels at this side of the lane, up to the first that is not used yet."""
        low, high = min(x1, x2) - MARGIN, max(x1, x2) + MARGIN
        found = 0
        for number in range(LANE // 4):
            y = lane * LANE + side * (CHANNEL + number)
            used = self.channels.get(y, ())
            if all(segment.x2 < low or segment.x1 > high for segment in used):
                yield y
                found += 1
                if not used or found == 4:
                    return

    def cost(self, flow: Flow, points: Route, limit: float) -> float:
        source, target = self.spots[flow.source], self.spots[flow.target]
        (_, start), (_, y), _, (_, end) = points
        lane = round(y / LANE)
        cost: float = _LANE * (abs(source.lane - lane) + abs(target.lane - lane))
        cost += _SLOT * (abs(y - lane * LANE) - CHANNEL)
        beside = self.shared(flow, source, y > start)
        cost += _SHARED_SIDE * (beside + self.shared(flow, target, y > end)) + _NO_ROOM * (beside > 1)
        cost += 0.01 * abs(points[0][0] - source.x) + 0.01 * abs(points[3][0] - target.x)
        for segment in segments_of(flow.id, points):
            if cost >= limit:
                return cost
            cost += _CROSSING * sum(1 for other in self.segments if crosses(segment, other))
        return cost

    def shared(self, flow: Flow, spot: Spot, below: bool) -> int:
        """Count the verticals of other flows at the same side of an element."""
        here = spot.lane * LANE
        edge = (here, here + CHANNEL) if below else (here - CHANNEL, here)
        return sum(
            1
            for segment in self.segments
            if segment.vertical
            and segment.flow != flow.id
            and abs(segment.x1 - spot.x) <= SPREAD
            and segment.y1 < edge[1]
            and segment.y2 > edge[0]
        )


def _closed_up(routes: dict[str, Route]) -> dict[str, Route]:
    """Return the routes without the channels that none of them uses in the end."""
    heights = sorted({y for points in routes.values() for _, y in points}, key=lambda y: abs(channel_of(y)[1]))
    nearest: dict[tuple[int, bool], int] = {}
    moved: dict[float, float] = {}
    for y in heights:
        lane, distance = channel_of(y)
        if abs(distance) >= CHANNEL:
            side = (lane, distance > 0)
            nearest[side] = nearest.get(side, -1) + 1
            moved[y] = lane * LANE + math.copysign(CHANNEL + nearest[side], distance)
    return {flow: tuple((x, moved.get(y, y)) for x, y in points) for flow, points in routes.items()}


def segments_of(flow: str, points: Iterable[Point]) -> list[Segment]:
    return [
        Segment(flow, min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        for (x1, y1), (x2, y2) in pairwise(points)
        if (x1, y1) != (x2, y2)
    ]


def crosses(one: Segment, other: Segment) -> bool:
    """Whether a horizontal and a vertical meet inside both."""
    if one.vertical == other.vertical:
        return False
    vertical, flat = (one, other) if one.vertical else (other, one)
    return flat.x1 < vertical.x1 < flat.x2 and vertical.y1 < flat.y1 < vertical.y2
