"""Carry one authorised request to its endpoint: what is asked, of which workspace, in which version."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intercom_kit.sandbox.errors import ApiError, bad_parameter
from intercom_kit.sandbox.fields import CONTACT_FIELDS, CONVERSATION_FIELDS, Field
from intercom_kit.sandbox.pagination import Ordered
from intercom_kit.sandbox.record import Record
from intercom_kit.sandbox.scroll import Scroll
from intercom_kit.sandbox.search import Rules, find_field, understand
from intercom_kit.sandbox.store import Collection
from intercom_kit.sandbox.versions import PREVIEW, Version
from intercom_kit.sandbox.workspace import Workspace

REMEMBERED_SEARCHES = 32
ORDERS = ("ascending", "descending")


class Searches:
    """Remembers which rows the last searches matched, so that the later pages of one cost nothing.

    Only an answer's computation is remembered: a change of the data makes it anew, cursors stay stateless.
    """

    def __init__(self) -> None:
        self._remembered: OrderedDict[tuple[Any, ...], Ordered] = OrderedDict()

    def run(self, collection: Collection, query: object, rules: Rules, sort: Field, *, descending: bool) -> Ordered:
        """Find the rows that match, in order."""
        key = (id(collection), collection.version, json.dumps(query), rules.whole_days, sort.name, descending)
        if key not in self._remembered:
            rows, keys = collection.order(sort)
            if query is not None:
                rows = rows[understand(query, rules).rows(collection, rules)[rows]]
            self._remembered[key] = Ordered(rows, keys[rows], descending)
            if len(self._remembered) > REMEMBERED_SEARCHES:
                self._remembered.popitem(last=False)
        self._remembered.move_to_end(key)
        return self._remembered[key]


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
    inclusive_bounds: bool

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
        """Say how contacts are searched: by whole days, except in Preview."""
        preview = self.version == PREVIEW
        return Rules(CONTACT_FIELDS, self.workspace.zone, whole_days=not preview, preview=preview, contacts=True)

    def conversation_rules(self) -> Rules:
        """Say how conversations are searched: to the second."""
        return Rules(CONVERSATION_FIELDS, self.workspace.zone, whole_days=False, inclusive=self.inclusive_bounds)

    def search(self, collection: Collection, body: Record, rules: Rules, default: Field) -> Ordered:
        """Run a search, descending unless asked otherwise; a bad order is refused since 2.16."""
        field, order, sort = default, "descending", body.get("sort")
        if isinstance(sort, dict):
            order = sort.get("order", order)
            if order not in ORDERS and self.version >= (2, 16):
                message = f"Invalid sort order '{order}'. Must be one of: {', '.join(ORDERS)}"
                raise ApiError(400, "invalid_sort_order", message)
            field = find_field(sort["field"], rules) if sort.get("field") else default
        return self.searches.run(collection, body["query"], rules, field, descending=order != "ascending")
