"""Office hours as analysts write them: a timezone, the hours of a week, and the days on which others hold."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from intercom_kit.errors import BadTimeError
from intercom_kit.hints import hint
from intercom_kit.values.plain import plain
from intercom_kit.zones import names

DAY = 24 * 60  # minutes
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOSED = "closed"
_AROUND_THE_CLOCK = "24/7"

_DASH = re.compile(r"\s*[-\u2013\u2014]\s*")
_GAP = re.compile(r"[,\s]+")
_SPAN = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")
_DATE = re.compile(r"(?:\d{4}-)?\d\d-\d\d")

WEEKLY = "give text such as 'Mon-Thu 09:00-17:00, Fri 09:00-13:00 14:00-16:00, Sat 22:00-02:00', or '24/7'."
HOLIDAYS = "give '2026-12-25' or a date, '12-25' for every year, or '2026-12-24 10:00-12:00' for other hours."

# Minutes of a day at which an interval begins and ends; the end may lie on the next day.
Interval = tuple[int, int]


@dataclass(frozen=True, init=False, repr=False)
class OfficeHours:
    """Office hours in a timezone: intervals of each week, and holidays and other days that replace them.

    `weekly` is text such as "Mon-Thu 09:00-17:00, Fri 09:00-13:00 14:00-16:00, Sat 22:00-02:00" or "24/7", or a mapping
    such as {"Mon-Fri": "09:00-17:00"}; an interval whose end is not after its beginning ends on the next day.
    `holidays` are days on which the office is closed: dates, "2026-12-25", or "12-25" for every year. Days with hours
    of their own are "2026-12-24 10:00-12:00", or a mapping such as {"2026-12-24": "10:00-12:00"}. A date is stronger
    than a day of every year, and that than the week. An interval belongs to the day on which it begins: a holiday does
    not shorten the one that began on the evening before.

    Raises BadTimeError with the right form for anything else.
    """

    zone: str
    days: tuple[tuple[str, tuple[Interval, ...]], ...]  # by name, date, or month and day; without intervals if closed

    def __init__(self, zone: str, weekly: Any, holidays: Any = ()) -> None:
        if not isinstance(zone, str) or zone not in names():
            nearest = hint(zone, names(), "give one such as Europe/Dublin.")
            raise BadTimeError(f"There is no timezone {zone!r}: {nearest}")
        object.__setattr__(self, "zone", zone)
        days = _read_week(plain(weekly)) | _read_holidays(plain(holidays))
        object.__setattr__(self, "days", tuple(days.items()))

    @classmethod
    def read(cls, text: str) -> "OfficeHours":
        """Return the office hours that are written as one text: timezone, week, and after a semicolon the holidays."""
        zone, _, rest = text.strip().partition(" ")
        weekly, _, holidays = rest.partition(";")
        return cls(zone, weekly, holidays)

    @property
    def holidays(self) -> list[str]:
        """The days that the week does not apply to, as text."""
        return [f"{day} {_written(spans)}" if spans else day for day, spans in self.days if day not in WEEKDAYS]

    @property
    def weekly(self) -> str:
        """The hours of the week, as text."""
        given = dict(self.days)
        week = [(day, given.get(day, ())) for day in WEEKDAYS]
        if all(spans == ((0, DAY),) for _, spans in week):
            return _AROUND_THE_CLOCK
        parts = []
        for spans, group in groupby(week, key=lambda each: each[1]):
            days = [day for day, _ in group]
            name = days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}"
            parts += [f"{name} {_written(spans)}"] if spans else []
        return ", ".join(parts)

    def __str__(self) -> str:
        return f"{self.zone} {self.weekly}" + (f"; {', '.join(self.holidays)}" if self.holidays else "")

    def __repr__(self) -> str:
        holidays = f", holidays={self.holidays!r}" if self.holidays else ""
        return f"OfficeHours({self.zone!r}, {self.weekly!r}{holidays})"


def clock(minute: int) -> str:
    """Return a minute of a day as text; the minutes of the next day begin again, except for midnight."""
    minute -= DAY if minute > DAY else 0
    return f"{minute // 60:02}:{minute % 60:02}"


def _written(spans: Iterable[Interval]) -> str:
    return " ".join(f"{clock(opens)}-{clock(closes)}" for opens, closes in spans)


def _read_week(weekly: Any) -> dict[str, tuple[Interval, ...]]:
    """Return the intervals of each day of the week; raise BadTimeError if there are none."""
    text = _joined(weekly) if isinstance(weekly, Mapping) else weekly
    if not isinstance(text, str):
        raise BadTimeError(f"The hours of a week cannot be {weekly!r}: {WEEKLY}")
    if text.strip() == _AROUND_THE_CLOCK:
        return dict.fromkeys(WEEKDAYS, ((0, DAY),))
    found: dict[str, list[Interval]] = {}
    days: list[str] = []
    given = True  # whether the days before have their hours
    for word in _words(text):
        if span := _interval(word):
            given = True
            for day in days:
                found.setdefault(day, []).append(span)
        else:
            days = [*([] if given else days), *_days(word, text)]
            given = False
        if not days:
            break
    if not found or not given or not days:
        raise BadTimeError(f"{text!r} are no hours of a week: {WEEKLY}")
    return {day: _in_order(found[day]) for day in WEEKDAYS if day in found}


def _read_holidays(holidays: Any) -> dict[str, tuple[Interval, ...]]:
    """Return the intervals of each day that the week does not apply to, none where it is closed."""
    found: dict[str, tuple[Interval, ...]] = {}
    for day, words in _each_holiday(holidays):
        if not _is_date(day):
            raise BadTimeError(f"{day!r} is no day of the calendar: {HOLIDAYS}")
        if day in found:
            raise BadTimeError(f"The holiday {day!r} is given twice: {HOLIDAYS}")
        spans = [] if words == [_CLOSED] else [_interval(word) for word in words]
        if None in spans:
            raise BadTimeError(f"{' '.join(words)!r} are no hours of {day}: {HOLIDAYS}")
        found[day] = _in_order(span for span in spans if span)
    return dict(sorted(found.items(), key=lambda each: (-len(each[0]), each[0])))


def _each_holiday(holidays: Any) -> list[tuple[str, list[str]]]:
    """Return the days as text, each with the words of its hours; in text, commas are between days, or between hours."""
    if isinstance(holidays, Mapping):
        return [(_day(day), _words(_text(hours))) for day, hours in holidays.items()]
    entries = holidays if isinstance(holidays, list) else [] if holidays is None else [holidays]
    found: list[tuple[str, list[str]]] = []
    for words in map(_words, ",".join(map(_day, entries)).split(",")):
        if found and words and _interval(words[0]):
            found[-1][1].extend(words)
        elif words:
            found.append((words[0], words[1:]))
    return found


def _day(day: Any) -> str:
    return day.isoformat()[:10] if isinstance(day, date) else str(day)


def _joined(weekly: Mapping[str, Any]) -> str:
    """Return a mapping from days to hours as text, without the days that are closed."""
    hours = {day: _text(spans) for day, spans in weekly.items()}
    return ", ".join(f"{day} {spans}" for day, spans in hours.items() if spans and spans != _CLOSED)


def _text(hours: Any) -> str:
    return " ".join(map(str, hours)) if isinstance(hours, list) else str(hours or "")


def _words(text: str) -> list[str]:
    return [word for word in _GAP.split(_DASH.sub("-", text)) if word]


def _interval(word: str) -> Interval | None:
    """Return the minutes of "09:00-17:00"; None for what is no such text, or no time of a day."""
    found = _SPAN.fullmatch(word)
    if not found:
        return None
    first, first_minute, last, last_minute = map(int, found.groups())
    opens, closes = first * 60 + first_minute, last * 60 + last_minute
    if first_minute > 59 or last_minute > 59 or opens >= DAY or closes > DAY or opens == closes:
        return None
    return opens, closes + (DAY if closes < opens else 0)


def _days(word: str, text: str) -> list[str]:
    """Return the days of "Mon" or "Fri-Mon"; raise BadTimeError for any other word."""
    numbers = [_weekday(name) for name in word.casefold().split("-")]
    if None in numbers or len(numbers) > 2:
        raise BadTimeError(f"{word!r} in {text!r} is neither a day nor a time: {WEEKLY}")
    first, last = numbers[0] or 0, numbers[-1] or 0
    return [WEEKDAYS[number % 7] for number in range(first, last + (7 if last < first else 0) + 1)]


def _weekday(name: str) -> int | None:
    known = [number for number, full in enumerate(_FULL) if len(name) >= 3 and full.startswith(name)]
    return known[0] if known else None


def _is_date(day: str) -> bool:
    """Return whether a text is a date, or a month and a day, such as 12-25."""
    try:
        date.fromisoformat(day if len(day) > 5 else f"2000-{day}")  # a leap year
    except ValueError:
        return False
    return bool(_DATE.fullmatch(day))


def _in_order(spans: Iterable[Interval]) -> tuple[Interval, ...]:
    return tuple(sorted(set(spans)))
