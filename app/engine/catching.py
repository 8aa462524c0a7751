"""Who catches an error or an escalation: the innermost boundary event that fits, one with the code before any other."""

from collections.abc import Iterable, Mapping

from app.engine.model import Fault, Node


def catcher(events: Iterable[Node], thrown: Fault) -> Node | None:
    """Return which of the boundary events of one activity catches what is thrown in it, null if none does."""
    fitting = [
        event
        for event in events
        if event.fault is not None and event.fault.kind == thrown.kind and event.fault.code in (None, thrown.code)
    ]
    return max(fitting, key=lambda event: event.fault is not None and event.fault.code is not None, default=None)


def static_catchers(nodes: Mapping[str, Node]) -> dict[str, Node | None]:
    """Return for each event that throws an error or an escalation what catches it, null where nothing does."""
    attached: dict[str, list[Node]] = {}
    for node in nodes.values():
        if node.attached_to is not None:
            attached.setdefault(node.attached_to, []).append(node)
    found: dict[str, Node | None] = {}
    for node in nodes.values():
        if node.fault is None or node.attached_to is not None:
            continue
        scope, caught = node.scope, None
        while scope is not None and caught is None:
            caught = catcher(attached.get(scope, ()), node.fault)
            scope = nodes[scope].scope
        found[node.id] = caught
    return found
