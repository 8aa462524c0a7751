"""What can never come to pass, whatever is decided: faults that nobody throws, and activities that never end plainly.

Asked is where a token could get if every decision, message and timer went its way. What is not known, such as what a
process throws that is called and not there, is taken to come, so that only what is certain is said. The cost grows with
the nodes and flows of a model.
"""

from collections.abc import Mapping

from app.core.text import Text
from app.engine.catching import static_catchers
from app.engine.model import Node, NodeKind

_OUTSIDE = frozenset({NodeKind.EXTERNAL_TASK, NodeKind.EXTERNAL_EVENT})
_HOLDING = frozenset({NodeKind.SUB_PROCESS, NodeKind.CALL})
# In what an error or an escalation can be thrown at all.
THROWN_IN = {"error": _HOLDING | {NodeKind.EXTERNAL_TASK}, "escalation": _HOLDING}


def never_coming(nodes: Mapping[str, Node]) -> tuple[str, ...]:
    """Return the boundary events that can be got to and never catch anything, for nothing throws it."""
    moves = _Moves(nodes)
    return tuple(
        at
        for at, node in nodes.items()
        if node.attached_to in moves.reached
        and node.fault is not None
        and at not in moves.reached
        # Where nothing can be thrown at all, the event itself is refused.
        and nodes[node.attached_to].kind in THROWN_IN[node.fault.kind]
    )


def never_done(nodes: Mapping[str, Node]) -> tuple[str, ...]:
    """Return the activities with a way on that is never taken, for they always end by an error."""
    moves = _Moves(nodes)
    return tuple(
        at
        for at, node in nodes.items()
        if at in moves.held and at in moves.reached and at not in moves.done and node.outgoing
    )


def never_thrown(event: Node) -> Text:
    """Say that nothing throws what a boundary event waits for."""
    is_error = event.fault is not None and event.fault.kind == "error"
    word, en = ("galat", "error") if is_error else ("eskalasi", "escalation")
    return Text(
        f"Tidak ada yang melempar {word} ini di dalam kegiatannya, jadi langkah di belakangnya tidak pernah "
        "dikerjakan. Samakan kodenya dengan yang dilempar, atau hapus peristiwa ini.",
        f"Nothing within the activity throws this {en}, so the steps behind the event are never done. "
        "Give it the code that is thrown, or remove the event.",
    )


ALWAYS_FAILS = Text(
    "Kegiatan ini selalu berakhir dengan galat, jadi langkah sesudahnya tidak pernah dikerjakan. "
    "Beri jalan di dalamnya menuju akhir biasa, atau hapus alur keluarnya.",
    "This activity always ends by an error, so the steps behind it are never done. "
    "Draw a way in it to a plain end, or remove the flow that leaves it.",
)


class _Moves:
    """The nodes that can be `reached`; of those that hold others, `done` can come to an end of their own."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes
        self.reached: set[str] = set()
        self.done: set[str] = set()
        self.held = {node.scope: node.id for node in nodes.values() if node.kind is NodeKind.START and node.scope}
        self.events: dict[str, list[Node]] = {}
        for node in nodes.values():
            if node.attached_to is not None:
                self.events.setdefault(node.attached_to, []).append(node)
        self.caught = {at: event for at, event in static_catchers(nodes).items() if event is not None}
        self._spread()

    def _spread(self) -> None:
        self.pending = [node.id for node in self.nodes.values() if node.kind is NodeKind.START and node.scope is None]
        while self.pending:
            at = self.pending.pop()
            if at in self.reached:
                continue
            self.reached.add(at)
            node = self.nodes[at]
            self._enter(node)
            if at in self.caught:
                self.pending.append(self.caught[at].id)
            if at in self.held and at not in self.done:
                continue
            if at not in self.caught or not self.caught[at].interrupting:
                self._leave(node)

    def _enter(self, node: Node) -> None:
        self.pending += [event.id for event in self.events.get(node.id, ()) if event.fault is None]
        if node.id in self.held:
            self.pending.append(self.held[node.id])
        elif node.kind in _OUTSIDE:
            self._throws_anything(node, {"error"})
        elif node.kind in _HOLDING:
            self._throws_anything(node, {"error", "escalation"})

    def _throws_anything(self, node: Node, kinds: set[str]) -> None:
        """Let what an outsider throws be caught at the activity and at all that is around it."""
        at: str | None = node.id
        while at is not None:
            for event in self.events.get(at, ()):
                if event.fault is not None and event.fault.kind in kinds:
                    self.pending.append(event.id)
            at = self.nodes[at].scope

    def _leave(self, node: Node) -> None:
        self.pending += [flow.target for flow in node.outgoing]
        scope = node.scope
        if scope is not None and not node.outgoing and scope not in self.done:
            self.done.add(scope)
            if scope in self.reached:
                self._leave(self.nodes[scope])
