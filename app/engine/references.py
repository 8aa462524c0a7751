"""References of what is drawn: each one that a file writes down has to lead to an element of that file.

Those that a run follows are refused where they are read, by codes of their own. `incoming` and `outgoing` only repeat
what the flows say, a type (`itemSubjectRef`) may stand in another document, and neither changes what is run.
"""

from collections.abc import Iterator, Mapping

from lxml import etree

from app.core.text import Text
from app.engine.allowed import bpmn_name
from app.engine.namespaces import BPMN
from app.engine.report import Report
from app.engine.xml import text_of

# Messages, signals, errors, escalations, hosts and flows: read, and refused, elsewhere.
_FOLLOWED = frozenset(
    {
        *("messageRef", "signalRef", "errorRef", "escalationRef", "attachedToRef", "flowNodeRef", "eventDefinitionRef"),
        *("loopDataInputRef", "loopDataOutputRef"),
    }
)
_TYPES = frozenset({"itemSubjectRef", "structureRef"})
# What a reference has to lead to, where not anything will do.
_KIND: Mapping[str, str] = {
    "dataObjectRef": "dataObject",
    "dataStoreRef": "dataStore",
    "categoryValueRef": "categoryValue",
    "processRef": "process",
}


def check_references(
    root: etree._Element, process: etree._Element, elements: Mapping[str, etree._Element], report: Report
) -> None:
    """Report the references in a process, and in what is drawn around it, that lead nowhere; `elements` are by id."""
    for holder in (*root.iterfind(BPMN + "collaboration"), process):
        for element in holder.iter(BPMN + "*"):
            for word, reference in _references(element):
                target = elements.get(_local(element, root, reference))
                if target is None or bpmn_name(target) != _KIND.get(word, bpmn_name(target)):
                    report.add(element, "unknown-reference", _leads_nowhere(word, reference))


def _references(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield what an element refers to, in attributes or as its text; an empty one refers to nothing."""
    name = bpmn_name(element)
    if name == "sequenceFlow":
        return
    written = [(str(word), str(value).strip()) for word, value in element.attrib.items()]
    if not len(element):
        written.append((name, text_of(element)))
    for word, reference in written:
        if word.endswith("Ref") and not word.startswith("{") and word not in _FOLLOWED | _TYPES and reference:
            yield word, reference


def _local(element: etree._Element, root: etree._Element, reference: str) -> str:
    """Return the id that a reference names: BPMN lets it have a prefix that stands for the file's own namespace."""
    prefix, colon, local = reference.partition(":")
    own = root.get("targetNamespace")
    return local if colon and own is not None and element.nsmap.get(prefix) == own else reference


def _leads_nowhere(word: str, reference: str) -> Text:
    shown, kind = reference[:80], _KIND.get(word)
    if kind is None:
        return Text(
            f"{word} merujuk ke '{shown}', yang tidak ada dalam berkas ini.",
            f"{word} refers to '{shown}', which is not in this file.",
        )
    return Text(
        f"{word} merujuk ke '{shown}', padahal tidak ada {kind} dengan id itu dalam berkas ini.",
        f"{word} refers to '{shown}', but this file has no {kind} of that id.",
    )
