"""Timezones from the package tzdata, so that results are the same on every system."""

from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo


@cache
def zone(name: str) -> ZoneInfo:
    """Return a timezone by its name; unknown names are UTC, since a workspace may have any name."""
    try:
        with resources.files("tzdata").joinpath("zoneinfo", *str(name).split("/")).open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    except OSError:
        return ZoneInfo("UTC")
