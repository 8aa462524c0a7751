"""The time that an SOP allows for an activity (`waktu` of the mutu baku), written as an ISO 8601 duration."""

import re
from dataclasses import dataclass

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


class StandardTimeInvalid(ValueError):
    """The text or the numbers are not a time that an SOP can allow; the message says what is wrong."""


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
            raise StandardTimeInvalid("A standard time must not be negative.")
        if not (self.months or self.days or self.seconds):
            raise StandardTimeInvalid("A standard time must be longer than zero.")
        if self.months > _MAX_MONTHS or self.days > _MAX_DAYS or self.seconds > _MAX_SECONDS:
            raise StandardTimeInvalid("A standard time must not be longer than ten years.")


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
        raise StandardTimeInvalid(f"A standard time has at most {_MAX_LENGTH} characters, this has {len(text)}.")
    match = _DURATION.fullmatch(text)
    if match is None:
        raise StandardTimeInvalid(f"{text!r} {_what_is_wrong(text)}")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    try:
        return StandardTime(
            months=years * 12 + months,
            days=weeks * WORKING_DAYS_A_WEEK + days,
            seconds=hours * 3600 + minutes * 60 + seconds,
        )
    except StandardTimeInvalid as refusal:
        raise StandardTimeInvalid(f"{text!r}: {refusal}") from None


def _what_is_wrong(text: str) -> str:
    if re.match(r"-P|P.*-", text):
        return "is negative; a standard time must be longer than zero."
    if re.match(r"P.*[.,]", text):
        return "has a fraction; use a smaller unit, such as PT90M for an hour and a half."
    return "is not an ISO 8601 duration; write for example PT30M, P2D, P1W, P1M or P1DT4H."
