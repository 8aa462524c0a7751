"""Working time counted the slow way: minute by minute and day by day, straight from an office's plain data.

It shares no arithmetic with the code under test and knows whole minutes of local time only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.calendar.office import OfficeHours, SpecialDaysOf

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class SlowOffice:
    hours: OfficeHours
    special_days: SpecialDaysOf

    def open_minutes_of(self, day: date) -> list[datetime]:
        """The beginnings of all minutes of `day` during which the office is open."""
        special = self.special_days(day.year)
        if any(holiday.date == day for holiday in special.holidays):
            return []
        fasting = any(month.first <= day <= month.last for month in special.ramadan)
        week = self.hours.ramadan if fasting else self.hours.ordinary
        minutes = []
        for opening in week[day.weekday()]:
            minute = datetime.combine(day, opening.opens)
            while minute.time() < opening.closes:
                minutes.append(minute)
                minute += MINUTE
        return minutes

    def open_minutes_from(self, start: datetime) -> Iterator[datetime]:
        day = start.date()
        while True:
            yield from (minute for minute in self.open_minutes_of(day) if minute >= start)
            day += DAY

    def after_minutes(self, start: datetime, count: int) -> datetime:
        for passed, minute in enumerate(self.open_minutes_from(start), start=1):
            if passed == count:
                return minute + MINUTE
        raise AssertionError("unreachable: the minutes never end")

    def after_days(self, start: datetime, count: int) -> datetime:
        day = start.date()
        while count:
            day += DAY
            if self.open_minutes_of(day):
                count -= 1
        return self.closing(day)

    def after_months(self, start: datetime, count: int) -> datetime:
        """By hand: step to the month, take the date or its last, then look forward, then back, then beyond."""
        year, month = start.year, start.month
        for _ in range(count):
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        month_days = [day for day in (date(year, month, 1) + n * DAY for n in range(31)) if day.month == month]
        wanted = min(start.day, len(month_days))
        for day in month_days[wanted - 1 :] + month_days[wanted - 2 :: -1] * (wanted > 1):
            if self.open_minutes_of(day):
                return self.closing(day)
        return self.after_days(datetime.combine(month_days[-1], datetime.min.time()), 1)

    def closing(self, day: date) -> datetime:
        return self.open_minutes_of(day)[-1] + MINUTE

    def minutes_between(self, start: datetime, end: datetime) -> int:
        count = 0
        for minute in self.open_minutes_from(start):
            if minute >= end:
                break
            count += 1
        return count
