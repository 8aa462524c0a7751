"""What is worked out of many single times: medians, late shares, and texts for spreadsheets."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from math import ceil
from statistics import median
from typing import Any

# What makes a spreadsheet take a text for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def median_of(minutes: Sequence[float]) -> str | None:
    """Return the median of working minutes as ISO 8601, in whole minutes; null for none."""
    return _written(median(minutes)) if minutes else None


def p90_of(minutes: Sequence[float]) -> str | None:
    """Return what nine of ten do not exceed (the nearest rank) as ISO 8601, in whole minutes; null for none."""
    return _written(sorted(minutes)[ceil(0.9 * len(minutes)) - 1]) if minutes else None


def share(part: int, whole: int) -> float | None:
    """Return a part of a whole from 0 to 1, to four digits; null where there is no whole."""
    return round(part / whole, 4) if whole else None


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return rows as CSV (RFC 4180, UTF-8) with a head; null is an empty cell.

    A text that a spreadsheet would work out as a formula gets an apostrophe in front: whoever names an SOP does not
    decide what runs on the computer of who opens its figures.
    """
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _written(minutes: float) -> str:
    return f"PT{int(minutes)}M"
