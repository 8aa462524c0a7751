"""What starts an event: a message or a timer, read from its definition."""

from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from lxml import etree

from app.core.text import Text
from app.engine.allowed import check_extras, is_yes, unsupported
from app.engine.model import NodeKind
from app.engine.namespaces import BPMN
from app.engine.report import Report
from app.engine.timers import Timer, TimerRefused, parse_timer

# A moment that is written without a zone is meant as the office's clock shows it.
_ZONE = ZoneInfo("Asia/Jakarta")


class Trigger(NamedTuple):
    """What a node waits for, if it waits for an event."""

    message: str | None = None
    timer: Timer | None = None
    terminates: bool = False


def read_trigger(
    element: etree._Element, kind: NodeKind, messages: Mapping[str, str | None], report: Report
) -> Trigger:
    """Return what a node waits for; `messages` holds the name, if any, of each message by its id."""
    definitions = [child for child in element.iterchildren(etree.Element) if str(child.tag).endswith("EventDefinition")]
    for definition in definitions:
        check_extras(definition, element, report)
    if element.tag == BPMN + "receiveTask":
        return Trigger(message=_message_name(element, element.get("messageRef"), messages, report))
    if not definitions and element.find(BPMN + "eventDefinitionRef") is None:
        if kind in (NodeKind.CATCH, NodeKind.BOUNDARY):
            report.add(
                element,
                "event-without-trigger",
                Text(
                    "Peristiwa ini tidak menunggu apa pun. Pilih pesan atau pewaktu.",
                    "This event waits for nothing. Make it a message or a timer event.",
                ),
            )
        return Trigger()
    names = [str(child.tag).removeprefix(BPMN) for child in definitions]
    if len(names) == 1 and kind in (NodeKind.CATCH, NodeKind.BOUNDARY):
        if names[0] == "messageEventDefinition":
            return Trigger(message=_message_name(element, definitions[0].get("messageRef"), messages, report))
        if names[0] == "timerEventDefinition":
            return Trigger(timer=_timer(element, definitions[0], kind, report))
    if names == ["terminateEventDefinition"] and kind is NodeKind.END:
        return Trigger(terminates=True)
    report.add(element, "unsupported-element", unsupported(" + ".join(names) or "eventDefinitionRef"))
    return Trigger()


def _message_name(
    element: etree._Element, reference: str | None, messages: Mapping[str, str | None], report: Report
) -> str | None:
    if reference is None or reference not in messages:
        report.add(
            element,
            "message-missing",
            Text(
                "Pesan yang ditunggu belum dipilih. Pilih pesan pada panel 'Message'.",
                "The awaited message is not chosen. Choose one in the 'Message' panel.",
            ),
        )
        return None
    name = messages[reference]
    if name is None or "${" in name or "#{" in name:
        report.add(
            element,
            "message-without-name",
            Text(
                "Pesan yang ditunggu harus punya nama tetap, tanpa ekspresi.",
                "The awaited message needs a fixed name without an expression.",
            ),
        )
        return None
    return name


def _timer(element: etree._Element, definition: etree._Element, kind: NodeKind, report: Report) -> Timer | None:
    given = {
        word: (child.text or "").strip()
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
