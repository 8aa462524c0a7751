"""The way of an act to a webhook: from the trail into the queue, and from the queue to the address."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.audit import feed
from app.audit.feed import Place
from app.audit.models import event
from app.core.clock import Clock
from app.core.database import Database
from app.core.unit_of_work import UnitOfWork
from app.deliveries import sending, signing
from app.deliveries.addresses import Network
from app.deliveries.commands import KIND, disable, lane_of
from app.deliveries.models import webhook
from app.identity.directory import Directory
from app.identity.office import Office
from app.instances.models import process_instance
from app.jobs import queue
from app.jobs.models import job
from app.jobs.queue import Job, Kind, Outcome

_MOST_AT_ONCE = 200
_OF_UNIT = "unit:"
# What somebody typed does not leave the office by itself: who may know it asks for it.
_KEPT_BACK = frozenset({"variables"})


def relay(database: Database, directory: Directory, clock: Clock) -> int:
    """Bring what happened into the queue of each webhook that is told it; returns for how many anything did.

    A webhook's jobs and how far it has come are one transaction: no act is passed over, and none is queued twice.
    """
    enabled = sa.select(webhook.c.id, webhook.c.after_transaction, webhook.c.after_position).where(
        webhook.c.disabled_at.is_(None)
    )
    with database.read() as connection:
        behind = [row.id for row in connection.execute(enabled) if feed.step(connection, Place(*row[1:])) > row[1:]]
        office = directory.office(connection)
    for webhook_id in behind:
        database.write(partial(_relay_to, webhook_id=webhook_id, office=office, now=clock.now()))
    return len(behind)


def _relay_to(uow: UnitOfWork, *, webhook_id: UUID, office: Office, now: datetime) -> None:
    row = uow.connection.execute(
        sa.select(webhook)
        .where(webhook.c.id == webhook_id, webhook.c.disabled_at.is_(None))
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return
    after = Place(row.after_transaction, row.after_position)
    last = feed.step(uow.connection, after)
    types = orjson.loads(row.types)
    wanted = (
        sa.select(event)
        .where(*feed.between(uow.connection, after, last), event.c.unit_id.in_(sorted(office.subtree(row.unit_id))))
        .where(feed.of_types(types) if types else sa.true())
        .order_by(*feed.order(uow.connection))
        .limit(_MOST_AT_ONCE)
    )
    acts = uow.connection.execute(wanted).all()
    if len(acts) == _MOST_AT_ONCE:
        last = Place(acts[-1].transaction_no, acts[-1].position)
    for body in _messages(uow.connection, acts, office):
        queue.add(uow, kind=KIND, lane=lane_of(webhook_id), body=body, now=now)
    moved = sa.update(webhook).where(webhook.c.id == webhook_id)
    uow.write(moved, {"after_transaction": last.transaction, "after_position": last.position})


def _messages(connection: Connection, acts: Sequence[Any], office: Office) -> list[str]:
    """Return the text of each message; it tells what happened and where, and nothing that was typed."""
    ids = {UUID(act.chain_id) for act in acts if not act.chain_id.startswith(_OF_UNIT)}
    columns = (process_instance.c.id, process_instance.c.business_key, process_instance.c.title)
    instances = {row.id: row for row in connection.execute(sa.select(*columns).where(process_instance.c.id.in_(ids)))}
    found = []
    for act in acts:
        instance = None if act.chain_id.startswith(_OF_UNIT) else instances.get(UUID(act.chain_id))
        unit = office.units.get(act.unit_id)
        told = orjson.loads(act.content)["data"]
        data = {
            "position": act.position,
            "sequence": act.sequence,
            "unit": unit.key if unit is not None else str(act.unit_id),
            "actor": act.actor,
            "process_instance_id": None if instance is None else instance.id,
            "business_key": None if instance is None else instance.business_key,
            "instance_title": None if instance is None else instance.title,
            "data": {name: value for name, value in told.items() if name not in _KEPT_BACK},
        }
        found.append(orjson.dumps({"type": act.type, "timestamp": act.at, "data": data}).decode())
    return found


def webhook_kind(database: Database, allowed: Sequence[Network], clock: Clock, office_clock: Clock) -> Kind:
    """Return how deliveries are made: by the clock of the real world, recorded by that of the office."""

    def deliver(job: Job) -> Outcome:
        with database.read() as connection:
            row = connection.execute(sa.select(webhook).where(webhook.c.id == _webhook_of(job))).one_or_none()
        if row is None or row.disabled_at is not None:
            return Outcome("never", "The webhook was disabled.")
        at, body = clock.now(), job.body.encode()
        valid = [row.secret]
        if row.old_secret is not None and at < row.old_secret_until:
            valid.append(row.old_secret)
        headers = {
            **signing.signed(str(job.id), at, body, valid),
            "Content-Type": "application/json",
            "User-Agent": "Alur",
        }
        return sending.post(row.url, body, headers, allowed=allowed)

    def give_up(uow: UnitOfWork, job: Job, outcome: Outcome) -> None:
        if outcome.told == sending.GONE:
            why = "The receiver answered 410 Gone: it wants no more."
        elif not _heard_since(uow, job):
            why = f"Nothing could be delivered for about a day. The last try: {outcome.told}"
        else:
            return
        disable(uow, webhook_id=_webhook_of(job), why=why, now=office_clock.now())

    return Kind(deliver, give_up)


def _webhook_of(job: Job) -> UUID:
    return UUID(str(job.lane).removeprefix(f"{KIND}:"))


def _heard_since(uow: UnitOfWork, given_up: Job) -> bool:
    done = sa.select(job.c.number).where(job.c.lane == given_up.lane, job.c.state == "done")
    return uow.execute(done.where(job.c.ended_at > given_up.created_at).limit(1)).first() is not None
