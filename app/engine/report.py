"""Collects what is wrong with a file while it is read, and tells it with its places."""

from dataclasses import dataclass, field, replace

from lxml import etree

from app.core.text import Text
from app.engine import xml
from app.engine.findings import Finding, Severity
from app.engine.remedies import parted


@dataclass(slots=True)
class Report:
    """The findings on one document, each with the element that it is about."""

    data: bytes
    root: etree._Element
    found: list[tuple[etree._Element, Finding]] = field(default_factory=list)

    def add(
        self,
        element: etree._Element,
        code: str,
        text: Text,
        *,
        severity: Severity = "error",
        remedy: Text | None = None,
    ) -> None:
        """Note what is wrong with an element; one without an id is named by what holds it.

        Without a `remedy` of its own, `text` holds it behind its first sentence, or the code has one in `remedies`.
        """
        what, otherwise = (text, remedy) if remedy is not None else parted(text, code)
        named = (holder.get("id") for holder in (element, *element.iterancestors()))
        self.found.append((element, Finding(severity, code, what, next(filter(None, named), None), remedy=otherwise)))

    def findings(self) -> tuple[Finding, ...]:
        """The findings in document order, each with the line and column of its element."""
        if not self.found:
            return ()
        order = {element: index for index, element in enumerate(self.root.iter(etree.Element))}
        places = xml.positions(self.data)
        placed: list[tuple[int, Finding]] = []
        for element, finding in self.found:
            line, column = places[order[element]]
            placed.append((order[element], replace(finding, line=line, column=column)))
        placed.sort(key=lambda pair: pair[0])
        return tuple(finding for _, finding in placed)
