"""Send searches, also where Intercom takes no IN: several values are then asked for one by one, joined by OR.

UNCONFIRMED [in-operator]: which fields of which searches take IN.
"""

from collections.abc import Mapping
from typing import Any

from intercom_kit.api.heads import Page
from intercom_kit.api.transport import Transport
from intercom_kit.errors import BadRequestError, TooManyValuesError
from intercom_kit.tables import Listing

LARGEST_GROUP, DEEPEST = 15, 2  # Intercom's own limits

Condition = Mapping[str, Any]


async def search(transport: Transport, listing: Listing, body: Mapping[str, Any]) -> Page:
    """Send a search; where IN is refused, send it again without, and remember that.

    Raises TooManyValuesError where that would make a larger query than Intercom takes.
    """
    refused = listing.path in transport.without_in
    whole = {**body, "query": spelled_out(body["query"])} if refused else body
    try:
        return await transport.send(listing.method, listing.path, body=whole, items=listing.items)
    except BadRequestError as error:
        if refused or error.status != 400 or not _has_in(body["query"]):
            raise
        transport.without_in.add(listing.path)
        return await search(transport, listing, body)


def spelled_out(query: Condition) -> Condition:
    """Write a query without IN."""
    whole = _spelled_out(query)
    if _depth(whole) > DEEPEST or not _fits(whole):
        raise TooManyValuesError(
            f"Intercom's search takes no list of values here, and at most {LARGEST_GROUP} of them one by one: ask for "
            "fewer at a time, or filter the frame.",
            status=400,
        )
    return whole


def can_be_spelled_out(condition: Condition) -> bool:
    """Return whether a condition can be written without IN, beside others."""
    whole = _spelled_out({"operator": "AND", "value": [condition, condition]})
    return _depth(whole) <= DEEPEST and _fits(whole)


def _spelled_out(query: Condition) -> Condition:
    if query["operator"] == "IN":
        return _any([{**query, "operator": "=", "value": value} for value in query["value"]] or [query])
    if query["operator"] not in ("AND", "OR"):
        return query
    members = [_spelled_out(member) for member in query["value"]]
    return _any(members) if query["operator"] == "OR" else {"operator": "AND", "value": members}


def _any(members: list[Condition]) -> Condition:
    flat = [each for member in members for each in (member["value"] if member["operator"] == "OR" else [member])]
    return flat[0] if len(flat) == 1 else {"operator": "OR", "value": flat}


def _members(query: Condition) -> list[Condition]:
    return query["value"] if query["operator"] in ("AND", "OR") else []


def _depth(query: Condition) -> int:
    members = _members(query)
    return 1 + max(map(_depth, members), default=0) if members else 0


def _fits(query: Condition) -> bool:
    members = _members(query)
    return len(members) <= LARGEST_GROUP and all(map(_fits, members))


def _has_in(query: Condition) -> bool:
    return query["operator"] == "IN" or any(map(_has_in, _members(query)))
