"""Search each kind of object: for all words of a question, and where that finds nothing, for each of them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from intercom_kit.errors import BadRequestError, IntercomError, PlanRestrictedError, ScopeMissingError
from intercom_kit.mcp.foreign.texts import readable
from intercom_kit.mcp.research.documents import Found, Hit
from intercom_kit.mcp.research.words import worth_searching
from intercom_kit.mcp.telling.wording import in_tools

if TYPE_CHECKING:
    import pandas as pd

    from intercom_kit.workspace import Workspace

MOST_OF_A_KIND = 10
_MOST_REQUESTS = 200  # to read all companies or articles, which Intercom cannot search
_LONGEST_TITLE = 90

# Returns the rows of a kind that have all of some words.
Search = Callable[["Workspace", Sequence[str]], "pd.DataFrame"]


def found(ws: "Workspace", question: str) -> Found:
    """Return what a question finds in every kind of object; what could not be searched is noted."""
    words = worth_searching(question)
    hits: list[Hit] = []
    refused: dict[str, IntercomError] = {}
    for kind, search in SEARCHES.items():
        try:
            hits += _of_a_kind(ws, kind, search, words) if words else []
        except (BadRequestError, PlanRestrictedError, ScopeMissingError) as error:
            refused[kind] = error
    if refused and len(refused) == len(SEARCHES):
        raise next(iter(refused.values()))
    notes = [_searched(words, hits)]
    notes += [f"{kind} were not searched: {in_tools(str(error))}." for kind, error in refused.items()]
    return Found(results=hits, note=" ".join(notes))


def _searched(words: Sequence[str], hits: Sequence[Hit]) -> str:
    """Return how a question was searched for."""
    if not words:
        return "The question has no word to search for: give names, or words that customers would write."
    looked = f"Searched for {', '.join(words)}: at most {MOST_OF_A_KIND} of each kind."
    where = "Of conversations the opening message was searched, not the replies."
    return f"{looked} {where}" + ("" if hits else " Nothing has one of these words: try others that mean the same.")


def _of_a_kind(ws: "Workspace", kind: str, search: Search, words: Sequence[str]) -> list[Hit]:
    """Return the objects that have all words, or else those that have most of them."""
    frame = search(ws, words)
    if not frame.empty or len(words) == 1:
        return _hits(kind, frame)
    counts: Counter[str] = Counter()
    hits: dict[str, Hit] = {}
    for word in words:
        for hit in _hits(kind, search(ws, [word])):
            hits.setdefault(hit.id, hit)
            counts[hit.id] += 1
    return [hits[id] for id, _ in counts.most_common(MOST_OF_A_KIND)]


def _hits(kind: str, frame: "pd.DataFrame") -> list[Hit]:
    link = frame.attrs["intercom"]["links"].get("id", "")
    rows = frame.head(MOST_OF_A_KIND).to_dict("records")
    return [Hit(id=f"{_NOUNS[kind]}:{row['id']}", title=title(row), url=address(row, link)) for row in rows]


def title(row: Mapping[Any, Any]) -> str:
    """Return the name of an object: its title or name, or the beginning of what was written."""
    for name in ("title", "source_subject", "name", "email", "source_body"):
        text = row.get(name)
        if isinstance(text, str) and (words := " ".join(readable(text).split())):
            return words if len(words) <= _LONGEST_TITLE else f"{words[:_LONGEST_TITLE].rstrip()}…"
    return str(row["id"])


def address(row: Mapping[Any, Any], link: str) -> str:
    """Return the URL of an object: its own, or that in Intercom's app; empty where there is none."""
    own = row.get("url")
    return own if isinstance(own, str) else f"{link}{row['id']}" if link else ""


def _all_rows(table: str, *columns: str) -> Search:
    """Return the search of a table that Intercom cannot search, which is read once and then kept up to date."""
    text = " || ' ' || ".join(f"coalesce({column}, '')" for column in columns)

    def search(ws: "Workspace", words: Sequence[str]) -> "pd.DataFrame":
        named = {f"word{place}": word for place, word in enumerate(words)}
        every = " and ".join(f"contains(lower({text}), ${name})" for name in named)
        query = f"select * from {table} where {every} order by updated_at desc limit {MOST_OF_A_KIND}"
        return ws.sql(query, named, max_requests=_MOST_REQUESTS)

    return search


SEARCHES: dict[str, Search] = {
    "conversations": lambda ws, words: ws.search_conversations(" ".join(words), limit=MOST_OF_A_KIND),
    "tickets": lambda ws, words: ws.tickets(MOST_OF_A_KIND, text=" ".join(words)),
    "contacts": lambda ws, words: ws.search_contacts(" ".join(words), limit=MOST_OF_A_KIND),
    "companies": _all_rows("companies", "name", "website", "industry"),
    "articles": _all_rows("articles", "title", "description", "body"),
}
_NOUNS = {
    "conversations": "conversation",
    "tickets": "ticket",
    "contacts": "contact",
    "companies": "company",
    "articles": "article",
}
