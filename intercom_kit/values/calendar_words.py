"""Days, weeks, months, quarters and years as analysts name them, such as "last quarter" and "2026-09"."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

_DAY = timedelta(days=1)
_QUARTER = re.compile(r"(?:(\d{4})[- ]?q([1-4]))|(?:q([1-4])(?:[- ](\d{4}))?)")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-?w(\d{2})")
_NAMED_MONTH = re.compile(r"([a-z]{3,9})(?: (\d{4}))?")

Days = tuple[date, date]


def days(text: str, today: date) -> Days | None:
    """Return the first day of the period that a text names, and the first day after it; None if it names none.

    A weekday, month or quarter without a year is the latest that has begun. Raises ValueError for a day or week that no
    calendar has.
    """
    words = " ".join(text.lower().split())
    return next((found for read in _READERS if (found := read(words, today))), None)


def later(day: date, months: int) -> date:
    """Return the same day some months later, or earlier; the last of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _relative(words: str, today: date) -> Days | None:
    if words in ("today", "yesterday"):
        day = today - _DAY * (words == "yesterday")
        return day, day + _DAY
    which, _, unit = words.partition(" ")
    if which not in ("this", "last", "previous") or unit not in ("week", "month", "quarter", "year"):
        return None
    if unit == "week":
        first = today - _DAY * (today.weekday() + 7 * (which != "this"))
        return first, first + 7 * _DAY
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = today.replace(day=1, month=(today.month - 1) // months * months + 1)
    return _months(later(first, -months * (which != "this")), months)


def _weekday(words: str, today: date) -> Days | None:
    found = [number for number, name in enumerate(DAYS) if words in (name, name[:3])]
    if not found:
        return None
    day = today - _DAY * ((today.weekday() - found[0]) % 7)
    return day, day + _DAY


def _year(words: str, _: date) -> Days | None:
    return _months(date(int(words), 1, 1), 12) if re.fullmatch(r"\d{4}", words) else None


def _quarter(words: str, today: date) -> Days | None:
    if not (found := _QUARTER.fullmatch(words)):
        return None
    month = int(found[2] or found[3]) * 3 - 2
    year = int(found[1] or found[4] or today.year - (month > today.month))
    return _months(date(year, month, 1), 3)


def _month(words: str, _: date) -> Days | None:
    return _months(date(int(found[1]), int(found[2]), 1), 1) if (found := _MONTH.fullmatch(words)) else None


def _named_month(words: str, today: date) -> Days | None:
    found = _NAMED_MONTH.fullmatch(words)
    numbers = [number for number, name in enumerate(MONTHS, 1) if found and found[1] in (name, name[:3])]
    if not found or not numbers:
        return None
    year = int(found[2]) if found[2] else today.year - (numbers[0] > today.month)
    return _months(date(year, numbers[0], 1), 1)


def _week(words: str, _: date) -> Days | None:
    if not (found := _WEEK.fullmatch(words)):
        return None
    first = date.fromisocalendar(int(found[1]), int(found[2]), 1)
    return first, first + 7 * _DAY


def _date(words: str, _: date) -> Days | None:
    try:
        day = date.fromisoformat(words.upper())
    except ValueError:
        return None
    return day, day + _DAY


def _months(first: date, months: int) -> Days:
    return first, later(first, months)


_READERS: tuple[Callable[[str, date], Days | None], ...] = (
    *(_relative, _weekday, _year, _quarter, _month, _named_month, _week),
    _date,
)
