"""Instances brought into another version of their process, one by one: each in the transaction of its own act."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app import engine
from app.core.problems import Forbidden, Invalid, NotFound, pointer
from app.core.text import Text
from app.core.unit_of_work import UnitOfWork
from app.definitions.calls import Today, resolve
from app.definitions.catalogue import Catalogue, Definition
from app.identity.directory import Directory
from app.identity.errors import NotSignedIn
from app.identity.office import Actor
from app.instances import migration_plan
from app.instances.aggregate import Instance, apply_step, lock_whole
from app.instances.calls import definition_of, keep_anew
from app.instances.errors import WHY_NOT_ACTIVE, InstanceNotActive, MigrationRefused
from app.instances.migration_lacks import lack_findings
from app.instances.models import InstanceStatus, TaskState, external_task, process_instance, user_task, wait
from app.instances.policy import ensure_may_migrate
from app.instances.queries import shown_instance
from app.instances.views import Row, wait_row

MOST_MIGRATED = 200

_ENDED = (InstanceStatus.COMPLETED, InstanceStatus.CANCELLED)
_CHANGED = (*migration_plan.FOLLOWED, "assignee", "claimed_at")
_OPEN_TASKS = (
    sa.select(user_task)
    .where(user_task.c.instance_id == sa.bindparam("of_instance"), user_task.c.state == TaskState.OPEN)
    .order_by(user_task.c.token)
)
_CHANGE_TASK = (
    sa.update(user_task)
    .where(user_task.c.id == sa.bindparam("task_id"))
    .values({name: sa.bindparam(f"new_{name}") for name in _CHANGED})
)
_CHANGE_VERSION = (
    sa.update(process_instance)
    .where(process_instance.c.id == sa.bindparam("instance_id"))
    .values(definition_id=sa.bindparam("new_id"), definition_version=sa.bindparam("new_version"))
)
_CHANGE_WAIT = (
    sa.update(wait)
    .where(wait.c.instance_id == sa.bindparam("of_instance"), wait.c.token == sa.bindparam("of_token"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("element_id", "name", "kind", "awaited", "due_at")})
)
_CHANGE_EXTERNAL = (
    sa.update(external_task)
    .where(
        external_task.c.instance_id == sa.bindparam("of_instance"), external_task.c.token == sa.bindparam("of_token")
    )
    .values(element_id=sa.bindparam("new_element_id"), topic=sa.bindparam("new_topic"))
)


class Wanted(NamedTuple):
    """Where instances shall go: a definition of their key, and the elements and flows whose ids are others there."""

    process_definition_id: str
    mapping: Mapping[str, str]
    dry_run: bool


class Selection(NamedTuple):
    """Instances of a bulk act; `next_after` is the last of them where there are more."""

    ids: Sequence[str]
    next_after: str | None


def migrate(
    uow: UnitOfWork,
    directory: Directory,
    catalogue: Catalogue,
    *,
    actor: Actor,
    instance_id: UUID,
    wanted: Wanted,
    now: datetime,
) -> dict[str, Any]:
    """Bring an instance into another version of its process, or tell the plan of it; returns the one or the other.

    Open tasks stay open with their times and visits, and follow the target in name, row, lane and role; waits keep when
    they are due. Nothing of it depends on what the instance went through before. A stopped instance stays stopped.

    Raises:
        NotFound, Forbidden: the actor does not see it or may not; there is no such definition for its unit.
        InstanceNotActive: it has ended.
        Invalid: the definition is of another process, or the mapping names what neither version has.
        MigrationRefused: it cannot be done; `errors` says of each element what to do. A plan tells this instead.
    """
    row = lock_whole(uow, instance_id)
    if row is None:
        raise NotFound(f"There is no process instance '{instance_id}'.")
    source = definition_of(uow.reader, catalogue, row.instance_id, row.definition_id)
    ensure_may_migrate(actor, source.role_keys, row.unit_id, row.started_by, now, instance_id)
    instance = Instance.of(row, source)
    target, called = _target(uow, catalogue, actor, instance, wanted, now)
    if instance.status in _ENDED:
        raise InstanceNotActive(WHY_NOT_ACTIVE[instance.status])
    migrated = engine.migrate(source.process, target.process, instance.state, wanted.mapping, now=now)
    tasks = [task._mapping for task in uow.execute(_OPEN_TASKS, {"of_instance": instance.id})]
    after = _tasks_after(uow, directory, instance, target, migrated, tasks, now)
    difference = catalogue.difference(uow.reader, source.id, target.id)
    findings = [
        *_not_in_force(actor, instance, target, now),
        *migration_plan.own_findings(instance, target, wanted.mapping, tasks, after, difference),
        *migrated.findings,
        *lack_findings(instance, target, migrated.step),
    ]
    if wanted.dry_run:
        return migration_plan.plan_json(
            instance, target, migrated, findings, tasks, after, difference, office=actor.office
        )
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors or migrated.step is None:
        told = [migration_plan.finding_json(finding) for finding in errors]
        raise MigrationRefused("; ".join(finding.text.en for finding in errors[:5]), errors=told)
    keep_anew(uow, instance.id, called)
    _cross(uow, instance, target, migrated.step, wanted.mapping, actor, tasks, after, now)
    uow.flush()
    return shown_instance(uow.connection, catalogue, actor.office, now, instance_id)


def select_of(
    connection: Connection, catalogue: Catalogue, actor: Actor, now: datetime, definition_id: str, after: UUID | None
) -> Selection:
    """Return the instances of a definition that have not ended and that the actor may migrate, the oldest first.

    Raises:
        NotFound: there is no such definition.
        Forbidden: he may migrate none anywhere.
    """
    catalogue.get(connection, definition_id)
    units = actor.units_with("deploy", now) | actor.units_with("administer", now)
    if not units:
        raise Forbidden(
            Text("Untuk ini Anda harus berwenang memberlakukan SOP (deploy).", "This needs the permission to deploy.")
        )
    query = (
        sa.select(process_instance.c.id)
        .where(
            process_instance.c.definition_id == definition_id,
            process_instance.c.unit_id.in_(sorted(units)),
            process_instance.c.status.not_in(_ENDED),
        )
        .order_by(process_instance.c.id)
        .limit(MOST_MIGRATED + 1)
    )
    if after is not None:
        query = query.where(process_instance.c.id > after)
    ids = [str(id_) for id_ in connection.execute(query).scalars()]
    more = len(ids) > MOST_MIGRATED
    return Selection(ids[:MOST_MIGRATED], ids[MOST_MIGRATED - 1] if more else None)


def _target(
    uow: UnitOfWork, catalogue: Catalogue, actor: Actor, instance: Instance, wanted: Wanted, now: datetime
) -> tuple[Definition, dict[str, str]]:
    """Return the definition that is wanted, with what it calls today put into it, and which versions those are."""
    source, target = instance.definition, catalogue.get(uow.reader, wanted.process_definition_id)
    if instance.unit_id not in actor.office.subtree(target.unit_id):
        raise NotFound(f"There is no process definition '{target.id}' for the unit of this instance.")
    if target.key != source.key:
        message = f"'{target.id}' is another process: an instance of '{source.key}' stays one. Name a version of it."
        raise Invalid(message, errors=[{"pointer": pointer("process_definition_id"), "message": message}])
    called = resolve(target, Today(uow.reader, catalogue, instance.unit_id, actor.office, now))
    if target.process.model.calls:
        target = catalogue.composed(uow.reader, target, called)
    faults = []
    for one, other in wanted.mapping.items():
        for definition, id_, which in ((source, one, "present"), (target, other, "target")):
            model = definition.process.model
            if id_ not in model.nodes and id_ not in model.flows:
                message = f"The {which} version has no element or flow '{id_[:200]}'."
                faults.append({"pointer": pointer("mapping", one), "message": message})
    if faults:
        raise Invalid("; ".join(fault["message"] for fault in faults[:5]), errors=faults)
    return target, called


def _not_in_force(actor: Actor, instance: Instance, target: Definition, now: datetime) -> Sequence[engine.Finding]:
    day = target.effective_from
    if day is None or day <= actor.office.today(instance.unit_id, now):
        return ()
    text = Text(
        f"Versi tujuan baru berlaku mulai {day}. Migrasikan pada hari itu atau sesudahnya.",
        f"The target version takes effect on {day}. Migrate on that day or later.",
    )
    return (engine.finding("error", "not-yet-in-force", text),)


def _tasks_after(
    uow: UnitOfWork,
    directory: Directory,
    instance: Instance,
    target: Definition,
    migrated: engine.Migrated,
    tasks: Sequence[Row],
    now: datetime,
) -> dict[int, dict[str, Any]]:
    """Return what each open task becomes, by its token; those without a counterpart are left out."""
    counterparts = {token.token: token.after for token in migrated.tokens}
    found: dict[int, dict[str, Any]] = {}
    for row in tasks:
        element_id = counterparts[row["token"]]
        if element_id is not None:
            plan = target.tasks[element_id]
            holds = plan.role_key == row["role_key"] or _holds(uow, directory, row["assignee"], plan.role_key, row, now)
            found[row["token"]] = migration_plan.task_after(instance, plan, row, holds_role=holds)
    return found


def _holds(
    uow: UnitOfWork, directory: Directory, username: str | None, role_key: str | None, row: Row, now: datetime
) -> bool:
    if username is None or role_key is None:
        return False
    try:
        return role_key in directory.load(uow.reader, username).roles_in(row["unit_id"], now)
    except NotSignedIn:
        return False


def _cross(
    uow: UnitOfWork,
    instance: Instance,
    target: Definition,
    step: engine.Step,
    mapping: Mapping[str, str],
    actor: Actor,
    tasks: Sequence[Row],
    after: Mapping[int, Mapping[str, Any]],
    now: datetime,
) -> None:
    """Write a migration, and record it."""
    source = instance.definition
    model = target.process.model
    instance.definition = target
    instance.visits = _counted(instance.visits, mapping, model.nodes.keys())
    instance.flows = _counted(instance.flows, mapping, model.flows.keys())
    for row in tasks:
        becomes = after[row["token"]]
        uow.write(_CHANGE_TASK, {"task_id": row["id"], **{f"new_{name}": becomes[name] for name in _CHANGED}})
    uow.write(_CHANGE_VERSION, {"instance_id": instance.id, "new_id": target.id, "new_version": target.version})
    before = {one.token for one in engine.where(source.process, instance.state).waits}
    after_waits = {one.token: one for one in step.waits}
    step = replace(
        step,
        waits_opened=tuple(one for token, one in after_waits.items() if token not in before),
        waits_closed=tuple(sorted(before - after_waits.keys())),
    )
    opened = apply_step(uow, instance, step, office=actor.office, now=now)
    # A wait that is kept may have another element, name, message or topic there.
    for token in sorted(before & after_waits.keys()):
        row = {f"new_{name}": value for name, value in wait_row(after_waits[token], model.nodes).items()}
        uow.write(_CHANGE_WAIT, {"of_instance": instance.id, "of_token": token, **row})
        if after_waits[token].kind == "external":
            changed = {"new_element_id": after_waits[token].element_id, "new_topic": after_waits[token].name}
            uow.write(_CHANGE_EXTERNAL, {"of_instance": instance.id, "of_token": token, **changed})
    data = {
        "before": {"process_definition_id": source.id, "version": source.version},
        "after": {"process_definition_id": target.id, "version": target.version},
        "mapping": mapping,
        "tasks": [
            {
                "task_id": row["id"],
                "element_id": row["element_id"],
                "element_id_after": after[row["token"]]["element_id"],
                "role_after": after[row["token"]]["role_key"],
                "assignee": row["assignee"],
                "assignee_after": after[row["token"]]["assignee"],
            }
            for row in tasks
        ],
        "opened": [task["element_id"] for task in opened],
    }
    instance.record(uow, "process_instance.migrated", actor.username, now, data)
    instance.save(uow)


def _counted(counts: Counter[str], mapping: Mapping[str, str], known: Any) -> Counter[str]:
    """Return the counts of what the target version has too, under its ids there."""
    kept: Counter[str] = Counter()
    for id_, count in counts.items():
        counterpart = engine.counterpart(mapping, id_)
        # An id that now is another's counterpart stands for something else than it did.
        taken = id_ not in mapping and id_ in mapping.values()
        if counterpart in known and not taken:
            kept[counterpart] += count
    return kept
