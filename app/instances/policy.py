"""Who sees a process instance, and who may act on it as a whole."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from app.core.problems import Forbidden, NotFound
from app.core.text import Text
from app.definitions.models import definition_role, process_definition
from app.definitions.policy import ensure_may_deploy
from app.identity.office import Actor, Holding
from app.instances.models import instance_call, process_instance, user_task


def takes_part(actor: Actor, role_keys: Collection[str], unit_id: UUID, now: datetime) -> bool:
    """Whether the actor performs any lane of a process for instances of a unit."""
    return not actor.roles_in(unit_id, now).keys().isdisjoint(role_keys)


def sees(actor: Actor, role_keys: Collection[str], unit_id: UUID, started_by: str, now: datetime) -> bool:
    """Whether the actor sees an instance: who takes part or started it, who is above them, auditors, administrators."""
    return (
        takes_part(actor, role_keys, unit_id, now)
        or started_by == actor.username
        or any(actor.oversees(role_key, unit_id, now) for role_key in role_keys)
        or actor.has("audit", unit_id, now)
        or actor.has("administer", unit_id, now)
    )


def ensure_sees(
    actor: Actor, role_keys: Collection[str], unit_id: UUID, started_by: str, now: datetime, instance_id: UUID
) -> None:
    """Hide an instance from who may not know of it.

    Raises:
        NotFound: the actor does not see it.
    """
    if not sees(actor, role_keys, unit_id, started_by, now):
        raise NotFound(f"There is no process instance '{instance_id}'.")


def ensure_manages(actor: Actor, role_keys: Collection[str], unit_id: UUID, started_by: str, now: datetime) -> None:
    """Let an instance be cancelled, suspended or resumed by its starter, a superior of its roles, or an administrator.

    Raises:
        Forbidden: the actor is none of these.
    """
    manages = (
        started_by == actor.username
        or any(actor.oversees(role_key, unit_id, now) for role_key in role_keys)
        or actor.has("administer", unit_id, now)
    )
    if not manages:
        raise Forbidden(
            Text(
                "Ini hanya untuk yang memulainya, atasan pelaksananya, atau pengelola.",
                "Only who started it, a superior of its roles or an administrator may do this.",
            )
        )


def ensure_may_migrate(
    actor: Actor, role_keys: Collection[str], unit_id: UUID, started_by: str, now: datetime, instance_id: UUID
) -> None:
    """Let whoever deploys into a unit, or administers it, bring its instances into another version.

    He need not take part in them: what he is told of them is what a plan must tell.

    Raises:
        NotFound: the actor neither may, nor sees the instance.
        Forbidden: he sees it, but may not.
    """
    try:
        ensure_may_deploy(actor, unit_id, now)
    except Forbidden:
        ensure_sees(actor, role_keys, unit_id, started_by, now, instance_id)
        raise


def ensure_heads(actor: Actor, unit_id: UUID, now: datetime) -> Holding:
    """Return the holding by which the actor heads the office of a unit: all report to that post, and it to none.

    Raises:
        Forbidden: he does not.
    """
    office = actor.office
    followed = {superior for role_key in office.roles for superior in office.superiors(role_key)}
    for role_key, holding in actor.roles_in(unit_id, now).items():
        role = office.roles[role_key]
        if role.kind == "jabatan" and role.reports_to is None and role_key in followed:
            return holding
    raise Forbidden(
        Text(
            "Hanya kepala kantor yang boleh menyimpang dari urutan kegiatan.",
            "Only the head of the office may depart from the order of the rows.",
        )
    )


def seen_by(actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    """The same rule as `sees`, as a condition on `process_instance`.

    What an index holds comes first: a database goes to the row itself only where that has not decided.
    """
    conditions: list[sa.ColumnElement[bool]] = [process_instance.c.unit_id.in_(some) for some in _watched(actor, now)]
    for units, roles in by_units(actor.served(now), actor.overseen(now)).items():
        conditions.append(sa.and_(process_instance.c.unit_id.in_(sorted(units)), _has_lane_of(roles)))
    return sa.or_(*conditions, process_instance.c.started_by == actor.username)


def seen_with_task_by(actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    """Whether the instance of a task is seen, as a condition on `user_task`.

    Where every version of its process has a lane of the actor, the instance need not be looked up.
    """
    conditions: list[sa.ColumnElement[bool]] = [user_task.c.unit_id.in_(some) for some in _watched(actor, now)]
    for units, roles in by_units(actor.served(now), actor.overseen(now)).items():
        without = sa.select(process_definition.c.key).where(process_definition.c.id.not_in(_performed_by(roles)))
        conditions.append(sa.and_(user_task.c.unit_id.in_(sorted(units)), user_task.c.definition_key.not_in(without)))
    case = sa.select(process_instance.c.id).where(process_instance.c.id == user_task.c.instance_id, seen_by(actor, now))
    return sa.or_(*conditions, case.correlate(user_task).exists())


def _watched(actor: Actor, now: datetime) -> list[list[UUID]]:
    """The units of which the actor sees everything; none where there are none."""
    units = actor.units_with("audit", now) | actor.units_with("administer", now)
    return [sorted(units)] if units else []


def _has_lane_of(roles: Collection[str]) -> sa.ColumnElement[bool]:
    """Whether one of some roles performs a lane of an instance's process, or of one that it calls.

    The definitions are looked up once for a whole query, what an instance calls only where its own has no such lane.
    """
    performed = _performed_by(roles)
    called = (
        sa.select(instance_call.c.definition_id)
        .where(instance_call.c.instance_id == process_instance.c.id, instance_call.c.definition_id.in_(performed))
        .correlate(process_instance)
    )
    return sa.or_(process_instance.c.definition_id.in_(performed), called.exists())


def _performed_by(roles: Collection[str]) -> sa.Select[tuple[str]]:
    return sa.select(definition_role.c.definition_id).where(definition_role.c.role_key.in_(sorted(roles)))


def by_units(*held: Mapping[str, frozenset[UUID]]) -> dict[frozenset[UUID], set[str]]:
    """Turn roles with their units about, so that roles of the same units make one condition."""
    found: dict[frozenset[UUID], set[str]] = {}
    for mapping in held:
        for role_key, units in mapping.items():
            found.setdefault(units, set()).add(role_key)
    return found
