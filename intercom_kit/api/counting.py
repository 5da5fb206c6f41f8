"""Count requests where they are sent, for whoever asked for them.

A context variable carries the callback, since many calls share a transport, and each counts only its own requests.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_callback: ContextVar[Callable[[], None]] = ContextVar("callback", default=lambda: None)


@contextmanager
def counting(callback: Callable[[], None]) -> Iterator[None]:
    """Call back for every request that the block sends, including retries and failures."""
    token = _callback.set(callback)
    try:
        yield
    finally:
        _callback.reset(token)


def count() -> None:
    """Count one request."""
    _callback.get()()
