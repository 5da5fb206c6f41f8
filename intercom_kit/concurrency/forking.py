"""Safety across forks: a forked process has copies of the parent's objects, but not the threads behind them."""

import ctypes
import gc
import os
from collections.abc import Callable


def in_child(renew: Callable[[], None]) -> Callable[[], None]:
    """Register a function to be called first in every forked process; Windows does not fork."""
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
    """Exclude the parent's garbage from collection in the child: DuckDB may crash where a cursor is freed there."""
    gc.freeze()
    _go_on_collecting()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_pause_collecting, after_in_parent=_go_on_collecting, after_in_child=_spare_garbage)


def keep_for_ever(*objects: object) -> None:
    """Keep objects from ever being destroyed, even when the interpreter exits.

    Closing the parent's event loop would remove sockets from the selector that both processes share, and closing its
    DuckDB crashes, since the threads that it waits for do not exist.
    """
    for each in objects:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(each))
