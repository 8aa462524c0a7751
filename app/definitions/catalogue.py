"""Process definitions made ready to run, read once in a process and kept: a version never changes."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app import engine
from app.calendar.standard_time import StandardTime, parse_standard_time
from app.core.problems import NotFound
from app.definitions.errors import CannotCall, UnknownDefinition
from app.definitions.models import definition_content, definition_role, process_definition
from app.definitions.sop_rules import rows_returned_to
from app.engine import FormField, ModelRefused, Process, xml
from app.identity.office import Office
from app.sop.beyond import beyond_the_table
from app.sop.changes import Difference
from app.sop.details import details
from app.sop.difference import difference
from app.sop.facts import activity_facts
from app.sop.performers import Performers
from app.sop.read import read as read_table
from app.sop.table import SopTable

_MOST_KEPT = 256

Name = TypeVar("Name")
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """What a user task will be when it opens; `role_key` is null for a task that is its starter's."""

    element_id: str
    name: str
    lane: str | None
    role_key: str | None
    activity_no: int | None
    standard_time: str | None
    allowance: StandardTime | None
    requirements: tuple[str, ...]
    outputs: tuple[str, ...]
    priority: int
    form: tuple[FormField, ...]
    # Of a decision: the rows that it sends back to. Whoever did one of them last does not decide (`tasks.makers`).
    returns_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a process, ready to run."""

    id: str
    key: str
    version: int
    name: str
    unit_id: UUID
    effective_from: date | None
    activity_count: int
    process: Process
    tasks: Mapping[str, TaskPlan]
    role_keys: frozenset[str]


class Catalogue:
    """Keeps the definitions that were used last; safe for threads, since a lost race only reads one twice."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Definition] = OrderedDict()
        self._tables: OrderedDict[str, SopTable] = OrderedDict()
        self._differences: OrderedDict[tuple[str, str], Difference] = OrderedDict()

    def get(self, connection: Connection, definition_id: str) -> Definition:
        """Return a definition by its id.

        Raises:
            NotFound: there is none.
        """
        definition = self._kept.get(definition_id)
        if definition is None:
            definition = _keep(self._kept, definition_id, _load(connection, definition_id))
        return definition

    def composed(self, connection: Connection, definition: Definition, called: Mapping[str, str]) -> Definition:
        """Return a definition together with what it calls, given as definition ids by process id.

        Raises:
            CannotCall: a called process is missing, or the whole cannot run; `errors` names the calls.
        """
        name = " ".join([definition.id, "calls", *sorted(called.values())])
        whole = self._kept.get(name)
        if whole is None:
            parts = {key: self.get(connection, one) for key, one in called.items()}
            whole = _keep(self._kept, name, _compose(definition, parts))
        return whole

    def table(self, connection: Connection, definition_id: str) -> SopTable:
        """Return a definition as the table of its SOP.

        Raises:
            NotFound: there is none.
        """
        found = self._tables.get(definition_id)
        if found is None:
            read = read_table(xml.parse(content_of(connection, definition_id)))
            found = _keep(self._tables, definition_id, read)
        return found

    def difference(self, connection: Connection, old_id: str, new_id: str) -> Difference:
        """Return what one definition says otherwise than another one, in the words of their SOP tables.

        Raises:
            NotFound: there is no such definition.
        """
        pair = (old_id, new_id)
        found = self._differences.get(pair)
        if found is None:
            old, new = (xml.parse(content_of(connection, one)) for one in pair)
            performers = self._performers(connection, old_id), self._performers(connection, new_id)
            tables = self.table(connection, old_id), self.table(connection, new_id)
            found = difference(*tables, beyond_the_table(old, new), performers, details(old, new))
            _keep(self._differences, pair, found)
        return found

    def difference_to(self, connection: Connection, old_id: str, file: bytes, performers: Performers) -> Difference:
        """Return what a file that is not deployed says otherwise than a definition; the file can be read.

        Raises:
            NotFound: there is no such definition.
        """
        old, new = xml.parse(content_of(connection, old_id)), xml.parse(file)
        both = self._performers(connection, old_id), performers
        return difference(self.table(connection, old_id), read_table(new), beyond_the_table(old, new), both)

    def _performers(self, connection: Connection, definition_id: str) -> Performers:
        definition = self.get(connection, definition_id)
        model = definition.process.model
        roles = {performer_name(node): definition.tasks[node.id].role_key for node in model.user_tasks}
        return performers_of(model, roles.get)

    def in_force(self, connection: Connection, *, key: str, unit_id: UUID, office: Office, now: datetime) -> Definition:
        """Return the version of a process that holds for a unit today.

        It is looked for in the unit, then upward; in force is the highest version whose effective date is empty or
        not after today in the unit's zone.

        Raises:
            UnknownDefinition: no version is in force.
        """
        today = office.today(unit_id, now)
        for owner in (unit_id, *office.ancestors(unit_id)):
            found = connection.execute(_IN_FORCE, {"owner": owner, "key": key, "today": today}).scalar_one_or_none()
            if found is not None:
                return self.get(connection, found)
        raise UnknownDefinition(
            f"No process '{key}' is in force for the unit '{office.units[unit_id].key}'.",
            errors=[{"pointer": "/process_definition_key", "message": "There is no such process in force."}],
        )


def _keep(kept: OrderedDict[Name, Kept], name: Name, one: Kept) -> Kept:
    """Keep what was read beside the others, of which the first goes where they are too many; returns it."""
    kept[name] = one
    if len(kept) > _MOST_KEPT:
        kept.popitem(last=False)
    return one


_IN_FORCE = (
    sa.select(process_definition.c.id)
    .where(
        process_definition.c.unit_id == sa.bindparam("owner"),
        process_definition.c.key == sa.bindparam("key"),
        sa.or_(
            process_definition.c.effective_from.is_(None),
            process_definition.c.effective_from <= sa.bindparam("today", type_=sa.Date),
        ),
    )
    .order_by(process_definition.c.version.desc())
    .limit(1)
)


def content_of(connection: Connection, definition_id: str) -> bytes:
    """Return the bytes of a definition as they were deployed.

    Raises:
        NotFound: there is no such definition.
    """
    content = connection.execute(
        sa.select(definition_content.c.xml)
        .join(process_definition, definition_content.c.hash == process_definition.c.content_hash)
        .where(process_definition.c.id == definition_id)
    ).scalar_one_or_none()
    if content is None:
        raise NotFound(f"There is no process definition '{definition_id[:200]}'.")
    return bytes(content)


def _load(connection: Connection, definition_id: str) -> Definition:
    row = connection.execute(
        sa.select(process_definition, definition_content.c.xml)
        .join(definition_content, definition_content.c.hash == process_definition.c.content_hash)
        .where(process_definition.c.id == definition_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no process definition '{definition_id[:200]}'.")
    roles = {
        found.lane: found.role_key
        for found in connection.execute(
            sa.select(definition_role.c.lane, definition_role.c.role_key).where(
                definition_role.c.definition_id == definition_id
            )
        )
    }
    process = engine.read(row.xml)
    return Definition(
        id=row.id,
        key=row.key,
        version=row.version,
        name=row.name,
        unit_id=row.unit_id,
        effective_from=row.effective_from,
        activity_count=row.activity_count,
        process=process,
        tasks={node.id: _plan(process.model, node, roles) for node in process.model.user_tasks},
        role_keys=frozenset(roles.values()),
    )


def _compose(definition: Definition, called: Mapping[str, Definition]) -> Definition:
    try:
        process = engine.compose(definition.process, {key: one.process for key, one in called.items()})
    except ModelRefused as refusal:
        raise CannotCall(definition.key, refusal.findings) from refusal
    tasks = dict(_tasks_within(definition, called, ""))
    return replace(
        definition,
        process=process,
        tasks=tasks,
        role_keys=definition.role_keys.union(*(one.role_keys for one in called.values())),
    )


def _tasks_within(
    definition: Definition, called: Mapping[str, Definition], prefix: str
) -> Iterator[tuple[str, TaskPlan]]:
    """The tasks of a definition and of what it calls, named as the composed process names them."""
    for element_id, plan in definition.tasks.items():
        returns_to = tuple(prefix + row for row in plan.returns_to)
        yield prefix + element_id, replace(plan, element_id=prefix + element_id, returns_to=returns_to)
    for call, key in definition.process.model.calls.items():
        yield from _tasks_within(called[key], called, f"{prefix}{call}/")


def performer_name(node: engine.Node) -> str | None:
    """The name by which a user task calls its performer: its candidate group, else its lane."""
    return node.candidate_groups[0] if node.candidate_groups else node.lane


def performers_of(model: engine.Model, role_of: Callable[[str], str | None]) -> Performers:
    """Return who performs the tasks of a model; `role_of` gives the role that a performer's name means."""
    named = {node.id: name for node in model.user_tasks if (name := performer_name(node)) is not None}
    groups = [node for node in model.user_tasks if node.candidate_groups]
    decided = {node.id: activity_facts(node.properties).decision_for for node in groups}
    return Performers(
        roles={name: key for name in named.values() if (key := role_of(name)) is not None},
        groups={node.id: named[node.id] for node in groups},
        deciders={number: named[id_] for id_, number in decided.items() if number is not None},
    )


def _plan(model: engine.Model, node: engine.Node, roles: Mapping[str, str]) -> TaskPlan:
    facts = activity_facts(node.properties)
    performer = performer_name(node)
    return TaskPlan(
        element_id=node.id,
        name=node.name or node.id,
        lane=node.lane,
        role_key=roles[performer] if performer is not None else None,
        activity_no=facts.activity_no,
        standard_time=facts.standard_time,
        allowance=parse_standard_time(facts.standard_time) if facts.standard_time is not None else None,
        requirements=facts.requirements,
        outputs=facts.outputs,
        priority=node.priority if node.priority is not None else 50,
        form=node.form,
        returns_to=rows_returned_to(model, node),
    )
