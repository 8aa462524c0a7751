"""Acts on whole process instances: start, cancel, suspend, resume, and messages for them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from app import engine
from app.core.events import Chain
from app.core.ids import new_id
from app.core.problems import Forbidden, Invalid, NotFound, pointer
from app.core.text import Text, is_blank
from app.core.unit_of_work import UnitOfWork
from app.definitions.calls import Today, resolve
from app.definitions.catalogue import Catalogue, Definition
from app.definitions.queries import units_of_definitions
from app.identity.office import Actor, Office
from app.instances.aggregate import Instance, apply_step, ask_engine, lock
from app.instances.calls import definition_of, keep
from app.instances.errors import WHY_NOT_ACTIVE, InstanceNotActive, NothingCorrelated, NotYetInForce
from app.instances.models import AT_WORK, InstanceStatus, process_instance, wait
from app.instances.policy import ensure_manages, ensure_sees, takes_part
from app.instances.variables import ensure_few, ensure_fits, ensure_free, owned_by_forms, within_form
from app.instances.views import Row, instance_json, wait_row

MOST_CORRELATED = 100

_START = sa.insert(process_instance)


class NewInstance(NamedTuple):
    """What a person gives to start a process: its key or one version's id, and the values of its start form."""

    process_definition_key: str | None
    process_definition_id: str | None
    business_key: str | None
    title: str | None
    unit: str | None
    variables: Mapping[str, Any]


def start(uow: UnitOfWork, catalogue: Catalogue, *, actor: Actor, wanted: NewInstance, now: datetime) -> dict[str, Any]:
    """Start an instance of a process in a unit; whoever performs a lane of it there may.

    A process without a start form takes any variables that are well named and not too large.

    Raises:
        UnknownDefinition, NotFound: there is no such definition for that unit.
        NotYetInForce: the version that was named takes effect later.
        Forbidden: the actor performs no lane of it in that unit.
        Invalid: values do not fit the start form, or may not be variables.
        CannotCall: a process that it calls is not in force, or the whole cannot run.
    """
    unit_id, definition = _place(uow, catalogue, actor, wanted, now)
    called = resolve(definition, Today(uow.reader, catalogue, unit_id, actor.office, now))
    if definition.process.model.calls:
        definition = catalogue.composed(uow.reader, definition, called)
    form = definition.process.model.start_form
    variables = within_form(form, wanted.variables)
    if form:
        ensure_fits(form, variables)
    else:
        ensure_free(wanted.variables)
    step = ask_engine(lambda: engine.start(definition.process, variables, now=now))
    instance_id = new_id()
    title = definition.name if wanted.title is None or is_blank(wanted.title) else wanted.title.strip()
    instance = Instance(
        id=instance_id,
        definition=definition,
        unit_id=unit_id,
        business_key=wanted.business_key,
        title=title,
        status=InstanceStatus.ACTIVE,
        started_by=actor.username,
        started_at=now,
        returns=0,
        state=b"",
        visits=Counter(),
        flows=Counter(),
        chain=Chain(str(instance_id), 0, bytes(32)),
    )
    # The row goes in before the rows that refer to it, complete but for what the act below adds to the chain.
    row = {
        "id": instance_id,
        "definition_id": definition.id,
        "definition_key": definition.key,
        "definition_version": definition.version,
        "unit_id": unit_id,
        "business_key": instance.business_key,
        "title": instance.title,
        "started_at": now,
        "started_by": actor.username,
        "returns": 0,
    }
    uow.write(_START, row)
    keep(uow, instance_id, called)
    opened = apply_step(uow, instance, step, office=actor.office, now=now)
    data = {
        "process_definition_id": definition.id,
        "calls": called,
        "business_key": instance.business_key,
        "title": instance.title,
        "variables": variables,
        "opened": [task["element_id"] for task in opened],
    }
    instance.record(uow, "process_instance.started", actor.username, now, data)
    row |= {
        "status": instance.status,
        "ended_at": instance.ended_at,
        "state": instance.state,
        "taken": instance.taken,
        "chain_length": instance.chain.length,
        "chain_head": instance.chain.head,
    }
    return answer(instance, opened, step.waits, actor.office, now)


def cancel(
    uow: UnitOfWork, catalogue: Catalogue, *, actor: Actor, instance_id: UUID, reason: str, now: datetime
) -> None:
    """End an instance before its time, with a reason.

    Raises:
        NotFound, Forbidden: the actor does not see it, or may not.
        InstanceNotActive: it has ended already.
        Invalid: the reason is empty.
    """
    instance = lock_managed(uow, catalogue, actor, instance_id, now)
    if instance.status in (InstanceStatus.COMPLETED, InstanceStatus.CANCELLED):
        raise InstanceNotActive(WHY_NOT_ACTIVE[instance.status])
    if is_blank(reason):
        message = "A cancellation needs its reason."
        raise Invalid(message, errors=[{"pointer": "/reason", "message": message}])
    step = engine.cancel(instance.definition.process, instance.state)
    apply_step(uow, instance, step, office=actor.office, now=now)
    instance.status, instance.ended_at = InstanceStatus.CANCELLED, now
    instance.record(uow, "process_instance.cancelled", actor.username, now, {"reason": reason})
    instance.save(uow)


def suspend(uow: UnitOfWork, catalogue: Catalogue, *, actor: Actor, instance_id: UUID, now: datetime) -> None:
    """Stop an instance for a time: its timers wait and its tasks cannot be completed; deadlines run on.

    Raises:
        InstanceNotActive: it is not active.
    """
    _switch(uow, catalogue, actor, instance_id, now, InstanceStatus.ACTIVE, InstanceStatus.SUSPENDED)


def resume(uow: UnitOfWork, catalogue: Catalogue, *, actor: Actor, instance_id: UUID, now: datetime) -> None:
    """Let a suspended instance go on.

    Raises:
        InstanceNotActive: it is not suspended.
    """
    _switch(uow, catalogue, actor, instance_id, now, InstanceStatus.SUSPENDED, InstanceStatus.ACTIVE)


def send_message(
    uow: UnitOfWork,
    catalogue: Catalogue,
    *,
    actor: Actor,
    name: str,
    business_key: str | None,
    instance_id: UUID | None,
    variables: Mapping[str, Any],
    now: datetime,
) -> int:
    """Deliver a message to every instance that waits for it and where the actor takes part; returns how many.

    A message that names neither a business key nor an instance must have exactly one that it can mean. It may not
    touch what a form of the process owns. If one of the instances is suspended, none gets it: messages are not kept for
    later, so that one would never have it.

    Raises:
        NothingCorrelated: there is none.
        InstanceNotActive: one of them is suspended.
        Invalid: it does not say which instance it means, or brings variables that it may not set.
        CannotMove: no gateway can decide with what it brings.
    """
    ensure_free(variables)
    query = (
        sa.select(process_instance.c.id, process_instance.c.definition_id, process_instance.c.unit_id)
        .where(
            process_instance.c.id.in_(
                sa.select(wait.c.instance_id).where(sa.and_(wait.c.kind == "message", wait.c.awaited == name))
            )
        )
        .order_by(process_instance.c.id)
    )
    if business_key is not None:
        query = query.where(process_instance.c.business_key == business_key)
    if instance_id is not None:
        query = query.where(process_instance.c.id == instance_id)
    waiting = [
        row.id
        for row in uow.reader.execute(query)
        if takes_part(
            actor, definition_of(uow.reader, catalogue, row.id, row.definition_id).role_keys, row.unit_id, now
        )
    ]
    if len(waiting) > 1 and business_key is None and instance_id is None:
        message = f"{len(waiting)} instances wait for this message. Name one by its business key or its id."
        raise Invalid(message, errors=[{"pointer": "/business_key", "message": message}])
    if len(waiting) > MOST_CORRELATED:
        raise Invalid(f"More than {MOST_CORRELATED} instances wait for this message. Name one by its business key.")
    correlated = 0
    for one in waiting:
        row = lock(uow, one)
        if row is None or row.status in (InstanceStatus.COMPLETED, InstanceStatus.CANCELLED):
            continue
        instance = Instance.of(row, definition_of(uow.reader, catalogue, row.instance_id, row.definition_id))
        if instance.status not in AT_WORK:
            raise InstanceNotActive(
                f"{WHY_NOT_ACTIVE[instance.status]} Nobody received the message: send it again when that is over.",
                process_instance_id=str(instance.id),
            )
        ensure_free(variables, owned=owned_by_forms(instance.definition))
        step = _deliver(instance.definition.process, instance.state, name, variables, now)
        if step is None:
            continue
        ensure_few(step.variables)
        opened = apply_step(uow, instance, step, office=actor.office, now=now)
        data = {"message": name, "variables": variables, "opened": [task["element_id"] for task in opened]}
        instance.record(uow, "message.received", actor.username, now, data)
        instance.save(uow)
        correlated += 1
    if correlated == 0:
        raise NothingCorrelated(f"No process instance of yours waits for the message '{name[:200]}'.")
    return correlated


def _deliver(
    process: engine.Process, state: bytes, name: str, variables: Mapping[str, Any], now: datetime
) -> engine.Step | None:
    """Let the engine take a message; null where nothing waits for it any more."""

    def send() -> engine.Step | None:
        try:
            return engine.send(process, state, name, variables, now=now)
        except engine.NothingWaits:
            return None

    return ask_engine(send)


def lock_managed(uow: UnitOfWork, catalogue: Catalogue, actor: Actor, instance_id: UUID, now: datetime) -> Instance:
    """Lock an instance that the actor may manage.

    Raises:
        NotFound: there is none, or he does not see it.
        Forbidden: he sees it but may not manage it.
    """
    row = lock(uow, instance_id)
    if row is None:
        raise NotFound(f"There is no process instance '{instance_id}'.")
    definition = definition_of(uow.reader, catalogue, row.instance_id, row.definition_id)
    ensure_sees(actor, definition.role_keys, row.unit_id, row.started_by, now, instance_id)
    ensure_manages(actor, definition.role_keys, row.unit_id, row.started_by, now)
    return Instance.of(row, definition)


def _switch(
    uow: UnitOfWork,
    catalogue: Catalogue,
    actor: Actor,
    instance_id: UUID,
    now: datetime,
    before: InstanceStatus,
    after: InstanceStatus,
) -> None:
    instance = lock_managed(uow, catalogue, actor, instance_id, now)
    if instance.status != before:
        raise InstanceNotActive(WHY_NOT_ACTIVE.get(instance.status, "The process instance is not suspended."))
    instance.status = after
    what = "suspended" if after == InstanceStatus.SUSPENDED else "resumed"
    instance.record(uow, f"process_instance.{what}", actor.username, now, {})
    instance.save(uow)


def _place(
    uow: UnitOfWork, catalogue: Catalogue, actor: Actor, wanted: NewInstance, now: datetime
) -> tuple[UUID, Definition]:
    """Find the unit and the definition of a new instance."""
    office = actor.office
    if wanted.unit is not None:
        unit = office.unit_keys.get(wanted.unit)
        if unit is None:
            message = f"There is no unit '{wanted.unit[:200]}'."
            raise Invalid(message, errors=[{"pointer": "/unit", "message": message}])
        units = [unit.id]
    else:
        units = starting_units(actor, now)
    refusal: Exception = Forbidden(
        Text(
            "Yang boleh memulai proses ialah pelaksana salah satu lane-nya; Anda tidak memegang jabatan apa pun.",
            "Whoever performs a lane of a process may start it; you hold no role anywhere.",
        )
    )
    for unit_id in units:
        try:
            definition = _definition_for(uow, catalogue, office, wanted, unit_id, now)
        except (NotFound, Invalid) as error:
            refusal = error
            continue
        if may_start(actor, definition, unit_id, now):
            return unit_id, definition
        if definition.unit_id not in units_of_definitions(actor, now):
            refusal = NotFound("There is no such process for this unit.")
            continue
        refusal = Forbidden(
            Text(
                f"Yang boleh memulai '{definition.name}' hanya pelaksana salah satu lane-nya di unit ini.",
                f"Only who performs a lane of '{definition.name}' in this unit may start it.",
            )
        )
    raise refusal


def starting_units(actor: Actor, now: datetime) -> list[UUID]:
    """Return the units in which a process that names none is looked for: his own, the lowest first."""
    depth = actor.office.ancestors
    units = sorted({held.unit_id for held in actor.valid_holdings(now)}, key=lambda one: len(depth(one)), reverse=True)
    return units or sorted(actor.home_units(now))


def may_start(actor: Actor, definition: Definition, unit_id: UUID, now: datetime) -> bool:
    """Whether the actor performs a lane of a process in a unit; one without lanes is anybody's who belongs there."""
    if not definition.role_keys:
        return unit_id in units_of_definitions(actor, now)
    return takes_part(actor, definition.role_keys, unit_id, now)


def _definition_for(
    uow: UnitOfWork, catalogue: Catalogue, office: Office, wanted: NewInstance, unit_id: UUID, now: datetime
) -> Definition:
    if wanted.process_definition_id is not None:
        definition = catalogue.get(uow.connection, wanted.process_definition_id)
        if unit_id not in office.subtree(definition.unit_id):
            raise NotFound(f"There is no process definition '{definition.id}' for this unit.")
        if wanted.process_definition_key not in (None, definition.key):
            message = f"The definition '{definition.id}' is not one of this key. Give one of the two."
            raise Invalid(message, errors=[{"pointer": pointer("process_definition_key"), "message": message}])
        if definition.effective_from is not None and definition.effective_from > office.today(unit_id, now):
            message = f"This version takes effect on {definition.effective_from}. Start the one in force by its key."
            raise NotYetInForce(message, errors=[{"pointer": "/process_definition_id", "message": message}])
        return definition
    if wanted.process_definition_key is None:
        message = "Name the process by process_definition_key or process_definition_id."
        raise Invalid(message, errors=[{"pointer": "/process_definition_key", "message": message}])
    return catalogue.in_force(
        uow.connection, key=wanted.process_definition_key, unit_id=unit_id, office=office, now=now
    )


def answer(
    instance: Instance,
    open_tasks: Sequence[Row],
    waits: Sequence[engine.Wait],
    office: Office,
    now: datetime,
) -> dict[str, Any]:
    """Return an instance that was just moved as clients get it."""
    nodes = instance.definition.process.model.nodes
    return instance_json(
        id=instance.id,
        definition=instance.definition,
        business_key=instance.business_key,
        title=instance.title,
        unit_id=instance.unit_id,
        status=instance.status,
        started_at=instance.started_at,
        started_by=instance.started_by,
        ended_at=instance.ended_at,
        returns=instance.returns,
        visits=instance.visits,
        open_tasks=open_tasks,
        waits=[wait_row(one, nodes) for one in waits],
        office=office,
        now=now,
    )
