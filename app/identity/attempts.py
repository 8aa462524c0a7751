"""How often a password may be tried: limits that hold for every worker, and lock nobody out for good.

Of the failures of the last 15 minutes, 10 of one account from one address are enough; so are 100 of one account, or
100 from one address, but these two do not keep out whoever came in from that address within 30 days. So nobody guesses
for long, not with many names nor from many machines; and whoever means to lock somebody out can only do it from an
address where the person himself signs in, and for no longer than he goes on. A refused attempt is neither checked nor
counted, so the wait ends when it is said to.
"""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.database import Database
from app.core.ids import new_id
from app.core.text import Text
from app.core.unit_of_work import UnitOfWork
from app.identity.directory import Directory
from app.identity.errors import OldPasswordWrong, TooManyAttempts, WrongCredentials
from app.identity.models import sign_in_address, sign_in_failure
from app.identity.office import SYSTEM
from app.identity.people import find_person
from app.identity.record import record

WINDOW = timedelta(minutes=15)
MOST_OF_BOTH = 10
MOST_OF_ONE = 100
KNOWN_FOR = timedelta(days=30)
# A known address is written anew only when a day has passed.
_SEEN_ANEW = timedelta(days=1)

T = TypeVar("T")


class Attempt(NamedTuple):
    """Somebody's try to prove who he is: under which name, from which address, at what moment of real time."""

    username: str
    address: str
    now: datetime


class Attempts:
    """Counts what failed, in the database; the names are kept under the service's secret."""

    def __init__(self, database: Database, directory: Directory, secret: str) -> None:
        self._database = database
        self._directory = directory
        self._secret = secret.encode()

    def guard(self, attempt: Attempt, check: Callable[[], T]) -> T:
        """Return what a check of a password returns; counts it if it fails.

        It is counted before it is checked, so that of many at the same moment no more are checked than may be.

        Raises:
            TooManyAttempts: there were too many failures; nothing is checked.
            WrongCredentials, OldPasswordWrong: the check found the password wrong.
        """
        account, address = self._key("account", attempt.username), self._key("address", _network(attempt.address))
        with self._database.read() as connection:
            known = _last_seen(connection, account, address)
            _ensure_few(connection, account, address, known, attempt.now, counted=0)
        row = {"id": new_id(), "account": account, "address": address, "at": attempt.now}
        self._database.write(lambda uow: uow.write(sa.insert(sign_in_failure), row))
        try:
            with self._database.read() as connection:
                _ensure_few(connection, account, address, known, attempt.now, counted=1)
            found = check()
        except (WrongCredentials, OldPasswordWrong):
            self._tell_if_last(attempt, account, address)
            raise
        except BaseException:
            self._database.write(lambda uow: uow.write(_FORGET_ONE, {"one": row["id"]}))
            raise
        self._database.write(lambda uow: _welcome(uow, account, address, known, attempt.now))
        return found

    def _key(self, kind: str, name: str) -> bytes:
        return hmac.digest(self._secret, f"{kind}:{name}".encode(), "sha256")

    def _tell_if_last(self, attempt: Attempt, account: bytes, address: bytes) -> None:
        """Put into the trail that a limit is reached; a name that is no account's stays out of it."""
        with self._database.read() as connection:
            counts = {"account-and-address": MOST_OF_BOTH, "account": MOST_OF_ONE, "address": MOST_OF_ONE}
            failed = _failed_since(account, address, attempt.now - WINDOW)
            reached = [by for by, most in counts.items() if _count(connection, failed[by], most + 1) == most]
            if not reached:
                return
            person = find_person(connection, attempt.username)
            office = self._directory.office(connection)
        if not office.units:
            return
        home = office.nearest_to_root(office.roots if person is None else person.places(office, attempt.now))
        told = {"username": person.username} if person is not None else {}
        data = {**told, "address": attempt.address, "by": reached[0]}
        self._database.write(
            lambda uow: record(uow, "sign_in.blocked", actor=SYSTEM, unit_id=home, now=attempt.now, data=data)
        )


_FORGET_ONE = sa.delete(sign_in_failure).where(sign_in_failure.c.id == sa.bindparam("one"))
_C = sign_in_failure.c


def sweep(uow: UnitOfWork, now: datetime) -> None:
    """Forget what no limit asks for any more."""
    uow.write(sa.delete(sign_in_failure).where(_C.at < now - WINDOW))
    uow.write(sa.delete(sign_in_address).where(sign_in_address.c.at < now - KNOWN_FOR))


def _network(address: str) -> str:
    """Return what stands for an address: of IPv6 the network, since whoever has one address has all of it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


def _last_seen(connection: Connection, account: bytes, address: bytes) -> datetime | None:
    found: datetime | None = connection.execute(
        sa.select(sign_in_address.c.at).where(
            sign_in_address.c.account == account, sign_in_address.c.address == address
        )
    ).scalar_one_or_none()
    return found


def _failed_since(account: bytes, address: bytes, since: datetime) -> dict[str, sa.ColumnElement[bool]]:
    late, own, here = _C.at > since, _C.account == account, _C.address == address
    return {
        "account-and-address": sa.and_(own, here, late),
        "account": sa.and_(own, late),
        "address": sa.and_(here, late),
    }


def _count(connection: Connection, failed: sa.ColumnElement[bool], most: int) -> int:
    few = sa.select(_C.id).where(failed).limit(most).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(few)).scalar_one())


def _ensure_few(
    connection: Connection, account: bytes, address: bytes, known: datetime | None, now: datetime, *, counted: int
) -> None:
    """Refuse an attempt while too many failed; `counted` says how many of those counted are this very attempt."""
    failed = _failed_since(account, address, now - WINDOW)
    limits = {"account-and-address": MOST_OF_BOTH}
    if known is None or known < now - KNOWN_FOR:
        limits |= {"account": MOST_OF_ONE, "address": MOST_OF_ONE}
    ends = [
        at + WINDOW
        for by, most in limits.items()
        for at in connection.execute(
            sa.select(_C.at).where(failed[by]).order_by(_C.at.desc()).limit(1).offset(most - 1 + counted)
        ).scalars()
    ]
    if ends:
        raise too_many(max(ends) - now)


def too_many(wait: timedelta) -> TooManyAttempts:
    """Return the refusal of an attempt that comes too early."""
    seconds = max(1, ceil(wait.total_seconds()))
    minutes = (seconds + 59) // 60
    refusal = TooManyAttempts(
        Text(
            f"Terlalu sering gagal masuk. Coba lagi dalam {minutes} menit.",
            f"Signing in has failed too often. Try again in {minutes} minutes.",
        )
    )
    refusal.headers = {"Retry-After": str(seconds)}
    return refusal


def _welcome(uow: UnitOfWork, account: bytes, address: bytes, known: datetime | None, now: datetime) -> None:
    """Forget an account's failures from an address where its person has come in, and know the address."""
    uow.write(sa.delete(sign_in_failure).where(_C.account == account, _C.address == address))
    if known is None or known < now - _SEEN_ANEW:
        uow.write_rows(sign_in_address, [{"account": account, "address": address, "at": now}], changing=("at",))
