"""How far a fetch has come, counted on the event loop and shown from the thread that waits for it."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from tqdm.auto import tqdm

# tqdm shows nothing where there is no terminal, which a notebook has not either.
_IN_NOTEBOOK = False if any(kind.__module__ == "tqdm.notebook" for kind in tqdm.__mro__) else None

_PAGE = 150  # rows; what a search gives for a request

SHOW_AFTER = 2.0  # seconds; what is over sooner needs no bar


@dataclass
class Meter:
    """A count of what one call of a verb has fetched so far; `done` counts keys, where rows come key by key."""

    label: str
    unit: str = "rows"
    total: int | None = None
    done: int | None = None
    rows: int = 0
    requests: int = 0

    def look(self) -> None:
        """Bring the count up to date."""

    @property
    def steps(self) -> tuple[int, int | None]:
        """Give how much is done, and of how much, in the meter's unit."""
        return (self.rows if self.done is None else self.done), self.total

    @property
    def expected(self) -> int:
        """Give how many requests the fetch takes from beginning to end, as far as is known."""
        if self.total is None:
            return max(1, self.requests)
        left = self.total - self.done if self.done is not None else math.ceil((self.total - self.rows) / _PAGE)
        return self.requests + max(0, left)


class QueryMeter(Meter):
    """A count of what all fetches of one query have done so far; its steps are requests, as tables differ in rows."""

    def __init__(self) -> None:
        self.parts: list[Meter] = []
        super().__init__("query", unit="requests")

    def part(self, label: str) -> Meter:
        """Give the meter of one more fetch."""
        self.parts.append(Meter(label))
        return self.parts[-1]

    def look(self) -> None:
        """Add up the fetches, and name their tables."""
        self.label = ", ".join(dict.fromkeys(part.label for part in self.parts)) or self.label
        self.rows = sum(part.rows for part in self.parts)
        self.requests = sum(part.requests for part in self.parts)
        self.total = sum(part.expected for part in self.parts)
        self.done = self.requests


_listener: ContextVar[Callable[[Meter], None] | None] = ContextVar("listener", default=None)


@contextmanager
def telling(listener: Callable[[Meter], None]) -> Iterator[None]:
    """Tell a function how far the block's fetches have come, instead of showing bars."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def bar(meter: Meter, budget: Callable[[], int | None] = lambda: None) -> Iterator[Any]:
    """Show a bar while the block runs: a widget in a notebook, text in a terminal, nothing where nobody looks.

    It tells how much is done and of how much, the time to go, rows, requests, and what `budget` says is left of the
    rate budget. Gives the function that brings the bar, or who listens instead, up to date.
    """
    if listener := _listener.get():

        def tell() -> None:
            meter.look()
            listener(meter)

        yield tell
        return
    shown = tqdm(
        desc=meter.label,
        unit=f" {meter.unit}",
        total=meter.total,
        delay=SHOW_AFTER,
        disable=_IN_NOTEBOOK,
        leave=False,
    )

    def look() -> None:
        meter.look()
        shown.set_description(meter.label, refresh=False)
        done, shown.total = meter.steps
        shown.unit = f" {meter.unit}"
        left = budget()
        told = {"rows": meter.rows, "requests": meter.requests} | (
            {} if left is None else {"budget left": max(0, left)}
        )
        shown.set_postfix(told, refresh=False)
        shown.update(done - shown.n)

    try:
        yield look
    finally:
        shown.close()
