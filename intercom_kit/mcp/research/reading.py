"""Read one object as text: what is known of it, what was written, and which other objects belong to it."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.mcp.answers import BUDGET, size
from intercom_kit.mcp.arguments import PageRequest
from intercom_kit.mcp.cells import cell
from intercom_kit.mcp.live_desk import LiveDesk
from intercom_kit.mcp.research.documents import Document
from intercom_kit.mcp.research.finding import address, title
from intercom_kit.mcp.retrieval import thread
from intercom_kit.mcp.telling.notes import WRITTEN_BY_STRANGERS
from intercom_kit.tables import ARTICLES, COMPANIES, CONTACTS, CONVERSATIONS, TICKETS, Table

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.workspace import Workspace

_MOST_RELATED = 20
_LONGEST_MESSAGE = 4_000
_CUT = "[cut to fit: {:,} more characters; intercom_query can read the rest]"

# Returns the lines of an object's text, from its row.
Lines = Callable[["Workspace", Mapping[Any, Any]], Iterable[str]]


def read(desk: LiveDesk, ws: "Workspace", id: str) -> Document:
    """Return an object by the id that a search found."""
    kind, _, key = id.partition(":")
    if kind not in _KINDS or not key:
        forms = ", ".join(f"{name}:…" for name in _KINDS)
        raise ToolError(f"{id!r} is no id that search returns: these are {forms}. Call search first")
    table, one, lines = _KINDS[kind]
    frame = one(ws, key)
    row = frame.iloc[0].to_dict()
    page = PageRequest(1, response_format="detailed" if table in (CONTACTS, COMPANIES) else "concise")
    known = desk.described(ws, frame, table, page)
    metadata = {name: value for name, value in known.items() if name not in _TEXTS}
    metadata |= {"as_of": frame.attrs["intercom"]["at"], "note": WRITTEN_BY_STRANGERS}
    link = frame.attrs["intercom"]["links"].get("id", "")
    text = _fitting("\n\n".join(lines(ws, row)) or title(row), BUDGET - min(size(metadata), BUDGET // 2))
    return Document(id=id, title=title(row), text=text, url=address(row, link), metadata=metadata)


_TEXTS = ("source_body", "body", "url")


def _fitting(text: str, room: int) -> str:
    """Return a text cut to some bytes of JSON, with how much is missing."""
    kept = text
    while size(kept) > room:
        kept = kept[: min(len(kept) - 1, len(kept) * room // size(kept))]
    return text if kept == text else f"{kept}\n{_CUT.format(len(text) - len(kept))}"


def _messages(frame: "pd.DataFrame") -> Iterable[str]:
    """Return what was written, each with who wrote it and when."""
    for row in frame.to_dict("records"):
        if body := cell(row.get("body"), _LONGEST_MESSAGE):
            who = cell(row.get("author_name")) or row.get("author_type") or "somebody"
            yield f"{cell(row['created_at'])} {who} ({row['part_type']}): {body}"


def _related(kind: str, frame: "pd.DataFrame") -> Iterable[str]:
    """Return a line for each of some other objects, with the id that fetches it."""
    for row in frame.head(_MOST_RELATED).to_dict("records"):
        yield f"{kind}:{row['id']} {title(row)}"


def _of_a_contact(ws: "Workspace", row: Mapping[Any, Any]) -> Iterable[str]:
    yield "Newest conversations:"
    yield from _related("conversation", ws.search_conversations(contact_ids=row["id"], limit=_MOST_RELATED))


def _of_a_company(ws: "Workspace", row: Mapping[Any, Any]) -> Iterable[str]:
    yield f"Contacts, at most {_MOST_RELATED}:"
    yield from _related("contact", ws.company_contacts(row["id"], limit=_MOST_RELATED))


def _of_a_ticket(ws: "Workspace", row: Mapping[Any, Any]) -> Iterable[str]:
    yield from filter(None, [cell(row.get("description"), _LONGEST_MESSAGE)])
    yield from _messages(ws.ticket_parts(row["id"]))


def _article(ws: "Workspace", id: str) -> "pd.DataFrame":
    frame = ws.sql("select * from articles where id = $id", {"id": id})
    if frame.empty:
        raise ToolError(f"There is no article {id!r} in this workspace. Call search first")
    return frame


_KINDS: dict[str, tuple[Table, Callable[["Workspace", str], "pd.DataFrame"], Lines]] = {
    "conversation": (
        CONVERSATIONS,
        lambda ws, id: ws.conversation(id),
        lambda ws, row: _messages(thread(ws, row["id"])),
    ),
    "ticket": (TICKETS, lambda ws, id: ws.ticket(id), _of_a_ticket),
    "contact": (CONTACTS, lambda ws, id: ws.contact(id), _of_a_contact),
    "company": (COMPANIES, lambda ws, id: ws.company(id), _of_a_company),
    "article": (ARTICLES, _article, lambda _, row: filter(None, [cell(row["body"])])),
}
