"""Pages of rows that are not the listed objects, but members of a list in each."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from intercom_kit.api.heads import Page
from intercom_kit.tables import Listing
from intercom_kit.tables.table import OWNER, ROWS
from intercom_kit.values.plain import id_text


def pages_of_rows(page: Page, listing: Listing, owner: Any = None) -> Iterator[Page]:
    """Yield the pages to load: the page itself, or if its rows are members of the objects, a page of each object.

    Such a page is the object, with its rows and its `owner`, if it belongs to another one. Entries that are no objects
    are rows of a page of their own, where they are counted as misfits.
    """
    if not listing.members:
        yield page
        return
    objects, others = _entries(page, listing)
    texts = [{**each, OWNER: owner, ROWS: _rows(each, listing)} for each in objects]
    if others:
        texts.append({ROWS: others})
    for number, each in enumerate(texts):
        first = number == 0
        yield replace(
            page,
            text=json.dumps(each),
            count=len(each[ROWS]),
            samples=(),
            nulls=page.nulls if first else 0,
            repaired=page.repaired and first,
        )


def owners_in(page: Page, listing: Listing) -> Iterator[tuple[str, Any]]:
    """Yield the id of each object in a page, and the object; those without an id are left out."""
    for each in page.members(listing.items):
        if id := id_text(each.get("id")):
            yield id, each


def _entries(page: Page, listing: Listing) -> tuple[list[dict[str, Any]], list[Any]]:
    """Return the objects that a page lists, and its entries that are none."""
    entries = page.whole()[listing.items]
    objects = [each for each in entries if isinstance(each, dict)]
    return objects, [each for each in entries if not isinstance(each, dict)]


def _rows(each: dict[str, Any], listing: Listing) -> list[Any]:
    """Return the members of an object that are rows; one without values for none, if the listing is `outer`."""
    lists = (_at(each, path.split(".")) for path in listing.members)
    rows = next((found for found in lists if isinstance(found, list)), [])
    return rows or ([{}] if listing.outer else [])


def _at(value: Any, keys: list[str]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
