"""Who calls what is deployed: a new version of a called process must not keep its callers from being started."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from app.core.text import Text
from app.definitions.calls import Today, add_findings, faults_of_calls, reached
from app.definitions.catalogue import Definition
from app.definitions.gate import Checked, Refused
from app.definitions.models import definition_call, process_definition
from app.engine import Finding, Model


def check_callers(results: Sequence[Checked | Refused], today: Today) -> list[Checked | Refused]:
    """Add to what the gate said of files which processes in force could no longer be started with them.

    Looked at are the callers in the unit, above it and below it, direct ones or not. One that is sent along is checked
    as a file. Not said again is what keeps it from being started already, and what is wrong with the file itself.
    """
    sent = {one.model.id: one.model for one in results if one.model is not None}
    said = {
        (one.model.id, finding.code)
        for one in results
        if one.model is not None
        for finding in one.findings
        if finding.severity == "error"
    }
    found: dict[str, list[Finding]] = {}
    for caller, there in _callers(sent, today):
        for key, finding in _newly_wrong(caller, sent, there, today):
            if (key, finding.code) not in said:
                found.setdefault(key, []).append(_breaks_caller(key, caller, finding))
    return [one if one.model is None else add_findings(one, found.get(one.model.id, ())) for one in results]


def _callers(sent: Mapping[str, Model], today: Today) -> Iterator[tuple[Definition, Today]]:
    """The definitions in force that call a file, or a version of them did, each with where it would be started."""
    below = _below(today)
    units = [today.unit_id, *below, *today.office.ancestors(today.unit_id)]
    called, seen = set(sent), set[tuple[UUID, str]]()
    while called:
        rows = today.connection.execute(_CALLING, {"called": sorted(called), "units": units}).all()
        # What is owned above is started in the unit too, with what is in force there.
        places = {(row.unit_id if row.unit_id in below else today.unit_id, row.key) for row in rows} - seen
        seen |= places
        called = {key for _, key in places}
        for unit_id, key in sorted(places):
            there = today._replace(unit_id=unit_id)
            caller = None if key in sent else there.definition(key)
            if caller is not None:
                yield caller, there


_CALLING = (
    sa.select(process_definition.c.unit_id, process_definition.c.key)
    .distinct()
    .join(definition_call, definition_call.c.definition_id == process_definition.c.id)
    .where(
        definition_call.c.process_key.in_(sa.bindparam("called", expanding=True)),
        process_definition.c.unit_id.in_(sa.bindparam("units", expanding=True)),
    )
)


def _below(today: Today) -> frozenset[UUID]:
    return today.office.subtree(today.unit_id) - {today.unit_id}


def _newly_wrong(
    caller: Definition, sent: Mapping[str, Model], there: Today, today: Today
) -> Iterator[tuple[str, Finding]]:
    """What is wrong with a caller because of the files, each with the process that brings it about."""
    below = _below(today)

    def find(key: str) -> Model | None:
        known = there.definition(key)
        # A unit below that has a version of its own goes on calling that one.
        if key in sent and (known is None or known.unit_id not in below):
            return sent[key]
        return None if known is None else known.process.model

    model = caller.process.model
    errors = [finding for finding in faults_of_calls(model, find) if finding.severity == "error"]
    before = {(one.element_id, one.code) for one in faults_of_calls(model, there.model)} if errors else set()
    for finding in errors:
        if finding.element_id is None or (finding.element_id, finding.code) in before:
            continue
        key = model.calls[finding.element_id]
        called = find(key)
        whole = {key} if called is None else {key, *reached(called, find)}
        cause = next((one for one in sent if one in whole), None)
        if cause is not None:
            yield cause, finding


def _breaks_caller(key: str, caller: Definition, finding: Finding) -> Finding:
    text = Text(
        f"Dengan berkas ini, proses '{caller.key}' yang berlaku tidak dapat dimulai lagi karena panggilannya "
        f"'{finding.element_id}': {finding.text.id}",
        f"With this file the process '{caller.key}', which is in force, could no longer be started because of its call "
        f"'{finding.element_id}': {finding.text.en}",
    )
    remedy = Text(
        f"Perbaiki berkas ini, atau kirim bersamanya versi baru '{caller.key}' yang sesuai.",
        f"Mend this file, or send along a new version of '{caller.key}' that fits it.",
    )
    return Finding("error", "breaks-caller", text, key, remedy=remedy)
