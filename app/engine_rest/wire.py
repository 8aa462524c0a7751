"""Moments and links as Camunda's clients read and write them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core.paging import in_utc

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)", re.ASCII)


def moment_text(moment: datetime | None) -> str | None:
    """Return a moment as its clients parse it, always with milliseconds and a zone: 2026-08-03T03:00:00.000+0000."""
    if moment is None:
        return None
    # Zones of long ago were off by seconds, which this form has no place for.
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + moment.strftime("%z")[:5]


def parse_moment(text: str) -> datetime:
    """Return the moment, in UTC, that a client wrote; in an address its plus may have become a space.

    Raises:
        ValueError: it is no moment with a zone in the years 1 to 9999.
    """
    found = _MOMENT.fullmatch(re.sub(r" (?=\d\d:?\d\d$)", "+", text))
    if found is None:
        raise ValueError(text)
    seconds, fraction, zone = found.groups()
    return in_utc(datetime.fromisoformat(f"{seconds}.{(fraction or '0')[:6]:0<6}{zone}"))


def milliseconds(duration: timedelta) -> int:
    """Return a duration as whole milliseconds."""
    return duration // timedelta(milliseconds=1)


def duration_between(start: datetime, end: datetime | None) -> int | None:
    """Return the milliseconds from a start to an end, null while there is none."""
    return None if end is None else milliseconds(end.astimezone(UTC) - start.astimezone(UTC))


def self_link(base: str, path: str) -> list[dict[str, Any]]:
    """Return the links of a resource: the one to itself. `base` is the address of the engine without a last slash."""
    return [{"method": "GET", "href": f"{base}{path}", "rel": "self"}]
