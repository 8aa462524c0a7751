"""Signed-in browsers: a session is a row that the server can take away, and the browser holds only its name.

The name is kept as its SHA-256, so whoever reads the database cannot be anybody. A session is never prolonged: an
office signs in once a day, and where it ends in the middle of a form, the pages keep what was typed.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.unit_of_work import UnitOfWork
from app.identity.models import user_account, user_session


class Session(NamedTuple):
    """A session that holds: its name, whose it is, and when it ends."""

    name: str
    username: str
    expires_at: datetime


def open_session(uow: UnitOfWork, *, username: str, now: datetime, lifetime: timedelta) -> Session:
    """Begin a session for somebody who has just proved who he is; its name is new, whatever the browser sent.

    His sessions that have ended are cleared away by this.
    """
    name = secrets.token_urlsafe(32)
    user_id = uow.execute(sa.select(user_account.c.id).where(user_account.c.username == username)).scalar_one()
    uow.execute(
        sa.delete(user_session).where(user_session.c.user_id == user_id, user_session.c.expires_at <= now),
    )
    session = Session(name, username, now + lifetime)
    row = {"key": _key(name), "user_id": user_id, "opened_at": now, "expires_at": session.expires_at}
    uow.execute(sa.insert(user_session), row)
    return session


def find_session(connection: Connection, name: str, now: datetime) -> Session | None:
    """Return the session of a name; null if it has ended, was taken away, or its person's account is closed."""
    row = connection.execute(
        sa.select(user_account.c.username, user_session.c.expires_at)
        .join(user_account, user_account.c.id == user_session.c.user_id)
        .where(user_session.c.key == _key(name), user_session.c.expires_at > now, user_account.c.is_active)
    ).one_or_none()
    return None if row is None else Session(name, row.username, row.expires_at)


def close_session(uow: UnitOfWork, name: str) -> None:
    """End a session; one that is not there stays so."""
    uow.execute(sa.delete(user_session).where(user_session.c.key == _key(name)))


def close_sessions(uow: UnitOfWork, user_id: UUID) -> int:
    """End all sessions of a person, as a new password or a closed account does; returns how many there were."""
    return uow.execute(sa.delete(user_session).where(user_session.c.user_id == user_id)).rowcount


class OpenSession(NamedTuple):
    """A session as its person sees it among others; `id` is worth nothing as a name."""

    id: str
    opened_at: datetime
    expires_at: datetime


def sessions_of(connection: Connection, username: str, now: datetime) -> list[OpenSession]:
    """Return the sessions of a person that hold, the latest first."""
    rows = connection.execute(
        sa.select(user_session.c.key, user_session.c.opened_at, user_session.c.expires_at)
        .where(user_session.c.user_id == _id_of(username), user_session.c.expires_at > now)
        .order_by(user_session.c.opened_at.desc(), user_session.c.key)
    )
    return [OpenSession(bytes(row.key).hex(), row.opened_at, row.expires_at) for row in rows]


def session_id(name: str) -> str:
    """Return the id of a session among those of its person."""
    return _key(name).hex()


def close_session_of(uow: UnitOfWork, username: str, wanted: str) -> bool:
    """End one session of a person, by its id; returns whether it was there."""
    own = user_session.c.user_id == _id_of(username)
    try:
        key = bytes.fromhex(wanted)
    except ValueError:
        return False
    return uow.execute(sa.delete(user_session).where(own, user_session.c.key == key)).rowcount == 1


def close_other_sessions(uow: UnitOfWork, session: Session) -> int:
    """End all sessions of a person but this one; returns how many there were."""
    own = user_session.c.user_id == _id_of(session.username)
    return uow.execute(sa.delete(user_session).where(own, user_session.c.key != _key(session.name))).rowcount


def _id_of(username: str) -> sa.ScalarSelect[UUID]:
    return sa.select(user_account.c.id).where(user_account.c.username == username).scalar_subquery()


def csrf_token(secret: str, name: str) -> str:
    """Return what a form of this session must bring along: nobody makes it without the service's secret."""
    return hmac.new(secret.encode(), b"csrf:" + _key(name), hashlib.sha256).hexdigest()


def _key(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
