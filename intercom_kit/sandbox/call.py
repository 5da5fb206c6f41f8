"""Carry one authorised request to its endpoint, and the endpoint's answer back."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from intercom_kit.sandbox import pagination
from intercom_kit.sandbox.errors import bad_parameter
from intercom_kit.sandbox.fields import Field
from intercom_kit.sandbox.pagination import Cursor, Ordered
from intercom_kit.sandbox.scroll import Scroll
from intercom_kit.sandbox.search import Rules, understand
from intercom_kit.sandbox.store import Collection
from intercom_kit.sandbox.versions import Version
from intercom_kit.sandbox.workspace import Workspace

Record = dict[str, Any]
REMEMBERED_SEARCHES = 32


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
    """One request: what is asked, of which workspace, in which version."""

    workspace: Workspace
    searches: Searches
    scroll: Scroll
    address: str  # scheme, host, port and path, for the addresses of following pages
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    version: Version
    inclusive_bounds: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def json_body(self) -> Record:
        """Read the body as a JSON object."""
        try:
            body = json.loads(self.body)
        except ValueError:
            raise bad_parameter("Request body is not valid JSON") from None
        if not isinstance(body, dict):
            raise bad_parameter("Request body must be a JSON object")
        return body


class Render(Protocol):
    """Turns a row into the JSON object that stands in the list."""

    def __call__(self, row: int) -> Record: ...


@dataclass(frozen=True)
class Request:
    """What page of a cursor list is asked for, wherever in the request that stood."""

    size: int
    echo: object  # `per_page` as it is repeated in the answer
    cursor: Cursor | None


def cut(collection: Collection, ordered: Ordered, request: Request) -> tuple[NDArray[np.int64], Record, int]:
    """Cut one page out of ordered rows: the rows, the `pages` object and the total."""
    cursor = request.cursor
    if cursor is None:
        rows, page = ordered.first(request.size), 1
    else:
        rows = ordered.after(cursor.key, collection.row(cursor.last_id), request.size)
        page = cursor.page
    following = None
    if len(rows) and not ordered.is_last(int(rows[-1])):
        last = int(rows[-1])
        following = Cursor.at(ordered.key_of(last), str(collection.item(last)["id"]), page + 1)
    total = len(ordered.rows)
    return rows, pagination.cursor_pages(following, page, request.size, request.echo, total), total


def cursor_list(
    collection: Collection, ordered: Ordered, request: Request, render: Render, key: str, kind: str
) -> Record:
    """Answer one page of a cursor list."""
    rows, pages, total = cut(collection, ordered, request)
    data = [render(row) for row in rows.tolist()]
    return {"type": kind, key: data, "total_count": total, "pages": pages}
