"""The objects that can be searched for, and the rows of them that a check knows."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from intercom_kit.api.heads import Sample
from intercom_kit.doctor.questions import Answer
from intercom_kit.tables import CONTACTS, CONVERSATIONS, Listing, Paging

SHORTEST_WORD = 6


class Row(NamedTuple):
    """What a check keeps of one object."""

    id: str
    created_at: int
    updated_at: int
    seen_at: int
    text: str
    is_ticket: bool

    @property
    def sample(self) -> Sample:
        """Return what an experiment needs of it."""
        return Sample(self.id, self.created_at)

    @property
    def word(self) -> str:
        """Return a long word of the text whose inner part is no word there; empty where there is none."""
        words = re.findall(r"[\w']+", re.sub(r"<[^>]*>|&\w+;", " ", self.text).lower())
        long = (each for each in words if len(each) >= SHORTEST_WORD and each.isascii() and each.isalpha())
        return next((each for each in long if each[1:-1] not in words), "")


@dataclass(frozen=True)
class Kind:
    """One kind of object: where it is listed and searched, and the text that can be searched for words."""

    name: str
    search: Listing
    field: str
    text: Callable[[dict[str, Any]], Any]
    listing: Listing | None = None

    @property
    def items(self) -> str:
        """Return the key of the rows in an answer."""
        return self.search.items

    def rows(self, answer: Answer) -> list[Row]:
        """Read the rows of a list or search that say when they were created."""
        rows = [self._row(each) for each in answer.members(self.items) if each.get("id")]
        return [row for row in rows if row.created_at]

    def _row(self, given: dict[str, Any]) -> Row:
        text = self.text(given)
        return Row(
            str(given["id"]),
            _second(given.get("created_at")),
            _second(given.get("updated_at")),
            _second(given.get("last_seen_at")),
            text if isinstance(text, str) else "",
            given.get("ticket") is not None,
        )


def _second(value: Any) -> int:
    return value if type(value) is int else 0


def _inside(given: dict[str, Any], outer: str, inner: str) -> Any:
    found = given.get(outer)
    return found.get(inner) if isinstance(found, dict) else None


def _searched(listing: Listing | None) -> Listing:
    assert listing is not None  # noqa: S101 - declared
    return listing


CONTACT = Kind("contacts", _searched(CONTACTS.search), "name", lambda given: given.get("name"), CONTACTS.listing)
CONVERSATION = Kind(
    "conversations",
    _searched(CONVERSATIONS.search),
    "source.body",
    lambda given: _inside(given, "source", "body"),
    Listing("/conversations", "conversations", Paging.CURSOR, 150),
)
TICKET = Kind(
    "tickets",
    Listing("/tickets/search", "tickets", Paging.SEARCH, 150, "POST"),
    "title",
    lambda given: _inside(given, "ticket_attributes", "_default_title_"),
)
KINDS = (CONVERSATION, CONTACT, TICKET)
