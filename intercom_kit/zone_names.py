"""The tzdata names of timezones that others, such as Rails and Windows, name differently."""

import re
import tomllib
from functools import cache
from importlib import resources

from intercom_kit.zones import names

# How Rails writes a timezone in lists: "(GMT-08:00) Pacific Time (US & Canada)".
_OFFSET_BEFORE = re.compile(r"\((?:GMT|UTC)[+-]?[\d:]*\)\s*")


def standard(name: str) -> str | None:
    """Return tzdata's name of a timezone, or None if the name is ambiguous or unknown.

    Recognised are tzdata's own names in any case, Rails' and Windows', and Rails' cities with their region before them,
    such as "Europe/Edinburgh", which is in the example of Intercom's documentation and in no zone data.
    """
    if name in names():
        return name
    plain = _plain(_OFFSET_BEFORE.sub("", name))
    if found := _known().get(plain):
        return found
    region, _, city = plain.rpartition("/")
    found = _known().get(city)
    return found if found and found.casefold().startswith(f"{region}/") else None


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()


@cache
def _known() -> dict[str, str]:
    """Return tzdata's name for each known name; tzdata's own names take precedence, then Rails'."""
    others = tomllib.loads(resources.files("intercom_kit").joinpath("zone_names.toml").read_text("utf-8"))
    own = {_plain(name): name for name in sorted(names())}
    return {_plain(name): zone for name, zone in (others["windows"] | others["rails"]).items()} | own
