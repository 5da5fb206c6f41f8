"""Paths of single objects, with escaped ids that cannot lead to another endpoint."""

import dataclasses
from urllib.parse import quote

from intercom_kit.tables import Listing

# Endpoints beside single objects, which must not be taken for ids: the company "scroll" would open a scroll, and ".."
# would leave the path.
NO_IDS = frozenset({"scroll", "list", "search", "deleted", "find_by_external_id", "attributes", ".", ".."})


def filled(path: str, key: str) -> str:
    """Return a path with an escaped key in it."""
    return path.format(id=quote(key, safe=""))


def at(listing: Listing, key: str) -> Listing:
    """Return a listing with a key in its path, if that takes one."""
    return dataclasses.replace(listing, path=filled(listing.path, key))


def is_id(value: str) -> bool:
    """Return whether a value can be an id."""
    return bool(value.strip()) and value.strip() not in NO_IDS
