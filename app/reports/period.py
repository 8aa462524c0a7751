"""The time that figures are about."""

from datetime import datetime, timedelta
from typing import NamedTuple

from app.core.problems import Invalid

LONGEST = timedelta(days=2 * 366)
USUAL = timedelta(days=365)


class Period(NamedTuple):
    """From one moment, which belongs to it, until another, which does not."""

    start: datetime
    end: datetime


def period_of(start: datetime | None, end: datetime | None, now: datetime) -> Period:
    """Return the period that is asked for: what is left out is now, and the 365 days before the end.

    Raises:
        Invalid: it ends before it begins, or is longer than two years.
    """
    end = now if end is None else end
    start = _before(end) if start is None else start
    if start >= end:
        raise _wrong("The period ends before it begins.")
    if end - start > LONGEST:
        raise _wrong("A period has at most two years. Ask for each of several.")
    return Period(start, end)


def _before(end: datetime) -> datetime:
    try:
        return end - USUAL
    except OverflowError:
        raise _wrong("There is no year before this one.") from None


def _wrong(message: str) -> Invalid:
    return Invalid(message, errors=[{"pointer": "?from", "message": message}])
