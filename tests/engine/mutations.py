"""Models with a change or two planted: a gateway of another kind, a flow less, one more, or one that ends elsewhere."""

from dataclasses import replace
from random import Random

from app.engine import Model, Node, NodeKind
from app.engine.model import Flow
from app.engine.soundness import check_graph

GATEWAYS = (NodeKind.EXCLUSIVE, NodeKind.PARALLEL, NodeKind.INCLUSIVE)


def mutated(model: Model, random: Random) -> Model | None:
    """Change a model at random once or twice; None where its graph is no longer whole."""
    for _ in range(random.choice((1, 1, 2))):
        change = random.choice((other_kind, other_kind, without_flow, with_flow, led_elsewhere))
        changed = change(model, random)
        if changed is None:
            return None
        model = changed
    faults: list[str] = []
    check_graph(model.nodes, model.flows, lambda at, code, text: faults.append(code))
    # What a flow lacks as a condition does not matter where every branch is played.
    return None if {*faults} - {"condition-missing", "condition-ignored", "default-ignored"} else model


def other_kind(model: Model, random: Random) -> Model | None:
    gateways = [node for node in model.nodes.values() if node.kind in GATEWAYS]
    if not gateways:
        return None
    node = random.choice(gateways)
    kind = random.choice([kind for kind in GATEWAYS if kind is not node.kind])
    return relinked(model, {**model.nodes, node.id: replace(node, kind=kind)}, dict(model.flows))


def without_flow(model: Model, random: Random) -> Model | None:
    flows = dict(model.flows)
    del flows[random.choice(list(flows))]
    return relinked(model, dict(model.nodes), flows)


def with_flow(model: Model, random: Random) -> Model | None:
    source, target = (_any_node(model, random), _any_node(model, random))
    if source.scope != target.scope:
        return None
    flows = {**model.flows, "tambahan": Flow("tambahan", source.id, target.id, "")}
    return relinked(model, dict(model.nodes), flows)


def led_elsewhere(model: Model, random: Random) -> Model | None:
    flow = random.choice(list(model.flows.values()))
    target = _any_node(model, random)
    if target.scope != model.nodes[flow.source].scope:
        return None
    return relinked(model, dict(model.nodes), {**model.flows, flow.id: replace(flow, target=target.id)})


def _any_node(model: Model, random: Random) -> Node:
    return random.choice(list(model.nodes.values()))


def relinked(model: Model, nodes: dict[str, Node], flows: dict[str, Flow]) -> Model:
    """Return a model of these nodes and flows, each node with the flows that enter and leave it."""
    for node in nodes.values():
        nodes[node.id] = replace(
            node,
            incoming=tuple(flow for flow in flows.values() if flow.target == node.id),
            outgoing=tuple(flow for flow in flows.values() if flow.source == node.id),
        )
    return replace(model, nodes=nodes, flows=flows)
