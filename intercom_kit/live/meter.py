"""How far a fetch has come, counted on the event loop and shown from the thread that waits for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from tqdm.auto import tqdm

SHOW_AFTER = 2.0  # seconds; what is over sooner needs no bar


@dataclass
class Meter:
    """Count what one call of a verb has fetched so far; `done` counts keys, where rows are asked for key by key."""

    label: str
    unit: str = "rows"
    total: int | None = None
    done: int | None = None
    rows: int = 0
    requests: int = 0


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
def bar(meter: Meter) -> Iterator[Any]:
    """Show a bar while the block runs: a widget in a notebook, text in a terminal, nothing where nobody looks.

    Gives the function that brings the bar, or who listens instead, up to date.
    """
    if listener := _listener.get():
        yield lambda: listener(meter)
        return
    shown = tqdm(
        desc=meter.label,
        unit=f" {meter.unit}",
        total=meter.total,
        delay=SHOW_AFTER,
        disable=None,
        leave=False,
    )

    def look() -> None:
        shown.total = meter.total
        shown.unit = f" {meter.unit}"
        shown.set_postfix(rows=meter.rows, requests=meter.requests, refresh=False)
        shown.update((meter.rows if meter.done is None else meter.done) - shown.n)

    try:
        yield look
    finally:
        shown.close()
