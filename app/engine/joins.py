"""When an inclusive gateway that joins lets its tokens go on: it needs to know what goes on elsewhere in its scope."""

from typing import TYPE_CHECKING

from app.engine.specs import InclusiveSpec, Token

if TYPE_CHECKING:
    from app.engine.board import Board


def fire_inclusive(board: "Board") -> bool:
    """Let one inclusive gateway go on for which no more tokens can come; False if there is none."""
    if not board.inclusive_waits:
        return False
    gathered: dict[tuple[str, int], dict[str, Token]] = {}
    for token in board.live():
        if isinstance(token.task_spec, InclusiveSpec):
            at = (token.task_spec.name, token.internal_data["scope"])
            gathered.setdefault(at, {}).setdefault(token.internal_data["flow"], token)
    for (name, scope), first in gathered.items():
        if not may_still_come(board, board.spec.task_specs[name], scope, frozenset(first)):
            board.merge(first.values())
            return True
    board.inclusive_waits = bool(gathered)
    return False


def may_still_come(board: "Board", gateway: InclusiveSpec, scope: int, filled: frozenset[str]) -> bool:
    """Whether a token elsewhere in the scope has a way to an empty flow of the gateway and none to a filled one."""
    nothing: frozenset[str] = frozenset()
    # The events behind an event-based gateway are one token, which is at the gateway until one of them happens.
    ways_of: dict[int, frozenset[str]] = {}
    for token in board.live():
        spec, noted = token.task_spec, token.internal_data
        if spec is gateway or noted["scope"] != scope or "host" in noted:
            continue
        number = noted.get("race", token.id)
        ways_of[number] = ways_of.get(number, nothing) | gateway.ways.get(spec.name, nothing)
    return any(ways and not ways & filled for ways in ways_of.values())
