"""What a process calls: which versions those are, and whether it can run together with them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app import engine
from app.core.text import Text
from app.definitions.catalogue import Catalogue, Definition
from app.definitions.errors import UnknownDefinition
from app.definitions.gate import Checked, Refused, with_places
from app.definitions.handed import check_handed
from app.definitions.models import process_definition
from app.engine import Finding, Model
from app.identity.office import Office

# Finds the model of a process by its id, null where there is none to call.
Find = Callable[[str], Model | None]


class Today(NamedTuple):
    """Where and when it is asked which version of a process is in force."""

    connection: Connection
    catalogue: Catalogue
    unit_id: UUID
    office: Office
    now: datetime

    def definition(self, key: str) -> Definition | None:
        """Return the version of a process in force, null if there is none."""
        try:
            return self.catalogue.in_force(
                self.connection, key=key, unit_id=self.unit_id, office=self.office, now=self.now
            )
        except UnknownDefinition:
            return None

    def on(self, day: date) -> "Today":
        """Return the same of another day."""
        return self._replace(now=self.now + (day - self.office.today(self.unit_id, self.now)))

    def days_ahead(self, keys: Iterable[str]) -> Iterator[date]:
        """Yield the days on which versions of processes that are deployed already come into force later."""
        owners = [self.unit_id, *self.office.ancestors(self.unit_id)]
        asked = {"keys": sorted(keys), "owners": owners, "today": self.office.today(self.unit_id, self.now)}
        yield from self.connection.execute(_AHEAD, asked).scalars()

    def model(self, key: str) -> Model | None:
        """Return the model of the version of a process in force, null if there is none."""
        definition = self.definition(key)
        return None if definition is None else definition.process.model


_AHEAD = (
    sa.select(process_definition.c.effective_from)
    .distinct()
    .where(
        process_definition.c.key.in_(sa.bindparam("keys", expanding=True)),
        process_definition.c.unit_id.in_(sa.bindparam("owners", expanding=True)),
        process_definition.c.effective_from > sa.bindparam("today"),
    )
)


def resolve(definition: Definition, today: Today) -> dict[str, str]:
    """Return the versions in force now of all that a definition calls, directly or not: process id to definition id.

    A process that is not there is left out: putting the whole together tells which call misses it.
    """
    ids = {definition.key: definition.id}

    def find(key: str) -> Model | None:
        if key == definition.key:
            return definition.process.model
        called = today.definition(key)
        if called is None:
            return None
        ids[key] = called.id
        return called.process.model

    return {key: ids[key] for key in reached(definition.process.model, find)}


def reached(model: Model, find: Find) -> dict[str, Model]:
    """Return all that a model calls, directly or not, as far as it is there; each process is looked for once."""
    found: dict[str, Model | None] = {}
    pending = [model]
    while pending:
        for key in pending.pop().calls.values():
            if key not in found:
                found[key] = called = find(key)
                if called is not None:
                    pending.append(called)
    return {key: called for key, called in found.items() if called is not None}


def check_calls(results: Sequence[Checked | Refused], find: Find) -> list[Checked | Refused]:
    """Add to what the gate said of files whether each can run together with what it calls.

    A file calls the other files sent with it before what `find` knows. One that could not be read calls nothing.
    """
    sent: Mapping[str, Model] = {one.model.id: one.model for one in results if one.model is not None}

    def found(key: str) -> Model | None:
        return sent[key] if key in sent else find(key)

    models = tuple(sent.values())
    return [
        one if one.model is None else add_findings(one, faults_of_calls(one.model, found, models)) for one in results
    ]


def check_calls_ahead(results: Sequence[Checked | Refused], today: Today) -> list[Checked | Refused]:
    """Add to what the gate said of files whether each can run with the versions that come into force on a later day.

    A file that takes effect later itself is asked from its own day on. What is wrong today already is not said again.
    """
    sent: Mapping[str, Model] = {one.model.id: one.model for one in results if one.model is not None}
    return [add_findings(one, tuple(_faults_ahead(one, sent, today))) for one in results]


def _faults_ahead(one: Checked | Refused, sent: Mapping[str, Model], today: Today) -> Iterator[Finding]:
    if one.model is None or not one.model.calls:
        return
    said = {(finding.element_id, finding.code) for finding in one.findings if finding.severity == "error"}
    begins = one.effective_from if isinstance(one, Checked) else None
    known: set[date] = set()
    pending = [today]
    while pending:
        there = pending.pop()

        def find(key: str, there: Today = there) -> Model | None:
            return sent[key] if key in sent else there.model(key)

        called = reached(one.model, find)
        ahead = {max(day, begins or day) for day in today.days_ahead({*one.model.calls.values(), *called})}
        pending += [today.on(day) for day in sorted(ahead - known, reverse=True)]
        known |= ahead
        if there is today:
            continue
        for finding in faults_of_calls(one.model, find, tuple(sent.values())):
            if finding.severity == "error" and (finding.element_id, finding.code) not in said:
                said.add((finding.element_id, finding.code))
                yield replace(finding, text=_from(there.office.today(there.unit_id, there.now), finding.text))


def _from(day: date, text: Text) -> Text:
    return Text(
        f"Mulai {day}, saat versi lain dari yang dipanggil berlaku: {text.id}",
        f"From {day} on, when another version of what is called is in force: {text.en}",
    )


def add_findings(one: Checked | Refused, found: Sequence[Finding]) -> Checked | Refused:
    """Return what the gate says of a file with more findings on it; an error refuses it."""
    if not found:
        return one
    placed = with_places(one.data, [*one.findings, *found])
    if isinstance(one, Refused) or any(finding.severity == "error" for finding in found):
        return Refused(one.resource, one.data, one.model, placed)
    return replace(one, findings=placed)


def faults_of_calls(model: Model, find: Find, sent: Sequence[Model] = ()) -> tuple[Finding, ...]:
    """Return what is wrong with a model together with what it calls, at its own calls; `sent` may call it in turn."""
    if not model.calls:
        return ()
    called = reached(model, find)
    return *engine.check_calls(model, called), *check_handed(model, called, sent)
