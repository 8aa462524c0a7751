"""When a task is due: its row's standard time, counted in the working time of its unit's zone."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from app.calendar.standard_time import StandardTime
from app.calendar.working_time import WorkingCalendar


@cache
def calendar_of(time_zone: str) -> WorkingCalendar:
    """Return the working calendar of a zone: the hours of Perpres 21/2023, national holidays and cuti bersama."""
    return WorkingCalendar(zone=ZoneInfo(time_zone))


def due_at(opened: datetime, allowance: StandardTime | None, time_zone: str) -> datetime | None:
    """Return when a task that opened is due; null where the SOP sets no time."""
    return None if allowance is None else calendar_of(time_zone).due_at(opened, allowance)
