"""The time that an SOP allows for an activity (`waktu` of the mutu baku), written as an ISO 8601 duration."""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from app.core.text import Text

WORKING_DAYS_A_WEEK = 5
WORKING_DAY_SECONDS = 450 * 60

_MAX_LENGTH = 40
_MAX_MONTHS = 120
_MAX_DAYS = 10 * 52 * WORKING_DAYS_A_WEEK
_MAX_SECONDS = _MAX_DAYS * WORKING_DAY_SECONDS

_DURATION = re.compile(
    r"P(?=[0-9T])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?"
)


class Fault(NamedTuple):
    """What is wrong with a standard time, said of it (`is zero`), and the sentence that says what to write instead."""

    text: Text
    remedy: Text


class StandardTimeInvalid(ValueError):
    """The text or the numbers are not a time that an SOP can allow; `fault` says why, to analysts in both languages."""

    def __init__(self, fault: Fault, written: str | None = None) -> None:
        about = "A standard time" if written is None else repr(written[:_MAX_LENGTH])
        super().__init__(f"{about} {fault.text.en}. {fault.remedy.en}")
        self.fault = fault


_NEGATIVE: Final = Fault(
    Text("bernilai negatif", "is negative"),
    Text("Tulis waktu yang lebih panjang dari nol.", "Write one that is longer than zero."),
)
_ZERO: Final = Fault(
    Text("bernilai nol", "is zero"),
    Text(
        "Tulis waktu yang lebih panjang dari nol, atau hapus bila tidak ditetapkan.",
        "Write one that is longer than zero, or remove it if none is set.",
    ),
)
_TOO_LONG: Final = Fault(
    Text("lebih dari sepuluh tahun", "is longer than ten years"),
    Text(
        "Tulis paling lama P10Y, P120M, P520W, P2600D, atau PT19500H.",
        "Write at most P10Y, P120M, P520W, P2600D or PT19500H.",
    ),
)
_FRACTION: Final = Fault(
    Text("memuat pecahan", "has a fraction"),
    Text(
        "Pakai satuan yang lebih kecil, misalnya PT90M untuk satu setengah jam.",
        "Use a smaller unit, such as PT90M for an hour and a half.",
    ),
)
_NO_DURATION: Final = Fault(
    Text("tidak dapat dibaca", "is not an ISO 8601 duration"),
    Text(
        "Tulis misalnya PT30M, P2D, P1W, P1M, atau P1DT4H.",
        "Write for example PT30M, P2D, P1W, P1M or P1DT4H.",
    ),
)
_TOO_MANY_SIGNS: Final = Fault(
    Text(f"lebih dari {_MAX_LENGTH} karakter", f"has more than {_MAX_LENGTH} characters"), _NO_DURATION.remedy
)


@dataclass(frozen=True, slots=True)
class StandardTime:
    """An allowance in the three measures of an office: calendar months, working days and working seconds.

    They are kept apart, because none can be turned into another without a calendar and a starting day.

    Raises:
        StandardTimeInvalid: nothing is allowed, a part is negative, or a part exceeds ten years of work.
    """

    months: int = 0
    days: int = 0
    seconds: int = 0

    def __post_init__(self) -> None:
        if min(self.months, self.days, self.seconds) < 0:
            raise StandardTimeInvalid(_NEGATIVE)
        if not (self.months or self.days or self.seconds):
            raise StandardTimeInvalid(_ZERO)
        if self.months > _MAX_MONTHS or self.days > _MAX_DAYS or self.seconds > _MAX_SECONDS:
            raise StandardTimeInvalid(_TOO_LONG)


def parse_standard_time(text: str) -> StandardTime:
    """Read an ISO 8601 duration as working time.

    `PT…` is working hours, minutes and seconds, so `PT24H` is more than three days of work; `PnD` is
    working days, `P1W` five of them; `P1M` is a month of the calendar and `P1Y` twelve. Only whole numbers.

        >>> parse_standard_time("P1W")
        StandardTime(months=0, days=5, seconds=0)
        >>> parse_standard_time("P1DT4H")
        StandardTime(months=0, days=1, seconds=14400)

    Raises:
        StandardTimeInvalid: the text is no such duration, or one that is zero, negative, fractional or too long.
    """
    if len(text) > _MAX_LENGTH:
        raise StandardTimeInvalid(_TOO_MANY_SIGNS, text)
    match = _DURATION.fullmatch(text)
    if match is None:
        raise StandardTimeInvalid(_what_is_wrong(text), text)
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    try:
        return StandardTime(
            months=years * 12 + months,
            days=weeks * WORKING_DAYS_A_WEEK + days,
            seconds=hours * 3600 + minutes * 60 + seconds,
        )
    except StandardTimeInvalid as refusal:
        raise StandardTimeInvalid(refusal.fault, text) from None


def _what_is_wrong(text: str) -> Fault:
    if re.match(r"-P|P.*-", text):
        return _NEGATIVE
    return _FRACTION if re.match(r"P.*[.,]", text) else _NO_DURATION
