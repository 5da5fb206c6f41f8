"""Faults of pagination: stuck cursors, repeated and skipped pages, wrong totals, null entries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.errors import not_found
from intercom_kit.sandbox.faults import Faults

AGAIN, BEYOND = "again", "beyond"  # marks: a repeated page, a page after the last
NULLS = 2  # per page
LISTS = ("data", "events", "conversations", "tickets", "segments", "teams", "admins")
Position = TypeVar("Position")


@dataclass(frozen=True)
class Place(Generic[Position]):
    """The place of a page: its number, the position after which it begins, and the mark of a fault that led to it."""

    number: int
    position: Position
    mark: str = ""


# Returns the rows at a position, and the position of the next page, or None after the last.
Read = Callable[[Position], tuple[Sequence[Any], Position | None]]


class PagingFaults:
    """The paging faults of one list. They are stateless: every request for a page gets the same fault."""

    def __init__(self, faults: Faults, subject: str) -> None:
        self._faults = faults
        self._subject = subject

    def _happens(self, name: str, page: object = "") -> bool:
        return self._faults.applies_to(name, self._subject, page)

    def read_page(
        self, place: Place[Position], start: Position, read: Read[Position], *, drop_links: bool = True
    ) -> tuple[Sequence[Any], Place[Position] | None]:
        """Return the rows to show at a place, and the place that the page links to, if any.

        Without `drop_links`, no link is dropped: a client that counts pages does not need links.
        """
        number = place.number
        rows, next_position = read(place.position)
        if place.mark == BEYOND:
            return self._beyond(place, rows)
        empty = self._happens("empty_pages", number)
        if empty and number > 1:
            return rows[:0], Place(number + 1, place.position)
        next_place = place.position if next_position is None else next_position
        if self._happens("cursor_stuck", number):
            return rows, place if number > 1 else Place(2, next_place)
        if self._happens("cursor_alternates", number):
            return rows, self._other(place, start, read)
        if place.mark != AGAIN and self._happens("page_repeated", number):
            return rows, Place(number + 1, place.position, AGAIN)
        if next_position is None:
            forever = empty or self._happens("next_forever", number)
            return rows, Place(number + 1, place.position, BEYOND) if forever else None
        if self._happens("page_skipped", number):
            skipped, after_skipped = read(next_position)
            next_position = after_skipped if len(skipped) else next_position
        if next_position is None or (drop_links and self._happens("next_dropped", number)):
            return rows, None
        return rows, Place(number + 1, next_position)

    def _beyond(self, place: Place[Position], rows: Sequence[Any]) -> tuple[Sequence[Any], Place[Position] | None]:
        """Return a page after the last one while the fault is on: in turn empty and a copy of the last page."""
        if not self.on("next_forever", "empty_pages"):
            return rows[:0], None
        shown = rows if place.number % 2 and not self.on("empty_pages") else rows[:0]
        return shown, Place(place.number + 1, place.position, BEYOND)

    def _other(self, place: Place[Position], start: Position, read: Read[Position]) -> Place[Position]:
        """Return the second page's place, or the third's if this is the second."""
        second = _after(Place(1, start), read)
        return _after(second, read) if place == second else second

    def on(self, *names: str) -> bool:
        return self._faults.on(*names)

    def refuse_search(self, number: int) -> None:
        """Raise the reported error of a search that is lost from its second page on."""
        if number > 1 and self._happens("search_404", number):
            raise not_found("Conversation not found. Message deleted.")

    def total(self, total: int) -> int | None:
        """Return the total that the list reports, if it reports one."""
        if self._happens("total_missing"):
            return None
        if self._happens("total_high"):
            return total * 2 + 7
        return total // 2 if self._happens("total_low") else total

    def with_nulls(self, page: object, rows: list[Any], null: Any) -> list[Any]:
        """Return the rows with null entries among them."""
        if not rows or not self._happens("null_entries", page):
            return rows
        dice, rows = self._faults.dice("null_entries", self._subject, page), list(rows)
        for _ in range(NULLS):
            rows.insert(dice.whole(0, len(rows)), null)
        return rows

    def break_record(self, answer: Record, page: object) -> Record:
        """Return a response object with faulty rows and total; cursor lists are already text and have theirs."""
        broken = dict(answer)
        for key in LISTS:
            if isinstance(answer.get(key), list):
                broken[key] = self.with_nulls(page, answer[key], None)
        if isinstance(answer.get("total_count"), int):
            total = self.total(answer["total_count"])
            broken.pop("total_count")
            broken |= {} if total is None else {"total_count": total}
        return broken


def read_page(
    place: Place[Position], start: Position, read: Read[Position], paging_faults: PagingFaults | None
) -> tuple[Sequence[Any], Place[Position] | None]:
    """Return the rows of a page and the place of the next, with paging faults if any are on."""
    if paging_faults is not None:
        return paging_faults.read_page(place, start, read)
    rows, next_position = read(place.position)
    return rows, None if next_position is None else Place(place.number + 1, next_position)


def _after(place: Place[Position], read: Read[Position]) -> Place[Position]:
    next_position = read(place.position)[1]
    return Place(place.number + 1, place.position if next_position is None else next_position)
