"""Sizes that a file fixes itself and that no instance could live with: a start or a step that is always refused.

Counted is the least that follows when a token goes on until everything waits, whatever is decided on the way; at a join
nothing is counted behind it. So what is said here happens in every run. The cost grows with the nodes and flows.
"""

from collections.abc import Iterator, Mapping
from heapq import heappop, heappush

from app.core.text import Text
from app.engine.board import MAX_TOKENS
from app.engine.catching import static_catchers
from app.engine.execution import MAX_STEPS
from app.engine.findings import Finding
from app.engine.model import Model, Node, NodeKind
from app.engine.outlook import joins

_MOVING = frozenset(
    {
        NodeKind.START,
        NodeKind.END,
        NodeKind.TERMINATE,
        NodeKind.PASS,
        NodeKind.THROW,
        NodeKind.EXCLUSIVE,
        NodeKind.PARALLEL,
        NodeKind.INCLUSIVE,
    }
)
_CHOOSING = frozenset({NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE})
# Sums stop growing here: two branches that meet again and again would double a number without end.
_PLENTY = 1_000_000


def check_bounds(model: Model) -> Iterator[Finding]:
    """Yield the elements behind which an act always takes more steps, or leaves more tokens, than an instance may."""
    steps, tokens = _least(model, steps=True), _least(model, steps=False)
    for node in model.nodes.values():
        if node.kind in _MOVING and (node.kind is not NodeKind.START or node.scope is not None):
            continue
        started = node.kind is NodeKind.START
        behind = [node.id] if started else [flow.target for flow in node.outgoing]
        if sum(steps[at] for at in behind) > MAX_STEPS:
            yield Finding("error", "too-many-steps", _TOO_MANY_STEPS, node.id, remedy=_WAIT_BETWEEN)
        elif sum(tokens[at] for at in behind) > MAX_TOKENS:
            yield Finding("error", "too-many-tokens", _TOO_MANY_TOKENS, node.id, remedy=_FEWER)


def _least(model: Model, *, steps: bool) -> Mapping[str, int]:
    """Return the least number of steps, or of tokens at rest, that a token at each node brings about at once.

    Worked out from the smallest on: what a node comes to is never less than what it is made of, so the first number
    that is complete is the least.
    """
    apart = not _may_take_away(model)
    least: dict[str, int] = {}
    missing: dict[str, int] = {}
    sums: dict[str, int] = {}
    pending: list[tuple[int, str]] = []
    before: dict[str, list[str]] = {}
    for node in model.nodes.values():
        following = _following(model, node)
        for at in following:
            before.setdefault(at, []).append(node.id)
        any_of = node.kind in _CHOOSING or not apart
        missing[node.id] = min(1, len(following)) if any_of else len(following)
        sums[node.id] = _own(model, node, steps=steps)
        if not following:
            heappush(pending, (sums[node.id], node.id))
    while pending:
        number, id_ = heappop(pending)
        if id_ in least:
            continue
        least[id_] = number
        for at in before.get(id_, ()):
            if missing[at] > 0:
                missing[at] -= 1
                sums[at] = min(sums[at] + number, _PLENTY)
                if missing[at] == 0:
                    heappush(pending, (sums[at], at))
    # What is left goes round without an end; that is said elsewhere.
    return {id_: least.get(id_, 0) for id_ in model.nodes}


def _following(model: Model, node: Node) -> list[str]:
    """Where a token surely goes on at once; not behind a join, where it may be that it only waits."""
    if node.kind is NodeKind.SUB_PROCESS:
        return [one.id for one in model.within(node.id) if one.kind is NodeKind.START]
    if node.kind not in _MOVING or joins(node):
        return []
    return [flow.target for flow in node.outgoing]


def _own(model: Model, node: Node, *, steps: bool) -> int:
    if steps:
        return int(node.kind in _MOVING and not joins(node))
    if node.kind in _MOVING:
        return 0
    if node.kind is NodeKind.EVENT_GATEWAY:
        return len(node.outgoing)
    listening = sum(event.fault is None for event in model.boundary_events(node.id))
    if node.loop is None:
        return 1 + listening
    times = node.loop.cardinality
    if not isinstance(times, int) or times == 0:
        return 0
    return 1 + listening + (1 if node.loop.sequential else times)


def _may_take_away(model: Model) -> bool:
    """Whether something in a model may end other branches while they are on their way."""
    caught = any(event is not None and event.interrupting for event in static_catchers(model.nodes).values())
    return caught or any(
        node.kind is NodeKind.TERMINATE or (node.kind is NodeKind.THROW and node.signal is not None)
        for node in model.nodes.values()
    )


_TOO_MANY_STEPS = Text(
    f"Dari sini proses selalu harus melewati lebih dari {MAX_STEPS} langkah sekaligus tanpa menunggu siapa pun, jadi "
    "mesin menolaknya.",
    f"From here the process always has to take more than {MAX_STEPS:,} steps at once without waiting for anybody, so "
    "it is refused.",
)
_WAIT_BETWEEN = Text(
    "Kurangi gateway dan cabang di belakangnya, atau taruh sebuah tugas di antaranya.",
    "Draw fewer gateways and branches behind it, or put a task between them.",
)
_TOO_MANY_TOKENS = Text(
    f"Dari sini selalu terbuka lebih dari {MAX_TOKENS} tugas dan penantian sekaligus, jadi mesin menolaknya.",
    f"From here more than {MAX_TOKENS:,} tasks and waits are always open at once, so it is refused.",
)
_FEWER = Text(
    "Kurangi pengulangan serentak atau cabang di belakangnya, atau kerjakan berurutan.",
    "Repeat the tasks behind it fewer times, draw fewer branches, or let them be done one after the other.",
)
