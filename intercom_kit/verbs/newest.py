"""Lists that come newest first, searched by words and filters, with a column for each attribute on request."""

import sys
from collections.abc import Iterable
from typing import Any

from intercom_kit.frames.frame import Frame, receipt_of
from intercom_kit.live import masking
from intercom_kit.live.query import Queries
from intercom_kit.live.query_call import checked_requests
from intercom_kit.tables import CONVERSATIONS, TICKETS, Table
from intercom_kit.values.plain import plain
from intercom_kit.verbs.arguments import checked_limit, selected, with_words
from intercom_kit.verbs.expanding import expansion
from intercom_kit.verbs.including import inclusion
from intercom_kit.verbs.lists import ListCall, rows, searched
from intercom_kit.verbs.words.nearby import with_nearby, with_nothing_said
from intercom_kit.verbs.words.replies import require_all, said

# The fields of the search that words are looked for in.
TEXT_FIELDS = {CONVERSATIONS: ("source.body", "source.subject"), TICKETS: ("title", "description")}


class Newest(int):
    """The number of rows of a list for which nothing was named, told from the same number that was given."""


NEWEST = Newest(500)
MOST_REQUESTS = 2_000  # for all rows of what was named


def newest(
    queries: Queries,
    table: Table,
    limit: int | None,
    max_requests: int | None,
    text: str | None,
    expand: Iterable[str],
    filters: dict[str, Any],
    include: Iterable[str] = (),
    *,
    replies: bool = False,
) -> Frame:
    """Return conversations or tickets, newest first; what is included is not cached.

    The text is searched for in opening messages, or in `replies`, too.

    All of a span, or of what is otherwise named, are meant; of all that there are, only the newest. Without
    `max_requests`, who says that there is no limit has none.
    """
    allowed = sys.maxsize if limit is None else MOST_REQUESTS
    allowed = allowed if max_requests is None else checked_requests(max_requests)
    bare = isinstance(limit, Newest) and text is None and not filters
    limit = None if isinstance(limit, Newest) and not bare else limit
    session, limit, filters = queries.session, checked_limit(limit), plain(filters)
    selection, others = selected(session, table, filters), filters
    expanded, included = expansion(queries, table, expand), inclusion(session, include)
    if replies:
        masking.check_text(table, TEXT_FIELDS[table], session.privacy)
        selection, filters = said(selection, text), {"text": text, "replies": True, **filters}
        require_all(limit, included)
    elif text is not None:
        with_words(session, table, selection, text, TEXT_FIELDS[table])
        filters = {"text": text, **filters}
    if included.names:
        filters = {**filters, **included.filters}
        call = ListCall(included.table, selection, filters, limit, "descending", allowed)
        found = searched(session, call, included.checked)
    else:
        call = ListCall(table, selection, filters, limit, "descending", allowed)
        found = rows(queries, call)
    answer = expanded.of(found)
    if text and found.empty and not selection.empty:
        if replies:
            answer = with_nothing_said(answer, text, others)
        else:
            answer = with_nearby(session, table, answer, text, TEXT_FIELDS[table], others)
    answer.cut_short = bare and not receipt_of(answer).complete
    return answer
