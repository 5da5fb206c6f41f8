"""Days and months as people write them, the same on every system: not every strftime can omit a day's leading zero."""

from datetime import date

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(moment: date, *, year: bool = True) -> str:
    """Return a day as text: 1 Nov 2026."""
    return f"{moment.day} {month(moment, year=year)}"


def month(moment: date, *, year: bool = True) -> str:
    """Return a month as text: Nov 2026."""
    return f"{_MONTHS[moment.month - 1]} {moment.year}" if year else _MONTHS[moment.month - 1]
