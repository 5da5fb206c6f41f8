"""The verbs for what Intercom lists for given contacts, companies or conversations, such as notes."""

from typing import Any

from intercom_kit.fetch.by_key import by_key
from intercom_kit.fetch.session import Session
from intercom_kit.frames.frame import Frame
from intercom_kit.tables import Table
from intercom_kit.verbs.arguments import identifiers


def of_each(session: Session, table: Table, ids: Any) -> Frame:
    """Return the rows of a table for one id, several, or those of a frame, with a request for each, or for several."""
    key = table.every_key
    values = identifiers(ids, key.noun, f"{table.name}()")
    return session.fetch(table, by_key(table, key, values), filters={key.nouns: len(values)})
