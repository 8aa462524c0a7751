"""Who may deploy, and into which unit."""

from datetime import datetime
from uuid import UUID

from app.core.problems import Forbidden, Invalid, pointer
from app.core.text import Text
from app.identity.office import Actor


def deployment_unit(actor: Actor, now: datetime, key: str | None = None) -> UUID:
    """Return the unit that a deployment goes into: the one that is named, else the actor's own.

    His own is the one nearest to the root in which he holds the permission to deploy, or, where he holds that nowhere,
    the one that he administers.

    Raises:
        Forbidden: he may deploy nowhere, or not in the unit that is named.
        Invalid: there is no unit of that key.
    """
    units = actor.units_with("deploy", now) or actor.units_with("administer", now)
    if not units:
        raise Forbidden(
            Text("Untuk ini Anda harus berwenang memberlakukan SOP (deploy).", "This needs the permission to deploy.")
        )
    office = actor.office
    if key is None:
        return min(units, key=lambda one: (len(office.ancestors(one)), office.units[one].key))
    if key not in office.unit_keys:
        message = f"There is no unit '{key[:200]}'."
        raise Invalid(message, errors=[{"pointer": pointer("unit"), "message": message}])
    unit_id = office.unit_keys[key].id
    ensure_may_deploy(actor, unit_id, now)
    return unit_id


def ensure_may_deploy(actor: Actor, unit_id: UUID, now: datetime) -> None:
    """Check that the actor may deploy into a unit; whoever administers it may.

    Raises:
        Forbidden: he may not.
    """
    if not actor.has("deploy", unit_id, now) and not actor.has("administer", unit_id, now):
        raise Forbidden(
            Text(
                "Untuk ini Anda harus berwenang memberlakukan SOP (deploy) di unit ini.",
                "This needs the permission to deploy in this unit.",
            )
        )
