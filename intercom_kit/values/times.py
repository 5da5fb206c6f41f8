"""Times as analysts write them, read as instants."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from intercom_kit.errors import BadTimeError
from intercom_kit.values.plain import plain

Time = str | date | datetime

_AGO = re.compile(r"(\d+)\s*(h|d|w|hours?|days?|weeks?)(\s+ago)?", re.IGNORECASE)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def instant(value: Any, timezone: tzinfo, now: datetime | None = None) -> datetime:
    """Return the instant of "30d", "12h", "2w", "today", "yesterday", "2026-01-31", ISO text, a date or datetime.

    A time without a timezone is read in the workspace's timezone. Raises BadTimeError for anything else.
    """
    now = now or datetime.now(UTC)
    moment = plain(value)
    if isinstance(moment, datetime):
        return _aware(moment, timezone)
    if isinstance(moment, date):
        return datetime.combine(moment, time(), timezone)
    if isinstance(moment, str):
        found = _from_text(moment.strip(), timezone, now)
        if found is not None:
            return found
    raise BadTimeError(
        f"{value!r} is not a time. Use an age such as '12h', '30d' or '2w', 'today', 'yesterday', a date such as "
        "'2026-01-31', ISO text such as '2026-01-31T09:30+01:00', or a date or datetime."
    )


def in_order(since: datetime | None, until: datetime | None) -> None:
    """Raise BadTimeError if a span ends before it begins."""
    if since and until and since > until:
        raise BadTimeError(f"since is later than until ({since:%Y-%m-%d %H:%M} and {until:%Y-%m-%d %H:%M}): swap them.")


def _from_text(text: str, timezone: tzinfo, now: datetime) -> datetime | None:
    if ago := _AGO.fullmatch(text):
        try:
            return now - int(ago[1]) * _UNITS[ago[2][0].lower()]
        except OverflowError:
            return None
    midnight = datetime.combine(now.astimezone(timezone).date(), time(), timezone)
    if text.lower() in ("today", "yesterday"):
        return midnight if text.lower() == "today" else _aware((midnight - timedelta(days=1)), timezone)
    try:
        return _aware(datetime.fromisoformat(text), timezone)
    except ValueError:
        return None


def _aware(moment: datetime, timezone: tzinfo) -> datetime:
    return moment.replace(tzinfo=timezone) if moment.tzinfo is None else moment
