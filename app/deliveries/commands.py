"""Acts on webhooks; each is in the trail of its unit, without what signs and without what an address may hide."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit import feed
from app.core.ids import new_id
from app.core.problems import Conflict, Invalid, NotFound
from app.core.unit_of_work import UnitOfWork
from app.deliveries.addresses import AddressRefused, Network, checked_url
from app.deliveries.models import webhook
from app.deliveries.signing import new_secret
from app.identity.office import SYSTEM, Actor
from app.identity.policy import administered_units
from app.identity.record import record
from app.jobs import queue
from app.jobs.models import job

KIND = "webhook"
TEST = "webhook.test"
OLD_SECRET_HOLDS = timedelta(days=1)
MOST_WEBHOOKS = 50
"""In one unit: each of them reads the trail."""


def lane_of(webhook_id: UUID) -> str:
    """Return the lane of a webhook's deliveries: they are made one after the other."""
    return f"{KIND}:{webhook_id}"


def add(
    uow: UnitOfWork,
    *,
    actor: Actor,
    url: str,
    unit_key: str,
    types: Sequence[str],
    allowed: Sequence[Network],
    now: datetime,
) -> UUID:
    """Tell an address of every act in a unit and below it, from now on; returns the webhook's id.

    Raises:
        Forbidden: the actor administers nothing.
        Invalid: he does not administer the unit, the address is not allowed, or the unit has too many.
    """
    units, unit = administered_units(actor, now), actor.office.unit_keys.get(unit_key)
    if unit is None or unit.id not in units:
        raise _invalid("/unit", f"You administer no unit '{unit_key[:200]}'.")
    try:
        checked_url(url, allowed)
    except AddressRefused as refusal:
        raise _invalid("/url", str(refusal)) from refusal
    webhook_id, told = new_id(), {"url": without_secrets(url), "types": list(types)}
    # The first that it is told is its own beginning.
    place = feed.end(uow.connection)
    # The unit's row is locked by the record: of two that add, the second counts the first.
    record(uow, "webhook.added", actor=actor.username, unit_id=unit.id, now=now, data=_told(webhook_id, **told))
    count = sa.select(sa.func.count()).select_from(webhook).where(webhook.c.unit_id == unit.id)
    if uow.execute(count).scalar_one() >= MOST_WEBHOOKS:
        raise _invalid("/unit", f"A unit has at most {MOST_WEBHOOKS} webhooks. Remove one that nobody needs.")
    uow.execute(
        sa.insert(webhook),
        {
            "id": webhook_id,
            "unit_id": unit.id,
            "url": url,
            "types": orjson.dumps(list(types)).decode(),
            "secret": new_secret(),
            "created_at": now,
            "created_by": actor.username,
            "after_transaction": place.transaction,
            "after_position": place.position,
        },
    )
    return webhook_id


def remove(uow: UnitOfWork, *, actor: Actor, webhook_id: UUID, now: datetime) -> None:
    """Tell an address nothing more, and forget what it was told.

    Raises:
        Forbidden, NotFound: as for `find`.
    """
    row = _lock(uow, actor, webhook_id, now)
    uow.execute(sa.delete(job).where(job.c.lane == lane_of(webhook_id)))
    uow.execute(sa.delete(webhook).where(webhook.c.id == webhook_id))
    record(uow, "webhook.removed", actor=actor.username, unit_id=row.unit_id, now=now, data=_told(webhook_id))


def rotate(uow: UnitOfWork, *, actor: Actor, webhook_id: UUID, now: datetime, at: datetime) -> None:
    """Sign with a new secret, and for a day of real time (`at`) with the one before too.

    Raises:
        Forbidden, NotFound: as for `find`.
    """
    row = _lock(uow, actor, webhook_id, now)
    uow.execute(
        sa.update(webhook)
        .where(webhook.c.id == webhook_id)
        .values(secret=new_secret(), old_secret=row.secret, old_secret_until=at + OLD_SECRET_HOLDS)
    )
    record(uow, "webhook.secret-rotated", actor=actor.username, unit_id=row.unit_id, now=now, data=_told(webhook_id))


def enable(uow: UnitOfWork, *, actor: Actor, webhook_id: UUID, now: datetime) -> None:
    """Tell an address again, from where it was left; what was given up before is replayed by hand.

    Raises:
        Forbidden, NotFound: as for `find`.
        Conflict: it is not disabled.
    """
    row = _lock(uow, actor, webhook_id, now)
    if row.disabled_at is None:
        raise Conflict("This webhook is not disabled.")
    uow.execute(sa.update(webhook).where(webhook.c.id == webhook_id).values(disabled_at=None, disabled_why=None))
    record(uow, "webhook.enabled", actor=actor.username, unit_id=row.unit_id, now=now, data=_told(webhook_id))


def disable(uow: UnitOfWork, *, webhook_id: UUID, why: str, now: datetime) -> None:
    """Tell an address nothing for now, since nobody hears it; the trail names the system."""
    row = uow.execute(sa.select(webhook).where(webhook.c.id == webhook_id).with_for_update()).one_or_none()
    if row is None or row.disabled_at is not None:
        return
    uow.execute(sa.update(webhook).where(webhook.c.id == webhook_id).values(disabled_at=now, disabled_why=why))
    record(uow, "webhook.disabled", actor=SYSTEM, unit_id=row.unit_id, now=now, data=_told(webhook_id, why=why))


def test(uow: UnitOfWork, *, actor: Actor, webhook_id: UUID, now: datetime, at: datetime) -> UUID:
    """Send a message that tells of nothing, by the way of all others; returns the id of its delivery.

    Raises:
        Forbidden, NotFound: as for `find`.
        Conflict: the webhook is disabled.
    """
    row = _lock(uow, actor, webhook_id, now)
    ensure_enabled(row)
    body = orjson.dumps({"type": TEST, "timestamp": at, "data": {"webhook_id": webhook_id, "asked_by": actor.username}})
    return queue.add(uow, kind=KIND, lane=lane_of(webhook_id), body=body.decode(), now=at)


def replay(uow: UnitOfWork, *, actor: Actor, webhook_id: UUID, delivery_id: UUID, now: datetime, at: datetime) -> None:
    """Make a delivery once more that was made or given up, with the same id and the same text.

    Raises:
        Forbidden, NotFound: as for `find`; or the webhook has no such delivery.
        Conflict: it is under way still, or the webhook is disabled.
    """
    ensure_enabled(_lock(uow, actor, webhook_id, now))
    if not queue.replay(uow, lane=lane_of(webhook_id), job_id=delivery_id, now=at):
        of_webhook = sa.select(job.c.id).where(job.c.lane == lane_of(webhook_id), job.c.id == delivery_id)
        if uow.execute(of_webhook).first() is None:
            raise NotFound(f"There is no delivery '{delivery_id}' of this webhook.")
        raise Conflict("This delivery has not ended: it is tried by itself.")


def find(connection: Connection, actor: Actor, webhook_id: UUID, now: datetime) -> Any:
    """Return the row of a webhook of a unit that the actor administers.

    Raises:
        Forbidden: he administers nothing.
        NotFound: there is no such webhook, or it is of another unit.
    """
    return _known(connection.execute(_of_id(webhook_id)).one_or_none(), actor, webhook_id, now)


def ensure_enabled(row: Any) -> None:
    """Check that a webhook is not disabled; raises Conflict."""
    if row.disabled_at is not None:
        raise Conflict("This webhook is disabled. Enable it first.")


def without_secrets(url: str) -> str:
    """Return the server that an address names: its path and query may be what lets a message in."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _lock(uow: UnitOfWork, actor: Actor, webhook_id: UUID, now: datetime) -> Any:
    return _known(uow.execute(_of_id(webhook_id).with_for_update()).one_or_none(), actor, webhook_id, now)


def _of_id(webhook_id: UUID) -> sa.Select[Any]:
    return sa.select(webhook).where(webhook.c.id == webhook_id)


def _known(row: Any, actor: Actor, webhook_id: UUID, now: datetime) -> Any:
    units = administered_units(actor, now)
    if row is None or row.unit_id not in units:
        raise NotFound(f"There is no webhook '{webhook_id}'.")
    return row


def _told(webhook_id: UUID, **more: Any) -> dict[str, Any]:
    return {"webhook_id": webhook_id, **more}


def _invalid(place: str, message: str) -> Invalid:
    return Invalid(message, errors=[{"pointer": place, "message": message}])
