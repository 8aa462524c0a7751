"""Trees of an office as rows in the order in which they are read, each with how deep it stands."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple


class Row(NamedTuple):
    """A thing in a tree; `depth` is 0 at the top."""

    thing: Mapping[str, Any]
    depth: int


def role_rows(roles: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return roles, each below its superior; those outside the office come last."""
    inside = [one for one in roles if one["kind"] != "pihak_luar"]
    outside = [one for one in roles if one["kind"] == "pihak_luar"]
    return [*_rows(inside, "reports_to"), *_rows(outside, "reports_to")]


def unit_rows(units: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return units, each below the one above it."""
    return _rows(units, "parent")


def _rows(things: Sequence[Mapping[str, Any]], above: str) -> list[Row]:
    known = {one["key"] for one in things}
    below: dict[str | None, list[Mapping[str, Any]]] = {}
    for one in things:
        below.setdefault(one[above] if one[above] in known else None, []).append(one)
    found: list[Row] = []
    seen: set[str] = set()

    def add(siblings: Iterable[Mapping[str, Any]], depth: int) -> None:
        for one in siblings:
            if one["key"] not in seen:
                seen.add(one["key"])
                found.append(Row(one, depth))
                add(below.get(one["key"], ()), depth + 1)

    add(below.get(None, ()), 0)
    # Roles that are each other's superiors hang from nothing, and are shown all the same.
    add(things, 0)
    return found
