"""Where the elements of a process stand: columns in reading order, each element on the middle line of its lane."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.sop.process import Element, ElementKind, Process
from app.sop.text_size import LABEL_SIZE, LINE_RATIO, NAME_SIZE, label_box, width_of, wrap

GAP: Final = 30
CLEAR: Final = 30
"""Free space on either side of the vertical through an element's centre: there its flows leave and enter."""
BEND: Final = 30
GATEWAY_NAME_WIDTH: Final = 100
EVENT_NAME_WIDTH: Final = 84
TASK_TEXT_WIDTH: Final = 106
TASK_WIDTH: Final = 120
ICON: Final = 28
"""How far the icon of a user task reaches down from the top of its box."""
GATEWAY_SIZE: Final = (50, 50)
EVENT_SIZE: Final = (36, 36)

GATEWAYS: Final = frozenset({ElementKind.DECISION, ElementKind.BRANCH, ElementKind.MERGE})
TASKS: Final = frozenset({ElementKind.TASK, ElementKind.DECISION_TASK})
SPLITS: Final = frozenset({ElementKind.DECISION, ElementKind.BRANCH})


@dataclass(frozen=True, slots=True)
class Spot:
    """An element's place: centre `x`, index of its lane, size.

    `origin` is the element before it whose flow leads here; `partner` stands right above or below it.
    """

    id: str
    x: int
    lane: int
    width: int
    height: int
    kind: ElementKind
    origin: str | None = None
    partner: str | None = None

    @property
    def left(self) -> int:
        return self.x - self.width // 2

    @property
    def right(self) -> int:
        return self.x + self.width // 2


def task_height(process: Process) -> int:
    """Return the height of all task boxes: the longest name stays clear of the icon, and of the lower edge as much."""
    names = [element.name or "" for element in process.elements if element.kind in TASKS]
    lines = max(len(wrap(name, TASK_TEXT_WIDTH, NAME_SIZE)) for name in names)
    return max(80, 10 * math.ceil((lines * NAME_SIZE * LINE_RATIO + 2 * ICON) / 10))


def place(process: Process, lanes: Mapping[str, int], left: int) -> dict[str, Spot]:
    """Return the spot of every element.

    Elements follow one another from left to right. What follows in another lane moves closer than a full column: the
    flow to it runs down or up its predecessor's centre, and a task after a gateway stands right above or below it.
    """
    return _Placement(process, lanes, left).place()


class _Placement:
    def __init__(self, process: Process, lanes: Mapping[str, int], left: int) -> None:
        self.process = process
        self.lanes = lanes
        self.left = left
        self.task_size = (TASK_WIDTH, task_height(process))
        self.labels = {(flow.source, flow.target): flow.name for flow in process.flows}
        self.spots: dict[str, Spot] = {}
        self.ends: dict[int, int] = {}
        self.reach = left

    def place(self) -> dict[str, Spot]:
        before: Element | None = None
        for element in self.process.elements:
            spot = self.spot(element, before)
            self.spots[spot.id] = spot
            if spot.partner is not None:
                self.spots[spot.partner] = replace(self.spots[spot.partner], partner=spot.id)
            self.ends[spot.lane] = max(self.ends.get(spot.lane, 0), spot.right)
            self.reach = max(self.reach, spot.right)
            if element.kind is not ElementKind.END:
                before = element
        return self.spots

    def spot(self, element: Element, before: Element | None) -> Spot:
        lane = self.lanes[element.role]
        width, height = self.size(element)
        half = width // 2
        least = max(self.ends.get(lane, self.left - GAP) + GAP + half, self.left + _label_half(element))
        spot = Spot(element.id, least, lane, width, height, element.kind)
        if before is None:
            return spot
        origin = self.spots[before.id]
        linked = (before.id, element.id) in self.labels
        free = max(least, self.reach + CLEAR)
        if not linked:
            return replace(spot, x=_grid(free))
        spot = replace(spot, origin=before.id)
        if lane == origin.lane:
            label = self.labels[before.id, element.id]
            room = width_of(label, LABEL_SIZE) + 14 if label else 0
            return replace(spot, x=_grid(max(free, origin.right + round(max(GAP, room)) + half)))
        if before.kind in SPLITS and element.kind in TASKS and origin.x >= least:
            return replace(spot, x=origin.x, partner=before.id)
        if barred(self.spots, origin, lane):
            return replace(spot, x=_grid(max(free, self.reach + GAP + half)))
        return replace(spot, x=_grid(max(free, origin.x + BEND + half)))

    def size(self, element: Element) -> tuple[int, int]:
        if element.kind in TASKS:
            return self.task_size
        return GATEWAY_SIZE if element.kind in GATEWAYS else EVENT_SIZE


def barred(spots: Mapping[str, Spot], origin: Spot, lane: int) -> bool:
    """Whether the partner of `origin` stands in the way from its centre to `lane`."""
    if origin.partner is None:
        return False
    return (spots[origin.partner].lane > origin.lane) == (lane > origin.lane)


def name_box(element: Element) -> tuple[int, int]:
    """Return width and height of the name beside a gateway or event."""
    return label_box(element.name or "", GATEWAY_NAME_WIDTH if element.kind in GATEWAYS else EVENT_NAME_WIDTH)


def _grid(x: int) -> int:
    return -(-x // 10) * 10


def _label_half(element: Element) -> int:
    if element.name is None or element.kind in TASKS:
        return 0
    return name_box(element)[0] // 2 + 10
