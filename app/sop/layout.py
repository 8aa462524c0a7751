"""The diagram of a process: bounds of pool, lanes, elements and labels, and the points of every flow."""

import math
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Final

from app.sop.labels import Box, Desk, Line, along, around_shape
from app.sop.placement import SPLITS, TASKS, Spot, name_box, place
from app.sop.process import Process
from app.sop.routing import CHANNEL, Route, channel_of, route
from app.sop.table import SopTable
from app.sop.text_size import NAME_SIZE, label_box, wrap

POOL_X: Final = 160
POOL_Y: Final = 80
HEAD: Final = 30
SLOT: Final = 18
EDGE: Final = 12
RIGHT: Final = 40
SPARE: Final = (0, 20, 40, 60, 80)
FLOW_LABEL_WIDTH: Final = 90


@dataclass(frozen=True, slots=True)
class Diagram:
    """Everything that is drawn, by element id; coordinates in pixels from the upper left."""

    pool: Box
    lanes: dict[str, Box]
    shapes: dict[str, Box]
    flows: dict[str, list[tuple[int, int]]]
    labels: dict[str, Box]


@dataclass(frozen=True, slots=True)
class _LaneHeight:
    """The parts of a lane: channels and room for labels above and below the elements on its middle line."""

    above: int
    zone_above: int
    half: int
    zone_below: int
    below: int

    @property
    def middle(self) -> int:
        return EDGE + self.above * SLOT + self.zone_above + self.half

    @property
    def total(self) -> int:
        return self.middle + self.half + self.zone_below + self.below * SLOT + EDGE

    def grown(self, by: int) -> "_LaneHeight":
        return replace(self, zone_above=self.zone_above + by, zone_below=self.zone_below + by)


def draw(table: SopTable, process: Process) -> Diagram:
    """Return the diagram of a table's process; the same table gives the same diagram.

    Lanes grow until every label has a place of its own.
    """
    lanes = {role.key: place for place, role in enumerate(table.roles)}
    spots = place(process, lanes, POOL_X + 2 * HEAD + 10)
    routes = route(process, spots)
    least = _lane_heights(table, process, spots, routes)
    for spare in SPARE:
        heights = [height.grown(spare) for height in least]
        diagram, crowded = _diagram(table, process, spots, routes, heights)
        if not crowded:
            break
    return diagram


def _diagram(
    table: SopTable,
    process: Process,
    spots: dict[str, Spot],
    routes: dict[str, Route],
    heights: list[_LaneHeight],
) -> tuple[Diagram, bool]:
    tops = list(accumulate((height.total for height in heights), initial=POOL_Y))
    right = max(max(spot.right for spot in spots.values()), *(x for points in routes.values() for x, _ in points))
    width = right + RIGHT - POOL_X
    pool = Box(POOL_X, POOL_Y, width, tops[-1] - POOL_Y)
    lane_boxes = {
        role.key: Box(POOL_X + HEAD, tops[n], width - HEAD, heights[n].total) for n, role in enumerate(table.roles)
    }
    shapes = {
        spot.id: Box(spot.left, tops[spot.lane] + heights[spot.lane].middle - spot.height // 2, spot.width, spot.height)
        for spot in spots.values()
    }
    flows = {id_: _real(points, tops, heights) for id_, points in routes.items()}
    labels, crowded = _labels(process, shapes, flows, lane_boxes)
    return Diagram(pool, lane_boxes, shapes, flows, labels), crowded


def _lane_heights(
    table: SopTable, process: Process, spots: dict[str, Spot], routes: dict[str, Route]
) -> list[_LaneHeight]:
    used = [[0, 0] for _ in table.roles]
    for points in routes.values():
        for _, y in points:
            lane, distance = channel_of(y)
            if abs(distance) >= CHANNEL:
                side = int(distance > 0)
                used[lane][side] = max(used[lane][side], int(abs(distance)) - CHANNEL + 1)
    halves = [25 for _ in table.roles]
    zones = [8 for _ in table.roles]
    for element in process.elements:
        lane = spots[element.id].lane
        halves[lane] = max(halves[lane], spots[element.id].height // 2)
        if element.kind in SPLITS:
            zones[lane] = max(zones[lane], name_box(element)[1] + 6, 22)
        elif element.kind not in TASKS and element.name:
            zones[lane] = max(zones[lane], name_box(element)[1] - 10)
    heights = []
    for number, role in enumerate(table.roles):
        (above, below), half, zone = used[number], halves[number], zones[number]
        height = _LaneHeight(above, zone, half, zone, below)
        missing = max(0, _name_height(role.label or "") - height.total)
        heights.append(_LaneHeight(above, zone + missing // 2, half, zone + missing - missing // 2, below))
    return _stretched(heights, _name_height(table.title or ""))


def _stretched(heights: list[_LaneHeight], least: int) -> list[_LaneHeight]:
    """Return lanes that are together at least so high, the missing height spread over all of them."""
    missing = max(0, least - sum(height.total for height in heights))
    return [height.grown(math.ceil(missing / len(heights) / 2)) for height in heights]


def _name_height(name: str) -> int:
    """Return how high a lane has to be for its name, which is written upwards in at most two lines."""
    words = set(name.split())
    height = 60
    while True:
        lines = wrap(name, height - 30, NAME_SIZE)
        if len(lines) <= 2 and all(word in words for line in lines for word in line.split()):
            return height
        height += 10


def _real(points: Route, tops: list[int], heights: list[_LaneHeight]) -> list[tuple[int, int]]:
    real: list[tuple[int, int]] = []
    for x, symbolic in points:
        lane, distance = channel_of(symbolic)
        height = heights[lane]
        y = tops[lane] + height.middle + round(distance)
        if distance <= -CHANNEL:
            y = tops[lane] + EDGE + round((height.above - (-distance - CHANNEL)) * SLOT) - SLOT // 2
        elif distance >= CHANNEL:
            y = tops[lane] + height.total - EDGE - round((height.below - (distance - CHANNEL)) * SLOT) + SLOT // 2
        if not real or real[-1] != (x, y):
            real.append((x, y))
    return real


def _labels(
    process: Process,
    shapes: dict[str, Box],
    flows: dict[str, list[tuple[int, int]]],
    lanes: dict[str, Box],
) -> tuple[dict[str, Box], bool]:
    lines: list[Line] = [piece for points in flows.values() for piece in pairwise(points)]
    desk = Desk(list(shapes.values()), lines)
    rooms = {
        role: Box(lane.x + HEAD + 2, lane.y + 2, lane.width - HEAD - 4, lane.height - 4) for role, lane in lanes.items()
    }
    labels: dict[str, Box] = {}
    for element in sorted(process.elements, key=lambda element: element.kind in SPLITS):
        if element.name and element.kind not in TASKS:
            width, height = name_box(element)
            candidates = around_shape(shapes[element.id], width, height, below=element.kind not in SPLITS)
            labels[element.id] = desk.put(candidates, [rooms[element.role]])
    for flow in process.flows:
        if flow.name:
            width, height = label_box(flow.name, FLOW_LABEL_WIDTH)
            labels[flow.id] = desk.put(along(flows[flow.id], width, height), list(rooms.values()))
    return labels, desk.crowded
