"""What BPMN allows once in an element: where it is given twice, engines differ in which of the two they take."""

from collections.abc import Iterable

from lxml import etree

from app.core.text import Text
from app.engine.namespaces import BPMN, CAMUNDA
from app.engine.report import Report

_ONCE = frozenset(
    {
        *(
            BPMN + word
            for word in (
                "extensionElements",
                "conditionExpression",
                "timeDate",
                "timeDuration",
                "timeCycle",
                "multiInstanceLoopCharacteristics",
                "standardLoopCharacteristics",
                "loopCardinality",
                "completionCondition",
                "childLaneSet",
            )
        ),
        *(CAMUNDA + word for word in ("properties", "formData", "validation")),
    }
)


def check_once(process: etree._Element, report: Report) -> None:
    """Report the second of what an element may have once: a part of it, or a property of one name."""
    for element in process.iter(etree.Element):
        _say(report, ((child, etree.QName(child).localname) for child in element if child.tag in _ONCE))
        if str(element.tag).startswith(BPMN):
            properties = element.iterfind(f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property")
            _say(report, ((item, name) for item in properties if (name := item.get("name"))))


def _say(report: Report, given: Iterable[tuple[etree._Element, str]]) -> None:
    seen: set[str] = set()
    for element, word in given:
        if word in seen:
            shown = word[:80]
            report.add(
                element,
                "given-twice",
                Text(f"'{shown}' diisi dua kali pada satu unsur.", f"'{shown}' is given twice on one element."),
            )
        seen.add(word)
