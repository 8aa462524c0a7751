"""Hash trees over the ends of chains, as RFC 6962 (section 2.1) builds them.

A leaf and a node are hashed with different first bytes, so that neither can be passed off as the other. Levels are
built from below: what has no neighbour goes up as it is, which gives the tree that the RFC defines from above.
"""

import hashlib
from collections.abc import Sequence

import orjson

EMPTY = hashlib.sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(chain_id: str, length: int, head: bytes) -> bytes:
    """Return the leaf of a chain whose act number `length` has the hash `head`."""
    end = {"chain": chain_id, "length": length, "head": head.hex()}
    return hashlib.sha256(b"\x00" + orjson.dumps(end, option=orjson.OPT_SORT_KEYS)).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels_of(hashes: Sequence[bytes]) -> list[Sequence[bytes]]:
    """Return the levels of a tree, its leaves first and the root alone in the last; there must be a leaf."""
    levels = [hashes]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [node_hash(below[place], below[place + 1]) for place in range(0, len(below) - 1, 2)]
        levels.append([*above, below[-1]] if len(below) % 2 else above)
    return levels


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaves."""
    return levels_of(hashes)[-1][0] if hashes else EMPTY


def path_in(levels: Sequence[Sequence[bytes]], place: int) -> list[bytes]:
    """Return the neighbours on the way from a leaf to the root: what is needed to compute the root from it."""
    path = []
    for level in levels[:-1]:
        if place ^ 1 < len(level):
            path.append(level[place ^ 1])
        place >>= 1
    return path


def root_from(leaf: bytes, place: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a leaf and its path lead to in a tree of `size` leaves; null if it is no path of one."""
    if not 0 <= place < size:
        return None
    found, rest = leaf, list(reversed(path))
    while size > 1:
        if place ^ 1 < size:
            if not rest:
                return None
            other = rest.pop()
            found = node_hash(other, found) if place & 1 else node_hash(found, other)
        place, size = place >> 1, (size + 1) >> 1
    return None if rest else found


class Tree:
    """A tree whose leaves are added and replaced one by one; its root costs what has changed since the last one."""

    def __init__(self) -> None:
        self._levels: list[list[bytes]] = [[]]
        self._changed: set[int] = set()

    @property
    def leaves(self) -> Sequence[bytes]:
        """The leaves in their order."""
        return self._levels[0]

    def put(self, place: int, leaf: bytes) -> None:
        """Replace a leaf, or add the next one."""
        leaves = self._levels[0]
        if place == len(leaves):
            leaves.append(leaf)
        else:
            leaves[place] = leaf
        self._changed.add(place)

    def root(self) -> bytes:
        """Return the root over all leaves."""
        changed, height = self._changed, 0
        self._changed = set()
        while len(below := self._levels[height]) > 1:
            height += 1
            if height == len(self._levels):
                self._levels.append([])
                changed = set(range(len(below)))
            above, size = self._levels[height], (len(below) + 1) >> 1
            # What had no neighbour has one now, wherever the level below has grown.
            changed = {place >> 1 for place in changed}
            above.extend(b"" for _ in range(size - len(above)))
            for place in changed:
                left, right = below[2 * place], 2 * place + 1
                above[place] = node_hash(left, below[right]) if right < len(below) else left
        return self._levels[height][0] if self._levels[0] else EMPTY
