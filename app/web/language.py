"""The two languages of the pages: Indonesian, in which they are written, and English, from the catalogues beside.

A text of a template or of a page's code is its own key; `translations/en/*.po` give the English of each, one catalogue
a screen. They are read when the pages are loaded, so nothing has to be compiled.
"""

from datetime import date, datetime, timedelta
from functools import cache, cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from app.calendar.standard_time import StandardTimeInvalid, parse_standard_time
from app.core.text import Text
from app.instances.office_time import calendar_of

# Each room of the house that has pages brings its own.
_ROOMS = Path(__file__).parents[1]
CATALOGUES = "*/translations/en/*.po"
INDONESIAN, ENGLISH = "id", "en"
LANGUAGES = (INDONESIAN, ENGLISH)

# Their names on the wall of an office: tzdata names them by cities, CLDR in full.
_ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
_MINUTES_A_DAY = 450
_TO = "\N{EN DASH}"


def english_texts() -> Catalog:
    """Return the English of every text, put together from the catalogues of the screens.

    Raises:
        ValueError: two catalogues give one text two translations.
    """
    together = Catalog(locale=ENGLISH)
    for path in sorted(_ROOMS.glob(CATALOGUES)):
        with path.open("rb") as file:
            for message in read_po(file, locale=ENGLISH):
                if not message.id:
                    continue
                there = together.get(message.id)
                if there is not None and there.string != message.string:
                    raise ValueError(f"{path.name}: '{message.id}' is translated otherwise in another catalogue.")
                together.add(message.id, message.string)
    return together


@cache
def translations_of(language: str) -> NullTranslations:
    """Return the texts of a language, for templates and code."""
    if language == INDONESIAN:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, english_texts())
    compiled.seek(0)
    return Translations(compiled)


@lru_cache(maxsize=4_096)
def _date_in_words(day: date, pattern: str, locale: str) -> str:
    """Return a date as a language writes it; a page says the same few dates again and again."""
    return format_date(day, pattern, locale=locale)


@lru_cache(maxsize=4_096)
def _number_in_digits(number: float, locale: str) -> str:
    return format_decimal(number, locale=locale)


class Speech:
    """How texts, moments and times are said to one reader: in his language, by the clock of his office."""

    def __init__(self, language: str, time_zone: str) -> None:
        self.language = language
        self.time_zone = time_zone
        self.zone = ZoneInfo(time_zone)
        self.zone_name = _ZONE_NAMES.get(time_zone, time_zone)
        self._locale = "id_ID" if language == INDONESIAN else "en_GB"

    @cached_property
    def translations(self) -> NullTranslations:
        """The texts of his language."""
        return translations_of(self.language)

    def __call__(self, text: str, **values: Any) -> str:
        """Return a text of the pages, which is written in Indonesian, with its values put in."""
        said: str = self.translations.gettext(text)
        return said % values if values else said

    def several(self, text: str, number: int, **values: Any) -> str:
        """Return a text that depends on a number, which is `%(n)s` in it; Indonesian has one form for all numbers."""
        said: str = self.translations.ngettext(text, text, number)
        return said % {"n": self.number(number), **values}

    def of(self, text: Text) -> str:
        """Return a text that comes in both languages, such as what the gate finds."""
        return text.id if self.language == INDONESIAN else text.en

    def number(self, number: float) -> str:
        """Return a number as it is written."""
        if isinstance(number, int) and 0 <= number < 1000:
            return str(number)
        return _number_in_digits(number, self._locale)

    def capped(self, number: int, most: int) -> str:
        """Return a number that is counted only so far: `1.000+` where it may be more."""
        return self.number(number) + ("+" if number >= most else "")

    def day(self, moment: datetime) -> str:
        """Return the date of a moment: `Senin, 23 November 2026`."""
        return _date_in_words(moment.astimezone(self.zone).date(), "EEEE, d MMMM y", self._locale)

    def short_day(self, moment: datetime) -> str:
        """Return the date of a moment in short: `23 Nov 2026`."""
        return _date_in_words(moment.astimezone(self.zone).date(), "d MMM y", self._locale)

    def date(self, day: date) -> str:
        """Return a date that has no hour, such as the last day of a mandate: `23 November 2026`."""
        return _date_in_words(day, "d MMMM y", self._locale)

    def clock(self, moment: datetime) -> str:
        """Return the time of day of a moment: `10.05`."""
        local = moment.astimezone(self.zone)
        return f"{local:%H.%M}" if self.language == INDONESIAN else f"{local:%H:%M}"

    def moment(self, moment: datetime) -> str:
        """Return a moment with its zone: `23 Nov 2026, 10.05 WIB`."""
        return f"{self.short_day(moment)}, {self.clock(moment)} {self.zone_name}"

    def span(self, earlier: datetime, later: datetime | None) -> str:
        """Return from when to when: the day once where it is one; what has not ended yet has its beginning alone."""
        if later is None:
            return self.moment(earlier)
        if earlier.astimezone(self.zone).date() == later.astimezone(self.zone).date():
            return f"{self.short_day(earlier)}, {self.clock(earlier)}{_TO}{self.clock(later)} {self.zone_name}"
        return f"{self.short_day(earlier)}, {self.clock(earlier)} {_TO} {self.moment(later)}"

    def working_minutes(self, earlier: datetime, later: datetime) -> int:
        """Return the minutes for which the office is open between two moments; none where the first is the later."""
        return int(calendar_of(self.time_zone).working_minutes(earlier, later)) if earlier < later else 0

    def working_time(self, minutes: float) -> str:
        """Return working time in its largest whole unit; a working day has 7 h 30 min (Perpres 21/2023)."""
        whole = int(minutes)
        if whole >= _MINUTES_A_DAY:
            return self.several("%(n)s hari kerja", whole // _MINUTES_A_DAY)
        if whole >= 60:
            return self.several("%(n)s jam kerja", whole // 60)
        return self.several("%(n)s menit kerja", whole)

    def deadline(self, due_at: datetime, now: datetime) -> str:
        """Return how much working time there is left until a deadline, or by how much it is missed."""
        if now > due_at:
            return self("Terlambat %(time)s", time=self.working_time(self.working_minutes(due_at, now)))
        return self("%(time)s lagi", time=self.working_time(self.working_minutes(now, due_at)))

    def waited(self, since: datetime, now: datetime) -> str:
        """Return for how much working time something has waited; what waits at night has come all the same."""
        if now - since < timedelta(minutes=1):
            return self("baru saja")
        return self.working_time(self.working_minutes(since, now))

    def standard_time(self, written: str) -> str:
        """Return a standard time of an SOP (ISO 8601) in words; what cannot be read stays as it is written."""
        try:
            standard = parse_standard_time(written)
        except StandardTimeInvalid:
            return written
        hours, minutes = divmod(standard.seconds // 60, 60)
        return " ".join(
            part
            for part in (
                standard.months and self.several("%(n)s bulan", standard.months),
                standard.days and self.several("%(n)s hari kerja", standard.days),
                hours and self.several("%(n)s jam", hours),
                minutes and self.several("%(n)s menit", minutes),
            )
            if part
        )
