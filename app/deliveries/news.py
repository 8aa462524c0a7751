"""What is new to people, by e-mail, to those who asked for it: one message for some minutes, not one for each act."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from app.audit import feed
from app.audit.feed import Place
from app.audit.models import event
from app.core.clock import Clock
from app.core.database import Database
from app.core.unit_of_work import UnitOfWork
from app.deliveries.mail import KIND
from app.deliveries.models import mail_follower
from app.identity.directory import Directory
from app.identity.models import user_account
from app.identity.office import Actor
from app.instances.models import TaskState, process_instance, user_task
from app.jobs import queue

EVERY = timedelta(minutes=5)
_MOST_LINES = 50
_OF_UNIT = "unit:"
_ASSIGNED = "task.assigned"
_RETURNED = "dikembalikan"

ASSIGNED = "Ditugaskan kepada Anda"
BACK = "Dikembalikan untuk diperbaiki"
OPENED = "Tugas baru untuk jabatan Anda"


@dataclass(slots=True)
class _Acts:
    """What some minutes brought: who did what opened tasks in which instance, and who was given which task."""

    opened: dict[tuple[UUID, datetime], tuple[str, bool]] = field(default_factory=dict)
    assigned: dict[UUID, tuple[str, str]] = field(default_factory=dict)


def tell_news(database: Database, directory: Directory, clock: Clock, office_clock: Clock, public_url: str) -> int:
    """Put into the queue what is new to each person who wants it, at most every five minutes; returns 0.

    How far it has come and the e-mails are one transaction: nothing is passed over, and nothing is queued twice. Acts
    of a time when nobody wanted news are not told later.
    """
    now = clock.now()
    with database.read() as connection:
        told_at = connection.execute(sa.select(mail_follower.c.told_at)).scalar_one_or_none()
    if told_at is None or told_at <= now - EVERY:
        database.write(lambda uow: _tell(uow, directory, now, office_clock.now(), public_url))
    return 0


def _tell(uow: UnitOfWork, directory: Directory, now: datetime, office_now: datetime, public_url: str) -> None:
    row = uow.connection.execute(sa.select(mail_follower).with_for_update(skip_locked=True)).one_or_none()
    wanting = sa.select(user_account.c.username, user_account.c.name, user_account.c.news_to)
    people = uow.execute(wanting.where(user_account.c.is_active, user_account.c.news_to.is_not(None))).all()
    if row is None or not people:
        _remember(uow, feed.end(uow.connection), now)
        return
    if row.told_at > now - EVERY:
        # Another process was faster.
        return
    after = Place(row.after_transaction, row.after_position)
    last = feed.step(uow.connection, after)
    _remember(uow, last, now)
    acts = _acts(uow.connection, after, last)
    tasks = _open_tasks(uow.connection, acts)
    for person in people if tasks else ():
        actor = directory.load(uow.connection, person.username)
        news = _news_of(actor, tasks, acts, office_now)
        if news:
            text = _text(actor, news, office_now, public_url)
            body = {"to": person.news_to, "subject": f"Alur: {len(news)} kabar tugas untuk Anda", "text": text}
            queue.add(uow, kind=KIND, lane=KIND, body=orjson.dumps(body).decode(), now=now)


def _remember(uow: UnitOfWork, place: Place, now: datetime) -> None:
    """Write down how far the news have come; of two processes that do so for the first time, one does it."""
    insert = postgresql.insert if uow.dialect.name == "postgresql" else sqlite.insert
    place_now = {"after_transaction": place.transaction, "after_position": place.position, "told_at": now}
    uow.execute(
        insert(mail_follower).values(id=1, **place_now).on_conflict_do_update(index_elements=["id"], set_=place_now)
    )


def _acts(connection: Connection, after: Place, last: Place) -> _Acts:
    found = _Acts()
    columns = (event.c.chain_id, event.c.type, event.c.actor, event.c.at, event.c.content)
    query = sa.select(*columns).where(*feed.between(connection, after, last), event.c.chain_id.not_like(f"{_OF_UNIT}%"))
    for act in connection.execute(query.order_by(*feed.order(connection))):
        data = orjson.loads(act.content)["data"]
        if act.type == _ASSIGNED:
            found.assigned[UUID(data["task_id"])] = (data["assignee"], act.actor)
        elif data.get("opened"):
            returned = (data.get("variables") or {}).get("keputusan") == _RETURNED
            found.opened[(UUID(act.chain_id), act.at)] = (act.actor, returned)
    return found


def _open_tasks(connection: Connection, acts: _Acts) -> Sequence[Any]:
    """Return the tasks that these acts opened or assigned and that are open still, those due first in front."""
    instances = {instance_id for instance_id, _ in acts.opened}
    if not instances and not acts.assigned:
        return []
    columns = [user_task.c[name] for name in ("id", "instance_id", "name", "role_key", "unit_id", "assignee")]
    rows = connection.execute(
        sa.select(*columns, user_task.c.created_at, user_task.c.due_at, process_instance.c.title)
        .join(process_instance, process_instance.c.id == user_task.c.instance_id)
        .where(user_task.c.state == TaskState.OPEN)
        .where(sa.or_(user_task.c.instance_id.in_(instances), user_task.c.id.in_(list(acts.assigned))))
        .order_by(user_task.c.due_order, user_task.c.id)
    )
    # What an act opened was made in its very moment.
    return [row for row in rows if row.id in acts.assigned or (row.instance_id, row.created_at) in acts.opened]


def _news_of(actor: Actor, tasks: Iterable[Any], acts: _Acts, now: datetime) -> list[tuple[str, Any]]:
    """Return what of it is new to a person, each with its heading: nothing that he did himself, or a colleague took."""
    found: list[tuple[str, Any]] = []
    for task in tasks:
        assignee, by = acts.assigned.get(task.id, (None, None))
        if assignee == actor.username == task.assignee:
            if by != actor.username:
                found.append((ASSIGNED, task))
            continue
        by, returned = acts.opened.get((task.instance_id, task.created_at), (None, False))
        if by is None or by == actor.username or task.assignee not in (None, actor.username):
            continue
        if task.assignee == actor.username or task.role_key in actor.roles_in(task.unit_id, now):
            found.append((BACK if returned else OPENED, task))
    return found


def _text(actor: Actor, news: Sequence[tuple[str, Any]], now: datetime, public_url: str) -> str:
    lines = [f"Yth. {actor.name},", ""]
    shown = news[:_MOST_LINES]
    for heading in (ASSIGNED, BACK, OPENED):
        tasks = [task for one, task in shown if one == heading]
        if not tasks:
            continue
        lines += [f"{heading}:", ""]
        for task in tasks:
            lines.append(f"- {task.name} ({task.title})")
            if task.due_at is not None:
                zone = ZoneInfo(actor.office.units[task.unit_id].time_zone)
                lines.append(f"  tenggat {task.due_at.astimezone(zone):%d-%m-%Y pukul %H.%M}")
            if public_url:
                lines.append(f"  {public_url}/tugas/{task.id}")
        lines.append("")
    if len(news) > len(shown):
        lines += [f"dan {len(news) - len(shown)} lainnya.", ""]
    lines.append("Surel ini dikirim karena Anda memintanya di halaman Profil saya; di sana pula ia dapat dihentikan.")
    return "\n".join(lines) + "\n"
