"""Break the way from page to page: pointers that do not move on, pages that come twice, totals that are wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.errors import not_found
from intercom_kit.sandbox.faults import Faults

AGAIN, BEYOND = "again", "beyond"
NULLS = 2  # how many a page gets
LISTS = ("data", "events", "conversations", "tickets", "segments", "teams", "admins")
Position = TypeVar("Position")


@dataclass(frozen=True)
class Place(Generic[Position]):
    """Where a page stands: the how manieth it is, and what it begins after; `mark` tells that a fault put it there."""

    number: int
    position: Position
    mark: str = ""


# Reads the rows at a position, and the position of the next page, which is None after the last.
Read = Callable[[Position], tuple[Sequence[Any], Position | None]]


class Breaks:
    """The paging faults of one list. They keep no state: a page that is asked for again is broken in the same way."""

    def __init__(self, faults: Faults, subject: str) -> None:
        self._faults = faults
        self._subject = subject

    def _happens(self, name: str, page: object = "") -> bool:
        return self._faults.decides(name, self._subject, page)

    def turn(
        self, place: Place[Position], start: Position, read: Read[Position], *, drops: bool = True
    ) -> tuple[Sequence[Any], Place[Position] | None]:
        """Give the rows to show at a place, and the place that the page points to, if it points to one.

        Without `drops`, no pointer is left out: whoever counts pages instead of following pointers misses none.
        """
        number = place.number
        rows, following = read(place.position)
        if place.mark == BEYOND:
            return self._beyond(place, rows)
        empty = self._happens("empty_pages", number)
        if empty and number > 1:
            return rows[:0], Place(number + 1, place.position)
        onward = place.position if following is None else following
        if self._happens("cursor_stuck", number):
            return rows, place if number > 1 else Place(2, onward)
        if self._happens("cursor_alternates", number):
            return rows, self._other(place, start, read)
        if place.mark != AGAIN and self._happens("page_repeated", number):
            return rows, Place(number + 1, place.position, AGAIN)
        if following is None:
            forever = empty or self._happens("next_forever", number)
            return rows, Place(number + 1, place.position, BEYOND) if forever else None
        if self._happens("page_skipped", number):
            skipped, after = read(following)
            following = after if len(skipped) else following
        if following is None or (drops and self._happens("next_dropped", number)):
            return rows, None
        return rows, Place(number + 1, following)

    def _beyond(self, place: Place[Position], rows: Sequence[Any]) -> tuple[Sequence[Any], Place[Position] | None]:
        """Go on after the last page for as long as the fault is on: empty, and as the last page was, in turn."""
        if not self.on("next_forever", "empty_pages"):
            return rows[:0], None
        shown = rows if place.number % 2 and not self.on("empty_pages") else rows[:0]
        return shown, Place(place.number + 1, place.position, BEYOND)

    def _other(self, place: Place[Position], start: Position, read: Read[Position]) -> Place[Position]:
        """Point to the second page or to the third, whichever this is not."""
        second = _after(Place(1, start), read)
        return _after(second, read) if place == second else second

    def on(self, *names: str) -> bool:
        return self._faults.on(*names)

    def refuse_search(self, number: int) -> None:
        """Lose a search on its second page or later, in the words that were reported."""
        if number > 1 and self._happens("search_404", number):
            raise not_found("Conversation not found. Message deleted.")

    def total(self, total: int) -> int | None:
        """Give the total that the list claims to have, if it has any."""
        if self._happens("total_missing"):
            return None
        if self._happens("total_high"):
            return total * 2 + 7
        return total // 2 if self._happens("total_low") else total

    def with_nulls(self, page: object, rows: list[Any], null: Any) -> list[Any]:
        """Put null entries between the rows."""
        if not rows or not self._happens("null_entries", page):
            return rows
        dice, rows = self._faults.dice("null_entries", self._subject, page), list(rows)
        for _ in range(NULLS):
            rows.insert(dice.whole(0, len(rows)), null)
        return rows

    def broken(self, answer: Record, page: object) -> Record:
        """Break the rows and the total of an answer that is still an object."""
        broken = dict(answer)
        for key in LISTS:
            if isinstance(answer.get(key), list):
                broken[key] = self.with_nulls(page, answer[key], None)
        if isinstance(answer.get("total_count"), int):
            total = self.total(answer["total_count"])
            broken.pop("total_count")
            broken |= {} if total is None else {"total_count": total}
        return broken


def turn(
    place: Place[Position], start: Position, read: Read[Position], breaks: Breaks | None
) -> tuple[Sequence[Any], Place[Position] | None]:
    """Give the rows of a page and the place of the next, broken or not."""
    if breaks is not None:
        return breaks.turn(place, start, read)
    rows, following = read(place.position)
    return rows, None if following is None else Place(place.number + 1, following)


def _after(place: Place[Position], read: Read[Position]) -> Place[Position]:
    following = read(place.position)[1]
    return Place(place.number + 1, place.position if following is None else following)
