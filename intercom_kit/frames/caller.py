"""The program that called us: the first frame of the stack outside of this package and of pandas."""

import sys
from types import FrameType
from typing import Any

_OURS = ("intercom_kit", "pandas", "contextlib")


def calling() -> tuple[FrameType, int]:
    """Return the frame of the program that called us, and how many levels it stands above the caller of this."""
    level, frame = 0, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _OURS:
        level, frame = level + 1, frame.f_back
    return frame, level


def named(name: str) -> Any:
    """Return what the program that called us calls by a name; None if there is nothing."""
    frame, _ = calling()
    return frame.f_locals.get(name, frame.f_globals.get(name))
