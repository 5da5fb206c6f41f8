"""The work of fetching for a query, table by table."""

import asyncio
from datetime import UTC, datetime, tzinfo

import duckdb

from intercom_kit.live.companies import every_company
from intercom_kit.live.contacts import links_of
from intercom_kit.live.conversations import parts_of
from intercom_kit.live.events import events_of, summaries_of
from intercom_kit.live.filters import Condition, Selection
from intercom_kit.live.gathering import Gathering, Work
from intercom_kit.live.lists import filled
from intercom_kit.live.receipt import Receipt
from intercom_kit.live.session import Session
from intercom_kit.live.sql.keys import KEY_COLUMNS
from intercom_kit.tables import COMPANIES, COMPANY_CONTACTS, CONTACTS, DELETED_CONVERSATIONS, SEGMENTS, TABLES, Table


def searching(table: Table, conditions: list[Condition], days: tzinfo | None, largest: int) -> Work:
    """Search for all rows that meet conditions; raise BeyondPages where there are more than `largest`."""

    async def gather(gathering: Gathering) -> None:
        assert table.search is not None  # noqa: S101 - only searchable tables are searched
        everyone = table.listing if table is CONTACTS and not conditions else None
        await gathering.all_found(table.search, conditions, days, everyone, largest)

    return gather


def listing(table: Table) -> Work:
    """Read a whole list."""

    async def gather(gathering: Gathering) -> None:
        if table is COMPANIES:
            await every_company(gathering)
        elif table.listing is not None:
            await gathering.all_of(table.listing, {"include_count": "true"} if table is SEGMENTS else None)

    return gather


def one_company(column: str, value: str) -> Work:
    """Ask for the company with an id, an own id or a name, if there is one."""

    async def gather(gathering: Gathering) -> None:
        if column == "id":
            await gathering.one_if_any(filled(COMPANIES.one, value))
        else:
            await gathering.one_if_any("/companies", {column: value})
            if column == "name":
                gathering.receipt.notes.append("Intercom gives one company by name, also where several have it.")

    return gather


def keyed(table: str, column: str, keys: list[str], since: datetime | None) -> Work:
    """Ask key by key for the rows of a table that Intercom lists only so."""
    match table:
        case "events":
            return events_of(KEY_COLUMNS[table][column], keys, since)
        case "event_summaries":
            return summaries_of(KEY_COLUMNS[table][column], keys)
        case "conversation_parts":
            return parts_of(keys, {"display_as": "plaintext"})
        case _:
            return links_of(COMPANY_CONTACTS if column == "company_id" else TABLES[table], keys)


def without_deleted(session: Session, cursor: duckdb.DuckDBPyConnection, since: int) -> Receipt:
    """Take out of the session's conversations those that were deleted since a second."""

    moment = datetime.fromtimestamp(since, UTC)

    async def gather(gathering: Gathering) -> None:
        listing = DELETED_CONVERSATIONS.listing
        assert listing is not None  # noqa: S101 - declared
        await gathering.some_of(listing, listing.per_page, {"order": "desc"})
        earlier = Selection(where=["deleted_at < $since"], parameters={"since": moment})
        if not gathering.receipt.complete and not await asyncio.to_thread(gathering.landing.rows, earlier):
            gathering.receipt.complete, gathering.receipt.why = True, ""
            await gathering.all_of(listing, {"order": "desc"})

    deleted = session.fetch(DELETED_CONVERSATIONS, gather, items="conversations", filters={"asks": "what was deleted"})
    gone = deleted["id"][deleted["deleted_at"] >= moment].tolist()
    cursor.execute("delete from conversations where id in (select unnest($gone::varchar[]))", {"gone": gone})
    receipt = session.receipts[-1]
    receipt.complete, receipt.why = True, ""  # earlier deletions are known, and no matter
    return receipt
