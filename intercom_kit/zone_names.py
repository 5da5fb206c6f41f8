"""What a timezone is called by tzdata, where others call it otherwise and it is certain which they mean."""

import re
import tomllib
from functools import cache
from importlib import resources

from intercom_kit.zones import names

# How Rails writes a timezone in lists: "(GMT-08:00) Pacific Time (US & Canada)".
_OFFSET_BEFORE = re.compile(r"\((?:GMT|UTC)[+-]?[\d:]*\)\s*")


def standard(said: str) -> str | None:
    """Give tzdata's name of a timezone; None where it is not certain which is meant.

    Certain are tzdata's own names in any case, Rails' and Windows', and Rails' cities with their region before them, as
    "Europe/Edinburgh", which stands in the example of Intercom's documentation and in no zone data.
    """
    if said in names():
        return said
    name = _plain(_OFFSET_BEFORE.sub("", said))
    if found := _known().get(name):
        return found
    region, _, city = name.rpartition("/")
    found = _known().get(city)
    return found if found and found.casefold().startswith(f"{region}/") else None


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()


@cache
def _known() -> dict[str, str]:
    """Read the names that are kept as data; where they differ, tzdata's own come first, and Rails' next."""
    kept = tomllib.loads(resources.files("intercom_kit").joinpath("zone_names.toml").read_text("utf-8"))
    own = {_plain(name): name for name in sorted(names())}
    return {_plain(name): zone for name, zone in (kept["windows"] | kept["rails"]).items()} | own
