"""Timezones from one source, the package tzdata: those of Python and DuckDB differ, and become outdated."""

import copyreg
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_STEP = timedelta(days=1)  # no zone changes its clocks twice in a day


class Zone(ZoneInfo):
    """A timezone of tzdata that can be pickled, so that frames with its times can be, too.

    It has no `__reduce__` of its own: with one, pandas would replace it with the system's zone of the same name.
    """


@cache
def names() -> frozenset[str]:
    """Return the names of all timezones that tzdata has."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


@cache
def zone(name: str) -> Zone:
    """Return the timezone of a tzdata name; raise ZoneInfoNotFoundError for any other."""
    if name not in names():
        raise ZoneInfoNotFoundError(f"tzdata has no timezone {name!r}")
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return Zone.from_file(file, key=name)


def _reduced(timezone: Zone) -> tuple[Callable[[str], ZoneInfo], tuple[str]]:
    return zone, (timezone.key,)


copyreg.pickle(Zone, _reduced)  # type: ignore[arg-type]  # typeshed expects a function that returns a Zone


@lru_cache(maxsize=64)
def offsets(timezone: tzinfo, first: datetime, last: datetime) -> tuple[tuple[datetime, timedelta], ...]:
    """Return the offsets from UTC between two instants, each with the instant from which it applies."""
    first, last = first.astimezone(UTC), last.astimezone(UTC)
    found = [(first, _offset(first, timezone))]
    before = first
    while before < last:
        after = min(before + _STEP, last)
        if _offset(after, timezone) != found[-1][1]:
            change = _change(before, after, timezone)
            found.append((change, _offset(change, timezone)))
        before = after
    return tuple(found)


def _change(before: datetime, after: datetime, timezone: tzinfo) -> datetime:
    """Return the second in which the clocks change between two instants."""
    low, high = int(before.timestamp()), -int(-after.timestamp() // 1)
    offset = _offset(before, timezone)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(_at(middle), timezone) == offset else (low, middle)
    return _at(high)


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _offset(moment: datetime, timezone: tzinfo) -> timedelta:
    return moment.astimezone(timezone).utcoffset() or timedelta()
