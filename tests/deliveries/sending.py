"""Lets an office send what is due, as its chores do every second."""

import time

import sqlalchemy as sa

from app.audit import feed
from app.audit.models import event
from app.bootstrap import kinds_of
from app.deliveries.webhooks import relay
from app.jobs import queue
from tests.office import Json, Office, settings_of


def send(office: Office, **settings: str) -> int:
    """Bring acts into the queue and do every job that is due; returns how many were done."""
    state, done = office.app.state, 0
    settle(office)
    while relay(office.database, state.directory, office.clock):
        pass
    given = {"webhook_allow": "127.0.0.1"} | settings
    kinds = kinds_of(settings_of(office.url, **given), office.database, office.clock, office.clock)
    while queue.work(office.database, kinds, office.clock):
        done += 1
    return done


def settle(office: Office) -> None:
    """Wait until everything that was written can be followed: other tests use the same PostgreSQL at the same time."""
    newest = sa.select(event.c.transaction_no, event.c.position).order_by(event.c.transaction_no.desc()).limit(1)
    with office.database.read() as connection:
        last = connection.execute(newest).one()
        deadline = time.monotonic() + 30
        while feed.end(connection).transaction < last.transaction_no:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def add(office: Office, url: str, *types: str, user: str = "admin", unit: str = "disnaker") -> Json:
    """Add a webhook and return it with its secret."""
    answer = office.post("webhooks", user, {"url": url, "unit": unit, "types": list(types)})
    assert answer.status_code == 201, answer.text
    content: Json = answer.json()
    return content


def deliveries(office: Office, webhook: Json, **params: str) -> list[Json]:
    """Return the deliveries of a webhook, the newest first."""
    found: list[Json] = office.read(f"webhooks/{webhook['id']}/deliveries", "admin", **params)["items"]
    return found
