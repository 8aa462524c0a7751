"""What a model may hold: what Alur runs, and what changes nothing when it is left out; all else is refused."""

from collections.abc import Mapping

from lxml import etree

from app.core.text import Text
from app.engine.model import NodeKind
from app.engine.namespaces import BPMN, CAMUNDA
from app.engine.report import Report

NODE_KINDS: Mapping[str, NodeKind] = {
    "startEvent": NodeKind.START,
    "endEvent": NodeKind.END,
    "userTask": NodeKind.USER_TASK,
    "serviceTask": NodeKind.EXTERNAL_TASK,
    "sendTask": NodeKind.EXTERNAL_TASK,
    "businessRuleTask": NodeKind.EXTERNAL_TASK,
    "receiveTask": NodeKind.RECEIVE,
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
    "callActivity": NodeKind.CALL,
}

# Drawn for people only: BPMN gives these no behaviour, so leaving them out of the run changes nothing.
SILENT = frozenset(
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
        # What a drawing tool notes where data is drawn to a task or an event: nothing reads it.
        "property",
    }
)

# Camunda's words that need no engine support: how often a job is retried, what history is kept, what a list offers.
_HARMLESS_ATTRIBUTES = frozenset(
    CAMUNDA + word
    for word in (
        "asyncBefore",
        "asyncAfter",
        "exclusive",
        "jobPriority",
        "historyTimeToLive",
        "versionTag",
        "isStartableInTasklist",
        "modelerTemplate",
        "modelerTemplateVersion",
        "modelerTemplateIcon",
    )
)
EXTERNAL_ATTRIBUTES = frozenset(CAMUNDA + word for word in ("type", "topic", "taskPriority"))
# What Camunda's words mean to a few elements only.
_OWN_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    BPMN + "process": frozenset({CAMUNDA + "taskPriority"}),
    BPMN + "userTask": frozenset({CAMUNDA + "candidateGroups", CAMUNDA + "priority"}),
    BPMN + "serviceTask": EXTERNAL_ATTRIBUTES,
    BPMN + "sendTask": EXTERNAL_ATTRIBUTES,
    BPMN + "businessRuleTask": EXTERNAL_ATTRIBUTES,
    BPMN + "callActivity": frozenset({CAMUNDA + "calledElementBinding"}),
    BPMN + "multiInstanceLoopCharacteristics": frozenset({CAMUNDA + "collection", CAMUNDA + "elementVariable"}),
}
# Namespaces of attributes and extensions that only say how a file is written or coloured.
HARMLESS_NAMESPACES = frozenset(
    {
        "http://www.w3.org/XML/1998/namespace",
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://camunda.org/schema/modeler/1.0",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
        # Colours and the like, on every element.
        "http://www.signavio.com",
    }
)
_NO = frozenset({"false", "0"})
# BPMN's own attributes that ask for what Alur does not run: what each would be, and the values that ask for nothing.
_DEMANDS: Mapping[str, tuple[str, frozenset[str]]] = {
    "isForCompensation": ("compensation", _NO),
    "triggeredByEvent": ("event sub-process", _NO),
    "instantiate": ("instantiate", _NO),
    "startQuantity": ("startQuantity", frozenset({"1"})),
    "completionQuantity": ("completionQuantity", frozenset({"1"})),
    "eventGatewayType": ("eventGatewayType", frozenset({"Exclusive"})),
}

_EXTERNAL = Text(
    "Pilih Implementation 'External' dan isi Topic, atau ganti dengan tugas pengguna.",
    "Choose the implementation 'External' and give a topic, or use a user task instead.",
)
_AFTER_START = Text(
    "Mulai proses tanpa pemicu, lalu tunggu peristiwa ini setelahnya.",
    "Start the process without a trigger and wait for this event behind the start.",
)
_REMEDIES: Mapping[str, Text] = {
    "scriptTask": Text(
        "Ganti dengan tugas pengguna, atau dengan service task berimplementasi 'External'.",
        "Use a user task instead, or a service task with the implementation 'External'.",
    ),
    "businessRuleTask": Text(
        "Tabel keputusan (DMN) tidak ada: ganti dengan gateway eksklusif dan syarat, "
        "atau pilih Implementation 'External' dan isi Topic.",
        "There are no decision tables (DMN): use an exclusive gateway with conditions, "
        "or choose the implementation 'External' and give a topic.",
    ),
    "sendTask": _EXTERNAL,
    "serviceTask": _EXTERNAL,
    "messageEventDefinition": _EXTERNAL,
    "startEvent": _AFTER_START,
    "event sub-process": Text(
        "Ganti dengan peristiwa tepi pada subproses.", "Use a boundary event on a sub-process instead."
    ),
    "compensation": Text("Gambarlah langkah pembatalannya sebagai alur.", "Draw the steps that undo it as a flow."),
    "compensateEventDefinition": Text(
        "Gambarlah langkah pembatalannya sebagai alur.", "Draw the steps that undo it as a flow."
    ),
    "transaction": Text(
        "Ganti dengan subproses dan peristiwa tepi galat.", "Use a sub-process with an error boundary event instead."
    ),
    "cancelEventDefinition": Text(
        "Ganti dengan peristiwa galat pada subproses.", "Use an error event on a sub-process instead."
    ),
    "linkEventDefinition": Text("Tarik alur langsung ke tujuannya.", "Draw the flow to where it leads."),
    "conditionalEventDefinition": Text(
        "Pakai gateway bersyarat, atau tunggu pesan atau sinyal.",
        "Use a gateway with conditions, or wait for a message or a signal.",
    ),
    "multiInstanceLoopCharacteristics": Text(
        "Hanya tugas pengguna yang dapat dikerjakan berulang sekaligus; gambarlah pengulangan lain dengan gateway.",
        "Only a user task can be multi-instance; draw any other repetition with gateways.",
    ),
    "standardLoopCharacteristics": Text(
        "Gambarlah pengulangan dengan gateway eksklusif.", "Draw the loop with an exclusive gateway."
    ),
    "errorEventDefinition": Text(
        "Galat hanya dilempar oleh akhir proses dan ditangkap oleh peristiwa tepi.",
        "Only an end event throws an error and only a boundary event catches one.",
    ),
    "escalationEventDefinition": Text(
        "Eskalasi hanya ditangkap oleh peristiwa tepi pada subproses.",
        "Only a boundary event on a sub-process catches an escalation.",
    ),
    "loopDataInputRef": Text(
        "Isi Collection dan Element variable sebagai gantinya.", "Give a collection and an element variable instead."
    ),
}
_OTHER_REMEDY = Text(
    "Pakai tugas pengguna, gateway, subproses, atau peristiwa pesan, sinyal, dan pewaktu.",
    "Use user tasks, gateways, sub-processes, and message, signal or timer events.",
)


def bpmn_name(element: etree._Element) -> str:
    """Return BPMN's name of an element; one of another namespace, or of none, has none and gives an empty text."""
    tag = str(element.tag)
    return tag.removeprefix(BPMN) if tag.startswith(BPMN) else ""


def is_yes(value: str | None) -> bool:
    """Read a truth value as XML Schema writes it: `true` or `1`."""
    return value is not None and value.strip() in ("true", "1")


def has_remedy(word: str) -> bool:
    """Whether there is something else to draw in the place of an element."""
    return word in _REMEDIES


def unsupported(word: str, about: str | None = None) -> Text:
    """Say that an element is not run, and what to draw instead; `about` finds the remedy where `word` does not."""
    remedy = _REMEDIES.get(about or word, _OTHER_REMEDY)
    return Text(f"Alur tidak menjalankan '{word}'. {remedy.id}", f"Alur does not run '{word}'. {remedy.en}")


def check_element(element: etree._Element, report: Report) -> None:
    """Report the attributes of an element that would be ignored."""
    check_attributes(element, element, report)
    for name, (word, harmless) in _DEMANDS.items():
        value = element.get(name)
        if value is not None and value.strip() not in harmless:
            report.add(element, "unsupported-element", unsupported(word))


def check_attributes(
    element: etree._Element, owner: etree._Element, report: Report, *, also: frozenset[str] = frozenset()
) -> None:
    """Report what Camunda or another engine would make of attributes and Alur would not, as a fault of the owner.

    `also` are attributes that the caller reads.
    """
    allowed = _HARMLESS_ATTRIBUTES | _OWN_ATTRIBUTES.get(str(element.tag), frozenset()) | also
    for attribute, value in element.attrib.items():
        name = etree.QName(attribute)
        if not name.namespace or name.namespace in HARMLESS_NAMESPACES or attribute in allowed:
            continue
        written = f'{prefixed(element, name)}="{str(value)[:80]}"'
        report.add(
            owner,
            "unsupported-attribute",
            Text(
                f"Atribut {written} tidak dijalankan oleh Alur. Hapus atribut itu.",
                f"Alur does not run the attribute {written}. Remove it.",
            ),
        )


def prefixed(element: etree._Element, name: etree.QName) -> str:
    """Write the name of an element or an attribute as it stands in the file, with its prefix."""
    prefix = next((prefix for prefix, uri in element.nsmap.items() if uri == name.namespace), None)
    return f"{prefix}:{name.localname}" if prefix else name.localname
