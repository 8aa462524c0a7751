"""In which language a file's expressions are written: Alur reads JUEL's form `${…}`, and takes no other for it."""

import re

from lxml import etree

from app.core.text import Text
from app.engine.namespaces import BPMN
from app.engine.report import Report
from app.engine.xml import text_of

_JUEL = frozenset({"", "juel"})
# BPMN's default. Signavio, Activiti and Flowable write it into every file, whose expressions are JUEL all the same.
# The first names the version of 1999, the second whatever is the present one; some say it is the same to the day.
_XPATH = re.compile(r"https?://www\.w3\.org/(1999/XPath|TR/(\d{4}/REC-)?xpath(-\d{8})?)/?", re.IGNORECASE)
_EXPRESSIONS = tuple(BPMN + word for word in ("conditionExpression", "loopCardinality", "completionCondition"))
_TIMES = tuple(BPMN + word for word in ("timeDate", "timeDuration", "timeCycle"))


def is_juel(language: str | None) -> bool:
    """Whether the `language` of an expression is the one that Alur reads; none given is that."""
    return (language or "").strip().lower() in _JUEL


def check_languages(root: etree._Element, process: etree._Element, report: Report) -> None:
    """Report expressions that another language would read otherwise: the file's own, or that of a timer.

    Where the file names XPath, an expression in `${…}` is none, and a bare number means the same there.
    """
    language = root.get("expressionLanguage")
    if _XPATH.fullmatch((language or "").strip()):
        for element in process.iter(*_EXPRESSIONS):
            source = text_of(element)
            if source and not source.startswith(("${", "#{")) and not source.isdecimal():
                report.add(element, "condition-language", _BARE)
    elif not is_juel(language):
        shown = (language or "")[:80]
        report.add(
            root,
            "condition-language",
            Text(
                f"Ungkapan berkas ini ditulis dalam bahasa '{shown}', yang tidak dibaca oleh Alur. "
                "Hapus atribut expressionLanguage dan tulis setiap ungkapan sebagai ${…}.",
                f"The expressions of this file are in the language '{shown}', which Alur does not read. "
                "Remove the attribute expressionLanguage and write each expression as ${…}.",
            ),
        )
    for element in process.iter(*_TIMES):
        if not is_juel(element.get("language")):
            report.add(element, "timer-refused", _TIMER)


_BARE = Text(
    "Berkas ini menyebut XPath sebagai bahasanya, dan ungkapan ini dapat berarti lain di sana. "
    "Tulis ungkapan ini sebagai ${…}, misalnya ${keputusan == 'setuju'}.",
    "The file names XPath as its language, and there this expression may mean something else. "
    "Write it as ${…}, for example ${keputusan == 'setuju'}.",
)
_TIMER = Text(
    "Waktu ini menyebut bahasa lain, padahal pewaktu hanya menerima nilai tetap. Hapus atribut language.",
    "This time names another language, but a timer takes fixed values only. Remove the attribute language.",
)
