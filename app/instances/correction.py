"""What puts an instance right by hand: a task moved to another row, and an incident tried again."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from app import engine
from app.core.problems import Invalid, NotFound, pointer
from app.core.text import is_blank
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.identity.office import Actor
from app.instances.aggregate import Instance, apply_step, ask_engine, lock_whole
from app.instances.calls import definition_of
from app.instances.commands import lock_managed
from app.instances.errors import (
    WHY_NOT_ACTIVE,
    CannotMove,
    InstanceNotActive,
    MoveRefused,
    NoIncident,
)
from app.instances.models import InstanceStatus, TaskState, external_task, signal_delivery, user_task
from app.instances.policy import ensure_heads, ensure_sees

_TASK = sa.select(user_task).where(
    user_task.c.id == sa.bindparam("task_id"), user_task.c.instance_id == sa.bindparam("of_instance")
)
_TRY_ONCE_MORE = (
    sa.update(external_task)
    .where(external_task.c.instance_id == sa.bindparam("of_instance"), external_task.c.retries == 0)
    .values(retries=1, worker_id=None, locked_until=None)
)
_SOMEBODY_ACTED = (
    sa.update(signal_delivery).where(signal_delivery.c.instance_id == sa.bindparam("of_instance")).values(depth=0)
)
_SAY_WHY = sa.update(user_task).where(user_task.c.id == sa.bindparam("task_id")).values(reason=sa.bindparam("why"))


def move(
    uow: UnitOfWork,
    catalogue: Catalogue,
    *,
    actor: Actor,
    instance_id: UUID,
    task_id: UUID,
    element_id: str,
    reason: str,
    now: datetime,
) -> None:
    """Withdraw an open task and open another row instead, with a reason; the head of the office alone may.

    He approved the order of the rows, so he departs from it. A stopped instance may be corrected too, and stays
    stopped; the withdrawn task keeps the reason in the history.

    Raises:
        NotFound, Forbidden: the actor does not see the instance, or does not head the office.
        InstanceNotActive: it has ended.
        Invalid: the reason is empty, or the task is no open one of this instance.
        MoveRefused: the process could not have come there; `errors` names the element.
    """
    row = lock_whole(uow, instance_id)
    if row is None:
        raise NotFound(f"There is no process instance '{instance_id}'.")
    definition = definition_of(uow.reader, catalogue, row.instance_id, row.definition_id)
    ensure_sees(actor, definition.role_keys, row.unit_id, row.started_by, now, instance_id)
    holding = ensure_heads(actor, row.unit_id, now)
    instance = Instance.of(row, definition)
    if instance.status in (InstanceStatus.COMPLETED, InstanceStatus.CANCELLED):
        raise InstanceNotActive(WHY_NOT_ACTIVE[instance.status])
    if is_blank(reason):
        message = "A move needs its reason."
        raise Invalid(message, errors=[{"pointer": pointer("reason"), "message": message}])
    task = uow.execute(_TASK, {"task_id": task_id, "of_instance": instance.id}).one_or_none()
    if task is None or task.state != TaskState.OPEN:
        message = "This is no open task of the process instance."
        raise Invalid(message, errors=[{"pointer": pointer("cancel"), "message": message}])
    try:
        step = ask_engine(lambda: engine.move(definition.process, instance.state, task.token, element_id, now=now))
    except CannotMove as refusal:
        cause = refusal.__cause__
        if not isinstance(cause, engine.MoveRefused):
            raise
        told = {"element_id": cause.element_id, "message": cause.text.id, "message_en": cause.text.en}
        raise MoveRefused(cause.text.en, errors=[told]) from cause
    opened = apply_step(uow, instance, step, office=actor.office, now=now)
    uow.write(_SAY_WHY, {"task_id": task.id, "why": reason.strip()})
    data = {
        "task_id": task.id,
        "element_id": task.element_id,
        "opened": [one["element_id"] for one in opened],
        "reason": reason.strip(),
        "on_behalf_of": holding.role_key if holding.kind != "definitif" else None,
    }
    instance.record(uow, "process_instance.moved", actor.username, now, data)
    instance.save(uow)


def retry(uow: UnitOfWork, catalogue: Catalogue, *, actor: Actor, instance_id: UUID, now: datetime) -> None:
    """Try again what made an instance an incident: due timers fire, workers may try a task that they gave up once more.

    Where it fails once more, nothing of it is kept but the new reason, and the instance stays an incident.

    Raises:
        NotFound, Forbidden: the actor does not see it, or may not manage it.
        NoIncident: it has none.
    """
    instance = lock_managed(uow, catalogue, actor, instance_id, now)
    if instance.status != InstanceStatus.INCIDENT:
        raise NoIncident("The process instance has no incident to try again.")
    try:
        step = ask_engine(lambda: engine.wake(instance.definition.process, instance.state, now=now))
    except CannotMove as failure:
        instance.record(uow, "incident.raised", actor.username, now, {"reason": failure.detail, "retried": True})
    else:
        instance.status = InstanceStatus.ACTIVE
        uow.write(_TRY_ONCE_MORE, {"of_instance": instance_id})
        uow.write(_SOMEBODY_ACTED, {"of_instance": instance_id})
        opened = apply_step(uow, instance, step, office=actor.office, now=now)
        data = {"tokens": list(step.waits_closed), "opened": [task["element_id"] for task in opened]}
        instance.record(uow, "incident.retried", actor.username, now, data)
    instance.save(uow)
