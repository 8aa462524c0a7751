"""What time it is, as something that a test or a demonstration can choose."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the moment of an act, aware and in UTC."""

    def now(self) -> datetime:
        """Return the present moment."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the present moment, to the microsecond."""
        return datetime.now(UTC)
