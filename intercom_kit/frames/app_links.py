"""Links into Intercom's own app, which open one object in the browser of whoever is signed in there.

A link discloses ids only. Its form is not documented; these are the ones that other clients use.
"""

from typing import Protocol
from urllib.parse import quote

HOSTS = {
    "us": "https://app.intercom.com",
    "eu": "https://app.eu.intercom.com",
    "au": "https://app.au.intercom.com",
}

# Tickets open as conversations of the same id. There is no source for companies.
_PLACES = {"conversation": "a/inbox/{workspace}/inbox/conversation/", "contact": "a/apps/{workspace}/users/"}

# Columns that hold the ids of such objects in every table and query.
_COLUMNS = {"conversation_id": "conversation", "ticket_id": "conversation", "contact_id": "contact"}


class HasHome(Protocol):
    """A workspace whose id and region are known, or empty."""

    @property
    def workspace_id(self) -> str: ...

    @property
    def region(self) -> str: ...


def link(workspace: HasHome, kind: str, id: str) -> str:
    """Return the link to a "conversation" or "contact" by its id; empty if the workspace's id or region is unknown."""
    address = prefix(workspace, kind)
    return address + quote(id, safe="") if address else ""


def prefix(workspace: HasHome, kind: str) -> str:
    """Return what links to objects of a kind begin with; their id follows."""
    if not workspace.workspace_id or workspace.region not in HOSTS:
        return ""
    return f"{HOSTS[workspace.region]}/{_PLACES[kind].format(workspace=quote(workspace.workspace_id, safe=''))}"


def prefixes(workspace: HasHome, opens: str = "") -> dict[str, str]:
    """Return the prefixes of links by the column with the ids; `id` is one where rows are of the kind `opens`."""
    kinds = ({"id": opens} if opens else {}) | _COLUMNS
    found = {column: prefix(workspace, kind) for column, kind in kinds.items()}
    return {column: address for column, address in found.items() if address}
