"""Lists that come newest first, searched by words and filters, with a column for each attribute on request."""

from collections.abc import Iterable
from typing import Any

from intercom_kit.frames.frame import Frame
from intercom_kit.live.query import Queries
from intercom_kit.tables import CONVERSATIONS, TICKETS, Table
from intercom_kit.values.plain import plain
from intercom_kit.verbs.arguments import checked_limit, selected, with_words
from intercom_kit.verbs.expanding import expansion
from intercom_kit.verbs.including import inclusion
from intercom_kit.verbs.lists import ListCall, rows, searched

# The fields of the search that words are looked for in.
TEXT_FIELDS = {CONVERSATIONS: ("source.body", "source.subject"), TICKETS: ("title", "description")}


def newest(
    queries: Queries,
    table: Table,
    limit: int | None,
    text: str | None,
    expand: Iterable[str],
    filters: dict[str, Any],
    include: Iterable[str] = (),
) -> Frame:
    """Return conversations or tickets, newest first; what is included is not cached."""
    session, limit, filters = queries.session, checked_limit(limit), plain(filters)
    selection = selected(session, table, filters)
    if text is not None:
        with_words(session, table, selection, text, TEXT_FIELDS[table])
        filters = {"text": text, **filters}
    expanded, included = expansion(queries, table, expand), inclusion(session, include)
    if included.names:
        filters = {**filters, **included.filters}
        found = searched(session, included.table, limit, selection, filters, "descending", included.checked)
        return expanded.of(found)
    return expanded.of(rows(queries, ListCall(table, selection, filters, limit, order="descending")))
