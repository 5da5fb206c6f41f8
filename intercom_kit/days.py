"""Days and months as people write them, alike on every system: not all C libraries can leave out a day's zero."""

from datetime import date

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(moment: date, *, year: bool = True) -> str:
    """Write a day: 1 Nov 2026."""
    return f"{moment.day} {month(moment, year=year)}"


def month(moment: date, *, year: bool = True) -> str:
    """Write a month: Nov 2026."""
    return f"{_MONTHS[moment.month - 1]} {moment.year}" if year else _MONTHS[moment.month - 1]
