"""The types of objects that can be searched, and the rows of them that a check has read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from intercom_kit.api.heads import Sample
from intercom_kit.doctor.questions import Answer
from intercom_kit.tables import CONTACTS, CONVERSATIONS, Listing, Paging

SHORTEST_WORD = 6


class Row(NamedTuple):
    """The fields of one object that a check needs."""

    id: str
    created_at: int
    updated_at: int
    seen_at: int
    text: str
    is_ticket: bool

    @property
    def sample(self) -> Sample:
        """Return the id and time of creation, for an experiment."""
        return Sample(self.id, self.created_at)

    @property
    def word(self) -> str:
        """Return a long word of the text whose inner part is not a word there; empty if there is none."""
        words = re.findall(r"[\w']+", re.sub(r"<[^>]*>|&\w+;", " ", self.text).lower())
        long = (each for each in words if len(each) >= SHORTEST_WORD and each.isascii() and each.isalpha())
        return next((each for each in long if each[1:-1] not in words), "")


@dataclass(frozen=True)
class ObjectType:
    """One type of object: its list and search, and its field for searches by words."""

    name: str
    search: Listing
    field: str
    text: Callable[[dict[str, Any]], Any]
    listing: Listing | None = None

    @property
    def items(self) -> str:
        """Return the key of the rows in a response."""
        return self.search.items

    def rows(self, answer: Answer) -> list[Row]:
        """Return the rows of a list or search that have a time of creation."""
        rows = [self._row(each) for each in answer.members(self.items) if each.get("id")]
        return [row for row in rows if row.created_at]

    def _row(self, item: dict[str, Any]) -> Row:
        text = self.text(item)
        return Row(
            str(item["id"]),
            _second(item.get("created_at")),
            _second(item.get("updated_at")),
            _second(item.get("last_seen_at")),
            text if isinstance(text, str) else "",
            item.get("ticket") is not None,
        )


def _second(value: Any) -> int:
    return value if type(value) is int else 0


def _nested(item: dict[str, Any], outer: str, inner: str) -> Any:
    value = item.get(outer)
    return value.get(inner) if isinstance(value, dict) else None


def _searched(listing: Listing | None) -> Listing:
    assert listing is not None  # noqa: S101 - declared
    return listing


CONTACT = ObjectType("contacts", _searched(CONTACTS.search), "name", lambda item: item.get("name"), CONTACTS.listing)
CONVERSATION = ObjectType(
    "conversations",
    _searched(CONVERSATIONS.search),
    "source.body",
    lambda item: _nested(item, "source", "body"),
    Listing("/conversations", "conversations", Paging.CURSOR, 150),
)
TICKET = ObjectType(
    "tickets",
    Listing("/tickets/search", "tickets", Paging.SEARCH, 150, "POST"),
    "title",
    lambda item: _nested(item, "ticket_attributes", "_default_title_"),
)
