"""What is wrong with a model, said so that an analyst can mend it."""

from dataclasses import dataclass
from typing import Literal

from app.core.text import Text

Severity = Literal["error", "warning"]

IN_GENERAL = Text(
    "Perbaiki unsur ini di Camunda Modeler, simpan, lalu unggah lagi.",
    "Mend this element in Camunda Modeler, save the file and upload it again.",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a BPMN file: what is wrong, what to do, and where (1-based, the element's start tag)."""

    severity: Severity
    code: str
    text: Text
    element_id: str | None = None
    line: int | None = None
    column: int | None = None
    remedy: Text = IN_GENERAL


class ModelRefused(Exception):
    """A BPMN file that cannot be run faithfully; `findings` has at least one error, in document order."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f.text.en for f in findings if f.severity == "error"))
        self.findings = findings
