"""What starts an event or what it throws, read from its definition."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from lxml import etree

from app.core.text import Text
from app.engine.activities import read_external
from app.engine.allowed import EXTERNAL_ATTRIBUTES, bpmn_name, check_attributes, is_yes, unsupported
from app.engine.declared import Declared, message_name, read_fault, signal_name
from app.engine.model import Fault, NodeKind
from app.engine.namespaces import BPMN, CAMUNDA
from app.engine.report import Report
from app.engine.timers import Timer, TimerRefused, parse_timer
from app.engine.xml import text_of

# A moment that is written without a zone is meant as the office's clock shows it.
_ZONE = ZoneInfo("Asia/Jakarta")

_CATCHING = (NodeKind.CATCH, NodeKind.BOUNDARY)
_THROWING = (NodeKind.PASS, NodeKind.END)
_WITHOUT_FLOWS = frozenset({"linkEventDefinition", "compensateEventDefinition"})


class Trigger(NamedTuple):
    """What an event is, seen from its definition: its kind, and what it waits for or throws."""

    kind: NodeKind
    message: str | None = None
    signal: str | None = None
    timer: Timer | None = None
    fault: Fault | None = None
    topic: str | None = None
    task_priority: int | None = None


def read_trigger(element: etree._Element, kind: NodeKind, declared: Declared, report: Report) -> Trigger:
    """Return what an event or a receive task waits for or throws; its kind may become more special by that."""
    children = element.iterchildren(etree.Element)
    definitions = [child for child in children if bpmn_name(child).endswith("EventDefinition")]
    for definition in definitions:
        check_attributes(definition, element, report, also=_read_of(definition, kind))
    if kind is NodeKind.RECEIVE:
        return Trigger(kind, message=message_name(element, element.get("messageRef"), declared.messages, report))
    if not definitions and element.find(BPMN + "eventDefinitionRef") is None:
        if kind in _CATCHING:
            report.add(
                element,
                "event-without-trigger",
                Text(
                    "Peristiwa ini tidak menunggu apa pun. Pilih pesan, sinyal, atau pewaktu.",
                    "This event waits for nothing. Make it a message, signal or timer event.",
                ),
            )
        return Trigger(kind)
    names = [bpmn_name(child) for child in definitions]
    found = _read_one(element, definitions[0], kind, declared, report) if len(names) == 1 else None
    if found is None:
        word = " + ".join(names) or "eventDefinitionRef"
        about = "startEvent" if kind is NodeKind.START else None
        report.add(element, "unsupported-element", unsupported(word, about))
        return Trigger(kind)
    return found


def is_event_scope(element: etree._Element | None) -> bool:
    """Whether an element is an event sub-process, which is refused as a whole: its start has a trigger, rightly."""
    return element is not None and is_yes(element.get("triggeredByEvent"))


def is_unconnected(element: etree._Element) -> bool:
    """Whether BPMN draws an element without flows that Alur does not run: compensation, links, event sub-processes."""
    if is_event_scope(element) or is_yes(element.get("isForCompensation")):
        return True
    return any(bpmn_name(child) in _WITHOUT_FLOWS for child in element.iterchildren(etree.Element))


def _read_of(definition: etree._Element, kind: NodeKind) -> frozenset[str]:
    """The attributes of Camunda that an event definition may have here."""
    if kind in _THROWING and definition.tag == BPMN + "messageEventDefinition":
        return EXTERNAL_ATTRIBUTES
    if kind is NodeKind.BOUNDARY and definition.tag == BPMN + "errorEventDefinition":
        return frozenset({CAMUNDA + "errorCodeVariable", CAMUNDA + "errorMessageVariable"})
    if kind is NodeKind.BOUNDARY and definition.tag == BPMN + "escalationEventDefinition":
        return frozenset({CAMUNDA + "escalationCodeVariable"})
    return frozenset()


def _read_one(
    element: etree._Element, definition: etree._Element, kind: NodeKind, declared: Declared, report: Report
) -> Trigger | None:
    """Read the one definition of an event; null if an event of this kind cannot have it."""
    match bpmn_name(definition), kind:
        case "messageEventDefinition", NodeKind.CATCH | NodeKind.BOUNDARY:
            name = message_name(element, definition.get("messageRef"), declared.messages, report)
            return Trigger(kind, message=name)
        case "messageEventDefinition", NodeKind.PASS | NodeKind.END if definition.get(CAMUNDA + "type") == "external":
            external = read_external(element, definition, report)
            return Trigger(NodeKind.EXTERNAL_EVENT, topic=external.topic, task_priority=external.priority)
        case "timerEventDefinition", NodeKind.CATCH | NodeKind.BOUNDARY:
            return Trigger(kind, timer=_timer(element, definition, kind, report))
        case "signalEventDefinition", NodeKind.CATCH | NodeKind.BOUNDARY | NodeKind.PASS | NodeKind.END:
            name = signal_name(element, definition.get("signalRef"), declared.signals, report)
            return Trigger(kind if kind in _CATCHING else NodeKind.THROW, signal=name)
        case "errorEventDefinition", NodeKind.BOUNDARY:
            if not is_yes(element.get("cancelActivity", "true")):
                report.add(
                    element,
                    "error-not-interrupting",
                    Text(
                        "Galat selalu memutus kegiatannya. Jadikan peristiwa tepi ini memutus, atau pakai eskalasi.",
                        "An error always interrupts its activity. Make this event interrupting, or use an escalation.",
                    ),
                )
            return Trigger(kind, fault=read_fault(element, definition, declared, report, catching=True))
        case "escalationEventDefinition", NodeKind.BOUNDARY:
            return Trigger(kind, fault=read_fault(element, definition, declared, report, catching=True))
        case ("errorEventDefinition", NodeKind.END) | ("escalationEventDefinition", NodeKind.PASS | NodeKind.END):
            return Trigger(NodeKind.THROW, fault=read_fault(element, definition, declared, report, catching=False))
        case "terminateEventDefinition", NodeKind.END:
            return Trigger(NodeKind.TERMINATE)
        case _:
            return None


def _timer(element: etree._Element, definition: etree._Element, kind: NodeKind, report: Report) -> Timer | None:
    given = {
        word: text_of(child)
        for word in ("timeDate", "timeDuration", "timeCycle")
        if (child := definition.find(BPMN + word)) is not None
    }
    if len(given) != 1:
        report.add(
            element,
            "timer-missing",
            Text(
                "Isi tepat satu dari tanggal, lama waktu, atau siklus pada pewaktu ini.",
                "Give this timer exactly one of a date, a duration or a cycle.",
            ),
        )
        return None
    ((word, source),) = given.items()
    repeating = kind is NodeKind.BOUNDARY and not is_yes(element.get("cancelActivity", "true"))
    try:
        if word == "timeCycle":
            if not repeating:
                report.add(
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
        report.add(element, "timer-refused", refusal.text)
        return None
