"""How much room a text takes in a diagram, as bpmn-js draws it: Arial, or a face of the same widths."""

import math
import re
from typing import Final

NAME_SIZE: Final = 12
LABEL_SIZE: Final = 11
LINE_RATIO: Final = 1.2

_BY_WIDTH: Final = {
    222: "ijl'|",
    278: " ft.,:;!/I[]",
    333: 'r()-`"',
    500: "ckszvxyJ",
    556: "abdeghnopqu0123456789?$_#L",
    584: "+<>=~",
    611: "FTZ",
    667: "ABEKPSVXY&",
    722: "CDHNRUw",
    778: "GOQ",
    833: "mM",
    944: "W",
    1015: "@%",
}
_WIDTHS: Final = {letter: width for width, letters in _BY_WIDTH.items() for letter in letters}
_WIDE: Final = 889


def width_of(text: str, size: int) -> float:
    """Return the width of one line in pixels; a letter the face does not know counts as a wide one."""
    return sum(_WIDTHS.get(letter, _WIDE) for letter in text) * size / 1000


def wrap(text: str, width: float, size: int) -> list[str]:
    """Return the lines that bpmn-js makes of `text` in a box of `width`.

    It does not fill lines one word at a time: a line that is too wide is cut in proportion to its length, back to the
    last space or hyphen, and inside a word only where there is none.
    """
    lines: list[str] = []
    rest = " ".join(text.split())
    while rest:
        line = rest
        while len(line) > 1 and (full := width_of(line.rstrip(), size)) > width:
            line = _shorten(line, len(line) * width / full)
        lines.append(line.strip())
        rest = rest[len(line) :].strip()
    return lines


def _shorten(line: str, room: float) -> str:
    kept: list[str] = []
    length = 0
    for part in re.split(r"(\s|-)", line):
        if length + len(part) >= room:
            if part == "-" and kept:
                kept.pop()
            break
        kept.append(part)
        length += len(part)
    return "".join(kept) or line[: max(round(room - 1), 1)]


def label_box(text: str, width: int) -> tuple[int, int]:
    """Return width and height of the narrowest external label with no more lines or broken words than at `width`."""
    least = _cost(text, width)
    narrow = next(candidate for candidate in range(10, width + 1, 2) if _cost(text, candidate) <= least)
    lines = wrap(text, narrow, LABEL_SIZE)
    widest = max(width_of(line, LABEL_SIZE) for line in lines)
    return max(narrow, math.ceil(widest)) + 2, math.ceil(len(lines) * LABEL_SIZE * LINE_RATIO) + 1


def _cost(text: str, width: int) -> tuple[int, int]:
    lines = wrap(text, width, LABEL_SIZE)
    words = text.split()
    return sum(word not in words for line in lines for word in line.split()), len(lines)
