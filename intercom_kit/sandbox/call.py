"""Carry one authorised request to its endpoint: what is asked, of which workspace, in which version."""

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
from intercom_kit.sandbox.contents.search import Rules, find_field, understand
from intercom_kit.sandbox.contents.store import Collection
from intercom_kit.sandbox.contents.workspace import Workspace
from intercom_kit.sandbox.errors import ApiError, bad_parameter
from intercom_kit.sandbox.faults import Faults
from intercom_kit.sandbox.pagination import Ordered, Request
from intercom_kit.sandbox.paging_faults import Breaks
from intercom_kit.sandbox.scroll import Scroll
from intercom_kit.sandbox.versions import PREVIEW, Version

REMEMBERED_SEARCHES = 32
READ_TICKETS = "read_tickets"
PAGING_PARAMETERS = frozenset({"page", "per_page", "starting_after", "before", "turn", "scroll_param"})
ORDERS = ("ascending", "descending")


class Searches:
    """Remembers which rows the last searches matched, so that the later pages of one cost nothing.

    Only an answer's computation is remembered: a change of the data makes it anew, cursors stay stateless.
    """

    def __init__(self) -> None:
        self._remembered: OrderedDict[tuple[Any, ...], Ordered] = OrderedDict()

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
        """Find the rows that match, in order; those that have the field `without` are left out."""
        hidden = without and without.name
        key = (collection.version, json.dumps(query), rules.key, sort.name, descending, hidden)
        if key not in self._remembered:
            rows, keys = collection.order(sort)
            if query is not None:
                rows = rows[understand(query, rules).rows(collection, rules)[rows]]
            if without is not None:
                rows = rows[collection.texts(without).missing[rows]]
            self._remembered[key] = Ordered(rows, keys[rows], descending)
            if len(self._remembered) > REMEMBERED_SEARCHES:
                self._remembered.popitem(last=False)
        self._remembered.move_to_end(key)
        return self._remembered[key]

    def clear(self) -> None:
        self._remembered.clear()


@dataclass(frozen=True)
class Call:
    """One request."""

    workspace: Workspace
    searches: Searches
    scroll: Scroll
    address: str  # scheme, host, port and path, for the addresses of following pages
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    version: Version
    behaviours: Behaviours
    missing_scopes: frozenset[str]
    faults: Faults

    @cached_property
    def breaks(self) -> Breaks | None:
        """Give the paging faults of the list that is asked for, where any are switched on."""
        if not self.faults.paging:
            return None
        query = {name: value for name, value in sorted(self.query.items()) if name not in PAGING_PARAMETERS}
        return Breaks(self.faults, f"{urlsplit(self.address).path} {query} {self._asked()}")

    @property
    def page(self) -> tuple[str | None, ...]:
        """Tell the pages of a list apart, where its address does."""
        return tuple(map(self.query.get, ("page", "before", "turn")))

    def _asked(self) -> str:
        """Write what a search asks for, apart from the page."""
        try:
            body = json.loads(self.body or b"null")
        except ValueError:
            return ""
        body = {name: value for name, value in body.items() if name != "pagination"} if isinstance(body, dict) else body
        return json.dumps(body, sort_keys=True)

    def list_request(self, default: int) -> Request:
        """Read which page of a cursor list is asked for."""
        return pagination.list_request(self.query, default, self.behaviours.of("per-page-over"), self.breaks)

    def search_request(self, body: Record, default: int) -> Request:
        """Read which page of a search is asked for."""
        return pagination.search_request(body, default, self.behaviours.of("per-page-over"), self.breaks)

    def numbered(self, total: int, default: int, most: int) -> tuple[slice, Record]:
        """Read which numbered page is asked for: the rows it shows, and its `pages`."""
        over = self.behaviours.of("per-page-over")
        return pagination.numbered(self.address, self.query, total, default, most, over, self.breaks)

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
        """Say how contacts are searched: differently in Preview."""
        preview = self.version == PREVIEW
        return Rules("contacts", CONTACT_FIELDS, self.workspace.zone, self.behaviours, preview)

    def conversation_rules(self) -> Rules:
        return Rules("conversations", CONVERSATION_FIELDS, self.workspace.zone, self.behaviours)

    def ticket_rules(self) -> Rules:
        return Rules("tickets", TICKET_FIELDS, self.workspace.zone, self.behaviours)

    @property
    def hidden(self) -> Field | None:
        """Say what hides a conversation from this token: that it is a ticket, perhaps (UNCONFIRMED [tickets])."""
        hides = READ_TICKETS in self.missing_scopes and self.behaviours.of("tickets") == "hidden"
        return TICKET if hides else None

    def search(
        self, collection: Collection, body: Record, rules: Rules, default: Field, without: Field | None = None
    ) -> Ordered:
        """Run a search, descending unless asked otherwise; a bad order is refused since 2.16.

        Where `sort` has no effect (UNCONFIRMED [sort]), the order is the default one, whatever field is named.
        """
        field, order, sort = default, "descending", body.get("sort")
        if isinstance(sort, dict):
            asked = sort.get("order", order)
            if asked not in ORDERS and self.version >= (2, 16):
                message = f"Invalid sort order '{asked}'. Must be one of: {', '.join(ORDERS)}"
                raise ApiError(400, "invalid_sort_order", message)
            if rules.chosen("sort") == "honoured":
                order = asked
                field = find_field(sort["field"], rules) if sort.get("field") else default
        descending = order != "ascending"
        return self.searches.run(collection, body["query"], rules, field, descending=descending, without=without)
