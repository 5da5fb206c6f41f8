"""Paths of single objects, with ids put in so that they lead nowhere else."""

import dataclasses
from urllib.parse import quote

from intercom_kit.tables import Listing

# Paths beside single objects, which an id must not lead to: asking for the company "scroll" would open a scroll, and
# for ".." would leave the path.
NO_IDS = frozenset({"scroll", "list", "search", "deleted", "find_by_external_id", "attributes", ".", ".."})


def filled(path: str, key: str) -> str:
    """Put a key into a path."""
    return path.format(id=quote(key, safe=""))


def at(listing: Listing, key: str) -> Listing:
    """Put a key into a listing's path, if it has a place for one."""
    return dataclasses.replace(listing, path=filled(listing.path, key))


def is_id(value: str) -> bool:
    """Return whether a value can be the id of something."""
    return bool(value.strip()) and value.strip() not in NO_IDS
