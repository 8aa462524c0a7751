"""Every run of a small model by brute force: a second token game, written from the rules and from nothing else.

A token is on a flow or at a node. All orders of all moves are tried; only an inclusive gateway waits until nothing else
moves by itself. Nothing is left out and nothing is made smaller, so it is for a dozen nodes.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from app.engine import Model, Node, NodeKind

WAITING = {NodeKind.USER_TASK, NodeKind.CATCH, NodeKind.EVENT_GATEWAY, NodeKind.SUB_PROCESS}
JOINS = {NodeKind.PARALLEL, NodeKind.INCLUSIVE}
MOST = 2

Marking = frozenset[tuple[str, int]]


@dataclass
class EveryRun:
    """`faults` says what is wrong with a scope; `known` is false where there were too many markings to tell."""

    faults: set[str] = field(default_factory=set)
    known: bool = True


def every_run(model: Model, scope: str | None, *, limit: int = 4000) -> EveryRun:
    """Play a scope, and each path of an event in it that interrupts nothing, from every beginning in every order."""
    game = _Game(model, scope)
    result = EveryRun()
    beginnings = [node for node in model.within(scope) if node.kind is NodeKind.START]
    beginnings += [n for n in model.within(scope) if n.kind is NodeKind.BOUNDARY and not n.interrupting]
    for beginning in beginnings:
        if not game.play([flow.id for flow in beginning.outgoing], limit):
            return EveryRun(known=False)
    result.faults = game.faults()
    # Where tokens become ever more, not to have found a fault among the first of them says nothing.
    result.known = bool(result.faults) or not game.cut
    return result


class _Game:
    def __init__(self, model: Model, scope: str | None) -> None:
        self.nodes = {node.id: node for node in model.within(scope)}
        self.flows = model.flows
        self.after: dict[Marking, set[Marking]] = {}
        self.cut: set[Marking] = set()
        self.arrived: set[str] = set()
        self.fired: set[str] = set()

    def play(self, flows: list[str], limit: int) -> bool:
        first = frozenset(Counter(flows).items())
        pending = [first]
        while pending:
            marking = pending.pop()
            if marking in self.after or marking in self.cut:
                continue
            if any(count > MOST for _, count in marking):
                self.cut.add(marking)
                continue
            if len(self.after) > limit:
                return False
            self.after[marking] = set(self._moves(Counter(dict(marking))))
            pending += self.after[marking]
        return True

    def faults(self) -> set[str]:
        nothing: Marking = frozenset()
        faults = {"stuck" for marking, following in self.after.items() if marking and not following}
        good = {nothing} | self.cut | {marking for marking, following in self.after.items() if not following}
        while True:
            more = {m for m, following in self.after.items() if m not in good and following & good}
            if not more:
                break
            good |= more
        if set(self.after) - good:
            faults.add("trapped")
        if self.arrived - self.fired and not self.cut:
            faults.add("never")
        return faults

    def _moves(self, tokens: Counter[str]) -> Iterator[Marking]:
        at_once = [move for place in tokens for move in self._moves_by_itself(place, tokens)]
        if at_once:
            yield from at_once
            return
        for node in self.nodes.values():
            joined = list(self._inclusive(node, tokens))
            if joined:
                yield from joined
                return
        for place in tokens:
            if place in self.nodes:
                for outs in self._ways_from(self.nodes[place]):
                    yield self._moved(tokens, [place], outs)

    def _moves_by_itself(self, place: str, tokens: Counter[str]) -> Iterator[Marking]:
        if place in self.nodes:
            return
        node = self.nodes[self.flows[place].target]
        ins = [flow.id for flow in node.incoming]
        if node.kind is NodeKind.TERMINATE:
            yield frozenset()
        elif node.kind in WAITING:
            yield self._moved(tokens, [place], [node.id])
        elif node.kind in JOINS and len(ins) > 1:
            self.arrived.add(node.id)
            if node.kind is NodeKind.PARALLEL and all(tokens[flow] for flow in ins):
                self.fired.add(node.id)
                for outs in self._ways_from(node):
                    yield self._moved(tokens, ins, outs)
        else:
            for outs in self._ways_from(node):
                yield self._moved(tokens, [place], outs)

    def _inclusive(self, node: Node, tokens: Counter[str]) -> Iterator[Marking]:
        ins = [flow.id for flow in node.incoming]
        filled = {flow for flow in ins if tokens[flow]}
        if node.kind is not NodeKind.INCLUSIVE or len(ins) < 2 or not filled:
            return
        for place in tokens:
            if place in ins:
                continue
            ways = self._reaching(place if place in self.nodes else self.flows[place].target, node.id) & set(ins)
            if ways and not ways & filled:
                return
        self.fired.add(node.id)
        for outs in self._ways_from(node):
            yield self._moved(tokens, sorted(filled), outs)

    def _reaching(self, start: str, without: str) -> set[str]:
        found: set[str] = set()
        seen: set[str] = set()
        pending = [start]
        while pending:
            at = pending.pop()
            if at in seen or at == without:
                continue
            seen.add(at)
            leaving = [*self.nodes[at].outgoing]
            for other in self.nodes.values():
                if other.attached_to == at:
                    leaving += other.outgoing
            found |= {flow.id for flow in leaving}
            pending += [flow.target for flow in leaving]
        return found

    def _ways_from(self, node: Node) -> list[list[str]]:
        outs = [flow.id for flow in node.outgoing]
        if node.kind is NodeKind.EVENT_GATEWAY:
            # What is awaited happens at the gateway: the event behind it passes the token on at once.
            return [[flow.id for flow in self.nodes[out.target].outgoing] for out in node.outgoing]
        if len(outs) > 1 and node.kind is NodeKind.EXCLUSIVE:
            ways = [[out] for out in outs]
        elif len(outs) > 1 and node.kind is NodeKind.INCLUSIVE:
            free = [out for out in outs if out != node.default_flow]
            ways = [list(some) for size in range(1, len(free) + 1) for some in combinations(free, size)]
            ways += [[out] for out in outs if out == node.default_flow]
        else:
            ways = [outs]
        for other in self.nodes.values():
            if other.attached_to == node.id and other.interrupting:
                ways.append([flow.id for flow in other.outgoing])
        return ways

    def _moved(self, tokens: Counter[str], taken: list[str], put: list[str]) -> Marking:
        left = Counter(tokens)
        left.subtract(taken)
        left.update(put)
        return frozenset((+left).items())
