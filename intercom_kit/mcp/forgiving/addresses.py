"""Ids out of what people paste: a link into Intercom's app, or an id with its mark."""

import re
from urllib.parse import unquote, urlsplit

from mcp.server.mcpserver.exceptions import ToolError

# Where the id stands in a link, and the tool that gets such an object.
_PLACES = {
    r"/(?:conversations?|tickets?)/(?:[a-z]+/)?(\d+)": "intercom_get_conversation_by_id",
    r"/(?:users|contacts|leads|people)/([\w-]+)": "intercom_get_contact_by_id",
    r"/companies/([\w-]+)": "intercom_get_company_by_id",
}
_OF = {
    "intercom_list_events": "intercom_get_contact_by_id",
    "intercom_list_attach_contacts_to_company": "intercom_get_company_by_id",
}
_LONGEST = 2_000  # characters of a text that is read: of longer ones, patterns would take too long
_MARKED = re.compile(r"(?:(?:conv(?:ersation)?|ticket)?[\s_-]*(?:id)?)?[\s#:_/=-]*(\d+)", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://)?(?:[\w-]+\.)+?intercom\.(?:com|io)(/[^\s)\]>\"'`]*)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:mailto:|[^<@]*<)([^\s<>]+@[^\s<>]+?)>?", re.IGNORECASE)


def identifier(text: str, tool: str, *, own: bool) -> str:
    """Return the id in a text; raise ToolError for a link to an object that another tool gets.

    An id of the user's `own` app may have any form, so that only a link is read otherwise than it stands.
    """
    if tool == "fetch" or len(text) > _LONGEST:  # the ids of fetch name the kind of their object
        return text
    words = text if own else text.strip().strip("\"'`<>")
    if not own and (found := _MARKED.fullmatch(words)):
        return found[1]
    link = _LINK.match(words) if own else _LINK.search(words)
    if link is None:
        return email(words)
    path = unquote(urlsplit(link[1]).path)
    for pattern, getting in _PLACES.items():
        if place := re.search(pattern, path):
            if _OF.get(tool, tool) == getting:
                return place[1]
            raise ToolError(f"{link[0]} is not a link to what {tool} takes: call {getting}(id={place[1]!r}).")
    return words


def email(text: str) -> str:
    """Return the address in a text such as "Ann <ann@acme.example>" or "mailto:ann@acme.example"; else the text."""
    found = _ADDRESS.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    return found[1] if found else text
