"""Timezones for the sandbox, from the package tzdata, so that it reckons alike on every system."""

from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo


@cache
def zone(name: str) -> ZoneInfo:
    """Read a timezone by its name; one that tzdata does not have is UTC, since a workspace may be given any name."""
    try:
        with resources.files("tzdata").joinpath("zoneinfo", *str(name).split("/")).open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    except OSError:
        return ZoneInfo("UTC")
