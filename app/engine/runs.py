"""What can go wrong in the runs of a model although each element of it is right: found by playing its tokens.

Conditions are not looked at: every branch may be taken, and tasks, messages and timers may happen in any order. A
scope is played for itself, since what stands around it can only end it as a whole.
"""

from collections.abc import Iterable

from app.core.text import Text
from app.engine.bounds import check_bounds
from app.engine.exploration import MAX_MARKINGS, explore
from app.engine.findings import Finding
from app.engine.meeting import met_unjoined
from app.engine.model import Model, Node, NodeKind
from app.engine.net import net_of, scopes_of, smaller

_MOST_NAMED = 3
# What is drawn in blocks needs no more, so a file of very many sub-processes is still checked completely.
_LEAST = 20

_MATCH_THE_SPLIT = Text(
    "Samakan jenis pembuka dan penutupnya: cabang yang dipilih salah satu bertemu di gateway eksklusif, cabang yang "
    "berjalan bersamaan bertemu di gateway paralel, dan cabang yang dipilih sebagian bertemu di gateway inklusif.",
    "Let a split and its join be of one kind: branches of which one is chosen meet at an exclusive gateway, branches "
    "that run together at a parallel one, branches of which some are chosen at an inclusive one.",
)
_RETURN_BEFORE_THE_SPLIT = Text(
    "Tarik alur kembali dari sesudah gateway penutup, bukan dari dalam salah satu cabangnya.",
    "Draw the flow that goes back from behind the join, not from inside one of its branches.",
)


def check_runs(model: Model, *, limit: int = MAX_MARKINGS) -> list[Finding]:
    """Return the faults in the runs of a model whose graph is whole; `limit` bounds the markings of all its scopes."""
    findings = list(check_bounds(model))
    for scope in scopes_of(model):
        outcome = explore(smaller(net_of(model, scope)), limit=max(limit, _LEAST))
        limit -= outcome.markings
        findings += [_piled(model, join) for join in outcome.piled]
        findings += [_stuck(model, join, flows) for join, flows in outcome.stuck.items()]
        findings += [_never(model, join) for join in sorted(outcome.never)]
        findings += [
            Finding("error", "no-completion", _TRAPPED, node, remedy=_TRAPPED_REMEDY) for node in outcome.trapped
        ]
        twice, worked_out = met_unjoined(model, scope)
        findings += [Finding("warning", "done-twice", _TWICE, node, remedy=_MATCH_THE_SPLIT) for node in twice]
        if not (outcome.complete and worked_out):
            findings.append(
                Finding("warning", "not-checked-completely", _UNCHECKED, scope or model.id, remedy=_SIMPLIFY)
            )
    return findings


_TRAPPED = Text(
    "Dari sini proses tidak pernah dapat selesai: selalu ada langkah lain yang terbuka lagi.",
    "From here the process can never end: some step is always opened again.",
)
_TRAPPED_REMEDY = Text(
    "Periksa gateway dalam perulangan ini: beri cabang eksklusif yang benar-benar keluar menuju akhir.",
    "Look at the gateways of this loop: give it an exclusive branch that really leaves it for an end.",
)
_TWICE = Text(
    "Cabang yang berjalan bersamaan bertemu di sini tanpa digabung, jadi semua langkah sesudahnya dikerjakan lebih "
    "dari sekali.",
    "Branches that run at the same time meet here without being joined, so everything behind is done more than once.",
)
_UNCHECKED = Text(
    "Bagian ini punya terlalu banyak urutan kejadian, jadi tidak diperiksa seluruhnya: cabang yang tersangkut mungkin "
    "belum ditemukan.",
    "There are too many orders in which this part can happen, so it was not checked completely: a branch that gets "
    "stuck may not have been found.",
)
_SIMPLIFY = Text(
    "Sederhanakan percabangannya, atau pindahkan sebagian ke subproses.",
    "Make its branching simpler, or move a part of it to a sub-process.",
)


def _stuck(model: Model, join: str, flows: set[str]) -> Finding:
    if model.nodes[join].kind is NodeKind.INCLUSIVE:
        text = Text(
            "Gateway inklusif ini dan gateway lain saling menunggu, jadi proses berhenti di sini selamanya.",
            "This inclusive gateway and another gateway wait for each other, so the process stops here for ever.",
        )
    else:
        names = _named(model, flows)
        text = Text(
            f"Gateway paralel ini dapat menunggu cabang yang tidak pernah datang ({names}), jadi proses berhenti di "
            "sini selamanya.",
            f"This parallel gateway may wait for a branch that never comes ({names}), so the process stops here for "
            "ever.",
        )
    return Finding("error", "stuck-join", text, join, remedy=_MATCH_THE_SPLIT)


def _piled(model: Model, join: str) -> Finding:
    text = Text(
        "Setiap putaran meninggalkan satu cabang lagi yang menunggu di gateway ini, jadi proses tidak pernah selesai.",
        "Each round leaves one more branch waiting at this gateway, so the process never ends.",
    )
    return Finding("error", "tokens-pile-up", text, join, remedy=_RETURN_BEFORE_THE_SPLIT)


def _never(model: Model, join: str) -> Finding:
    following = _next_task(model, model.nodes[join])
    after = "" if following is None else f": '{_name(following)}'"
    text = Text(
        f"Gateway ini tidak pernah melanjutkan, jadi langkah sesudahnya tidak pernah dikerjakan{after}.",
        f"This gateway never goes on, so what follows it is never done{after}.",
    )
    return Finding("error", "dead-activity", text, join, remedy=_MATCH_THE_SPLIT)


def _next_task(model: Model, node: Node) -> Node | None:
    """Return the first user task behind a node."""
    seen, pending = {node.id}, [node]
    while pending:
        for flow in pending.pop(0).outgoing:
            following = model.nodes[flow.target]
            if following.kind is NodeKind.USER_TASK:
                return following
            if following.id not in seen:
                seen.add(following.id)
                pending.append(following)
    return None


def _named(model: Model, flows: Iterable[str]) -> str:
    """Name flows into a join by where they come from, in the order of the file."""
    sources = dict.fromkeys(_name(model.nodes[model.flows[flow].source]) for flow in model.flows if flow in flows)
    names = [f"'{name}'" for name in sources]
    return ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")


def _name(node: Node) -> str:
    return node.name[:80] or node.id
