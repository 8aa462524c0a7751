"""Timers of a model: ISO 8601 literals for a date, a duration or a cycle, read here and nowhere evaluated.

All arithmetic is done in UTC. Months and years follow the calendar: a month after 31 January is the last day of
February. A day is 24 hours; working time is another subject (`calendar`).
"""

import bisect
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Literal

from app.core.text import Text

MAX_YEARS = 10
MIN_PERIOD = timedelta(seconds=60)

TimerKind = Literal["date", "duration", "cycle"]

_DURATION = re.compile(
    r"P(?:(?P<years>N)Y)?(?:(?P<months>N)M)?(?:(?P<weeks>N)W)?(?:(?P<days>N)D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>N)H)?(?:(?P<minutes>N)M)?(?:(?P<seconds>N)S)?)?".replace(
        "N", r"[0-9]{1,9}(?:[.,][0-9]{1,9})?"
    )
)
_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_REPEATS = re.compile(r"R(?P<times>[0-9]{0,9})")
_CALENDAR_UNITS = {"years": 12, "months": 1}
_FIXED_UNITS = {
    "weeks": timedelta(weeks=1),
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
}
_MICROSECOND = timedelta(microseconds=1)
# Ten years from here hold three leap days, as many as ten years can: the bound on every duration.
_LONGEST_TEN_YEARS = datetime(2000, 1, 1, tzinfo=UTC)


class TimerRefused(Exception):
    """A timer that is not a literal of its kind or passes a limit; `text` says what to write."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class _Duration:
    """Whole calendar months, and a fixed length of time that is added after them."""

    months: int
    fixed: timedelta

    def after(self, moment: datetime, times: int = 1) -> datetime:
        month = moment.year * 12 + moment.month - 1 + self.months * times
        year, month = month // 12, month % 12 + 1
        day = min(moment.day, monthrange(year, month)[1])
        return moment.replace(year=year, month=month, day=day) + self.fixed * times


@dataclass(frozen=True, slots=True)
class Timer:
    """When something is due, as it was written in the model.

    `repeats` is how often a cycle fires in all, None where it has no end; a date and a duration fire once.
    """

    kind: TimerKind
    source: str
    repeats: int | None
    _start: datetime | None = None
    _duration: _Duration | None = None

    def first_due(self, now: datetime) -> datetime:
        """Return in UTC when the timer fires first, if it is set at `now`.

        A date may lie in the past: then it is due at once. A cycle whose start has passed keeps to its grid and fires
        at the first place on it that is not before `now`; what it missed is not made up for and not counted. Raises
        TimerRefused where a date is more than ten years ahead.
        """
        now = _in_utc(now)
        if self._start is None:
            return self._period.after(now)
        if self._start > _Duration(12 * MAX_YEARS, timedelta()).after(now):
            raise TimerRefused(
                Text(
                    f"Waktu '{self.source}' lebih dari {MAX_YEARS} tahun ke depan. Periksa tahunnya.",
                    f"The time '{self.source}' is more than {MAX_YEARS} years ahead. Check the year.",
                )
            )
        if self.kind == "date" or self._start >= now:
            return self._start
        return self._grid(self._start, now, included=True)

    def next_due(self, previous: datetime, now: datetime) -> datetime:
        """Return in UTC when a cycle that fires at `now`, and was due at `previous`, is due again.

        It keeps to its grid and lies after both: places on the grid that passed unattended are not made up for. With
        a start, months are counted from that start (31 Jan, 28 Feb, 31 Mar), else from `previous`.
        """
        if self.kind != "cycle":
            raise ValueError(f"a timer of the kind {self.kind} fires once")
        previous = _in_utc(previous)
        return self._grid(self._start or previous, max(previous, _in_utc(now)), included=False)

    @property
    def _period(self) -> _Duration:
        if self._duration is None:
            raise ValueError(f"a timer of the kind {self.kind} has no duration")
        return self._duration

    def _grid(self, start: datetime, bound: datetime, *, included: bool) -> datetime:
        """Return the first of start, start + period, … that lies after `bound` (or on it, if `included`)."""
        period = self._period
        shortest = timedelta(days=28) * period.months + period.fixed
        enough = max(0, (bound - start) // shortest) + 2
        search = bisect.bisect_left if included else bisect.bisect_right
        return period.after(start, search(range(enough), bound, key=lambda times: period.after(start, times)))


def parse_timer(kind: TimerKind, source: str, zone: tzinfo = UTC) -> Timer:
    """Read a literal such as `2026-08-17T09:00+07:00`, `P1DT12H` or `R3/PT1H`; raises TimerRefused.

    A date-time that names no zone is read in `zone`; a bare date means its first moment there. A cycle is
    `R[n]/duration` or `R[n]/start/duration`, and its period is at least a minute.
    """
    source = source.strip()
    if "${" in source or "#{" in source:
        raise TimerRefused(
            Text(
                "Pewaktu tidak menerima ungkapan ${…}. Tulis nilai tetap, misalnya PT1H atau 2026-08-17T09:00+07:00.",
                "A timer takes no expression ${…}. Write a fixed value, for example PT1H or 2026-08-17T09:00+07:00.",
            )
        )
    if kind == "date":
        return Timer(kind, source, 1, _start=_moment(source, zone))
    if kind == "duration":
        return Timer(kind, source, 1, _duration=_duration(source))
    return _cycle(source, zone)


def _cycle(source: str, zone: tzinfo) -> Timer:
    head, *rest = source.split("/")
    repeats = _REPEATS.fullmatch(head)
    if repeats is None or len(rest) not in (1, 2):
        raise TimerRefused(
            Text(
                f"Siklus '{_short(source)}' tidak dikenali. Tulis misalnya R3/PT1H (tiga kali, setiap jam), R/P1D "
                "(setiap hari tanpa akhir), atau R3/2026-08-17T09:00+07:00/P1M.",
                f"The cycle '{_short(source)}' is not understood. Write for example R3/PT1H (three times, every hour), "
                "R/P1D (every day without end) or R3/2026-08-17T09:00+07:00/P1M.",
            )
        )
    times = int(repeats["times"]) if repeats["times"] else None
    if times == 0:
        raise TimerRefused(
            Text(
                "R0 berarti tidak pernah. Tulis R1 atau lebih, atau R/ untuk siklus tanpa akhir.",
                "R0 means never. Write R1 or more, or R/ for a cycle without end.",
            )
        )
    period = _duration(rest[-1])
    if not period.months and period.fixed < MIN_PERIOD:
        raise TimerRefused(
            Text(
                "Jarak antarulangan kurang dari satu menit. Tulis PT1M (satu menit) atau lebih.",
                "The cycle repeats more often than once a minute. Write PT1M (a minute) or more.",
            )
        )
    start = _moment(rest[0], zone) if len(rest) == 2 else None
    return Timer("cycle", source, times, start, period)


def _duration(source: str) -> _Duration:
    match = _DURATION.fullmatch(source)
    parts = {} if match is None else {unit: number for unit, number in match.groupdict().items() if number}
    if not parts:
        raise TimerRefused(
            Text(
                f"Lama waktu '{_short(source)}' tidak dikenali. Tulis dengan huruf besar, misalnya P3D (tiga hari), "
                "PT1H30M (satu setengah jam), atau P1M (satu bulan).",
                f"The duration '{_short(source)}' is not understood. Write in capitals for example P3D (three days), "
                "PT1H30M (one and a half hours) or P1M (one month).",
            )
        )
    fractions = [unit for unit, number in parts.items() if not number.isdigit()]
    if fractions and (fractions != list(parts)[-1:] or fractions[0] in _CALENDAR_UNITS):
        raise TimerRefused(
            Text(
                "Pecahan hanya boleh pada bagian terakhir, bukan tahun atau bulan. Tulis P15D, bukan P0.5M.",
                "Only the last part may have decimals, years and months none. Write for example P15D, not P0.5M.",
            )
        )
    months = sum(int(parts[unit]) * size for unit, size in _CALENDAR_UNITS.items() if unit in parts)
    microseconds = sum(
        int(Decimal(parts[unit].replace(",", ".")) * (size // _MICROSECOND))
        for unit, size in _FIXED_UNITS.items()
        if unit in parts
    )
    _require_within_limits(months, microseconds)
    return _Duration(months, timedelta(microseconds=microseconds))


def _require_within_limits(months: int, microseconds: int) -> None:
    if not months and not microseconds:
        raise TimerRefused(
            Text(
                "Lama waktu harus lebih dari nol. Tulis misalnya PT1M (satu menit).",
                "The duration has to be longer than zero. Write for example PT1M (a minute).",
            )
        )
    bound = _LONGEST_TEN_YEARS.replace(year=_LONGEST_TEN_YEARS.year + MAX_YEARS)
    fits = months <= 12 * MAX_YEARS and microseconds <= (bound - _LONGEST_TEN_YEARS) // _MICROSECOND
    if not fits or _Duration(months, timedelta(microseconds=microseconds)).after(_LONGEST_TEN_YEARS) > bound:
        raise TimerRefused(
            Text(
                f"Lama waktu melebihi {MAX_YEARS} tahun. Tulis P{MAX_YEARS}Y atau kurang.",
                f"The duration is longer than {MAX_YEARS} years. Write P{MAX_YEARS}Y or less.",
            )
        )


def _moment(source: str, zone: tzinfo) -> datetime:
    match = _MOMENT.fullmatch(source)
    try:
        if match is None:
            raise ValueError("not a date or date-time")
        return datetime(
            int(match["year"]),
            int(match["month"]),
            int(match["day"]),
            int(match["hour"] or 0),
            int(match["minute"] or 0),
            int(match["second"] or 0),
            int((match["fraction"] or "0")[:6].ljust(6, "0")),
            tzinfo=zone if match["zone"] is None else _offset(match["zone"]),
        ).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise TimerRefused(
            Text(
                f"Waktu '{_short(source)}' tidak ada atau tidak dikenali. "
                "Tulis misalnya 2026-08-17 atau 2026-08-17T09:00:00+07:00.",
                f"The time '{_short(source)}' does not exist or is not understood. "
                "Write for example 2026-08-17 or 2026-08-17T09:00:00+07:00.",
            )
        ) from fault


def _offset(written: str) -> tzinfo:
    if written == "Z":
        return UTC
    digits = written[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        raise ValueError("no such offset from UTC")
    distance = timedelta(hours=hours, minutes=minutes)
    return timezone(-distance if written[0] == "-" else distance)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)


def _short(source: str) -> str:
    return source if len(source) <= 60 else source[:60] + "…"
