"""What the gate says of files that are sent, told for the page: by file and element, beside what is in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy.engine import Connection

from app.core.text import Text
from app.definitions import commands
from app.definitions.calls import Today
from app.definitions.commands import SentFile
from app.definitions.comparing import Compared, compare
from app.definitions.errors import DeploymentRefused
from app.definitions.gate import finding_json
from app.engine import xml
from app.engine.xml import XmlRefused
from app.web.diagram import Finding, Overlay
from app.web.sop_marks import marks_of
from app.web.visit import Visit


class Told(NamedTuple):
    """A finding as the page says it; `place` is the id of its text, `number` what stands for it on the diagram."""

    number: int
    place: str
    severity: Literal["error", "warning"]
    code: str
    text: Text
    remedy: Text
    line: int | None
    column: int | None


class OnElement(NamedTuple):
    """The findings on one element, called by its name; both are null for what is about the whole file."""

    element_id: str | None
    name: str | None
    findings: list[Told]


@dataclass(frozen=True, slots=True)
class Examined:
    """A file with what is found on it; `source` is its text, null where that cannot be drawn."""

    file: SentFile
    number: int
    digest: str
    source: str | None
    groups: list[OnElement]
    compared: Compared | None

    @property
    def findings(self) -> list[Told]:
        """Everything that is found on it."""
        return [one for group in self.groups for one in group.findings]

    def overlay(self, language: str) -> Overlay:
        """Return what is drawn over the diagram of the file: findings, and what is new or other than in force."""
        return Overlay(
            findings={
                group.element_id: [
                    Finding(one.severity, one.number, one.text.id if language == "id" else one.text.en, f"#{one.place}")
                    for one in sorted(group.findings, key=lambda one: one.severity)
                ]
                for group in self.groups
                if group.element_id is not None
            },
            marks=marks_of(self.compared.difference)[1] if self.compared and self.compared.difference else {},
        )

    @property
    def overlay_before(self) -> Overlay:
        """What is drawn over the diagram of the version in force."""
        assert self.compared is not None
        return Overlay(marks=marks_of(self.compared.difference)[0] if self.compared.difference else {})


class Outcome(NamedTuple):
    """What became of the check of all files."""

    files: list[Examined]
    errors: int
    warnings: int

    @property
    def unchanged(self) -> bool:
        """Whether every file is the latest version already."""
        return all(one.compared is not None and one.compared.unchanged for one in self.files)


def check(visit: Visit, unit_id: UUID, files: Sequence[SentFile], connection: Connection) -> Outcome:
    """Check files as a dry run of their deployment does.

    Raises:
        Invalid: there is no file, or too many.
    """
    today = Today(connection, visit.request.app.state.catalogue, unit_id, visit.actor.office, visit.now)
    try:
        checked = commands.check_files(today, files)
    except DeploymentRefused as refusal:
        compared: list[Compared | None] = [None] * len(files)
        found: Sequence[Mapping[str, Any]] = refusal.errors
    else:
        compared = [compare(today, one) for one in checked]
        found = [finding_json(finding, one.resource) for one in checked for finding in one.findings]
    examined = []
    for number, (file, beside) in enumerate(zip(files, compared, strict=True)):
        examined.append(_examined(number, file, [one for one in found if one["file"] == file.name], beside))
    errors = sum(one.severity == "error" for file in examined for one in file.findings)
    return Outcome(examined, errors, sum(len(file.findings) for file in examined) - errors)


def _examined(number: int, file: SentFile, found: Sequence[Mapping[str, Any]], compared: Compared | None) -> Examined:
    names, source = _read(file.data)
    first: dict[str | None, int] = {}
    for place, one in enumerate(found):
        first.setdefault(one["element_id"], place)
    ordered = sorted(found, key=lambda one: first[one["element_id"]])
    told = [(one["element_id"], _told(number, place, one)) for place, one in enumerate(ordered, 1)]
    groups = [
        OnElement(element_id, names.get(element_id), [one for _, one in pairs])
        for element_id, pairs in groupby(told, key=lambda pair: pair[0])
    ]
    return Examined(file, number, sha256(file.data).hexdigest(), source, groups, compared)


def _told(file: int, number: int, one: Mapping[str, Any]) -> Told:
    return Told(
        number,
        f"temuan-{file}-{number}",
        one["severity"],
        one["code"],
        Text(one["message"], one["message_en"]),
        Text(one["remedy"], one["remedy_en"]),
        one["line"],
        one["column"],
    )


def _read(data: bytes) -> tuple[dict[str | None, str], str | None]:
    """Return the names of the elements of a file, and its text if it has a drawing."""
    try:
        root = xml.parse(data)
    except XmlRefused:
        return {}, None
    names: dict[str | None, str] = {
        element.get("id"): " ".join(element.get("name", "").split()) for element in root.iter() if element.get("name")
    }
    return names, data.decode("utf-8-sig") if b"BPMNShape" in data else None
