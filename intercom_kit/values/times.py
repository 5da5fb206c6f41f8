"""Times as analysts write them: an instant, an age, or a period of the calendar; read in one place for all."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Literal

from intercom_kit.errors import BadTimeError
from intercom_kit.hints import hint
from intercom_kit.values.calendar_words import days, later
from intercom_kit.values.plain import plain
from intercom_kit.zones import Zone, names, zone

Time = str | int | float | date | datetime

_COUNT = r"(\d+)\s*(min|minutes?|h|hours?|d|days?|w|weeks?|months?|quarters?|y|years?)"
_AGO = re.compile(rf"-?{_COUNT}(?:\s+ago)?|(?:the\s+)?(?:last|past)\s+{_COUNT}", re.IGNORECASE)
_LENGTHS = {
    "mi": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_EPOCH = range(10**9, 10**10)  # from 2001, before Intercom, to 2286: seconds of ten digits

_FORMS = (
    "Use an age such as '12h', '30d', '2w' or '3 months'; a period such as 'today', 'monday', 'last week', "
    "'this quarter', '2026', '2026-09', '2026-Q3' or '2026-09-30'; ISO text such as '2026-01-31T09:30+01:00'; "
    "seconds since 1970; or a date or datetime."
)


def instant(value: Any, timezone: tzinfo, now: datetime | None = None) -> datetime:
    """Return the instant that a value names, or with which the period that it names begins.

    A time without a timezone is read in the one given. Raises BadTimeError for what is no time.
    """
    return _read(value, timezone, now)[0]


def end(value: Any, timezone: tzinfo, now: datetime | None = None) -> datetime:
    """Return the instant that a value names, or with which the period that it names is over.

    The last day of a period belongs to it. Raises BadTimeError for what is no time.
    """
    first, last = _read(value, timezone, now)
    return last or first


def edge(value: Any, which: Literal["since", "until"], timezone: tzinfo, now: datetime | None = None) -> datetime:
    """Return where a span begins that is given `since` a value, or where it ends, exclusive, if it is `until` one."""
    return (instant if which == "since" else end)(value, timezone, now)


def span(
    since: Any, until: Any, timezone: tzinfo, now: datetime | None = None, during: Any = None
) -> tuple[datetime | None, datetime | None]:
    """Return where a span begins, and ends, exclusive; `during` names both at once, and None leaves a side open.

    Raises BadTimeError for what is no time, for a span that ends before it begins, and for `during` beside the others.
    """
    if during is not None:
        if since is not None or until is not None:
            raise BadTimeError("during= says both where a span begins and where it ends: leave since and until out.")
        first, last = _read(during, timezone, now)
        if last is None and _age(during, timezone, now or datetime.now(UTC)) is None:
            raise BadTimeError(f"during={during!r} is an instant, not a period: say since= and until=, or name a day.")
        return first, last
    begins = None if since is None else instant(since, timezone, now)
    ends = None if until is None else end(until, timezone, now)
    in_order(begins, ends)
    return begins, ends


def in_order(begins: datetime | None, ends: datetime | None) -> None:
    """Raise BadTimeError if a span ends before it begins."""
    if begins and ends and begins > ends:
        told = f"{begins:%Y-%m-%d %H:%M} and {ends:%Y-%m-%d %H:%M}"
        raise BadTimeError(f"since is later than until ({told}): swap them.")


def clock(timezone: Any) -> Zone:
    """Return the timezone of a name, such as "America/New_York"; raise BadTimeError with similar names for others."""
    name = str(getattr(timezone, "key", timezone))
    if name not in names():
        raise BadTimeError(f"There is no timezone {name!r}: {hint(name, sorted(names()))}")
    return zone(name)


def _read(value: Any, timezone: tzinfo, now: datetime | None) -> tuple[datetime, datetime | None]:
    """Return the instant of a value, or both edges of the period that it names."""
    now, moment = now or datetime.now(UTC), plain(value)
    if isinstance(moment, datetime):
        return _aware(moment, timezone), None
    try:
        if isinstance(moment, date):
            return _midnights(moment, moment + timedelta(days=1), timezone)
        if isinstance(moment, str):
            return _from_text(moment.strip(), timezone, now)
        if isinstance(moment, int | float) and int(moment) in _EPOCH:
            return datetime.fromtimestamp(moment, UTC), None
    except (ValueError, OverflowError):
        pass
    raise BadTimeError(f"{value!r} is not a time. {_FORMS}")


def _from_text(text: str, timezone: tzinfo, now: datetime) -> tuple[datetime, datetime | None]:
    if ago := _age(text, timezone, now):
        return ago, None
    if named := days(text, now.astimezone(timezone).date()):
        return _midnights(*named, timezone)
    if text.lower() == "now":
        return now, None
    if text.isascii() and text.isdecimal() and int(text) in _EPOCH:
        return datetime.fromtimestamp(int(text), UTC), None
    return _aware(datetime.fromisoformat(text), timezone), None


def _age(value: Any, timezone: tzinfo, now: datetime) -> datetime | None:
    """Return the instant that lies a number of hours, days or months back; months keep day and clock time."""
    text = plain(value)
    found = _AGO.fullmatch(text.strip()) if isinstance(text, str) else None
    if not found:
        return None
    count, unit = int(found[1] or found[3]), (found[2] or found[4]).lower()
    for short, length in _LENGTHS.items():
        if unit.startswith(short):
            return now - count * length
    months = next(each for short, each in _MONTHS.items() if unit.startswith(short))
    local = now.astimezone(timezone)
    return datetime.combine(later(local.date(), -count * months), local.timetz())


def _midnights(first: date, last: date, timezone: tzinfo) -> tuple[datetime, datetime]:
    return datetime.combine(first, time(), timezone), datetime.combine(last, time(), timezone)


def _aware(moment: datetime, timezone: tzinfo) -> datetime:
    return moment.replace(tzinfo=timezone) if moment.tzinfo is None else moment
