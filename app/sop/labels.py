"""Where the labels of gateways, events and flows stand: near what they name, on nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

NEAR: Final = 4
STEP: Final = 6


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def meets(self, other: "Box", margin: int = 0) -> bool:
        return (
            self.x < other.right + margin
            and other.x < self.right + margin
            and self.y < other.bottom + margin
            and other.y < self.bottom + margin
        )

    def within(self, other: "Box") -> bool:
        return self.x >= other.x and self.y >= other.y and self.right <= other.right and self.bottom <= other.bottom


Line = tuple[tuple[int, int], tuple[int, int]]


def line_box(line: Line) -> Box:
    (x1, y1), (x2, y2) = line
    return Box(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))


class Desk:
    """The shapes, lines and labels already on the diagram; finds room for one more label."""

    def __init__(self, shapes: list[Box], lines: list[Line]) -> None:
        self.taken = list(shapes)
        self.lines = [line_box(line) for line in lines]
        self.crowded = False

    def put(self, candidates: Iterator[Box], rooms: list[Box]) -> Box:
        """Return the first candidate that is free, and keep its place.

        A label is free where it meets no shape, line or label and lies wholly in one of `rooms`. Where none is, the
        first of all is taken and the desk is `crowded`.
        """
        first: Box | None = None
        for box in candidates:
            first = first or box
            if self.free(box, rooms):
                break
        else:
            if first is None:
                raise ValueError("a label needs at least one candidate")
            box = first
            self.crowded = True
        self.taken.append(box)
        return box

    def free(self, box: Box, rooms: list[Box]) -> bool:
        return (
            any(box.within(room) for room in rooms)
            and not any(box.meets(other, 1) for other in self.taken)
            and not any(box.meets(line, 2) for line in self.lines)
        )


def around_shape(shape: Box, width: int, height: int, *, below: bool) -> Iterator[Box]:
    """Yield places for the name of a shape: below or above it, to its right, then beside the flows that leave it."""
    middle = shape.x + shape.width // 2
    for distance in range(NEAR, 120, STEP):
        heights = [shape.bottom + distance, shape.y - distance - height]
        ys = heights if below else heights[::-1]
        for y in ys:
            yield Box(middle - width // 2, y, width, height)
        yield Box(shape.right + distance + 2, shape.y + (shape.height - height) // 2, width, height)
        for aside in (NEAR + 2, NEAR + 20, NEAR + 40):
            for y in ys:
                yield Box(middle + aside, y, width, height)
                yield Box(middle - aside - width, y, width, height)


def along(points: list[tuple[int, int]], width: int, height: int) -> Iterator[Box]:
    """Yield places for the name of a flow: along its pieces from its source on, on either side."""
    for (x1, y1), (x2, y2) in pairwise(points):
        if x1 == x2:
            down = 1 if y2 > y1 else -1
            for distance in range(NEAR, max(abs(y2 - y1) - height, NEAR) + 1, STEP):
                y = y1 + distance if down > 0 else y1 - distance - height
                yield Box(x1 + NEAR + 1, y, width, height)
                yield Box(x1 - NEAR - 1 - width, y, width, height)
        else:
            ahead = 1 if x2 > x1 else -1
            for distance in range(NEAR, max(abs(x2 - x1) - width, NEAR) + 1, STEP):
                x = x1 + distance if ahead > 0 else x1 - distance - width
                yield Box(x, y1 - height - 3, width, height)
                yield Box(x, y1 + 3, width, height)
