"""The gate: what the engine cannot run faithfully, or nobody could perform, does not get in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from app import engine
from app.calendar.standard_time import StandardTimeInvalid, parse_standard_time
from app.core.text import Text
from app.definitions.catalogue import performer_name
from app.engine import Finding, ModelRefused, Node, Process
from app.identity.office import Office
from app.sop.facts import activity_facts


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that passed: its process, the roles of its lanes, and what the analyst should know."""

    resource: str
    data: bytes
    process: Process
    roles: tuple[tuple[str, str], ...]
    effective_from: date | None
    activity_count: int
    warnings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that did not pass."""

    resource: str
    findings: tuple[Finding, ...]


def check(resource: str, data: bytes, *, office: Office, unit_id: UUID) -> Checked | Refused:
    """Read a file and find the role of every lane that has a task."""
    try:
        process = engine.read(data)
    except ModelRefused as refusal:
        return Refused(resource, refusal.findings)
    model = process.model
    findings: list[Finding] = list(model.warnings)
    roles: dict[tuple[str, str], None] = {}
    for node in model.user_tasks:
        findings.extend(_check_row(node))
        name = performer_name(node)
        if name is None:
            findings.append(Finding("warning", "task-without-lane", _WITHOUT_LANE, node.id))
            continue
        key = office.role_named(name, unit_id)
        if key is None:
            findings.append(Finding("error", "unknown-lane", _unknown_lane(name), node.id))
        else:
            roles[(name, key)] = None
    effective, fault = _effective_from(model.properties.get("tanggal_efektif", ""))
    if fault is not None:
        findings.append(Finding("error", "effective-date", fault, model.id))
    placed = _with_places(data, findings)
    if any(finding.severity == "error" for finding in placed):
        return Refused(resource, placed)
    numbers = {activity_facts(node.properties).activity_no for node in model.user_tasks} - {None}
    return Checked(
        resource=resource,
        data=data,
        process=process,
        roles=tuple(roles),
        effective_from=effective,
        activity_count=len(numbers) or len(model.user_tasks),
        warnings=placed,
    )


def finding_json(finding: Finding, resource: str) -> dict[str, Any]:
    """Return a finding as the API and the Modeler get it: `message` is Indonesian, `message_en` English."""
    return {
        "file": resource,
        "severity": finding.severity,
        "code": finding.code,
        "element_id": finding.element_id,
        "line": finding.line,
        "column": finding.column,
        "message": finding.text.id,
        "message_en": finding.text.en,
    }


_WITHOUT_LANE = Text(
    "Tugas ini tidak berada di lane mana pun, jadi menjadi tugas orang yang memulai proses.",
    "This task is in no lane, so it becomes a task of whoever starts the process.",
)


def _unknown_lane(name: str) -> Text:
    return Text(
        f"Lane '{name}' bukan jabatan yang dikenal. Pakai nama jabatan kantor, atau daftarkan nama ini sebagai alias.",
        f"The lane '{name}' is no known role. Use the name of a role of the office, or register this name as an alias.",
    )


def _check_row(node: Node) -> Iterator[Finding]:
    """Refuse what the clock of a row could not be set by; its facts would leave it out without a word."""
    standard_time = node.properties.get("waktu", "").strip()
    if standard_time:
        try:
            parse_standard_time(standard_time)
        except StandardTimeInvalid as error:
            text = Text(
                f"Waktu baku '{standard_time}' tidak dapat dibaca. Tulis misalnya PT30M, P3D, P1W, atau P1M.",
                f"The standard time '{standard_time}' cannot be read ({error}). Write for example PT30M, P3D or P1M.",
            )
            yield Finding("error", "standard-time", text, node.id)


def _effective_from(text: str) -> tuple[date | None, Text | None]:
    """Read `tanggal_efektif`: a date, or a bare month, which means its first day."""
    text = text.strip()
    if not text:
        return None, None
    try:
        return date.fromisoformat(text if len(text) > 7 else f"{text}-01"), None
    except ValueError:
        return None, Text(
            f"Tanggal efektif '{text}' tidak dapat dibaca. Tulis sebagai 2024-01-31 atau 2024-01.",
            f"The effective date '{text}' cannot be read. Write it as 2024-01-31 or 2024-01.",
        )


def _with_places(data: bytes, findings: list[Finding]) -> tuple[Finding, ...]:
    missing = {finding.element_id for finding in findings if finding.line is None and finding.element_id is not None}
    if not missing:
        return tuple(findings)
    places = engine.places_of(data, missing)
    return tuple(
        finding
        if finding.line is not None or finding.element_id not in places
        else replace(finding, line=places[finding.element_id][0], column=places[finding.element_id][1])
        for finding in findings
    )
