"""The gate: what the engine cannot run faithfully, or nobody could perform, does not get in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app import engine
from app.calendar.standard_time import StandardTimeInvalid, parse_standard_time
from app.core.text import Text
from app.definitions.answers import check_answers
from app.definitions.catalogue import performer_name
from app.definitions.decided import check_decisions
from app.definitions.lint import lint
from app.definitions.provided import check_variables
from app.definitions.sop_rules import check_sop
from app.engine import Finding, Model, Node, Process
from app.engine.timers import TimerRefused
from app.identity.office import Office
from app.sop.facts import activity_facts

# What could have given a variable, had it been read.
_NOT_READ = frozenset({"form-field-id", "form-field-type", "unsupported-element"})
_NO_CONDITION = frozenset({"condition-language", "expression-refused"})


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that passed: its process, the roles of its lanes, and what the analyst should know."""

    resource: str
    data: bytes
    process: Process
    roles: tuple[tuple[str, str], ...]
    effective_from: date | None
    activity_count: int
    findings: tuple[Finding, ...]

    @property
    def model(self) -> Model:
        """What was read from the file."""
        return self.process.model

    @property
    def key(self) -> str:
        return self.process.model.id


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that did not pass.

    `model` is null where a fault is in what the engine reads, `key` where no process could be read at all.
    """

    resource: str
    data: bytes
    model: Model | None
    findings: tuple[Finding, ...]
    key: str | None = None


def check_together(
    files: Iterable[tuple[str, bytes]], *, office: Office, unit_id: UUID, now: datetime
) -> list[Checked | Refused]:
    """Check files that go into one deployment, by name and content: each, and that no process is in two of them."""
    holders: dict[str, str] = {}
    results: list[Checked | Refused] = []
    examined = [(resource, data, engine.examine(data)) for resource, data in files]
    sent = [one.model for _, _, one in examined if one.model is not None]
    for resource, data, one in examined:
        result = _judge(resource, data, one, sent, office=office, unit_id=unit_id, now=now)
        if result.key in holders:
            twice = _key_twice(result.key, holders[result.key])
            findings = with_places(data, [twice, *result.findings])
            result = Refused(resource, data, result.model, findings, result.key)
        elif result.key is not None:
            holders[result.key] = resource
        results.append(result)
    return results


def check(resource: str, data: bytes, *, office: Office, unit_id: UUID, now: datetime) -> Checked | Refused:
    """Say everything that is wrong with a file: what cannot be run, who is not known, and what an SOP should not be.

    As much as can be read is looked at, so that a fault in one place hides none in another. `now` is when it would come
    into force: a date beyond what a timer may wait from then on could never be set.
    """
    return _judge(resource, data, engine.examine(data), (), office=office, unit_id=unit_id, now=now)


def _judge(
    resource: str,
    data: bytes,
    examined: engine.Examined,
    sent: Sequence[Model],
    *,
    office: Office,
    unit_id: UUID,
    now: datetime,
) -> Checked | Refused:
    """Say what `check` says of a file that has been read; `sent` are the models of all files that are sent."""
    model, read, whole = examined
    if model is None:
        return Refused(resource, data, None, read)
    roles = _Roles(office, unit_id)
    effective, fault = _effective_from(model)
    # In the model another condition stands in for one that could not be read.
    unread = {finding.element_id for finding in read if finding.code in _NO_CONDITION}
    codes = {finding.code for finding in read}
    findings = [
        *read,
        *(finding for finding in engine.check_conditions(model) if finding.element_id not in unread),
        *roles.check(model),
        *(finding for node in model.user_tasks for finding in _check_row(node)),
        *(finding for node in model.nodes.values() for finding in _check_timer(node, now)),
        *([] if fault is None else [fault]),
        *check_sop(model, roles.of),
        # Played is only what is drawn to its end: where a flow is missing, tokens are stuck for no other reason.
        *(engine.check_runs(model) if whole else []),
        # Of a file whose elements or forms could not be read it is not known what they would give.
        *(check_variables(model, sent) if whole and codes.isdisjoint(_NOT_READ) else ()),
        *(check_decisions(model, sent) if whole and codes.isdisjoint(_NOT_READ | _NO_CONDITION) else ()),
        *(check_answers(model) if whole else ()),
        # The rules are about what a modeller shows; a file without a drawing is run, not opened.
        *(_unsaid(lint(data), read) if b"BPMNShape" in data else ()),
    ]
    placed = with_places(data, findings)
    if any(finding.severity == "error" for finding in placed):
        misread = any(finding.severity == "error" for finding in read)
        return Refused(resource, data, None if misread else model, placed, model.id)
    numbers = {activity_facts(node.properties).activity_no for node in model.user_tasks} - {None}
    return Checked(
        resource=resource,
        data=data,
        process=engine.ready(model),
        roles=tuple(roles.found),
        effective_from=effective,
        activity_count=len(numbers) or len(model.user_tasks),
        findings=placed,
    )


def _unsaid(style: Sequence[Finding], read: Sequence[Finding]) -> Iterator[Finding]:
    """Leave out of the findings on style what is refused already: a flow without its condition."""
    refused = {finding.element_id for finding in read if finding.code == "condition-missing"}
    return (finding for finding in style if finding.code != "conditional-flows" or finding.element_id not in refused)


def finding_json(finding: Finding, resource: str) -> dict[str, Any]:
    """Return a finding as the API and the Modeler get it: without an ending it is Indonesian, `…_en` is English."""
    return {
        "file": resource,
        "severity": finding.severity,
        "code": finding.code,
        "element_id": finding.element_id,
        "line": finding.line,
        "column": finding.column,
        "message": finding.text.id,
        "message_en": finding.text.en,
        "remedy": finding.remedy.id,
        "remedy_en": finding.remedy.en,
    }


def _key_twice(key: str, holder: str) -> Finding:
    text = Text(f"Berkas '{holder}' memuat proses '{key}' juga.", f"The file '{holder}' holds the process '{key}' too.")
    remedy = Text("Kirim satu berkas per proses.", "Send one file for each process.")
    return Finding("error", "key-twice", text, key, remedy=remedy)


class _Roles:
    """Finds the roles of user tasks in an office; `found` are the performers that were, as the file and the office
    call them."""

    def __init__(self, office: Office, unit_id: UUID) -> None:
        self.office = office
        self.unit_id = unit_id
        self.found: dict[tuple[str, str], None] = {}

    def of(self, node: Node) -> str | None:
        """Return the key of the role of a user task."""
        name = performer_name(node)
        return None if name is None else self.office.role_named(name, self.unit_id)

    def check(self, model: Model) -> Iterator[Finding]:
        """Yield the lanes and the user tasks whose performer is not known: a lane once, whatever stands in it."""
        unknown = set()
        for node in model.user_tasks:
            name, key = performer_name(node), self.of(node)
            if name is None:
                yield Finding("warning", "task-without-lane", _WITHOUT_LANE, node.id, remedy=_WITHOUT_LANE_REMEDY)
            elif key is None:
                at = node.id if node.candidate_groups else model.lane_ids.get(name) or node.id
                if at not in unknown:
                    unknown.add(at)
                    yield Finding("error", "unknown-lane", _unknown_lane(name), at, remedy=_UNKNOWN_LANE_REMEDY)
            else:
                self.found[(name, key)] = None
                yield from self._other_lane(node, key)

    def _other_lane(self, node: Node, key: str) -> Iterator[Finding]:
        lane = None if node.lane is None else self.office.role_named(node.lane, self.unit_id)
        if lane is not None and lane != key:
            text = _other_performer(node.lane or "", self.office.roles[key].name)
            yield Finding("warning", "lane-not-performer", text, node.id, remedy=_OTHER_PERFORMER_REMEDY)


_WITHOUT_LANE = Text(
    "Tugas ini tidak berada di lane mana pun, jadi menjadi tugas orang yang memulai proses.",
    "This task is in no lane, so it becomes a task of whoever starts the process.",
)
_WITHOUT_LANE_REMEDY = Text(
    "Letakkan tugas ini di lane jabatan yang mengerjakannya.",
    "Put the task into the lane of the role that performs it.",
)
_UNKNOWN_LANE_REMEDY = Text(
    "Pakai nama jabatan kantor, atau daftarkan nama ini sebagai alias.",
    "Use the name of a role of the office, or register this name as an alias.",
)


def _unknown_lane(name: str) -> Text:
    shown = name[:80]
    return Text(f"Lane '{shown}' bukan jabatan yang dikenal.", f"The lane '{shown}' is no known role.")


def _other_performer(lane: str, role: str) -> Text:
    return Text(
        f"Tugas ini digambar di lane '{lane[:80]}', tetapi menurut 'candidateGroups' dikerjakan oleh '{role[:80]}'.",
        f"This task is drawn in the lane '{lane[:80]}', but '{role[:80]}' performs it, as 'candidateGroups' says.",
    )


_OTHER_PERFORMER_REMEDY = Text(
    "Hapus 'candidateGroups' (Candidate groups) bila lane-nya benar, atau pindahkan tugas ini ke lane pelaksananya.",
    "Remove 'candidateGroups' (Candidate groups) if the lane is right, or move the task into its performer's lane.",
)


def _check_row(node: Node) -> Iterator[Finding]:
    """Refuse what the clock of a row could not be set by; its facts would leave it out without a word."""
    standard_time = node.properties.get("waktu", "").strip()
    if standard_time:
        try:
            parse_standard_time(standard_time)
        except StandardTimeInvalid as error:
            (what_id, what_en), remedy = error.fault
            shown = standard_time[:80]
            text = Text(f"Waktu baku '{shown}' {what_id}.", f"The standard time '{shown}' {what_en}.")
            yield Finding("error", "standard-time", text, node.id, remedy=remedy)


def _check_timer(node: Node, now: datetime) -> Iterator[Finding]:
    """Refuse a moment that is further ahead than a timer may be set: whoever comes to it would be stuck before it."""
    if node.timer is None:
        return
    try:
        node.timer.first_due(now)
    except TimerRefused as refusal:
        yield engine.finding("error", "timer-refused", refusal.text, node.id)


def _effective_from(model: Model) -> tuple[date | None, Finding | None]:
    """Read `tanggal_efektif`: a date, or a bare month, which means its first day."""
    written = model.properties.get("tanggal_efektif", "").strip()
    if not written:
        return None, None
    try:
        return date.fromisoformat(written if len(written) > 7 else f"{written}-01"), None
    except ValueError:
        shown = written[:80]
        text = Text(f"Tanggal efektif '{shown}' tidak dapat dibaca.", f"The effective date '{shown}' cannot be read.")
        remedy = Text("Tulis sebagai 2024-01-31 atau 2024-01.", "Write it as 2024-01-31 or 2024-01.")
        return None, Finding("error", "effective-date", text, model.id, remedy=remedy)


def with_places(data: bytes, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings on a file that can be read in the order of its elements, each with line and column."""
    missing = {finding.element_id for finding in findings if finding.line is None and finding.element_id is not None}
    places = engine.places_of(data, missing) if missing else {}
    placed = [
        replace(finding, line=places[finding.element_id][0], column=places[finding.element_id][1])
        if finding.line is None and finding.element_id in places
        else finding
        for finding in findings
    ]
    return tuple(sorted(placed, key=lambda finding: (finding.line or 0, finding.column or 0, finding.severity)))
