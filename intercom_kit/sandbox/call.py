"""One authorised request, as its endpoint sees it."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from intercom_kit.sandbox import pagination
from intercom_kit.sandbox.behaviours import Behaviours
from intercom_kit.sandbox.contents.fields import CONTACT_FIELDS, CONVERSATION_FIELDS, TICKET, TICKET_FIELDS, Field
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.contents.search import Rules, find_field, parse_query
from intercom_kit.sandbox.contents.store import Collection
from intercom_kit.sandbox.contents.workspace import Workspace
from intercom_kit.sandbox.errors import ApiError, bad_parameter
from intercom_kit.sandbox.faults import Faults
from intercom_kit.sandbox.pagination import Ordered, Request
from intercom_kit.sandbox.paging_faults import PagingFaults
from intercom_kit.sandbox.scroll import Scroll
from intercom_kit.sandbox.versions import PREVIEW, Version

CACHED_SEARCHES = 32
READ_TICKETS = "read_tickets"
PAGING_PARAMETERS = frozenset({"page", "per_page", "starting_after", "before", "turn", "scroll_param"})
ORDERS = ("ascending", "descending")


class Searches:
    """A cache of the rows that recent searches matched, so that later pages of a search cost nothing.

    A change of the data invalidates an entry; cursors stay stateless.
    """

    def __init__(self) -> None:
        self._cache: OrderedDict[tuple[Any, ...], Ordered] = OrderedDict()

    def run(
        self,
        collection: Collection,
        query: object,
        rules: Rules,
        sort: Field,
        *,
        descending: bool,
        without: Field | None = None,
    ) -> Ordered:
        """Return the matching rows in order, except those that have a value in the field `without`."""
        hidden = without and without.name
        key = (collection.version, json.dumps(query), rules.key, sort.name, descending, hidden)
        if key not in self._cache:
            rows, keys = collection.order(sort)
            if query is not None:
                rows = rows[parse_query(query, rules).rows(collection, rules)[rows]]
            if without is not None:
                rows = rows[collection.texts(without).missing[rows]]
            self._cache[key] = Ordered(rows, keys[rows], descending)
            if len(self._cache) > CACHED_SEARCHES:
                self._cache.popitem(last=False)
        self._cache.move_to_end(key)
        return self._cache[key]

    def clear(self) -> None:
        self._cache.clear()


@dataclass(frozen=True)
class Call:
    """One request: its parameters, and the workspace and behaviours that answer it."""

    workspace: Workspace
    searches: Searches
    scroll: Scroll
    address: str  # scheme, host, port and path, for the URLs of further pages
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    version: Version
    behaviours: Behaviours
    missing_scopes: frozenset[str]
    faults: Faults

    @cached_property
    def paging_faults(self) -> PagingFaults | None:
        """Return the paging faults of the requested list, if any are switched on."""
        if not self.faults.paging:
            return None
        query = {name: value for name, value in sorted(self.query.items()) if name not in PAGING_PARAMETERS}
        return PagingFaults(self.faults, f"{urlsplit(self.address).path} {query} {self._search_text()}")

    @property
    def page(self) -> tuple[str | None, ...]:
        """Return the query parameters that identify a page of a list."""
        return tuple(map(self.query.get, ("page", "before", "turn")))

    def _search_text(self) -> str:
        """Return the search body without its page, as text."""
        try:
            body = json.loads(self.body or b"null")
        except ValueError:
            return ""
        body = {name: value for name, value in body.items() if name != "pagination"} if isinstance(body, dict) else body
        return json.dumps(body, sort_keys=True)

    def list_request(self, default: int) -> Request:
        """Return the requested page of a cursor list."""
        return pagination.list_request(self.query, default, self.behaviours.of("per-page-over"), self.paging_faults)

    def search_request(self, body: Record, default: int) -> Request:
        """Return the requested page of a search."""
        return pagination.search_request(body, default, self.behaviours.of("per-page-over"), self.paging_faults)

    def numbered_page(self, total: int, default: int, limit: int) -> tuple[slice, Record]:
        """Return the rows of the requested numbered page, and its `pages`; `limit` is the largest page size."""
        oversize = self.behaviours.of("per-page-over")
        query, faults = self.query, self.paging_faults
        return pagination.numbered_page(self.address, query, total, default, limit, oversize, faults)

    def search_body(self) -> Record:
        try:
            body = json.loads(self.body)
        except ValueError:
            raise bad_parameter("Request body is not valid JSON") from None
        if not isinstance(body, dict):
            raise bad_parameter("Request body must be a JSON object")
        if "query" not in body:
            raise ApiError(400, "parameter_missing", "query is missing")
        return body

    def contact_rules(self) -> Rules:
        """Return the search rules of contacts, which differ in Preview."""
        preview = self.version == PREVIEW
        return Rules("contacts", CONTACT_FIELDS, self.workspace.zone, self.behaviours, preview)

    def conversation_rules(self) -> Rules:
        return Rules("conversations", CONVERSATION_FIELDS, self.workspace.zone, self.behaviours)

    def ticket_rules(self) -> Rules:
        return Rules("tickets", TICKET_FIELDS, self.workspace.zone, self.behaviours)

    @property
    def hidden(self) -> Field | None:
        """Return the field whose presence hides a conversation from this token, if any (UNCONFIRMED [tickets])."""
        hides = READ_TICKETS in self.missing_scopes and self.behaviours.of("tickets") == "hidden"
        return TICKET if hides else None

    def search(
        self, collection: Collection, body: Record, rules: Rules, default: Field, without: Field | None = None
    ) -> Ordered:
        """Return the rows of a search, descending by default; since 2.16 an unknown order is an error.

        Where `sort` has no effect (UNCONFIRMED [sort]), rows have the default order.
        """
        field, order, sort = default, "descending", body.get("sort")
        if isinstance(sort, dict):
            requested = sort.get("order", order)
            if requested not in ORDERS and self.version >= (2, 16):
                message = f"Invalid sort order '{requested}'. Must be one of: {', '.join(ORDERS)}"
                raise ApiError(400, "invalid_sort_order", message)
            if rules.chosen("sort") == "honoured":
                order = requested
                field = find_field(sort["field"], rules) if sort.get("field") else default
        descending = order != "ascending"
        return self.searches.run(collection, body["query"], rules, field, descending=descending, without=without)
