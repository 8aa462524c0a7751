"""Checks of the graph of a model that hold whatever the variables are: connected, decidable, and never endless.

The rules refuse what would be ignored (a condition that nobody evaluates), lost (a node that nothing reaches), stuck
(no way to an end) or endless (a cycle in which nothing waits).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.core.text import Text
from app.engine.coming import THROWN_IN
from app.engine.endless import endless_cycle
from app.engine.model import Flow, Node, NodeKind

ENDLESS = Text(
    "Lingkaran ini tidak pernah menunggu siapa pun, jadi tidak akan berhenti. Sisipkan tugas di dalamnya.",
    "This cycle waits for nobody, so it would never stop. Put a task into it.",
)

Refuse = Callable[[str, str, Text], None]

# What leaves a graph with loose ends: tokens would be stuck for no other reason.
LOOSE_ENDS = frozenset(
    {
        "dead-end",
        "endless-cycle",
        "event-gateway-targets",
        "incoming-refused",
        "no-start",
        "no-way-out",
        "not-attached",
        "outgoing-refused",
        "several-starts",
        "unreachable",
    }
)

_WIDEST = 50
_SCOPES = frozenset({NodeKind.SUB_PROCESS, NodeKind.CALL})
_HOSTS = _SCOPES | {NodeKind.USER_TASK, NodeKind.RECEIVE, NodeKind.EXTERNAL_TASK}
_EVENTS = frozenset({NodeKind.CATCH, NodeKind.EXTERNAL_EVENT, NodeKind.THROW})
# Where what a boundary event catches can come from.
_AWAITED = frozenset({NodeKind.CATCH, NodeKind.RECEIVE})
_DECIDING = frozenset({NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE})


@dataclass(slots=True)
class Gaps:
    """Where a graph is not as it is drawn, because a part of it was refused; what follows from that is not said again.

    `refused` are elements that are only there to be flowed through, `entered` and `left` those with a flow that was
    refused on that side, `unstarted` the scopes whose start was refused. In the scopes `to_nowhere` a flow has lost its
    target, which may be anything there that nothing else leads to; in those `from_nowhere` one has lost its source.
    """

    refused: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    unstarted: set[str | None] = field(default_factory=set)
    to_nowhere: set[str | None] = field(default_factory=set)
    from_nowhere: set[str | None] = field(default_factory=set)


NO_GAPS = Gaps()


def check_graph(nodes: Mapping[str, Node], flows: Mapping[str, Flow], refuse: Refuse, gaps: Gaps = NO_GAPS) -> None:
    """Report every fault of the graph as `refuse(element_id, code, text)`."""
    scopes: list[str | None] = [None, *(node.id for node in nodes.values() if node.kind is NodeKind.SUB_PROCESS)]
    for node in nodes.values():
        _check_node(node, nodes, refuse, gaps)
    for flow in flows.values():
        source = nodes[flow.source]
        if source.id not in gaps.refused:
            _check_flow(flow, source, len(source.outgoing) == 1 and source.id not in gaps.left, refuse)
    _check_catchers(nodes, refuse)
    within: dict[str | None, list[Node]] = {scope: [] for scope in scopes}
    for node in nodes.values():
        within.setdefault(node.scope, []).append(node)
    for scope in scopes:
        if scope not in gaps.unstarted:
            _check_scope(scope, within[scope], nodes, refuse, gaps)
    _check_endless(nodes, refuse)


def _check_node(node: Node, nodes: Mapping[str, Node], refuse: Refuse, gaps: Gaps) -> None:
    if max(len(node.outgoing), len(node.incoming)) > _WIDEST:
        refuse(
            node.id,
            "too-wide",
            Text(f"Paling banyak {_WIDEST} alur per unsur.", f"An element has at most {_WIDEST} flows on one side."),
        )
    match node.kind:
        case NodeKind.START | NodeKind.BOUNDARY if node.incoming:
            refuse(
                node.id,
                "incoming-refused",
                Text("Peristiwa ini tidak boleh punya alur masuk.", "This event must have no incoming flow."),
            )
        case NodeKind.EXCLUSIVE | NodeKind.INCLUSIVE if not node.outgoing and node.id not in gaps.left:
            refuse(
                node.id,
                "dead-end",
                Text("Gateway ini tidak menuju ke mana pun.", "This gateway leads nowhere."),
            )
        case NodeKind.EVENT_GATEWAY if node.id not in gaps.left:
            _check_event_gateway(node, nodes, refuse, gaps)
        case NodeKind.BOUNDARY:
            _check_boundary_event(node, nodes, refuse, gaps)
        case _:
            pass
    if node.ends and node.outgoing:
        refuse(
            node.id,
            "outgoing-refused",
            Text("Akhir proses tidak boleh punya alur keluar.", "An end event must have no outgoing flow."),
        )
    if node.default_flow is not None and node.kind not in _DECIDING:
        refuse(
            node.id,
            "default-ignored",
            Text(
                "Alur baku hanya berarti pada gateway eksklusif atau inklusif. Pakai gateway, atau hapus tandanya.",
                "A default flow has a meaning only at an exclusive or inclusive gateway. Use one, or remove the mark.",
            ),
        )
    elif (
        node.default_flow is not None
        and node.default_flow not in {flow.id for flow in node.outgoing}
        and node.id not in gaps.left
    ):
        refuse(
            node.id,
            "unknown-reference",
            Text(
                f"Alur baku '{node.default_flow}' tidak keluar dari unsur ini.",
                f"The default flow '{node.default_flow}' does not leave this element.",
            ),
        )


def _check_boundary_event(node: Node, nodes: Mapping[str, Node], refuse: Refuse, gaps: Gaps) -> None:
    host = nodes.get(node.attached_to or "")
    if host is not None and host.scope == node.scope and host.kind in _EVENTS:
        refuse(
            node.id,
            "boundary-on-event",
            Text(
                "Peristiwa tepi tidak boleh menempel pada peristiwa. Ganti peristiwa itu dengan receive task, "
                "atau tunggu keduanya di belakang gateway peristiwa.",
                "A boundary event cannot stand on an event. Make that event a receive task, "
                "or wait for both behind an event-based gateway.",
            ),
        )
    elif host is None or host.scope != node.scope or host.kind not in _HOSTS:
        refuse(
            node.id,
            "not-attached",
            Text("Peristiwa tepi ini tidak menempel pada tugas.", "This boundary event is attached to no activity."),
        )
    elif node.fault is not None and host.kind not in THROWN_IN[node.fault.kind]:
        refuse(
            node.id,
            "error-never-thrown" if node.fault.kind == "error" else "escalation-never-thrown",
            Text(
                "Di dalam kegiatan ini tidak ada yang dapat melemparnya. Tempelkan pada subproses, panggilan proses, "
                "atau (untuk galat) tugas eksternal.",
                "Nothing within this activity can throw it. Put the event on a sub-process, a call, "
                "or (for an error) an external task.",
            ),
        )
    if not node.outgoing and node.id not in gaps.left:
        refuse(
            node.id,
            "dead-end",
            Text("Peristiwa tepi ini tidak menuju ke mana pun.", "This boundary event leads nowhere."),
        )


def _check_catchers(nodes: Mapping[str, Node], refuse: Refuse) -> None:
    """Refuse boundary events of one activity of which only one could ever catch."""
    seen: dict[tuple[str | None, str], set[str | None]] = {}
    for node in nodes.values():
        if node.fault is None or node.attached_to is None:
            continue
        codes = seen.setdefault((node.attached_to, node.fault.kind), set())
        # As in Camunda, an escalation is caught by its code or by whatever catches all, not by both in turn.
        mixed = node.fault.kind == "escalation" and codes and (node.fault.code is None or None in codes)
        if node.fault.code in codes or mixed:
            refuse(
                node.id,
                "several-catchers",
                Text(
                    "Kegiatan ini sudah punya peristiwa tepi yang menangkapnya. Sisakan satu untuk setiap kode.",
                    "This activity has a boundary event that catches this already. Leave one for each code.",
                ),
            )
        codes.add(node.fault.code)


def _check_event_gateway(node: Node, nodes: Mapping[str, Node], refuse: Refuse, gaps: Gaps) -> None:
    targets = [nodes[flow.target] for flow in node.outgoing]
    if any(target.id in gaps.refused for target in targets):
        return
    hosts = {other.attached_to for other in nodes.values()}
    if len(targets) < 2 or any(
        target.kind not in _AWAITED or len(target.incoming) != 1 or target.id in hosts for target in targets
    ):
        refuse(
            node.id,
            "event-gateway-targets",
            Text(
                "Gateway peristiwa harus menuju paling sedikit dua peristiwa tunggu "
                "yang tidak dimasuki alur lain dan tidak bertepi peristiwa.",
                "An event-based gateway must lead to at least two waiting events "
                "that no other flow enters and that have no boundary event.",
            ),
        )
    awaited = [(target.message, target.signal) for target in targets if target.message or target.signal]
    if len(awaited) != len(set(awaited)):
        refuse(
            node.id,
            "event-gateway-messages",
            Text(
                "Dua cabang menunggu pesan atau sinyal yang sama; hanya satu yang dapat menang.",
                "Two branches wait for the same message or signal; only one could win.",
            ),
        )


def _check_flow(flow: Flow, source: Node, is_only: bool, refuse: Refuse) -> None:
    is_default = flow.id == source.default_flow
    if flow.condition is not None and source.kind in _DECIDING and is_only:
        refuse(
            flow.id,
            "condition-ignored",
            Text(
                "Gateway ini hanya punya satu alur keluar, jadi syaratnya tidak akan diperiksa. Hapus syarat itu.",
                "This is the only flow that leaves its gateway, so its condition would not be evaluated. Remove it.",
            ),
        )
    elif flow.condition is not None and (source.kind not in _DECIDING or is_default):
        refuse(
            flow.id,
            "condition-ignored",
            Text(
                "Syarat pada alur ini tidak akan diperiksa. "
                "Pakai gateway eksklusif, dan jangan beri syarat alur bakunya.",
                "The condition of this flow would not be evaluated. "
                "Use an exclusive gateway, and no condition on its default.",
            ),
        )
    elif flow.condition is None and source.kind in _DECIDING and not is_only and not is_default:
        refuse(
            flow.id,
            "condition-missing",
            Text(
                "Alur keluar gateway ini belum bersyarat. Beri syarat, atau jadikan alur baku.",
                "This flow leaves a deciding gateway without a condition. Give it one, or make it the default flow.",
            ),
        )


def _check_scope(scope: str | None, inside: list[Node], nodes: Mapping[str, Node], refuse: Refuse, gaps: Gaps) -> None:
    starts = [node for node in inside if node.kind is NodeKind.START]
    if len(starts) != 1:
        for node in starts[1:]:
            refuse(
                node.id,
                "several-starts",
                Text("Hanya boleh ada satu awal.", "There must be exactly one start event."),
            )
        if not starts and (inside or scope is not None):
            refuse(
                scope or inside[0].id,
                "no-start",
                Text("Awal (start event) belum ada.", "There is no start event."),
            )
        return
    boundary: dict[str, list[str]] = {}
    for node in inside:
        if node.attached_to is not None:
            boundary.setdefault(node.attached_to, []).append(node.id)
    entered = [node.id for node in inside if node.id in gaps.entered]

    def following(at: str) -> list[str]:
        return [flow.target for flow in nodes[at].outgoing] + boundary.get(at, [])

    reached = _spread([starts[0].id, *entered], following)
    heads = _heads([node for node in inside if node.id not in reached], following)
    ending = _spread(
        [node.id for node in inside if not node.outgoing or node.id in gaps.left],
        lambda at: [flow.source for flow in nodes[at].incoming] + _host(nodes[at], nodes),
    )
    for node in inside:
        if node.id in heads and scope not in gaps.to_nowhere:
            refuse(
                node.id,
                "unreachable",
                Text("Unsur ini tidak pernah tercapai dari awal.", "Nothing leads to this element from the start."),
            )
        elif node.id not in ending and scope not in gaps.from_nowhere:
            refuse(
                node.id,
                "no-way-out",
                Text("Dari unsur ini tidak ada jalan ke akhir.", "No way leads from this element to an end."),
            )


def _heads(lost: list[Node], following: Callable[[str], list[str]]) -> set[str]:
    """Return where parts begin that nothing leads to; what follows in them is mended with their beginning."""
    own = {node.id for node in lost}
    first = [node for node in lost if node.attached_to not in own and not any(f.source in own for f in node.incoming)]
    heads: set[str] = set()
    covered: set[str] = set()
    for node in (*first, *lost):
        if node.id not in covered:
            heads.add(node.id)
            covered |= _spread([node.id], following)
    return heads


def _host(node: Node, nodes: Mapping[str, Node]) -> list[str]:
    return [node.attached_to] if node.attached_to is not None and node.attached_to in nodes else []


def _spread(start: list[str], following: Callable[[str], list[str]]) -> set[str]:
    seen, pending = set(start), list(start)
    while pending:
        for other in following(pending.pop()):
            if other not in seen:
                seen.add(other)
                pending.append(other)
    return seen


def _check_endless(nodes: Mapping[str, Node], refuse: Refuse) -> None:
    """Refuse a cycle that a token could run round for ever without waiting for anybody."""
    cycle = endless_cycle(nodes)
    if cycle:
        refuse(cycle[0], "endless-cycle", ENDLESS)
