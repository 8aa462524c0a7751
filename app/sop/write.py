"""An SOP table written as a BPMN file for Camunda 7, with its diagram."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from app.sop import cells
from app.sop.cells import PROVENANCE_WORDS, to_properties
from app.sop.labels import Box
from app.sop.layout import Diagram, draw
from app.sop.markup import Node, document
from app.sop.placement import SPLITS
from app.sop.process import Element, ElementKind, Flow, Process, process_of
from app.sop.rules import case_values, check
from app.sop.table import Activity, Branch, Decision, OutsideEvent, SopTable, Value

NAMESPACES: Final = {
    "xmlns:bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "xmlns:bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "xmlns:dc": "http://www.omg.org/spec/DD/20100524/DC",
    "xmlns:camunda": "http://camunda.org/schema/1.0/bpmn",
    "xmlns:di": "http://www.omg.org/spec/DD/20100524/DI",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xmlns:modeler": "http://camunda.org/schema/modeler/1.0",
}
PLATFORM_VERSION: Final = "7.24.0"
HISTORY_TIME_TO_LIVE: Final = "P1825D"
"""Camunda demands one, in days; Alur keeps its own history by the retention schedule, not by this."""

TAGS: Final = {
    ElementKind.START: "bpmn:startEvent",
    ElementKind.TASK: "bpmn:userTask",
    ElementKind.DECISION_TASK: "bpmn:userTask",
    ElementKind.DECISION: "bpmn:exclusiveGateway",
    ElementKind.BRANCH: "bpmn:exclusiveGateway",
    ElementKind.MERGE: "bpmn:exclusiveGateway",
    ElementKind.WAIT: "bpmn:intermediateCatchEvent",
    ElementKind.END: "bpmn:endEvent",
}
_GATEWAYS: Final = SPLITS | {ElementKind.MERGE}


def write(table: SopTable) -> bytes:
    """Return `table` as a BPMN file; the same table always gives the same bytes, and `read` gives the table back.

    Raises SopRefused where `rules.check` does.
    """
    check(table)
    process = process_of(table)
    collaboration = Node(
        "bpmn:collaboration",
        {"id": f"Collaboration_{table.key}"},
        (Node("bpmn:participant", {"id": "pool", "name": table.title, "processRef": table.key}),),
    )
    messages = (
        Node("bpmn:message", {"id": f"message_{event.message}", "name": event.message})
        for event in table.outside_events
    )
    root = Node(
        "bpmn:definitions",
        NAMESPACES
        | {
            "id": f"Definitions_{table.key}",
            "targetNamespace": "http://bpmn.io/schema/bpmn",
            "exporter": "Alur",
            "exporterVersion": "1",
            "modeler:executionPlatform": "Camunda Platform",
            "modeler:executionPlatformVersion": PLATFORM_VERSION,
        },
        (
            collaboration,
            _process(table, process),
            *messages,
            _diagram(table, process, draw(table, process)),
        ),
    )
    return document(root)


def _process(table: SopTable, process: Process) -> Node:
    identity = table.identity
    version = identity.effective_on or identity.decreed_on or identity.created_on or "1"
    return Node(
        "bpmn:process",
        {
            "id": table.key,
            "name": table.title,
            "isExecutable": "true",
            "camunda:versionTag": version,
            "camunda:historyTimeToLive": HISTORY_TIME_TO_LIVE,
        },
        (
            _extensions(_properties(_process_properties(table))),
            Node(
                "bpmn:laneSet",
                {"id": "lanes"},
                tuple(
                    Node(
                        "bpmn:lane",
                        {"id": f"lane_{role.key}", "name": role.label},
                        (
                            _extensions(_properties(to_properties(cells.ROLE, role))),
                            *(
                                Node("bpmn:flowNodeRef", text=element.id)
                                for element in process.elements
                                if element.role == role.key
                            ),
                        ),
                    )
                    for role in table.roles
                ),
            ),
            *(_element(table, process, element) for element in process.elements),
            *(_flow(flow) for flow in process.flows),
        ),
    )


def _process_properties(table: SopTable) -> list[tuple[str, str]]:
    identity = table.identity
    relations = [("keterkaitan", "\n".join(relation.text for relation in identity.relations))]
    if identity.relations:
        relations.append(("keterkaitan.sop", "\n".join(relation.sop or "-" for relation in identity.relations)))
    properties = to_properties(cells.TABLE, table)
    properties += to_properties(cells.IDENTITY, identity)
    properties += to_properties(cells.APPROVAL, identity.approval)
    properties += relations
    properties += to_properties(cells.TRIGGER, table.trigger)
    if table.stated_empty:
        properties.append(("dinyatakan_kosong", "\n".join(table.stated_empty)))
    return properties


def _element(table: SopTable, process: Process, element: Element) -> Node:
    source = element.source
    documentation: str | None = None
    properties: list[tuple[str, str]] = []
    form: Node | None = None
    event: tuple[Node, ...] = ()
    if element.kind is ElementKind.START:
        form = _start_form(table)
    elif element.kind is ElementKind.TASK and isinstance(source, Activity):
        documentation = source.statement
        properties = to_properties(cells.ACTIVITY, source)
        decision = table.decision_of(source.number or 0)
        form = _decision_form(decision) if decision is not None and decision.task is None else None
    elif element.kind is ElementKind.DECISION_TASK and isinstance(source, Decision) and source.task is not None:
        documentation = source.task.statement
        properties = [("keputusan_untuk", str(source.row)), *to_properties(cells.DECISION_TASK, source.task)]
        form = _decision_form(source)
    elif element.kind is ElementKind.DECISION and isinstance(source, Decision):
        properties = to_properties(cells.DECISION, source)
        properties += [
            (f"asal.{outcome.code}", PROVENANCE_WORDS[outcome.provenance])
            for outcome in source.outcomes
            if outcome.provenance is not None
        ]
    elif element.kind is ElementKind.BRANCH and isinstance(source, Branch):
        properties = _branch_properties(source)
    elif element.kind is ElementKind.WAIT and isinstance(source, OutsideEvent):
        documentation = source.description
        properties = to_properties(cells.OUTSIDE_EVENT, source)
        event = (
            Node(
                "bpmn:messageEventDefinition",
                {"id": f"pesan_{source.message}", "messageRef": f"message_{source.message}"},
            ),
        )
    extensions = [*([form] if form else []), *([_properties(properties)] if properties else [])]
    return Node(
        TAGS[element.kind],
        {"id": element.id, "name": element.name, "camunda:modelerTemplate": _TEMPLATES.get(element.kind)},
        (
            *([Node("bpmn:documentation", text=documentation)] if documentation is not None else []),
            *([_extensions(*extensions)] if extensions else []),
            *(Node("bpmn:incoming", text=flow.id) for flow in process.flows if flow.target == element.id),
            *(Node("bpmn:outgoing", text=flow.id) for flow in process.flows if flow.source == element.id),
            *event,
        ),
    )


# The element templates in `bpmn/.camunda`: the Modeler shows their fields for what names one. To apply a template by
# hand would empty an element, as the Modeler then clears its properties.
_TEMPLATES = {
    ElementKind.TASK: "alur.kegiatan-sop",
    ElementKind.DECISION_TASK: "alur.tugas-keputusan",
    ElementKind.DECISION: "alur.keputusan",
    ElementKind.WAIT: "alur.menunggu-pihak-luar",
}


def _branch_properties(branch: Branch) -> list[tuple[str, str]]:
    properties = to_properties(cells.BRANCH, branch) + to_properties(cells.BRANCH_GATEWAY, branch)
    for place, case in enumerate(branch.cases, 1):
        properties += to_properties(cells.CASE, case, f"cabang.{place}.")
    if branch.continuations is not None:
        properties.append(("mengalir_ke", str(len(branch.continuations))))
        for place, item in enumerate(branch.continuations, 1):
            properties += to_properties(cells.CONTINUATION, item, f"mengalir_ke.{place}.")
    return properties


def _flow(flow: Flow) -> Node:
    condition = Node("bpmn:conditionExpression", {"xsi:type": "bpmn:tFormalExpression"}, text=flow.condition)
    return Node(
        "bpmn:sequenceFlow",
        {"id": flow.id, "name": flow.name, "sourceRef": flow.source, "targetRef": flow.target},
        (condition,) if flow.condition is not None else (),
    )


def _extensions(*nodes: Node) -> Node:
    return Node("bpmn:extensionElements", children=nodes)


def _properties(properties: Iterable[tuple[str, str]]) -> Node:
    return Node(
        "camunda:properties",
        children=tuple(Node("camunda:property", {"name": name, "value": value}) for name, value in properties),
    )


def _start_form(table: SopTable) -> Node:
    """Return the form of the start: the year, and every variable that an automatic choice reads."""
    values: dict[str, list[Value]] = {}
    for branch in table.branches:
        found = values.setdefault(branch.variable or "", [])
        found += [value for case in branch.cases for value in case_values(case)]
    values.pop("tahun", None)
    fields = [_field("tahun", "Tahun", "long", ("required", None))]
    for variable, choices in values.items():
        label = variable.replace("_", " ").capitalize()
        numbers = [choice for choice in choices if isinstance(choice, int)]
        if numbers:
            limits = (("required", None), ("min", str(min(numbers))), ("max", str(max(numbers))))
            fields.append(_field(variable, label, "long", *limits))
        else:
            options = {str(choice): str(choice).replace("_", " ").capitalize() for choice in choices}
            fields.append(_field(variable, label, "enum", ("required", None), options=options))
    return Node("camunda:formData", children=tuple(fields))


def _decision_form(decision: Decision) -> Node:
    options = {outcome.code: outcome.label or outcome.code for outcome in decision.outcomes}
    return Node(
        "camunda:formData",
        children=(
            _field("keputusan", "Keputusan", "enum", ("required", None), options=options),
            _field("alasan", "Alasan pengembalian", "string"),
        ),
    )


def _field(
    id_: str, label: str, type_: str, *constraints: tuple[str, str | None], options: dict[str, str] | None = None
) -> Node:
    validation = Node(
        "camunda:validation",
        children=tuple(Node("camunda:constraint", {"name": name, "config": config}) for name, config in constraints),
    )
    values = (Node("camunda:value", {"id": value, "name": name}) for value, name in (options or {}).items())
    return Node(
        "camunda:formField",
        {"id": id_, "label": label, "type": type_},
        (*((validation,) if constraints else ()), *values),
    )


def _diagram(table: SopTable, process: Process, diagram: Diagram) -> Node:
    lanes = (_shape(f"lane_{role.key}", diagram.lanes[role.key], {"isHorizontal": "true"}) for role in table.roles)
    shapes = (
        _shape(
            element.id,
            diagram.shapes[element.id],
            {"isMarkerVisible": "true" if element.kind in _GATEWAYS else None},
            diagram.labels.get(element.id),
        )
        for element in process.elements
    )
    edges = (
        Node(
            "bpmndi:BPMNEdge",
            {"id": f"{flow.id}_di", "bpmnElement": flow.id},
            (
                *(Node("di:waypoint", {"x": str(x), "y": str(y)}) for x, y in _corners(diagram.flows[flow.id])),
                *_label(diagram.labels.get(flow.id)),
            ),
        )
        for flow in process.flows
    )
    return Node(
        "bpmndi:BPMNDiagram",
        {"id": "BPMNDiagram_1"},
        (
            Node(
                "bpmndi:BPMNPlane",
                {"id": "BPMNPlane_1", "bpmnElement": f"Collaboration_{table.key}"},
                (_shape("pool", diagram.pool, {"isHorizontal": "true"}), *lanes, *shapes, *edges),
            ),
        ),
    )


def _corners(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the points without those in the middle of a straight piece."""
    kept = points[:1]
    for (x1, y1), (x2, y2) in pairwise(points[1:]):
        if not (kept[-1][0] == x1 == x2 or kept[-1][1] == y1 == y2):
            kept.append((x1, y1))
    return [*kept, points[-1]]


def _shape(id_: str, box: Box, more: dict[str, str | None], label: Box | None = None) -> Node:
    return Node(
        "bpmndi:BPMNShape",
        {"id": f"{id_}_di", "bpmnElement": id_} | more,
        (_bounds(box), *_label(label)),
    )


def _bounds(box: Box) -> Node:
    return Node("dc:Bounds", {"x": str(box.x), "y": str(box.y), "width": str(box.width), "height": str(box.height)})


def _label(box: Box | None) -> tuple[Node, ...]:
    return () if box is None else (Node("bpmndi:BPMNLabel", children=(_bounds(box),)),)
