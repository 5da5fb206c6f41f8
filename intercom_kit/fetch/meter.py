"""The progress of a fetch, counted on the event loop and shown by the thread that waits for it."""

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from tqdm.auto import tqdm

# tqdm shows nothing without a terminal (None), which a notebook lacks, too.
_IN_NOTEBOOK = False if any(kind.__module__ == "tqdm.notebook" for kind in tqdm.__mro__) else None

_PAGE = 150  # rows that a search returns per request

SHOW_AFTER = 2.0  # seconds; shorter fetches need no bar


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
        """Update the counts."""

    @property
    def steps(self) -> tuple[int, int | None]:
        """Return how much is done and the total, in the meter's unit."""
        return (self.rows if self.done is None else self.done), self.total

    @property
    def expected(self) -> int:
        """Return how many requests the fetch takes in all, as far as is known."""
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
        """Add and return the meter of one more fetch."""
        self.parts.append(Meter(label))
        return self.parts[-1]

    def look(self) -> None:
        """Update the counts from the meters of the fetches."""
        self.label = ", ".join(dict.fromkeys(part.label for part in self.parts)) or self.label
        self.rows = sum(part.rows for part in self.parts)
        self.requests = sum(part.requests for part in self.parts)
        self.total = sum(part.expected for part in self.parts)
        self.done = self.requests


_listener: ContextVar[Callable[[Meter], None] | None] = ContextVar("listener", default=None)


@contextmanager
def telling(listener: Callable[[Meter], None]) -> Iterator[None]:
    """Report the progress of the block's fetches to a callback, instead of showing bars."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def told(text: str) -> None:
    """Show a line above the progress bars: in a notebook or a terminal, and nothing elsewhere."""
    if _listener.get() is not None:
        return
    if _IN_NOTEBOOK is False:
        print(text)  # bars are widgets there, which tqdm's own way of writing would show before their time
    elif sys.stderr.isatty():
        tqdm.write(text, file=sys.stderr)


@contextmanager
def bar(meter: Meter, budget: Callable[[], int | None] = lambda: None) -> Iterator[Any]:
    """Show a progress bar while the block runs: a widget in a notebook, text in a terminal, nothing elsewhere.

    It shows progress, total, remaining time, rows, requests, and the remaining rate budget that `budget` returns. It
    ends complete, whatever was expected, and stays where it was if the block fails. Yields the function that updates
    the bar, or the callback of `telling` instead.
    """
    if listener := _listener.get():

        def report() -> None:
            meter.look()
            listener(meter)

        yield report
        return
    shown = _kind()(
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
        counts = {"rows": meter.rows, "requests": meter.requests} | (
            {} if left is None else {"budget left": max(0, left)}
        )
        shown.set_postfix(counts, refresh=False)
        shown.update(done - shown.n)

    try:
        yield look
        look()
        shown.total = shown.n
    finally:
        shown.close()


def _kind() -> type[Any]:
    """Return the kind of bar: a widget in a notebook, which alone needs ipywidgets."""
    if _IN_NOTEBOOK is None:
        return tqdm
    from intercom_kit.fetch.notebook_bar import NotebookBar

    return NotebookBar
