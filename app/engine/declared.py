"""What a BPMN file declares beside its processes and events refer to: messages, signals, errors and escalations."""

from collections.abc import Mapping
from typing import NamedTuple

from lxml import etree

from app.core.text import Text
from app.engine.model import Fault
from app.engine.namespaces import BPMN, CAMUNDA
from app.engine.report import Report
from app.engine.variables import name_fault


class Declared(NamedTuple):
    """Names and codes by the id of their declaration; null where one has no name or code."""

    messages: Mapping[str, str | None]
    signals: Mapping[str, str | None]
    errors: Mapping[str, Fault]
    escalations: Mapping[str, Fault]


def read_declared(root: etree._Element) -> Declared:
    """Read the declarations of a file; whether one is complete matters only where it is used."""
    return Declared(
        messages={_id(item): _given(item, "name") for item in root.iterfind(BPMN + "message")},
        signals={_id(item): _given(item, "name") for item in root.iterfind(BPMN + "signal")},
        errors={
            _id(item): Fault("error", _given(item, "errorCode"), item.get(CAMUNDA + "errorMessage"))
            for item in root.iterfind(BPMN + "error")
        },
        escalations={
            _id(item): Fault("escalation", _given(item, "escalationCode"))
            for item in root.iterfind(BPMN + "escalation")
        },
    )


def is_expression(text: str) -> bool:
    """Whether a text that has to be fixed would be worked out in Camunda."""
    return "${" in text or "#{" in text


def message_name(
    element: etree._Element, reference: str | None, messages: Mapping[str, str | None], report: Report
) -> str | None:
    """Return the name of a message that is waited for."""
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
    if name is None or is_expression(name):
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


def signal_name(
    element: etree._Element, reference: str | None, signals: Mapping[str, str | None], report: Report
) -> str | None:
    """Return the name of a signal that is waited for or thrown."""
    if reference is None or reference not in signals:
        report.add(
            element,
            "signal-missing",
            Text(
                "Sinyal belum dipilih. Pilih sinyal pada panel 'Signal'.",
                "The signal is not chosen. Choose one in the 'Signal' panel.",
            ),
        )
        return None
    name = signals[reference]
    if name is None or is_expression(name):
        report.add(
            element,
            "signal-without-name",
            Text(
                "Sinyal harus punya nama tetap, tanpa ekspresi.",
                "The signal needs a fixed name without an expression.",
            ),
        )
        return None
    return name


def read_fault(
    element: etree._Element, definition: etree._Element, declared: Declared, report: Report, *, catching: bool
) -> Fault | None:
    """Return the error or escalation of an event definition; one that catches may leave it open."""
    kind: str = "error" if definition.tag == BPMN + "errorEventDefinition" else "escalation"
    known = declared.errors if kind == "error" else declared.escalations
    reference = definition.get(f"{kind}Ref")
    word = "Galat" if kind == "error" else "Eskalasi"
    if reference is None and catching:
        found = Fault("error" if kind == "error" else "escalation", None)
    elif reference is None or reference not in known:
        report.add(
            element,
            "error-missing" if kind == "error" else "escalation-missing",
            Text(
                f"{word} belum dipilih. Pilih pada panel '{kind.title()}'.",
                f"The {kind} is not chosen. Choose one in the '{kind.title()}' panel.",
            ),
        )
        return None
    else:
        found = known[reference]
        message = None if catching else found.message
        if found.code is None or is_expression(found.code) or is_expression(message or ""):
            report.add(
                element,
                "error-without-code" if kind == "error" else "escalation-without-code",
                Text(
                    f"{word} harus punya kode tetap, dan pesan tanpa ekspresi. Untuk menangkap semua, kosongkan "
                    "pilihannya.",
                    f"The {kind} needs a fixed code, and a message without an expression. To catch all, choose none.",
                ),
            )
            return None
    if not catching:
        return found
    return Fault(
        found.kind,
        found.code,
        code_variable=_variable(element, definition, f"{kind}CodeVariable", report),
        message_variable=_variable(element, definition, f"{kind}MessageVariable", report),
    )


def _variable(element: etree._Element, definition: etree._Element, word: str, report: Report) -> str | None:
    name = definition.get(CAMUNDA + word)
    if name is None:
        return None
    name = name.strip()
    fault = name_fault(name)
    if fault is None and is_expression(name):
        fault = Text(f"{word} harus berupa nama variabel tetap.", f"{word} must be a fixed name of a variable.")
    if fault is not None:
        report.add(element, "variable-name", fault)
        return None
    return name


def _id(item: etree._Element) -> str:
    return item.get("id", "")


def _given(item: etree._Element, attribute: str) -> str | None:
    return (item.get(attribute) or "").strip() or None
