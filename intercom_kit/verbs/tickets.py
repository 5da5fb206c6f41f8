"""The verbs for tickets and their parts."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame
from intercom_kit.live.query import Queries
from intercom_kit.live.query_call import QueryCall
from intercom_kit.paging.paths import filled
from intercom_kit.tables import TICKET_PARTS, TICKETS
from intercom_kit.values.plain import plain
from intercom_kit.verbs.arguments import checked_limit, identifier, identifiers, selected, with_words
from intercom_kit.verbs.expanding import expansion
from intercom_kit.verbs.lists import ListCall, one, rows

TEXT_FIELDS = ("title", "description")

_PARTS = f"select * from ticket_parts where ticket_id in (select id from wanted) order by {TICKET_PARTS.order}"


def tickets(
    queries: Queries, limit: int | None, text: str | None, expand: Iterable[str], filters: dict[str, Any]
) -> Frame:
    """Return tickets, newest first."""
    session, limit, filters = queries.session, checked_limit(limit), plain(filters)
    selection = selected(session, TICKETS, filters)
    if text is not None:
        with_words(session, TICKETS, selection, text, TEXT_FIELDS)
        filters = {"text": text, **filters}
    expanded = expansion(queries, TICKETS, expand)
    return expanded.of(rows(queries, ListCall(TICKETS, selection, filters, limit, order="descending")))


def ticket(session: Session, id: Any) -> Frame:
    """Return one ticket."""
    return one(session, TICKETS, filled(TICKETS.one, identifier(id, "ticket", "ticket()")))


def ticket_parts(queries: Queries, tickets: Any) -> Frame:
    """Return the parts of tickets, which come with these: nothing is fetched for tickets that are cached."""
    wanted = pd.DataFrame({"id": identifiers(tickets, "ticket", "ticket_parts()")}, dtype="str")
    return queries.sql(QueryCall(_PARTS, frames={"wanted": wanted}))
