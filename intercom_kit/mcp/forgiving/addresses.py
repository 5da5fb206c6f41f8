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
_MARKED = re.compile(r"(?:(?:conversation|ticket)\s*)?[#:]?\s*(\d+)", re.IGNORECASE)


def identifier(text: str, tool: str, *, own: bool) -> str:
    """Return the id in a text; raise ToolError for a link to an object that another tool gets.

    An id of the user's `own` app may have any form, so that only a link is read otherwise than it stands.
    """
    if tool == "fetch":
        return text  # whose ids name the kind of their object
    words = text if own else text.strip().strip("\"'`<>")
    if not own and (found := _MARKED.fullmatch(words)):
        return found[1]
    if not re.match(r"https?://[^/]*intercom\.", words):
        return words
    path = unquote(urlsplit(words).path)
    for pattern, getting in _PLACES.items():
        if place := re.search(pattern, path):
            if _OF.get(tool, tool) == getting:
                return place[1]
            raise ToolError(f"{words} is not a link to what {tool} takes: call {getting}(id={place[1]!r}).")
    return words
