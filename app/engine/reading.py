"""Reads a BPMN file into a `Model`, or says everything that is wrong with it.

Reading denies by default: an element, an event or an attribute that would be ignored or misread at run time is an
error that names it, so nothing is deployed that behaves otherwise than it is drawn.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from lxml import etree

from app.core.text import Text
from app.engine import xml
from app.engine.activities import (
    read_call,
    read_candidate_groups,
    read_external,
    read_loop,
    read_priority,
    read_task_priority,
)
from app.engine.allowed import NODE_KINDS, SILENT, bpmn_name, check_attributes, check_element, is_yes, unsupported
from app.engine.catching import static_catchers
from app.engine.coming import ALWAYS_FAILS, never_coming, never_done, never_thrown
from app.engine.conditions import read_condition
from app.engine.declared import read_declared
from app.engine.events import Trigger, is_event_scope, is_unconnected, read_trigger
from app.engine.findings import Finding, ModelRefused
from app.engine.forms import read_form
from app.engine.ids import check_id, check_names
from app.engine.lanes import Lanes
from app.engine.languages import check_languages
from app.engine.model import Flow, FormField, Model, Node, NodeKind
from app.engine.namespaces import BPMN, CAMUNDA
from app.engine.nesting import check_nesting
from app.engine.once import check_once
from app.engine.references import check_references
from app.engine.remedies import parted
from app.engine.report import Report
from app.engine.soundness import LOOSE_ENDS, Gaps, check_graph


class Examined(NamedTuple):
    """What can be said of a file. Where a finding is an error, `model` is what could be read, and is not to be run.

    `whole` is false where the graph has loose ends or lacks a part: how tokens move in it says nothing then.
    """

    model: Model | None
    findings: tuple[Finding, ...]
    whole: bool


def examine(data: bytes) -> Examined:
    """Read as much of a BPMN file as can be read; the model is null where there is no XML or no process."""
    try:
        root = xml.parse(data)
    except xml.XmlRefused as refusal:
        what, remedy = parted(refusal.text, refusal.code)
        fault = Finding("error", refusal.code, what, None, refusal.line, refusal.column, remedy)
        return Examined(None, (fault,), whole=False)
    report = Report(data, root)
    reader = _Reader(root, report)
    model = reader.read()
    findings = report.findings()
    return Examined(replace(model, warnings=findings) if model is not None else None, findings, reader.is_whole)


def read_model(data: bytes) -> Model:
    """Read the one executable process of a BPMN file.

    Raises:
        ModelRefused: the file is no BPMN, or holds something that cannot be run exactly as it is drawn.
    """
    model, findings, _ = examine(data)
    if model is None or any(finding.severity == "error" for finding in findings):
        raise ModelRefused(findings)
    return model


def places_of(data: bytes, element_ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return line and column of the named elements of a file that has been read; the first, where two have one id."""
    found: dict[str, tuple[int, int]] = {}
    for element, place in zip(xml.parse(data).iter(etree.Element), xml.positions(data), strict=True):
        element_id = element.get("id")
        if element_id is not None and element_id in element_ids:
            found.setdefault(element_id, place)
    return found


# As in Camunda. An analyst who forgot to choose a type must not learn it from a row that nobody was asked to do.
_PASSES_AT_ONCE = Text(
    "Tugas tanpa jenis dilewati seketika dan tidak sampai kepada siapa pun. Ubah menjadi tugas pengguna.",
    "A task without a type is passed at once and reaches nobody. Make it a user task.",
)

_NOT_CONNECTED = Text(
    "Alur ini tidak menghubungkan dua unsur yang dapat dijalankan. Hubungkan kembali atau hapus.",
    "This flow does not connect two elements that can be run. Reconnect or delete it.",
)
_ACROSS_SCOPES = Text(
    "Alur tidak boleh menembus batas subproses.", "A sequence flow must not cross the border of a sub-process."
)
_NOT_CAUGHT = Text(
    "Tidak ada peristiwa tepi di berkas ini yang menangkap galat ini. Tanpa proses pemanggil yang menangkapnya, "
    "jalur ini berakhir seperti akhir biasa.",
    "No boundary event in this file catches this error. Unless a calling process does, this path ends as at a plain "
    "end event.",
)


class _Reader:
    """Walks one document; every method reports what it cannot accept and goes on, so that all is said at once."""

    def __init__(self, root: etree._Element, report: Report) -> None:
        self.root = root
        self.report = report
        self.elements: dict[str, etree._Element] = {}
        # Where an id means two things, what a flow connects is a guess, and so is every finding on the graph.
        self.ambiguous = False
        self.declared = read_declared(root)
        self.task_priority: int | None = None
        self.lanes = Lanes(self.elements, self.report)
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.start_form: tuple[FormField, ...] = ()
        # `unnamed` are the scopes of elements without an id.
        self.gaps = Gaps()
        words = ("sourceRef", "targetRef", "attachedToRef")
        self.drawn_to = {element.get(word) for element in root.iter(etree.Element) for word in words}
        self.unnamed: set[str | None] = set()

    @property
    def is_whole(self) -> bool:
        """Whether what is drawn is all there, and connected as it is drawn."""
        is_drawn = not (self.ambiguous or self.gaps.entered or self.gaps.left or self.unnamed or not self.nodes)
        return is_drawn and LOOSE_ENDS.isdisjoint(finding.code for _, finding in self.report.found)

    def read(self) -> Model | None:
        if self.root.tag != BPMN + "definitions":
            self.report.add(
                self.root,
                "not-bpmn",
                Text(
                    "Berkas ini bukan BPMN 2.0: unsur terluarnya bukan bpmn:definitions. Simpan dari Camunda Modeler.",
                    "This is not a BPMN 2.0 file: its root is not bpmn:definitions. Save it from Camunda Modeler.",
                ),
            )
            return None
        self._index_ids()
        process = self._executable_process()
        if process is None:
            return None
        check_element(process, self.report)
        check_once(process, self.report)
        check_languages(self.root, process, self.report)
        self.task_priority = read_task_priority(process, process, self.report)
        for lane_set in process.iterfind(BPMN + "laneSet"):
            self.lanes.read(lane_set)
        self._read_scope(process, None, None)
        self._read_flows(process)
        check_nesting(self.root, process, self.report)
        check_references(self.root, process, self.elements, self.report)
        self._link()
        if not self.nodes and not self.unnamed:
            self.report.add(
                process,
                "empty-process",
                Text(
                    "Proses ini kosong. Gambarlah paling sedikit satu awal dan satu akhir.",
                    "The process is empty. Draw a start and an end at least.",
                ),
            )
        if not self.ambiguous:
            check_graph(self.nodes, self.flows, self._refuse, self.gaps)
            self._warn_of_uncaught_errors()
        if self.is_whole:
            self._warn_of_what_never_comes()
        return Model(
            id=process.get("id", ""),
            name=(process.get("name") or "").strip() or process.get("id", ""),
            version_tag=process.get(CAMUNDA + "versionTag"),
            documentation=_documentation(process),
            properties=_properties(process),
            lanes=tuple(dict.fromkeys(self.lanes.names)),
            lane_ids=self.lanes.ids,
            nodes=self.nodes,
            flows=self.flows,
            start_form=self.start_form,
        )

    def _refuse(self, element_id: str, code: str, text: Text) -> None:
        self.report.add(self.elements[element_id], code, text)

    def _index_ids(self) -> None:
        for element in self.root.iter(BPMN + "*"):
            element_id = element.get("id")
            check_names(element, self.report)
            if element_id is None:
                continue
            if element_id in self.elements:
                self.ambiguous = True
                self.report.add(
                    element,
                    "duplicate-id",
                    Text(
                        f"Id '{element_id}' dipakai dua kali. Beri setiap unsur id sendiri.",
                        f"The id '{element_id}' is used twice. Give each element an id of its own.",
                    ),
                )
            else:
                check_id(element, element_id, self.report)
            self.elements.setdefault(element_id, element)

    def _warn_of_uncaught_errors(self) -> None:
        for node_id, caught in static_catchers(self.nodes).items():
            fault = self.nodes[node_id].fault
            if caught is None and fault is not None and fault.kind == "error":
                self.report.add(self.elements[node_id], "error-not-caught", _NOT_CAUGHT, severity="warning")

    def _warn_of_what_never_comes(self) -> None:
        for at in never_coming(self.nodes):
            text = never_thrown(self.nodes[at])
            self.report.add(self.elements[at], "event-never-comes", text, severity="warning")
        for at in never_done(self.nodes):
            self.report.add(self.elements[at], "never-done", ALWAYS_FAILS, severity="warning")

    def _executable_process(self) -> etree._Element | None:
        processes = self.root.findall(BPMN + "process")
        executable = [process for process in processes if is_yes(process.get("isExecutable"))]
        if len(executable) == 1 and executable[0].get("id"):
            return executable[0]
        if len(executable) > 1:
            self.report.add(
                executable[1],
                "several-processes",
                Text(
                    "Berkas ini memuat lebih dari satu proses yang dapat dijalankan. Simpan satu proses per berkas.",
                    "The file has more than one executable process. Keep one process in each file.",
                ),
            )
        else:
            self.report.add(
                processes[0] if processes else self.root,
                "no-executable-process",
                Text(
                    "Tidak ada proses ber-id yang dapat dijalankan. Centang 'Executable' di Camunda Modeler.",
                    "There is no executable process with an id. Tick 'Executable' on the process in Camunda Modeler.",
                ),
            )
        return None

    def _read_scope(self, holder: etree._Element, scope: str | None, lane: str | None) -> None:
        for element in holder.iterchildren(etree.Element):
            local = bpmn_name(element)
            kind = NODE_KINDS.get(local)
            if kind is not None:
                self._read_node(element, kind, scope, lane)
            elif local.endswith("LoopCharacteristics"):
                self.report.add(holder, "unsupported-element", unsupported(local))
            elif local not in SILENT:
                self.report.add(element, "unsupported-element", unsupported(etree.QName(element).localname))
                self._stand_in(element, scope)

    def _stand_in(self, element: etree._Element, scope: str | None) -> None:
        """Keep a place for what is refused where flows or events are drawn to it, so that they are not at fault too."""
        node_id = element.get("id")
        if node_id and node_id not in self.nodes and node_id in self.drawn_to:
            # A call without a process waits, and may throw everything: as much as can be said of what is not known.
            self.nodes[node_id] = Node(node_id, NodeKind.CALL, "", scope)
            self.elements.setdefault(node_id, element)
            self.gaps.refused.add(node_id)

    def _read_node(self, element: etree._Element, kind: NodeKind, scope: str | None, lane: str | None) -> None:
        node_id = element.get("id")
        if not node_id:
            self.report.add(
                element,
                "missing-id",
                Text("Unsur ini tidak ber-id. Beri id yang unik.", "This element has no id. Give it a unique one."),
            )
            self.unnamed.add(scope)
            if kind is NodeKind.START:
                self.gaps.unstarted.add(scope)
            return
        check_element(element, self.report)
        if etree.QName(element).localname in ("task", "manualTask"):
            self.report.add(element, "passes-at-once", _PASSES_AT_ONCE, severity="warning")
        lane = self.lanes.of.get(node_id, lane)
        in_event_scope = kind is NodeKind.START and is_event_scope(element.getparent())
        trigger = Trigger(kind) if in_event_scope else read_trigger(element, kind, self.declared, self.report)
        if is_unconnected(element):
            self.gaps.entered.add(node_id)
            self.gaps.left.add(node_id)
        if kind is NodeKind.EXTERNAL_TASK:
            external = read_external(element, element, self.report)
            trigger = trigger._replace(topic=external.topic, task_priority=external.priority)
        kind = trigger.kind
        form = read_form(element, lambda code, text: self.report.add(element, code, text))
        if kind is NodeKind.START and scope is None:
            self.start_form = form
        elif form and kind is not NodeKind.USER_TASK:
            self.report.add(
                element,
                "form-without-task",
                Text(
                    "Formulir hanya untuk tugas pengguna dan awal proses.", "Only user tasks and the start have a form."
                ),
            )
        node = Node(
            id=node_id,
            kind=kind,
            name=" ".join((element.get("name") or "").split()),
            scope=scope,
            lane=lane,
            default_flow=element.get("default"),
            message=trigger.message,
            signal=trigger.signal,
            timer=trigger.timer,
            fault=trigger.fault,
            topic=trigger.topic,
            task_priority=self._task_priority(trigger),
            loop=read_loop(element, self.report),
            called=read_call(element, self.report) if kind is NodeKind.CALL else None,
            ends=element.tag == BPMN + "endEvent",
            attached_to=element.get("attachedToRef") if kind is NodeKind.BOUNDARY else None,
            interrupting=is_yes(element.get("cancelActivity", "true")),
            documentation=_documentation(element),
            properties=_properties(element),
            candidate_groups=read_candidate_groups(element, self.report),
            priority=read_priority(element, self.report),
            form=form if kind is NodeKind.USER_TASK else (),
        )
        # The first of an id stays, so that scopes never hold each other in a circle.
        self.nodes.setdefault(node_id, node)
        if kind is NodeKind.SUB_PROCESS:
            for lane_set in element.iterfind(BPMN + "laneSet"):
                self.lanes.read(lane_set)
            self._read_scope(element, node_id, lane)

    def _task_priority(self, trigger: Trigger) -> int | None:
        if trigger.topic is None or trigger.task_priority is not None:
            return trigger.task_priority
        return self.task_priority

    def _read_flows(self, process: etree._Element) -> None:
        for element in process.iter(BPMN + "sequenceFlow"):
            holder = element.getparent()
            scope = None if holder is process or holder is None else holder.get("id")
            is_read = holder is process or (
                scope in self.nodes and holder is not None and bpmn_name(holder) == "subProcess"
            )
            if not is_read:
                # It stands in what is refused as a whole, or where no flow has a place.
                continue
            check_attributes(element, element, self.report)
            flow_id, source, target = element.get("id"), element.get("sourceRef"), element.get("targetRef")
            if not flow_id or source not in self.nodes or target not in self.nodes:
                # Of an element without an id a flow may only seem to lead nowhere.
                if not (flow_id and source and target and scope in self.unnamed):
                    self.report.add(element, "flow-not-connected", _NOT_CONNECTED)
                self._cut(source, target)
                continue
            if self.nodes[source].scope != self.nodes[target].scope and not self.ambiguous:
                self.report.add(element, "flow-across-scopes", _ACROSS_SCOPES)
                self._cut(source, target)
                continue
            name = " ".join((element.get("name") or "").split())
            self.flows.setdefault(flow_id, Flow(flow_id, source, target, name, read_condition(element, self.report)))

    def _cut(self, source: str | None, target: str | None) -> None:
        """Note that a flow is drawn here, though it was refused."""
        if source in self.nodes:
            self.gaps.left.add(source)
            if target not in self.nodes:
                self.gaps.to_nowhere.add(self.nodes[source].scope)
        if target in self.nodes:
            self.gaps.entered.add(target)
            if source not in self.nodes:
                self.gaps.from_nowhere.add(self.nodes[target].scope)

    def _link(self) -> None:
        outgoing: dict[str, list[Flow]] = {node_id: [] for node_id in self.nodes}
        incoming: dict[str, list[Flow]] = {node_id: [] for node_id in self.nodes}
        for flow in self.flows.values():
            outgoing[flow.source].append(flow)
            incoming[flow.target].append(flow)
        for node_id, node in self.nodes.items():
            self.nodes[node_id] = replace(node, outgoing=tuple(outgoing[node_id]), incoming=tuple(incoming[node_id]))


def _documentation(element: etree._Element) -> str:
    found = element.find(BPMN + "documentation")
    return "" if found is None else xml.text_of(found)


def _properties(element: etree._Element) -> dict[str, str]:
    found = element.iterfind(f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property")
    return {str(item.get("name")): item.get("value") or "" for item in found if item.get("name")}
