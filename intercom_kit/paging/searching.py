"""Send searches; where Intercom refuses IN, rewrite it as comparisons joined by OR.

UNCONFIRMED [in-operator]: which fields of which searches take IN.
"""

from collections.abc import Mapping
from typing import Any

from intercom_kit.api.asking import Request
from intercom_kit.api.heads import Page
from intercom_kit.api.transport import Transport
from intercom_kit.errors import BadRequestError, TooManyValuesError
from intercom_kit.tables import Listing

LARGEST_GROUP, DEEPEST = 15, 2  # Intercom's own limits

Condition = Mapping[str, Any]


async def search(transport: Transport, listing: Listing, body: Mapping[str, Any]) -> Page:
    """Return a page of a search; where IN is refused, retry without it, and avoid it from then on.

    Raises TooManyValuesError where the query without IN would be larger than Intercom allows.
    """
    refused = listing.path in transport.without_in
    rewritten = {**body, "query": spelled_out(body["query"])} if refused else body
    try:
        return await transport.send(
            Request(listing.method, listing.path, query=listing.query, body=rewritten, items=listing.items)
        )
    except BadRequestError as error:
        if refused or error.status != 400 or not _has_in(body["query"]):
            raise
        transport.without_in.add(listing.path)
        return await search(transport, listing, body)


def spelled_out(query: Condition) -> Condition:
    """Return a query with each IN rewritten as comparisons joined by OR."""
    rewritten = _spelled_out(query)
    if _depth(rewritten) > DEEPEST or not _fits(rewritten):
        raise TooManyValuesError(
            f"Intercom's search takes no list of values here, and at most {LARGEST_GROUP} of them one by one: ask for "
            "fewer at a time, or filter the frame.",
            status=400,
        )
    return rewritten


def can_be_spelled_out(condition: Condition) -> bool:
    """Return whether a condition can be rewritten without IN, also as one of several conditions."""
    rewritten = _spelled_out({"operator": "AND", "value": [condition, condition]})
    return _depth(rewritten) <= DEEPEST and _fits(rewritten)


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
