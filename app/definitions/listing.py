"""What the gate says of files on a disk, as a listing for people or as JSON for tools."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple
from uuid import UUID

from app.definitions.calls import check_calls
from app.definitions.gate import check_together, finding_json
from app.engine import Finding
from app.identity.office import Office

Language = Literal["id", "en"]

_SEVERITIES = {"id": {"error": "galat", "warning": "peringatan"}, "en": {"error": "error", "warning": "warning"}}
_WORDS = {
    "id": ("berkas", "galat", "peringatan", "Tidak ada temuan."),
    "en": ("file(s)", "error(s)", "warning(s)", "Nothing was found."),
}


class Linted(NamedTuple):
    """The findings on one file, in the order of its lines."""

    path: Path
    findings: tuple[Finding, ...]


def lint(paths: Sequence[Path], *, office: Office, unit_id: UUID, knows_roles: bool, now: datetime) -> list[Linted]:
    """Put files through the gate as one deployment; without `knows_roles` the office is a guess, and an unknown lane
    only a warning.

    A call is followed into the other files only; whether a process that is none of them is in force is not asked.
    """
    files = [(str(path), path.read_bytes()) for path in paths]
    results = check_calls(check_together(files, office=office, unit_id=unit_id, now=now), lambda key: None)
    return [
        Linted(path, tuple(_told(result.findings, knows_roles=knows_roles)))
        for path, result in zip(paths, results, strict=True)
    ]


def count(linted: Sequence[Linted], severity: Literal["error", "warning"]) -> int:
    """Count the findings of a severity."""
    return sum(finding.severity == severity for one in linted for finding in one.findings)


def lines(linted: Sequence[Linted], language: Language) -> Iterator[str]:
    """Yield the lines of a listing: by file, each finding with its place, its code and what to do."""
    for path, findings in linted:
        if not findings:
            continue
        yield str(path)
        for finding in findings:
            place = f"{finding.line}:{finding.column}" if finding.line is not None else "-"
            severity = _SEVERITIES[language][finding.severity]
            yield f"  {place}  {severity}  {finding.code}  {finding.element_id or '-'}"
            yield f"      {_shown(getattr(finding.text, language))}"
            yield f"      -> {_shown(getattr(finding.remedy, language))}"
        yield ""
    files, errors, warnings, nothing = _WORDS[language]
    found = f"{count(linted, 'error')} {errors}, {count(linted, 'warning')} {warnings}"
    yield f"{len(linted)} {files}: {found if any(one.findings for one in linted) else nothing}"


def as_json(linted: Sequence[Linted]) -> dict[str, Any]:
    """Return what was found as the API would tell it."""
    return {
        "files": len(linted),
        "errors": count(linted, "error"),
        "warnings": count(linted, "warning"),
        "findings": [finding_json(finding, str(one.path)) for one in linted for finding in one.findings],
    }


def _told(findings: Sequence[Finding], *, knows_roles: bool) -> Iterator[Finding]:
    for finding in findings:
        if finding.code == "unknown-lane" and not knows_roles:
            yield replace(finding, severity="warning")
        elif finding.code != "call-missing":
            yield finding


def _shown(text: str) -> str:
    """Write what a file says without the signs that a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
