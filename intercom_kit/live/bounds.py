"""Bounds of a search in time, a little too wide.

UNCONFIRMED: whether `>` and `<` find the bound itself, and whether contacts' whole days are the workspace's or UTC's.
"""

from datetime import datetime, time, timedelta, tzinfo


def wider(second: int, operator: str, days: tzinfo | None) -> int:
    """Give the value with which `>` (or `<`) surely finds a second and all after (or before) it.

    With `days`, the timezone in which a search compares whole days: `>` then finds what comes after the day of its
    value, and `<` what comes before it. Two days off instead of one, since sources differ on whether the days are the
    workspace's or UTC's.
    """
    sign = {">": -1, "<": 1}[operator]
    if days is None:
        return second + sign
    day = datetime.fromtimestamp(second, days).date() + timedelta(days=2 * sign)
    return int(datetime.combine(day, time(12), days).timestamp())
