"""What a forked process must not touch: it has a copy of the parent's objects, and none of the threads behind them."""

import ctypes
import gc
import os
from collections.abc import Callable


def in_child(renew: Callable[[], None]) -> Callable[[], None]:
    """Have a function called in every process that is forked from this one, before anything else runs there.

    Windows does not fork.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=renew)
    return renew


_collecting = True


def _pause_collecting() -> None:
    global _collecting
    _collecting = gc.isenabled()
    gc.disable()


def _go_on_collecting() -> None:
    if _collecting:
        gc.enable()


def _spare_garbage() -> None:
    """Never collect in the child what was garbage in the parent: where a cursor is freed there, DuckDB may crash."""
    gc.freeze()
    _go_on_collecting()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_pause_collecting, after_in_parent=_go_on_collecting, after_in_child=_spare_garbage)


def keep_for_ever(*things: object) -> None:
    """Keep objects from ever being destroyed, also as the interpreter ends.

    Closing the parent's event loop would take sockets out of the selector that both processes share, and closing its
    DuckDB crashes, for want of the threads that it waits for.
    """
    for thing in things:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))
