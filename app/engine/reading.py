"""Reads a BPMN file into a `Model`, or says everything that is wrong with it.

Reading denies by default: an element, an event or an attribute that would be ignored or misread at run time is an
error that names it, so nothing is deployed that behaves otherwise than it is drawn.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from lxml import etree

from app.core.text import Text
from app.engine import xml
from app.engine.expressions import Expression, ExpressionRefused, compile_expression
from app.engine.findings import Finding, ModelRefused, Severity
from app.engine.forms import read_form
from app.engine.model import Flow, FormField, Model, Node, NodeKind
from app.engine.soundness import check_graph
from app.engine.timers import Timer, TimerRefused, parse_timer

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"

_NODE_KINDS: Mapping[str, NodeKind] = {
    "startEvent": NodeKind.START,
    "endEvent": NodeKind.END,
    "userTask": NodeKind.USER_TASK,
    "receiveTask": NodeKind.CATCH,
    "task": NodeKind.PASS,
    "manualTask": NodeKind.PASS,
    "intermediateThrowEvent": NodeKind.PASS,
    "exclusiveGateway": NodeKind.EXCLUSIVE,
    "parallelGateway": NodeKind.PARALLEL,
    "inclusiveGateway": NodeKind.INCLUSIVE,
    "eventBasedGateway": NodeKind.EVENT_GATEWAY,
    "intermediateCatchEvent": NodeKind.CATCH,
    "boundaryEvent": NodeKind.BOUNDARY,
    "subProcess": NodeKind.SUB_PROCESS,
}

# Drawn for people only: BPMN gives these no behaviour, so leaving them out of the run changes nothing.
_SILENT = frozenset(
    {
        "documentation",
        "extensionElements",
        "incoming",
        "outgoing",
        "laneSet",
        "sequenceFlow",
        "textAnnotation",
        "association",
        "group",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "dataInputAssociation",
        "dataOutputAssociation",
    }
)
_EVENT_KINDS = frozenset({NodeKind.START, NodeKind.END, NodeKind.CATCH, NodeKind.BOUNDARY})

# Camunda's words that need no engine support: how often a job is retried, what history is kept, who is offered a start.
_HARMLESS_ATTRIBUTES = frozenset(
    {
        "asyncBefore",
        "asyncAfter",
        "exclusive",
        "jobPriority",
        "taskPriority",
        "historyTimeToLive",
        "versionTag",
        "isStartableInTasklist",
        "candidateStarterGroups",
        "candidateStarterUsers",
        "modelerTemplate",
        "modelerTemplateVersion",
        "modelerTemplateIcon",
    }
)


# A moment that is written without a zone is meant as the office's clock shows it.
_ZONE = ZoneInfo("Asia/Jakarta")


@dataclass(slots=True)
class _Report:
    """Collects findings with the place of their element."""

    data: bytes
    root: etree._Element
    found: list[tuple[etree._Element | None, Finding]]

    def add(
        self,
        element: etree._Element | None,
        code: str,
        text: Text,
        *,
        severity: Severity = "error",
        at: str | None = None,
    ) -> None:
        element_id = at if at is not None else (element.get("id") if element is not None else None)
        self.found.append((element, Finding(severity, code, text, element_id)))

    def findings(self) -> tuple[Finding, ...]:
        """The findings in document order, each with the line and column of its element."""
        if not self.found:
            return ()
        order = {element: index for index, element in enumerate(self.root.iter(etree.Element))}
        places = xml.positions(self.data)
        placed: list[tuple[int, Finding]] = []
        for element, finding in self.found:
            index = order.get(element, 0) if element is not None else 0
            line, column = places[index]
            placed.append((index, replace(finding, line=line, column=column)))
        placed.sort(key=lambda pair: pair[0])
        return tuple(finding for _, finding in placed)


def read_model(data: bytes) -> Model:
    """Read the one executable process of a BPMN file.

    Raises:
        ModelRefused: the file is no BPMN, or holds something that cannot be run exactly as it is drawn.
    """
    try:
        root = xml.parse(data)
    except xml.XmlRefused as refusal:
        finding = Finding("error", refusal.code, refusal.text, None, refusal.line, refusal.column)
        raise ModelRefused((finding,)) from refusal
    report = _Report(data, root, [])
    model = _Reader(root, report).read()
    findings = report.findings()
    if model is None or any(finding.severity == "error" for finding in findings):
        raise ModelRefused(findings)
    return replace(model, warnings=findings)


def places_of(data: bytes, element_ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return line and column of the named elements of a file that has been read."""
    places = xml.positions(data)
    elements = enumerate(xml.parse(data).iter(etree.Element))
    return {
        found: places[index] for index, e in elements if (found := e.get("id")) is not None and found in element_ids
    }


class _Reader:
    """Walks one document; every method reports what it cannot accept and goes on, so that all is said at once."""

    def __init__(self, root: etree._Element, report: _Report) -> None:
        self.root = root
        self.report = report
        self.elements: dict[str, etree._Element] = {}
        self.messages: dict[str, str | None] = {}
        self.lane_of: dict[str, str] = {}
        self.lanes: list[str] = []
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.start_form: tuple[FormField, ...] = ()

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
        for message in self.root.iterfind(BPMN + "message"):
            self.messages[message.get("id", "")] = (message.get("name") or "").strip() or None
        self._check_attributes(process)
        self._check_extensions(process)
        for lane_set in process.iterfind(BPMN + "laneSet"):
            self._read_lanes(lane_set)
        self._read_scope(process, None, None)
        self._read_flows(process)
        self._link()
        if not self.nodes:
            self.report.add(
                process,
                "empty-process",
                Text(
                    "Proses ini kosong. Gambarlah paling sedikit satu awal dan satu akhir.",
                    "The process is empty. Draw a start and an end at least.",
                ),
            )
        check_graph(
            self.nodes, self.flows, lambda at, code, text: self.report.add(self.elements[at], code, text, at=at)
        )
        return Model(
            id=process.get("id", ""),
            name=(process.get("name") or "").strip() or process.get("id", ""),
            version_tag=process.get(CAMUNDA + "versionTag"),
            documentation=_documentation(process),
            properties=_properties(process),
            lanes=tuple(dict.fromkeys(self.lanes)),
            nodes=self.nodes,
            flows=self.flows,
            start_form=self.start_form,
        )

    def _index_ids(self) -> None:
        for element in self.root.iter(etree.Element):
            element_id = element.get("id")
            if element_id is None or not str(element.tag).startswith(BPMN):
                continue
            if element_id in self.elements:
                self.report.add(
                    element,
                    "duplicate-id",
                    Text(
                        f"Id '{element_id}' dipakai dua kali. Beri setiap unsur id sendiri.",
                        f"The id '{element_id}' is used twice. Give each element an id of its own.",
                    ),
                )
            self.elements.setdefault(element_id, element)

    def _executable_process(self) -> etree._Element | None:
        processes = self.root.findall(BPMN + "process")
        executable = [process for process in processes if process.get("isExecutable") == "true"]
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
                    "Tidak ada proses ber-id yang dapat dijalankan. Centang 'Executable' pada proses di Camunda Modeler.",
                    "There is no executable process with an id. Tick 'Executable' on the process in Camunda Modeler.",
                ),
            )
        return None

    def _read_lanes(self, lane_set: etree._Element) -> None:
        for lane in lane_set.iterfind(BPMN + "lane"):
            name = " ".join((lane.get("name") or "").split())
            members = [(ref.text or "").strip() for ref in lane.iterfind(BPMN + "flowNodeRef")]
            for member in members:
                if member not in self.elements:
                    self.report.add(lane, "unknown-reference", _unknown(member))
                elif name:
                    self.lane_of[member] = name
            if name:
                self.lanes.append(name)
            elif members:
                self.report.add(
                    lane,
                    "lane-without-name",
                    Text(
                        "Lane ini tidak bernama, jadi pelaksananya tidak diketahui. Isi nama jabatannya.",
                        "This lane has no name, so nobody knows who performs it. Give it the name of a role.",
                    ),
                )
            for child in lane.iterfind(BPMN + "childLaneSet"):
                self._read_lanes(child)

    def _read_scope(self, holder: etree._Element, scope: str | None, lane: str | None) -> None:
        for element in holder.iterchildren(etree.Element):
            tag = str(element.tag)
            if not tag.startswith(BPMN):
                continue
            local = tag[len(BPMN) :]
            kind = _NODE_KINDS.get(local)
            if kind is not None:
                self._read_node(element, local, kind, scope, lane)
            elif local not in _SILENT and not _belongs_to_holder(local, scope):
                self.report.add(element, "unsupported-element", _unsupported(local))

    def _read_node(
        self, element: etree._Element, local: str, kind: NodeKind, scope: str | None, lane: str | None
    ) -> None:
        node_id = element.get("id")
        if not node_id:
            self.report.add(
                element,
                "missing-id",
                Text("Unsur ini tidak ber-id. Beri id yang unik.", "This element has no id. Give it a unique one."),
            )
            return
        self._check_attributes(element)
        self._check_extensions(element)
        self._check_children(element, local)
        lane = self.lane_of.get(node_id, lane)
        message, timer, kind = self._read_trigger(element, local, kind)
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
        self.nodes[node_id] = Node(
            id=node_id,
            kind=kind,
            name=" ".join((element.get("name") or "").split()),
            scope=scope,
            lane=lane,
            default_flow=element.get("default"),
            message=message,
            timer=timer,
            attached_to=element.get("attachedToRef") if kind is NodeKind.BOUNDARY else None,
            interrupting=element.get("cancelActivity", "true") != "false",
            documentation=_documentation(element),
            properties=_properties(element),
            candidate_groups=self._candidate_groups(element),
            priority=self._priority(element),
            form=form if kind is NodeKind.USER_TASK else (),
        )
        if kind is NodeKind.SUB_PROCESS:
            if element.get("triggeredByEvent") == "true":
                self.report.add(element, "unsupported-element", _unsupported("event sub-process"))
            for lane_set in element.iterfind(BPMN + "laneSet"):
                self._read_lanes(lane_set)
            self._read_scope(element, node_id, lane)

    def _check_children(self, element: etree._Element, local: str) -> None:
        if local == "subProcess":
            loops = element.iterchildren(
                BPMN + "multiInstanceLoopCharacteristics", BPMN + "standardLoopCharacteristics"
            )
            for loop in loops:
                self.report.add(element, "unsupported-element", _unsupported(etree.QName(loop).localname))
            return
        for child in element.iterchildren(etree.Element):
            name = etree.QName(child).localname
            if name not in _SILENT and not name.endswith("EventDefinition"):
                self.report.add(element, "unsupported-element", _unsupported(name))
        if element.get("isForCompensation") == "true":
            self.report.add(element, "unsupported-element", _unsupported("compensation"))
        if element.get("instantiate") == "true":
            self.report.add(element, "unsupported-element", _unsupported("instantiate"))

    def _check_attributes(self, element: etree._Element) -> None:
        allowed = set(_HARMLESS_ATTRIBUTES)
        if element.tag == BPMN + "userTask":
            allowed |= {"candidateGroups", "priority"}
        for name, value in element.attrib.items():
            attribute = str(name)
            if not attribute.startswith(CAMUNDA) or attribute[len(CAMUNDA) :] in allowed:
                continue
            word = attribute[len(CAMUNDA) :]
            self.report.add(
                element,
                "unsupported-attribute",
                Text(
                    f'Atribut camunda:{word}="{str(value)[:80]}" tidak dijalankan oleh Alur. Hapus atribut itu.',
                    f'Alur does not run the attribute camunda:{word}="{str(value)[:80]}". Remove it.',
                ),
            )

    def _check_extensions(self, element: etree._Element) -> None:
        for extensions in element.iterfind(BPMN + "extensionElements"):
            for child in extensions.iterchildren(etree.Element):
                tag = str(child.tag)
                if tag.startswith(CAMUNDA) and tag[len(CAMUNDA) :] not in ("properties", "formData"):
                    word = tag[len(CAMUNDA) :]
                    self.report.add(
                        element,
                        "unsupported-extension",
                        Text(
                            f"camunda:{word} tidak dijalankan oleh Alur. Hapus bagian itu dari unsur ini.",
                            f"Alur does not run camunda:{word}. Remove it from this element.",
                        ),
                    )

    def _read_trigger(
        self, element: etree._Element, local: str, kind: NodeKind
    ) -> tuple[str | None, Timer | None, NodeKind]:
        definitions = [
            child for child in element.iterchildren(etree.Element) if str(child.tag).endswith("EventDefinition")
        ]
        if local == "receiveTask":
            return self._message_name(element, element.get("messageRef")), None, kind
        if not definitions and element.find(BPMN + "eventDefinitionRef") is None:
            if kind in (NodeKind.CATCH, NodeKind.BOUNDARY):
                self.report.add(
                    element,
                    "event-without-trigger",
                    Text(
                        "Peristiwa ini tidak menunggu apa pun. Pilih pesan atau pewaktu.",
                        "This event waits for nothing. Make it a message or a timer event.",
                    ),
                )
            return None, None, kind
        names = [etree.QName(child).localname for child in definitions]
        if len(names) == 1 and kind in (NodeKind.CATCH, NodeKind.BOUNDARY):
            if names[0] == "messageEventDefinition":
                return self._message_name(element, definitions[0].get("messageRef")), None, kind
            if names[0] == "timerEventDefinition":
                return None, self._timer(element, definitions[0], kind), kind
        if names == ["terminateEventDefinition"] and kind is NodeKind.END:
            return None, None, NodeKind.TERMINATE
        self.report.add(element, "unsupported-element", _unsupported(" + ".join(names) or "eventDefinitionRef"))
        return None, None, kind

    def _message_name(self, element: etree._Element, reference: str | None) -> str | None:
        if reference is None or reference not in self.messages:
            self.report.add(
                element,
                "message-missing",
                Text(
                    "Pesan yang ditunggu belum dipilih. Pilih pesan pada panel 'Message'.",
                    "The awaited message is not chosen. Choose one in the 'Message' panel.",
                ),
            )
            return None
        name = self.messages[reference]
        if name is None or "${" in name or "#{" in name:
            self.report.add(
                element,
                "message-without-name",
                Text(
                    "Pesan yang ditunggu harus punya nama tetap, tanpa ekspresi.",
                    "The awaited message needs a fixed name without an expression.",
                ),
            )
            return None
        return name

    def _timer(self, element: etree._Element, definition: etree._Element, kind: NodeKind) -> Timer | None:
        given = {
            word: (child.text or "").strip()
            for word in ("timeDate", "timeDuration", "timeCycle")
            if (child := definition.find(BPMN + word)) is not None
        }
        if len(given) != 1:
            self.report.add(
                element,
                "timer-missing",
                Text(
                    "Isi tepat satu dari tanggal, lama waktu, atau siklus pada pewaktu ini.",
                    "Give this timer exactly one of a date, a duration or a cycle.",
                ),
            )
            return None
        ((word, source),) = given.items()
        repeating = kind is NodeKind.BOUNDARY and element.get("cancelActivity") == "false"
        try:
            if word == "timeCycle":
                if not repeating:
                    self.report.add(
                        element,
                        "cycle-not-repeating",
                        Text(
                            "Siklus hanya berarti pada peristiwa tepi yang tidak memutus. Pakai lama waktu.",
                            "A cycle has a meaning only on a non-interrupting boundary event. Use a duration.",
                        ),
                    )
                    return None
                return parse_timer("cycle", source, _ZONE)
            return parse_timer("date" if word == "timeDate" else "duration", source, _ZONE)
        except TimerRefused as refusal:
            self.report.add(element, "timer-refused", refusal.text)
            return None

    def _candidate_groups(self, element: etree._Element) -> tuple[str, ...]:
        groups = element.get(CAMUNDA + "candidateGroups")
        if groups is None:
            return ()
        if "${" in groups or "#{" in groups:
            self.report.add(
                element,
                "group-expression",
                Text(
                    "Candidate groups harus berupa kunci jabatan, bukan ekspresi.",
                    "Candidate groups must be role keys, not an expression.",
                ),
            )
            return ()
        named = tuple(group.strip() for group in groups.split(",") if group.strip())
        if len(named) > 1:
            self.report.add(
                element,
                "several-groups",
                Text(
                    "Satu tugas dikerjakan satu jabatan. Sisakan satu candidate group.",
                    "One role performs a task. Leave one candidate group.",
                ),
            )
        return named

    def _priority(self, element: etree._Element) -> int | None:
        priority = element.get(CAMUNDA + "priority")
        if priority is None:
            return None
        if not priority.strip().isdecimal() or not 0 <= int(priority) <= 100:
            self.report.add(
                element,
                "priority-refused",
                Text("Prioritas harus bilangan 0 sampai 100.", "The priority must be a whole number from 0 to 100."),
            )
            return None
        return int(priority)

    def _read_flows(self, process: etree._Element) -> None:
        for element in process.iter(BPMN + "sequenceFlow"):
            flow_id, source, target = element.get("id"), element.get("sourceRef"), element.get("targetRef")
            if not flow_id or source not in self.nodes or target not in self.nodes:
                self.report.add(
                    element,
                    "flow-not-connected",
                    Text(
                        "Alur ini tidak menghubungkan dua unsur yang dapat dijalankan. Hubungkan kembali atau hapus.",
                        "This flow does not connect two elements that can be run. Reconnect or delete it.",
                    ),
                )
                continue
            if self.nodes[source].scope != self.nodes[target].scope:
                self.report.add(
                    element,
                    "flow-across-scopes",
                    Text(
                        "Alur tidak boleh menembus batas subproses.",
                        "A sequence flow must not cross the border of a sub-process.",
                    ),
                )
                continue
            self.flows[flow_id] = Flow(
                flow_id, source, target, " ".join((element.get("name") or "").split()), self._condition(element)
            )

    def _condition(self, flow: etree._Element) -> Expression | None:
        element = flow.find(BPMN + "conditionExpression")
        if element is None:
            return None
        source = (element.text or "").strip()
        if element.get("language") not in (None, "", "juel") or element.get(CAMUNDA + "resource"):
            self.report.add(
                flow,
                "condition-language",
                Text(
                    "Syarat harus berupa ekspresi seperti ${keputusan == 'setuju'}, bukan skrip.",
                    "A condition must be an expression such as ${keputusan == 'setuju'}, not a script.",
                ),
            )
            return None
        try:
            return compile_expression(source)
        except ExpressionRefused as refusal:
            place = "" if refusal.position is None else f" ({refusal.position})"
            self.report.add(
                flow,
                "expression-refused",
                Text(f"{refusal.text.id}{place}: {source[:200]}", f"{refusal.text.en}{place}: {source[:200]}"),
            )
            return None

    def _link(self) -> None:
        outgoing: dict[str, list[Flow]] = {node_id: [] for node_id in self.nodes}
        incoming: dict[str, list[Flow]] = {node_id: [] for node_id in self.nodes}
        for flow in self.flows.values():
            outgoing[flow.source].append(flow)
            incoming[flow.target].append(flow)
        for node_id, node in self.nodes.items():
            self.nodes[node_id] = replace(node, outgoing=tuple(outgoing[node_id]), incoming=tuple(incoming[node_id]))


def _belongs_to_holder(local: str, scope: str | None) -> bool:
    """Whether an element describes the sub-process that holds it and was checked there."""
    return scope is not None and local in ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")


def _documentation(element: etree._Element) -> str:
    found = element.find(BPMN + "documentation")
    return "" if found is None else (found.text or "").strip()


def _extension(element: etree._Element, path: str) -> Iterator[etree._Element]:
    return element.iterfind(f"{BPMN}extensionElements/{path}")


def _properties(element: etree._Element) -> dict[str, str]:
    found = _extension(element, f"{CAMUNDA}properties/{CAMUNDA}property")
    return {str(item.get("name")): item.get("value") or "" for item in found if item.get("name")}


def _unknown(reference: str) -> Text:
    return Text(
        f"Merujuk ke '{reference}', yang tidak ada dalam berkas ini.",
        f"Refers to '{reference}', which is not in this file.",
    )


_REMEDIES: Mapping[str, Text] = {
    "scriptTask": Text("Ganti dengan tugas pengguna.", "Use a user task instead."),
    "businessRuleTask": Text("Ganti dengan gateway eksklusif dan syarat.", "Use an exclusive gateway with conditions."),
    "sendTask": Text("Ganti dengan tugas pengguna.", "Use a user task instead."),
    "serviceTask": Text("Ganti dengan tugas pengguna.", "Use a user task instead."),
    "callActivity": Text("Masukkan langkahnya sebagai subproses.", "Draw its steps as an embedded sub-process."),
}
_OTHER_REMEDY = Text(
    "Pakai tugas pengguna, gateway, subproses, atau peristiwa pesan dan pewaktu.",
    "Use user tasks, gateways, sub-processes, and message or timer events.",
)


def _unsupported(word: str) -> Text:
    remedy = _REMEDIES.get(word, _OTHER_REMEDY)
    return Text(f"Alur tidak menjalankan '{word}'. {remedy.id}", f"Alur does not run '{word}'. {remedy.en}")
