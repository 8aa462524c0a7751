"""The clock of a demonstration's office: the real one, and ahead of it by what somebody has let pass.

Tasks, timers and deadlines follow it; sessions, tokens and kept answers stay in real time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.clock import Clock
from app.core.database import Database
from app.core.problems import Invalid
from app.core.unit_of_work import UnitOfWork
from app.demo.acts import lock_office, record
from app.demo.models import demo_clock
from app.identity.office import Office
from app.instances.office_time import calendar_of

_A_WORKING_DAY = timedelta(hours=7, minutes=30)


def _(text: str) -> str:
    """Mark a text for the catalogues; it is said when it is shown."""
    return text


class Leap(NamedTuple):
    """How far the clock may be moved in one go: working time, and its name."""

    amount: timedelta
    name: str


# A working day has 7 h 30 min, and a week five of them (Perpres 21/2023).
LEAPS: Mapping[str, Leap] = {
    "1j": Leap(timedelta(hours=1), _("1 jam kerja")),
    "1h": Leap(_A_WORKING_DAY, _("1 hari kerja")),
    "2h": Leap(2 * _A_WORKING_DAY, _("2 hari kerja")),
    "1m": Leap(5 * _A_WORKING_DAY, _("1 minggu")),
}


class ShiftedClock:
    """Tells the office's time of a demonstration; `real` is the clock that it is ahead of.

    The shift is kept in the database, so that all servers and restarts agree. A process reads it when it is first asked
    and whenever `refresh` is called, which a chore does every second: telling the time asks no database.
    """

    def __init__(self, database: Database, real: Clock) -> None:
        self.database = database
        self.real = real
        self._shift: timedelta | None = None

    def now(self) -> datetime:
        """Return the present moment of the office."""
        return self.real.now() + self.shift

    @property
    def shift(self) -> timedelta:
        """By how much the office is ahead, as this process knows it."""
        if self._shift is None:
            self.refresh()
        assert self._shift is not None
        return self._shift

    def refresh(self) -> None:
        """Read from the database by how much the office is ahead."""
        with self.database.read() as connection:
            self._shift = _shift(connection)


def advance(uow: UnitOfWork, clock: ShiftedClock, *, office: Office, actor: str, leap: str) -> datetime:
    """Let working time of the office pass; returns what its clock says then. Processes know it when they `refresh`.

    Raises:
        Invalid: it is none of the `LEAPS`.
    """
    if leap not in LEAPS:
        message = f"The clock cannot be moved by '{leap[:20]}'. There are: {', '.join(LEAPS)}."
        raise Invalid(message, errors=[{"pointer": "/maju", "message": message}])
    place = lock_office(uow, office)
    before = _shift(uow.connection)
    now = clock.real.now() + before
    later = calendar_of(office.units[place.unit_id].time_zone).add_working_time(now, LEAPS[leap].amount)
    # Up to the next whole second: a task that is due by then is due.
    seconds = int((before + (later - now)) / timedelta(seconds=1)) + 1
    if before:
        uow.write(sa.update(demo_clock).where(demo_clock.c.id == 1), {"shift_seconds": seconds})
    else:
        uow.write(sa.insert(demo_clock), {"id": 1, "shift_seconds": seconds})
    reached = now - before + timedelta(seconds=seconds)
    record(uow, place, "demo.clock_advanced", actor, now, {"from": now, "to": reached, "by": leap})
    return reached


def _shift(connection: Connection) -> timedelta:
    seconds = connection.execute(sa.select(demo_clock.c.shift_seconds)).scalar_one_or_none()
    return timedelta(seconds=seconds or 0)
