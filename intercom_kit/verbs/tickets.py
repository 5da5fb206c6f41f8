"""The verbs for one ticket, and for the parts of some."""

from typing import Any

import pandas as pd

from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame
from intercom_kit.live.query import Queries
from intercom_kit.live.query_call import QueryCall
from intercom_kit.paging.paths import filled
from intercom_kit.tables import TICKET_PARTS, TICKETS
from intercom_kit.verbs.arguments import identifier, identifiers
from intercom_kit.verbs.lists import one

_PARTS = f"select * from ticket_parts where ticket_id in (select id from wanted) order by {TICKET_PARTS.order}"


def ticket(session: Session, id: Any) -> Frame:
    """Return one ticket."""
    return one(session, TICKETS, filled(TICKETS.one, identifier(id, "ticket", "ticket()")))


def ticket_parts(queries: Queries, tickets: Any) -> Frame:
    """Return the parts of tickets, which come with these: nothing is fetched for tickets that are cached."""
    wanted = pd.DataFrame({"id": identifiers(tickets, "ticket", "ticket_parts()")}, dtype="str")
    return queries.sql(QueryCall(_PARTS, frames={"wanted": wanted}))
