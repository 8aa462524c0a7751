"""The ways through a model, of which it is asked which form stands last before something is decided."""

from collections.abc import Iterator, Mapping

from app.definitions.budget import Budget
from app.engine.model import FormField, Model, Node, NodeKind

_PASSED_AT_ONCE = frozenset({NodeKind.EXCLUSIVE, NodeKind.PASS})
_CHOOSING = frozenset({NodeKind.EXCLUSIVE, NodeKind.EVENT_GATEWAY})


def after(model: Model, node: Node) -> list[str]:
    """Return the nodes behind a node: through an activity that holds others they are what it starts with."""
    inside = [other.id for other in model.within(node.id) if other.kind is NodeKind.START]
    if inside:
        return inside
    following = [flow.target for flow in node.outgoing]
    if not following and node.scope is not None and node.scope in model.nodes:
        following = [flow.target for flow in model.nodes[node.scope].outgoing]
    return following


def ahead(model: Model) -> dict[str, list[str]]:
    """Return for each node all that may follow it, past it and out of it by its boundary events too."""
    return {
        node.id: [
            *after(model, node),
            *(flow.target for flow in node.outgoing),
            *(event.id for event in model.boundary_events(node.id)),
        ]
        for node in model.nodes.values()
    }


def before(model: Model, node: Node) -> list[str]:
    """Return the nodes before a node: the ends inside a sub-process, and of an interrupted one all that it holds."""
    if node.kind is NodeKind.START and node.scope is not None:
        return [flow.source for flow in model.nodes[node.scope].incoming]
    if node.attached_to is None:
        return [flow.source for flow in node.incoming]
    host = model.nodes[node.attached_to]
    return [*(flow.source for flow in host.incoming), *(inside.id for inside in _all_within(model, host))]


def _all_within(model: Model, host: Node) -> Iterator[Node]:
    for inside in model.within(host.id):
        yield inside
        yield from _all_within(model, inside)


def side_by_side(model: Model) -> bool:
    """Whether two branches of a model may be under way at the same time, so that nobody can say whose form is last."""
    return any(
        not node.interrupting or (len(node.outgoing) > 1 and node.kind not in _CHOOSING)
        for node in model.nodes.values()
    )


def last_forms(
    model: Model, node: Node, name: str, budget: Budget, *, past: str | None = None, at_once: bool = False
) -> tuple[FormField, ...] | None:
    """Return the fields of a name that can be the last to be filled in before a node, by the ways that lead to it.

    Null where one way passes none; with `at_once` also where something is waited for behind the form. No way through
    the node `past` is looked at. What a multi-instance task asks for may have been asked of nobody, so what stands
    before it counts as well.
    """
    fields: list[FormField] = []
    pending, seen = before(model, node), {past}
    while pending:
        at = pending.pop()
        if at in seen:
            continue
        seen.add(at)
        budget.walk()
        one = model.nodes[at]
        at_start = one.kind is NodeKind.START and one.scope is None
        asked = [field for field in (model.start_form if at_start else one.form) if field.id == name]
        fields += asked
        if asked and one.loop is None:
            continue
        if at_start or (at_once and one.kind not in _PASSED_AT_ONCE):
            return None
        ends = [inside.id for inside in model.within(at) if not inside.outgoing]
        pending += ends or before(model, one)
    return tuple(fields)


def reaches(following: Mapping[str, list[str]], start: str, goal: str, budget: Budget, *, past: str) -> bool:
    """Whether a node can be come to from another one without passing a third, by what `ahead` returned."""
    pending, seen = [start], {past}
    while pending:
        at = pending.pop()
        if at == goal:
            return True
        if at not in seen:
            seen.add(at)
            budget.walk()
            pending += following[at]
    return False
