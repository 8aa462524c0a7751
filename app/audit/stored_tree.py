"""The tree of the latest head, kept in the database in groups of 64 hashes.

Tier 0 holds the leaves, each tier above the roots of the groups below it. Since 64 is a power of two, the root over the
groups' roots is the root over all leaves. A changed leaf costs one group on each tier, however many chains there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit import merkle
from app.audit.models import tree_group

_WIDTH = 64
_HASH = 32
# Room for 64 to the fifth, some thousand million chains.
_TIERS = 5
# A statement has room for 32,766 parameters on SQLite.
_ASKED = 10_000


class Change(NamedTuple):
    """What becomes of the tree: its new root, and the groups to be written."""

    root: bytes
    groups: list[dict[str, Any]]


def change(connection: Connection, leaves: Mapping[int, bytes]) -> Change:
    """Return what replacing and adding leaves makes of the stored tree; nothing is written."""
    written: list[dict[str, Any]] = []
    changed: Mapping[int, bytes] = leaves
    for tier in range(_TIERS):
        groups = _read(connection, tier, {place // _WIDTH for place in changed})
        for place, hashed in sorted(changed.items()):
            hashes, within = groups[place // _WIDTH], place % _WIDTH
            hashes[within : within + 1] = [hashed]
        written += [
            {"tier": tier, "place": place, "hashes": b"".join(hashes)} for place, hashes in sorted(groups.items())
        ]
        changed = {place: merkle.root_of(hashes) for place, hashes in groups.items()}
    return Change(changed[0], written)


def _read(connection: Connection, tier: int, places: Iterable[int]) -> dict[int, list[bytes]]:
    wanted = sorted(places)
    groups: dict[int, list[bytes]] = {place: [] for place in wanted}
    for start in range(0, len(wanted), _ASKED):
        query = sa.select(tree_group.c.place, tree_group.c.hashes).where(
            tree_group.c.tier == tier, tree_group.c.place.in_(wanted[start : start + _ASKED])
        )
        groups |= {row.place: _split(row.hashes) for row in connection.execute(query)}
    return groups


def _split(hashes: bytes) -> list[bytes]:
    return [bytes(hashes[start : start + _HASH]) for start in range(0, len(hashes), _HASH)]


class Paths:
    """The paths of leaves to the root; neighbours that are asked for one after the other share what was read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._latest: list[tuple[int, Sequence[Sequence[bytes]]]] = [(-1, ())] * _TIERS

    def path(self, place: int) -> list[bytes]:
        """Return the path of a leaf of the stored tree."""
        path: list[bytes] = []
        for tier in range(_TIERS):
            path += merkle.path_in(self._levels(tier, place // _WIDTH), place % _WIDTH)
            place //= _WIDTH
        return path

    def _levels(self, tier: int, group: int) -> Sequence[Sequence[bytes]]:
        if self._latest[tier][0] != group:
            self._latest[tier] = group, merkle.levels_of(_read(self._connection, tier, [group])[group])
        return self._latest[tier][1]


def stored_leaves(connection: Connection) -> list[bytes]:
    """Return all leaves in their order."""
    query = sa.select(tree_group.c.hashes).where(tree_group.c.tier == 0).order_by(tree_group.c.place)
    return [leaf for hashes in connection.execute(query).scalars() for leaf in _split(hashes)]
