"""Whose days a query counts: SQL's are UTC's, which are not always those of the workspace."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from intercom_kit.errors import IntercomError

if TYPE_CHECKING:
    from intercom_kit.api.identity import Identity

# What makes days, weeks or hours of an instant, or a date without a timezone.
_MAKERS = (
    "date_trunc|date_part|datepart|datetrunc|extract|strftime|time_bucket|today|current_date|year|quarter|month|week|"
    "yearweek|day|dayname|monthname|dayofweek|dayofmonth|dayofyear|weekday|weekofyear|isodow|hour|last_day|eomonth|date|"
    "to_char|date_format|format_date|format_timestamp|datename|tostartofmonth|tostartofday"
)
_DAYS = re.compile(
    rf"\b({_MAKERS})\s*\(|::\s*date\b|\bas\s+date\b|\bcurrent_date\b|\bdate\s*'",
    re.IGNORECASE,
)
_TIMES = re.compile(r"\w_(?:at|since)\b|\bnow\s*\(|\bcurrent_timestamp\b|\binterval\b|\btimestamp", re.IGNORECASE)
_ZONED = re.compile(r"\bat\s+time\s+zone\b|\b(?:timezone|convert_timezone|convert_tz)\s*\(", re.IGNORECASE)


def clock_of(sql: str, identity: "Callable[[], Identity]") -> dict[str, Any]:
    """Return the timezone of a query about times, and how to count the workspace's own days where it counts days."""
    if not _DAYS.search(sql) and not _TIMES.search(sql):
        return {}
    if not _DAYS.search(sql) or _ZONED.search(sql):
        return {"timezone": "UTC"}
    try:
        known = identity()
    except IntercomError:
        return {"timezone": "UTC"}
    name = known.zone.key
    if not known.zone_is_known or name == "UTC":
        return {"timezone": "UTC"}
    how = f"days and hours are UTC's; for the workspace's, created_at at time zone '{name}'"
    return {"timezone": f"UTC: {how}"}
