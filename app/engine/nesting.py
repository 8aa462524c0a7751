"""Which element may stand inside which: what stands anywhere else would be ignored, or would cut the text around it.

Said here once for BPMN's elements and for those of Camunda. What is not on the list is refused, except where another
module does: what stands directly in a process or a sub-process (`reading`), and the parts of a form (`forms`).
"""

from collections.abc import Mapping

from lxml import etree

from app.core.text import Text
from app.engine.allowed import HARMLESS_NAMESPACES, NODE_KINDS, SILENT, bpmn_name, has_remedy, prefixed, unsupported
from app.engine.namespaces import BPMN, CAMUNDA
from app.engine.report import Report
from app.engine.xml import text_of

_NOTHING: frozenset[str] = frozenset()
# What each of BPMN's elements may have.
_BASE = frozenset({"documentation", "extensionElements"})
_IN_NODE = _BASE | {"incoming", "outgoing", "property", "dataInputAssociation", "dataOutputAssociation"}
_EVENTS = frozenset(word for word in NODE_KINDS if word.endswith("Event"))
_TIMES = frozenset({"timeDate", "timeDuration", "timeCycle"})
_SCOPES = frozenset({"process", "subProcess"})
# An event of any kind is taken here: `events` says which of them are run, and which have two.
_DEFINITIONS = frozenset(
    f"{word}EventDefinition"
    for word in (
        "message",
        "timer",
        "signal",
        "error",
        "escalation",
        "terminate",
        "conditional",
        "compensate",
        "cancel",
        "link",
    )
)
_READ_DEFINITIONS = frozenset(f"{word}EventDefinition" for word in ("message", "signal", "error", "escalation"))
# Elements whose content is a text: it would end at the first element in it.
_TEXTS = _TIMES | {
    "conditionExpression",
    "loopCardinality",
    "completionCondition",
    "documentation",
    "incoming",
    "outgoing",
    "flowNodeRef",
    "text",
    "sourceRef",
    "targetRef",
    "interfaceRef",
    "endPointRef",
}
_INSIDE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(NODE_KINDS, _IN_NODE),
    **dict.fromkeys(_EVENTS, _IN_NODE | _DEFINITIONS | {"eventDefinitionRef"}),
    **dict.fromkeys(_SCOPES, SILENT | frozenset(NODE_KINDS)),
    **dict.fromkeys(_READ_DEFINITIONS | {"terminateEventDefinition"}, _BASE),
    **dict.fromkeys(_TEXTS, _NOTHING),
    "collaboration": _BASE | {"participant", "messageFlow", "textAnnotation", "association", "group"},
    "participant": _BASE | {"participantMultiplicity", "interfaceRef", "endPointRef"},
    "participantMultiplicity": _BASE,
    "messageFlow": _BASE,
    "userTask": _IN_NODE | {"multiInstanceLoopCharacteristics"},
    "multiInstanceLoopCharacteristics": _BASE | {"loopCardinality", "completionCondition"},
    "timerEventDefinition": _BASE | _TIMES,
    "sequenceFlow": _BASE | {"conditionExpression"},
    "laneSet": _BASE | {"lane"},
    "childLaneSet": _BASE | {"lane"},
    "lane": _BASE | {"flowNodeRef", "childLaneSet"},
    "textAnnotation": _BASE | {"text"},
    "association": _BASE,
    "group": _BASE,
    "property": _BASE | {"dataState"},
    "dataObject": _BASE | {"dataState"},
    "dataObjectReference": _BASE | {"dataState"},
    "dataStoreReference": _BASE | {"dataState"},
    "dataState": _BASE,
    "dataInputAssociation": _BASE | {"sourceRef", "targetRef"},
    "dataOutputAssociation": _BASE | {"sourceRef", "targetRef"},
}
# What is read in another place than a file's outermost element, where a process would never come to it.
_NEVER_OUTERMOST = frozenset(_INSIDE) - _BASE - _DEFINITIONS - {"process", "collaboration"}

# Camunda's extensions that are read or change nothing: on every element, and on some only.
_EXTENSIONS = frozenset(CAMUNDA + word for word in ("properties", "failedJobRetryTimeCycle"))
_TEXT_EXTENSIONS = frozenset({CAMUNDA + "failedJobRetryTimeCycle"})
_OWN_EXTENSIONS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(NODE_KINDS, frozenset({CAMUNDA + "formData"})),
    "callActivity": frozenset(CAMUNDA + word for word in ("formData", "in", "out")),
}
_FORM_PARTS = frozenset(CAMUNDA + word for word in ("formData", "formField", "value", "validation", "constraint"))
_IN_EXTENSION: Mapping[str, frozenset[str]] = {
    # `forms` refuses what else there is in a part of a form.
    **dict.fromkeys(_FORM_PARTS, _FORM_PARTS | {CAMUNDA + "properties"}),
    CAMUNDA + "properties": frozenset({CAMUNDA + "property"}),
}
# Of what is wrong inside an element the one that people see is told: these, and what holds the others.
_SEEN = frozenset(NODE_KINDS) | {
    *("process", "sequenceFlow", "lane", "textAnnotation", "group", "association"),
    *("participant", "messageFlow"),
}


_MULTIPLICITY = Text(
    "Tanda banyak pelaku (participantMultiplicity) pada pool ini tidak dijalankan. Hapus tanda itu; untuk langkah yang "
    "dikerjakan beberapa orang, pakai tugas multi-instance.",
    "The mark of several participants (participantMultiplicity) on this pool is not run. Remove the mark; for a step "
    "that several people do, use a multi-instance task.",
)


def check_nesting(root: etree._Element, process: etree._Element, report: Report) -> None:
    """Report what stands inside an element that has no place for it, as a fault of what is drawn around it."""
    for child in root.iterchildren(etree.Element):
        if bpmn_name(child) in _NEVER_OUTERMOST:
            report.add(child, "unsupported-element", _misplaced(child, root))
    _check_no_text(root, root, "unsupported-element", report)
    for drawn in (*root.iterfind(BPMN + "collaboration"), process):
        _check_inside(drawn, drawn, report)
    for multiplicity in root.iterfind(f"{BPMN}collaboration/{BPMN}participant/{BPMN}participantMultiplicity"):
        participant = multiplicity.getparent()
        if participant is not None:
            report.add(participant, "participant-multiplicity", _MULTIPLICITY, severity="warning")


def _check_inside(element: etree._Element, owner: etree._Element, report: Report) -> None:
    name = bpmn_name(element)
    if name not in _TEXTS:
        _check_no_text(element, owner, "unsupported-element", report)
    for child in element.iterchildren(etree.Element):
        inside = bpmn_name(child)
        if inside in _INSIDE[name]:
            if inside == "extensionElements":
                _check_extensions(child, name, owner, report)
            elif inside in _INSIDE:
                _check_inside(child, child if inside in _SEEN else owner, report)
        elif name in _TEXTS:
            report.add(owner, "unsupported-element", _cuts(child, element))
        elif name not in _SCOPES:
            is_known = inside in _INSIDE and not has_remedy(inside)
            text = _misplaced(child, element) if is_known else unsupported(etree.QName(child).localname)
            report.add(owner, "unsupported-element", text)


def _check_extensions(holder: etree._Element, name: str, owner: etree._Element, report: Report) -> None:
    _check_no_text(holder, owner, "unsupported-extension", report)
    allowed = _EXTENSIONS | _OWN_EXTENSIONS.get(name, _NOTHING)
    for extension in holder.iterchildren(etree.Element):
        if etree.QName(extension).namespace in HARMLESS_NAMESPACES:
            _check_foreign(extension, owner, report)
        elif extension.tag in allowed:
            _check_extension(extension, owner, report)
        else:
            written = prefixed(extension, etree.QName(extension))
            report.add(
                owner,
                "unsupported-extension",
                Text(
                    f"{written} tidak dijalankan oleh Alur. Hapus bagian itu dari unsur ini.",
                    f"Alur does not run {written}. Remove it from this element.",
                ),
            )


def _check_extension(extension: etree._Element, owner: etree._Element, report: Report) -> None:
    if extension.tag not in _TEXT_EXTENSIONS:
        _check_no_text(extension, owner, "unsupported-extension", report)
    for child in extension.iterchildren(etree.Element):
        if child.tag in _IN_EXTENSION.get(str(extension.tag), _NOTHING):
            _check_extension(child, owner, report)
        elif extension.tag not in _FORM_PARTS:
            report.add(owner, "unsupported-extension", _misplaced(child, extension))


def _check_foreign(extension: etree._Element, owner: etree._Element, report: Report) -> None:
    """Nobody looks into what another tool notes for itself, so nothing that means something may be hidden there."""
    for child in extension.iterchildren(etree.Element):
        if str(child.tag).startswith((BPMN, CAMUNDA)):
            report.add(owner, "unsupported-extension", _misplaced(child, extension))
        else:
            _check_foreign(child, owner, report)


def _check_no_text(element: etree._Element, owner: etree._Element, code: str, report: Report) -> None:
    """Report a text that stands directly in an element of which only attributes and elements are read."""
    stray = text_of(element)
    if stray:
        outer, shown = etree.QName(element).localname, " ".join(stray.split())[:80]
        text = Text(
            f"Teks '{shown}' di dalam '{outer}' tidak akan dibaca. Hapus teks itu, atau tulis sebagai dokumentasi.",
            f"The text '{shown}' inside '{outer}' would not be read. Remove it, or write it as documentation.",
        )
        report.add(owner, code, text)


def _misplaced(child: etree._Element, parent: etree._Element) -> Text:
    inner, outer = etree.QName(child).localname, etree.QName(parent).localname
    return Text(
        f"'{inner}' di dalam '{outer}' tidak akan dibaca. Hapus bagian itu, atau pindahkan ke tempatnya.",
        f"'{inner}' inside '{outer}' would not be read. Remove it, or move it to where it belongs.",
    )


def _cuts(child: etree._Element, parent: etree._Element) -> Text:
    inner, outer = etree.QName(child).localname, etree.QName(parent).localname
    return Text(
        f"'{inner}' memotong teks dalam '{outer}'. Hapus unsur itu dan sisakan teksnya saja.",
        f"'{inner}' cuts the text in '{outer}' short. Remove that element and leave the text alone.",
    )
