"""What has to hold of a drawn SOP, measured on the BPMN file alone: nothing of `app` is used here."""

import math
from dataclasses import dataclass
from itertools import combinations, pairwise

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
HEADER = 30


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def meets(self, other: "Box") -> bool:
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: "Box") -> bool:
        return self.x <= other.x and self.y <= other.y and self.right >= other.right and self.bottom >= other.bottom

    def less(self, by: float) -> "Box":
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)


Point = tuple[float, float]


def faults(data: bytes) -> list[str]:
    """Return everything that is wrong with the drawing of a BPMN file."""
    return _Drawing(etree.fromstring(data)).faults()


class _Drawing:
    def __init__(self, root: etree._Element) -> None:
        process = root.find(f"{BPMN}process")
        assert process is not None
        boxes = {shape.get("bpmnElement", ""): _bounds(shape) for shape in root.iter(f"{BPMNDI}BPMNShape")}
        labelled = [*root.iter(f"{BPMNDI}BPMNShape"), *root.iter(f"{BPMNDI}BPMNEdge")]
        self.labels = {
            item.get("bpmnElement", ""): _bounds(label)
            for item in labelled
            if (label := item.find(f"{BPMNDI}BPMNLabel")) is not None
        }
        self.pool = boxes["pool"]
        self.lanes = {lane.get("id", ""): boxes[lane.get("id", "")] for lane in process.iter(f"{BPMN}lane")}
        self.lane_of = {
            reference.text or "": lane.get("id", "")
            for lane in process.iter(f"{BPMN}lane")
            for reference in lane.iter(f"{BPMN}flowNodeRef")
        }
        self.flows = {flow.get("id", ""): flow for flow in process.iter(f"{BPMN}sequenceFlow")}
        self.nodes = {
            node.get("id", ""): node
            for node in process
            if node.get("id") and node.tag not in (f"{BPMN}sequenceFlow", f"{BPMN}laneSet")
        }
        self.shapes = {id_: boxes[id_] for id_ in self.nodes}
        self.ways: dict[str, list[Point]] = {
            edge.get("bpmnElement", ""): [
                (float(point.get("x", "nan")), float(point.get("y", "nan"))) for point in edge.iter(f"{DI}waypoint")
            ]
            for edge in root.iter(f"{BPMNDI}BPMNEdge")
        }

    def faults(self) -> list[str]:
        return [
            *self.lane_faults(),
            *self.shape_faults(),
            *self.way_faults(),
            *self.shared_faults(),
            *self.label_faults(),
        ]

    def lane_faults(self) -> list[str]:
        found = []
        y = self.pool.y
        for id_, lane in self.lanes.items():
            if (lane.x, lane.y, lane.right) != (self.pool.x + HEADER, y, self.pool.right):
                found.append(f"{id_} does not continue the lanes above it")
            y = lane.bottom
        if y != self.pool.bottom:
            found.append("the lanes do not fill the pool")
        return found

    def shape_faults(self) -> list[str]:
        found = []
        for id_, shape in self.shapes.items():
            lane = self.lanes[self.lane_of[id_]]
            if not Box(lane.x + HEADER, lane.y, lane.width - HEADER, lane.height).less(5).holds(shape):
                found.append(f"{id_} is not inside its lane")
        for (one, first), (other, second) in combinations(self.shapes.items(), 2):
            if first.less(-10).meets(second):
                found.append(f"{one} and {other} overlap or touch")
        rows = sorted(id_ for id_ in self.shapes if id_.startswith("kegiatan_"))
        for one, other in pairwise(rows):
            if self.shapes[one].x >= self.shapes[other].x:
                found.append(f"{other} does not stand to the right of {one}")
        return found

    def way_faults(self) -> list[str]:
        found = [f"{id_} is not drawn" for id_ in self.flows if id_ not in self.ways]
        for id_, points in self.ways.items():
            flow = self.flows[id_]
            source, target = flow.get("sourceRef", ""), flow.get("targetRef", "")
            if len(points) < 2 or any((x1 == x2) == (y1 == y2) for (x1, y1), (x2, y2) in pairwise(points)):
                found.append(f"{id_} is not made of horizontal and vertical pieces: {points}")
                continue
            for node, point in ((source, points[0]), (target, points[-1])):
                if not self.on_edge(node, point):
                    found.append(f"{id_} does not touch the edge of {node} at {point}")
            pieces = [_piece(one, other) for one, other in pairwise(points)]
            for node, shape in self.shapes.items():
                room = shape if node in (source, target) else shape.less(-4)
                if any(_passes(piece, room) for piece in pieces) and not (
                    node in (source, target) and self.only_ends_in(pieces, node, source, target)
                ):
                    found.append(f"{id_} runs through {node}")
            if not all(self.pool.less(3).holds(piece) for piece in pieces):
                found.append(f"{id_} leaves the pool")
        return found

    def only_ends_in(self, pieces: list[Box], node: str, source: str, target: str) -> bool:
        """A diamond or circle is smaller than its bounds: the outermost piece may reach into those."""
        inside = [place for place, piece in enumerate(pieces) if _passes(piece, self.shapes[node])]
        allowed = ([0] if node == source else []) + ([len(pieces) - 1] if node == target else [])
        return not str(self.nodes[node].tag).endswith("Task") and all(place in allowed for place in inside)

    def on_edge(self, node: str, point: Point) -> bool:
        shape = self.shapes[node]
        dx, dy = abs(point[0] - shape.centre[0]), abs(point[1] - shape.centre[1])
        tag = str(self.nodes[node].tag)
        if tag.endswith("Gateway"):
            return abs(dx / shape.width + dy / shape.height - 0.5) < 0.02
        if tag.endswith("Event"):
            return abs(math.hypot(dx, dy) - shape.width / 2) <= 1
        on_side = dx == shape.width / 2 and dy <= shape.height / 2 - 10
        return on_side or (dy == shape.height / 2 and dx <= shape.width / 2 - 10)

    def shared_faults(self) -> list[str]:
        pieces = [(id_, _piece(one, other)) for id_, points in self.ways.items() for one, other in pairwise(points)]
        return [
            f"{first} and {second} run on the same line"
            for (first, one), (second, other) in combinations(pieces, 2)
            if first != second
            and (
                (
                    one.width == other.width == 0
                    and one.x == other.x
                    and _overlap(one.y, one.bottom, other.y, other.bottom)
                )
                or (
                    one.height == other.height == 0
                    and one.y == other.y
                    and _overlap(one.x, one.right, other.x, other.right)
                )
            )
        ]

    def label_faults(self) -> list[str]:
        found = []
        named = {
            id_
            for id_, item in {**self.nodes, **self.flows}.items()
            if item.get("name") and not item.tag.endswith("Task")
        }
        found += [f"{id_} has a name and no place for it" for id_ in sorted(named - self.labels.keys())]
        for id_, label in self.labels.items():
            homes = [self.lanes[self.lane_of[id_]]] if id_ in self.nodes else list(self.lanes.values())
            if not any(Box(h.x + HEADER, h.y, h.width - HEADER, h.height).holds(label) for h in homes):
                found.append(f"the label of {id_} does not lie in one lane")
            found += [f"the label of {id_} lies on {node}" for node, box in self.shapes.items() if box.meets(label)]
            for flow, points in self.ways.items():
                if any(_passes(_piece(one, other), label) for one, other in pairwise(points)):
                    found.append(f"the label of {id_} lies on {flow}")
        for (one, first), (other, second) in combinations(self.labels.items(), 2):
            if first.meets(second):
                found.append(f"the labels of {one} and {other} overlap")
        return found


def _bounds(parent: etree._Element) -> Box:
    bounds = parent.find(f"{DC}Bounds")
    assert bounds is not None
    return Box(*(float(bounds.get(name, "nan")) for name in ("x", "y", "width", "height")))


def _piece(one: Point, other: Point) -> Box:
    (x1, y1), (x2, y2) = one, other
    return Box(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))


def _passes(piece: Box, room: Box) -> bool:
    """Whether a line of no width enters the inside of a box."""
    return (
        piece.x < room.right and room.x < piece.right and piece.y < room.bottom and room.y < piece.bottom
        if piece.width and piece.height
        else max(piece.x, room.x + 0.01) <= min(piece.right, room.right - 0.01)
        and max(piece.y, room.y + 0.01) <= min(piece.bottom, room.bottom - 0.01)
    )


def _overlap(a1: float, a2: float, b1: float, b2: float) -> bool:
    return max(a1, b1) < min(a2, b2)
