"""The work of fetching for a query, table by table."""

import asyncio
from datetime import datetime

from intercom_kit.live.companies import every_company
from intercom_kit.live.contacts import links_of, members_of
from intercom_kit.live.conversations import parts_of
from intercom_kit.live.events import events_of, summaries_of
from intercom_kit.live.filters import Selection
from intercom_kit.live.gathering import Gathering, Work
from intercom_kit.live.lists import filled
from intercom_kit.live.sql.keys import KEY_COLUMNS, MEMBERS
from intercom_kit.tables import COMPANIES, DELETED_CONVERSATIONS, SEGMENTS, TABLES, Table


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


def keyed(
    table: str,
    column: str,
    keys: list[str],
    since: datetime | None,
    *,
    bodies_are_read: bool = False,
) -> Work:
    """Ask key by key for the rows of a table that Intercom lists only so.

    Bodies come as Intercom's plain text, which shows what their HTML hides, unless a reader reads their HTML.
    """
    match table:
        case "events":
            return events_of(KEY_COLUMNS[table][column], keys, since)
        case "event_summaries":
            return summaries_of(KEY_COLUMNS[table][column], keys)
        case "conversation_parts":
            return parts_of(keys, None if bodies_are_read else {"display_as": "plaintext"})
        case "contact_segments" if column == "segment_id":
            return members_of(keys)
        case _:
            return links_of(MEMBERS.get(column, TABLES[table]), keys)


def deleted_since(moment: datetime) -> Work:
    """Read which conversations were deleted, at least back to a moment."""

    async def gather(gathering: Gathering) -> None:
        listing = DELETED_CONVERSATIONS.listing
        assert listing is not None  # noqa: S101 - declared
        await gathering.some_of(listing, listing.per_page, {"order": "desc"})
        earlier = Selection(where=["deleted_at < $since"], parameters={"since": moment})
        if not gathering.receipt.complete and not await asyncio.to_thread(gathering.landing.rows, earlier):
            gathering.receipt.complete, gathering.receipt.why = True, ""
            await gathering.all_of(listing, {"order": "desc"})

    return gather
