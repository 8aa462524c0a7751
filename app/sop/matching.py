"""Which row of one version of an SOP is which row of the other."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from app.sop.table import Activity, Role

SIMILAR: Final = 0.5
"""The share of words that two rows at the same place have in common to be one row whose text has been rewritten."""

# Between figures a sign counts: "Seksi 1.1" is not "Seksi 11".
_BETWEEN_WORDS: Final = re.compile(r"(?<!\d)[\W_]+|[\W_]+(?!\d)")


class MatchedBy(StrEnum):
    """What makes two rows the same row."""

    ELEMENT_ID = "element_id"
    TEXT = "text"
    POSITION = "position"


class Match(NamedTuple):
    """A row of both versions, by its places in them."""

    old: int
    new: int
    by: MatchedBy


Tier = tuple[Sequence[Hashable], Sequence[Hashable]]


def paired(tiers: Iterable[Tier]) -> list[tuple[int, int, int]]:
    """Return (place before, place after, tier) of what has the same key, in the order of the old places.

    Each tier holds a key for each old and each new thing, None for one without; earlier tiers go first, and things
    with equal keys are paired in their order.
    """
    pairs: dict[int, tuple[int, int]] = {}
    taken: set[int] = set()
    for tier, (olds, news) in enumerate(tiers):
        free: dict[Hashable, deque[int]] = defaultdict(deque)
        for place, key in enumerate(news):
            if key is not None and place not in taken:
                free[key].append(place)
        for place, key in enumerate(olds):
            if key is not None and place not in pairs and free[key]:
                pairs[place] = (free[key].popleft(), tier)
                taken.add(pairs[place][0])
    return [(old, *pairs[old]) for old in sorted(pairs)]


def match_rows(old: Sequence[Activity], new: Sequence[Activity]) -> list[Match]:
    """Return the rows that both versions have, in their old order.

    The same element with the same text is the same row. Elements count less than texts after that: a diagram drawn
    anew from its table numbers its elements anew, so that the old id of one row becomes that of its neighbour. What is
    left is matched by element alone (a row with a new text), and last by its place between two matched rows.
    """
    tiers: list[tuple[MatchedBy, Callable[[Activity], Hashable]]] = [
        (MatchedBy.ELEMENT_ID, lambda row: _both(row.element_id, _words(row.statement))),
        (MatchedBy.ELEMENT_ID, lambda row: _both(row.element_id, _words(row.name))),
        (MatchedBy.TEXT, lambda row: _both(_text(row), (row.role, row.kind))),
        (MatchedBy.TEXT, _text),
        (MatchedBy.TEXT, lambda row: _words(row.statement)),
        (MatchedBy.ELEMENT_ID, lambda row: row.element_id),
        (MatchedBy.TEXT, lambda row: _words(row.name)),
    ]
    found = paired(([key(row) for row in old], [key(row) for row in new]) for _, key in tiers)
    matches = [Match(before, after, tiers[tier][0]) for before, after, tier in found]
    return sorted([*matches, *_by_position(old, new, matches)])


def match_roles(
    old: Sequence[Role], new: Sequence[Role], meanings: Sequence[Callable[[str | None], Hashable]]
) -> list[tuple[int, int]]:
    """Return the places of the columns that both versions have: of the same role if there is one, else by key.

    `meanings` tell for either version which role the name of a column means.
    """
    keys = [[role.key for role in roles] for roles in (old, new)]
    meant = [[means(role.label) for role in roles] for means, roles in zip(meanings, (old, new), strict=True)]
    both = [[_both(*pair) for pair in zip(*side, strict=True)] for side in zip(keys, meant, strict=True)]
    found = paired((tier[0], tier[1]) for tier in (both, meant, keys))
    return [(before, after) for before, after, _ in found]


def spelt_alike(label: str | None) -> str | None:
    """Return a role's name without what is mere spelling: case, spaces, dots and other signs.

    >>> spelt_alike("KASUBAG. Umum") == spelt_alike("Kasubag  umum"), spelt_alike("Seksi 1.1")
    (True, 'seksi1.1')
    """
    return _BETWEEN_WORDS.sub("", (label or "").casefold()) or None


def out_of_order(places: Sequence[int]) -> set[int]:
    """Return the fewest of `places`, all different, that have moved among the others.

    >>> out_of_order([0, 3, 1, 2, 4])
    {3}
    """
    ends: list[int] = []
    chains: list[list[int]] = []
    for place in places:
        length = bisect_left(ends, place)
        chain = [*(chains[length - 1] if length else []), place]
        ends[length : length + 1] = [place]
        chains[length : length + 1] = [chain]
    return set(places) - set(chains[-1] if chains else [])


def _by_position(old: Sequence[Activity], new: Sequence[Activity], matches: Sequence[Match]) -> list[Match]:
    """Return the rows, matched by nothing else, that stand between the same matched rows and say much the same."""
    before = _gaps(len(old), {match.old: number for number, match in enumerate(matches)})
    after = _gaps(len(new), {match.new: number for number, match in enumerate(matches)})
    candidates = sorted(
        (-likeness, here + there, here, there)
        for here, gap in before.items()
        for there, other in after.items()
        if gap == other and (likeness := _likeness(old[here], new[there])) >= SIMILAR
    )
    found: dict[int, int] = {}
    for _, _, here, there in candidates:
        if here not in found and there not in found.values():
            found[here] = there
    return [Match(here, there, MatchedBy.POSITION) for here, there in found.items()]


def _gaps(count: int, matched: dict[int, int]) -> dict[int, tuple[int | None, int | None]]:
    """Return, for each row that is not matched, the matches that stand nearest before and after it."""
    gaps: dict[int, tuple[int | None, int | None]] = {}
    for place in range(count):
        if place not in matched:
            earlier = next((matched[other] for other in range(place - 1, -1, -1) if other in matched), None)
            later = next((matched[other] for other in range(place + 1, count) if other in matched), None)
            gaps[place] = (earlier, later)
    return gaps


def _likeness(one: Activity, other: Activity) -> float:
    words = [Counter(f"{_words(row.name) or ''} {_words(row.statement) or ''}".split()) for row in (one, other)]
    total = words[0].total() + words[1].total()
    return 2 * (words[0] & words[1]).total() / total if total else 0.0


def _words(text: str | None) -> str | None:
    return " ".join((text or "").split()).casefold() or None


def _text(row: Activity) -> Hashable:
    words = _words(row.name), _words(row.statement)
    return words if any(words) else None


def _both(one: Hashable, other: Hashable) -> Hashable:
    return None if one is None or other is None else (one, other)
