"""The tools that list, get and search Intercom's objects, each by one verb of the workspace."""

import contextlib
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from intercom_kit.errors import NotFoundError, ScopeMissingError
from intercom_kit.mcp.arguments import (
    Cursor,
    Fields,
    Filters,
    PageRequest,
    PageSize,
    ResponseFormat,
    TimeText,
    UntilText,
)
from intercom_kit.mcp.declaring import LiveCall, ToolCall, tool
from intercom_kit.mcp.forgiving import named
from intercom_kit.mcp.live_desk import LiveDesk
from intercom_kit.tables import (
    COMPANIES,
    CONTACTS,
    CONVERSATION_PARTS,
    CONVERSATIONS,
    EVENTS,
    SEGMENTS,
    TEAMS,
)

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.workspace import Workspace

MAX_ROWS = 10_000  # of a list, paged; more is for intercom_query
MAX_CONVERSATIONS = 500
_LONGEST_MESSAGE = 1_500
_INTERCOM_ID = re.compile("[0-9a-f]{24}")


class Retrieval:
    """The tools that return Intercom's objects."""

    def __init__(self, desk: LiveDesk) -> None:
        self.desk = desk

    @tool("List contacts", "contacts")
    def intercom_list_all_contacts(
        self,
        filters: Filters = None,
        include: Annotated[
            list[Literal["companies", "tags", "segments"]] | None,
            Field(description="complete these lists, of which Intercom embeds ten; costs requests"),
        ] = None,
        limit: PageSize = 50,
        cursor: Cursor = None,
        fields: Fields = None,
        response_format: ResponseFormat = "concise",
    ) -> LiveCall:
        """List contacts (users and leads), the oldest first. To count or group them, use intercom_query."""
        return ToolCall(
            PageRequest(limit, cursor, fields, response_format),
            lambda ws, max_rows: ws.contacts(
                max_rows, include=include or (), **named.by_ids(ws, CONTACTS, filters or {})
            ),
            CONTACTS,
            question={"filters": filters, "include": include},
            max_rows=MAX_ROWS,
        )

    @tool("Get a contact", "contact")
    def intercom_get_contact_by_id(
        self,
        id: Annotated[str | None, Field(description="Intercom's id")] = None,
        external_id: Annotated[str | None, Field(description="the id in your own app")] = None,
        email: Annotated[str | None, Field(description="email address")] = None,
        fields: Fields = None,
        response_format: ResponseFormat = "detailed",
    ) -> LiveCall:
        """Get one contact by exactly one of id, external_id and email. By name: intercom_query with ilike."""
        return ToolCall(
            PageRequest(1, None, fields, response_format),
            lambda ws, _: _contact(ws, id, external_id, email),
            CONTACTS,
        )

    @tool("List companies", "companies")
    def intercom_list_companies(
        self,
        name: Annotated[str | None, Field(description="part of the name; reads all companies")] = None,
        tag_id: Annotated[str | None, Field(description="id from the table tags")] = None,
        segment_id: Annotated[str | None, Field(description="id from intercom_list_segments")] = None,
        limit: PageSize = 50,
        cursor: Cursor = None,
        fields: Fields = None,
        response_format: ResponseFormat = "concise",
    ) -> LiveCall:
        """List companies, or find them by part of their name; only those with contacts are listed."""
        return ToolCall(
            PageRequest(limit, cursor, fields, response_format),
            lambda ws, max_rows: ws.companies(
                max_rows or None, name=name, tag_id=_id(ws, "tags", tag_id), segment_id=_id(ws, "segments", segment_id)
            ),
            COMPANIES,
            question={"name": name, "tag_id": tag_id, "segment_id": segment_id},
            max_rows=0 if name else MAX_ROWS,  # a name is searched for in all companies
        )

    @tool("Get a company", "company")
    def intercom_get_company_by_id(
        self,
        id: Annotated[str | None, Field(description="Intercom's id")] = None,
        company_id: Annotated[str | None, Field(description="the id in your own app")] = None,
        name: Annotated[str | None, Field(description="exact name")] = None,
        fields: Fields = None,
        response_format: ResponseFormat = "detailed",
    ) -> LiveCall:
        """Get one company by exactly one of id, company_id and name."""
        return ToolCall(
            PageRequest(1, None, fields, response_format),
            lambda ws, _: _company(ws, id, company_id, name),
            COMPANIES,
        )

    @tool("List a company's contacts", "company_contacts")
    def intercom_list_attach_contacts_to_company(
        self,
        company_id: Annotated[str, Field(description="Intercom's id: `id` in intercom_list_companies(name=…)")],
        limit: PageSize = 50,
        cursor: Cursor = None,
        fields: Fields = None,
        response_format: ResponseFormat = "concise",
    ) -> LiveCall:
        """List the contacts attached to one company. Nothing is attached by this: it only reads."""
        return ToolCall(
            PageRequest(limit, cursor, fields, response_format),
            lambda ws, max_rows: ws.company_contacts(_company_id(ws, company_id), limit=max_rows),
            CONTACTS,
            question={"company_id": company_id},
            max_rows=MAX_ROWS,
        )

    @tool("List segments", "segments")
    def intercom_list_segments(
        self,
        include_count: Annotated[bool, Field(description="count the members")] = False,
        cursor: Cursor = None,
    ) -> LiveCall:
        """List segments of people, by name."""
        return ToolCall(
            PageRequest(200, cursor),
            lambda ws, _: ws.segments(include_count=include_count),
            SEGMENTS,
            question={"include_count": include_count},
            declared=True,
        )

    @tool("List teams", "teams")
    def intercom_list_all_teams(self, cursor: Cursor = None) -> LiveCall:
        """List teams with the admins in them, by name."""
        return ToolCall(PageRequest(200, cursor), lambda ws, _: ws.teams(), TEAMS, declared=True)

    @tool("List a contact's events", "events")
    def intercom_list_events(
        self,
        user_id: Annotated[str, Field(description="external_id of a contact, else email or Intercom's id")],
        since: TimeText = None,
        until: UntilText = None,
        limit: PageSize = 50,
        cursor: Cursor = None,
        fields: Fields = None,
        response_format: ResponseFormat = "concise",
    ) -> LiveCall:
        """List what one contact did in the last 90 days, the newest first. For many contacts, use intercom_query."""
        return ToolCall(
            PageRequest(limit, cursor, fields, response_format),
            lambda ws, _: _events(ws, user_id, since, until),
            EVENTS,
            question={"user_id": user_id, "since": since, "until": until},
        )

    @tool("List conversations", "conversations")
    def intercom_list_conversations(
        self,
        since: TimeText = None,
        until: UntilText = None,
        filters: Filters = None,
        limit: PageSize = 25,
        cursor: Cursor = None,
        fields: Fields = None,
        response_format: ResponseFormat = "concise",
    ) -> LiveCall:
        """List the newest conversations, up to 500; since and until are of created_at. For more, use intercom_query."""
        merged = _merged(filters, since=since, until=until)
        return ToolCall(
            PageRequest(limit, cursor, fields, response_format),
            lambda ws, max_rows: ws.conversations(max_rows, **named.by_ids(ws, CONVERSATIONS, merged)),
            CONVERSATIONS,
            question={"since": since, "until": until, "filters": filters},
            max_rows=MAX_CONVERSATIONS,
        )

    @tool("Get a conversation", "conversation", "conversation_parts")
    def intercom_get_conversation_by_id(
        self,
        id: Annotated[str, Field(description="Intercom's id")],
        limit: PageSize = 100,
        cursor: Cursor = None,
        fields: Fields = None,
        response_format: ResponseFormat = "concise",
        addresses: Annotated[bool, Field(description="also where links and images lead")] = False,
    ) -> LiveCall:
        """Get one conversation or ticket with its messages, the oldest first; state, assignees and times in `about`."""
        longest = _LONGEST_MESSAGE if response_format == "concise" else None

        def about(ws: "Workspace") -> dict[str, Any]:
            page = PageRequest(1, response_format="detailed")
            return self.desk.described(ws, ws.conversation(id).drop(columns="source_body"), CONVERSATIONS, page)

        return ToolCall(
            PageRequest(limit, cursor, fields, response_format, longest, addresses),
            lambda ws, _: thread(ws, id),
            CONVERSATION_PARTS,
            question={"id": id},
            about=about,
        )

    @tool("Search conversations", "search_conversations")
    def intercom_search_conversations(
        self,
        text: Annotated[
            str | None, Field(description="words, all of which must be in the opening message or subject")
        ] = None,
        replies: Annotated[
            bool, Field(description="search all messages; give a span or filters, since each conversation is a request")
        ] = False,
        since: TimeText = None,
        until: UntilText = None,
        filters: Filters = None,
        limit: PageSize = 25,
        cursor: Cursor = None,
        fields: Fields = None,
        response_format: ResponseFormat = "concise",
    ) -> LiveCall:
        """Search conversations by words and filters, the newest first, up to 500; all of them with replies."""
        merged = _merged(filters, since=since, until=until)
        return ToolCall(
            PageRequest(limit, cursor, fields, response_format),
            lambda ws, max_rows: _search(ws, text, replies, max_rows, named.by_ids(ws, CONVERSATIONS, merged)),
            CONVERSATIONS,
            question={"text": text, "replies": replies, "since": since, "until": until, "filters": filters},
            max_rows=0 if replies else MAX_CONVERSATIONS,  # replies are read all at once
        )


def _merged(filters: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    """Return filters merged with those that have their own argument."""
    return (filters or {}) | {name: value for name, value in more.items() if value is not None}


def _search(ws: "Workspace", text: str | None, replies: bool, max_rows: int, filters: dict[str, Any]) -> "pd.DataFrame":
    """Return the conversations with some words; without any, with a note on what is called so."""
    from intercom_kit.frames.frame import receipt_of, with_receipt

    found = ws.search_conversations(text, replies=replies, limit=max_rows or None, **filters)
    if len(found) or not text:
        return found
    receipt = receipt_of(found)
    with contextlib.suppress(ScopeMissingError):
        receipt.notes += named.called(ws, text)
    return with_receipt(found, receipt)


def _contact(ws: "Workspace", id: str | None, external_id: str | None, email: str | None) -> "pd.DataFrame":
    """Return a contact by what was given, or else by what that looks like."""
    given = [each for each in (id, external_id, email) if each]
    try:
        return ws.contact(id, external_id=external_id, email=email)
    except NotFoundError as error:
        with contextlib.suppress(NotFoundError):
            return named.contact(ws, given[0])
        raise error from None


def _company(ws: "Workspace", id: str | None, company_id: str | None, name: str | None) -> "pd.DataFrame":
    """Return a company by what was given, or else by the id that that may be; a name stays one."""
    try:
        return ws.company(id, company_id=company_id, name=name)
    except NotFoundError as error:
        with contextlib.suppress(NotFoundError):
            if key := id or company_id:
                return named.company(ws, key)
        raise error from None


def _company_id(ws: "Workspace", text: str) -> str:
    """Return Intercom's id of a company that is given by that, by an id of the user's own app, or by its name."""
    return text if _INTERCOM_ID.fullmatch(text) else str(named.company(ws, text)["id"].iloc[0])


def _id(ws: "Workspace", list: str, text: str | None) -> str | None:
    """Return the id of a tag or segment that may be given by its name."""
    return str(named.ids_of(ws, (list,), text)[0]) if text else None


def _events(ws: "Workspace", user_id: str, since: str | None, until: str | None) -> "pd.DataFrame":
    """Return the events of a contact by its external id, else by what the text looks like: an email address, or an id.

    An external id may look like either, so that it comes first.
    """
    looks = "email" if "@" in user_id else "id" if _INTERCOM_ID.fullmatch(user_id) else None
    others = [(looks, user_id), (looks, user_id.lower())] if looks else []
    failure: NotFoundError | None = None
    nothing: pd.DataFrame | None = None
    for by, key in dict.fromkeys([(None, user_id), *others]):
        try:
            found = ws.events(key, since=since, until=until, **({"by": by} if by else {}))
        except NotFoundError as error:
            failure = failure or error
            continue
        if len(found):
            return found
        nothing = found if nothing is None else nothing
    if nothing is not None:
        return nothing
    assert failure is not None  # noqa: S101 - nothing else is left
    raise failure


def thread(ws: "Workspace", id: str) -> "pd.DataFrame":
    """Return the opening message of a conversation, followed by its parts."""
    import pandas as pd

    from intercom_kit.frames.frame import receipt_of, with_receipt

    # As HTML: Intercom's own plain text would reveal hidden text.
    parts = ws.conversation_parts(id, body="html")
    opened = ws.conversation(id).iloc[0]
    opening = {
        "id": opened["source_id"],
        "conversation_id": opened["id"],
        "created_at": opened["created_at"],
        "part_type": "opening message",
        "author_type": opened["source_author_type"],
        "author_id": opened["source_author_id"],
        "author_name": opened["source_author_name"],
        "author_email": opened["source_author_email"],
        "body": opened["source_body"],
    }
    thread = pd.DataFrame([opening, *parts.to_dict("records")], columns=parts.columns)
    receipt = receipt_of(parts)
    receipt.requests += 1
    return with_receipt(thread, receipt)
