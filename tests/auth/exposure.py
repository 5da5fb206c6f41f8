"""What a debugger, a crash reporter or a curious reader would see of a thing or an error."""

import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

TESTS = str(Path(__file__).parents[1])


def reachable(thing: Any, depth: int = 6) -> str:
    """Print a thing and all that stands in its attributes, as a debugger's variable view does."""
    seen: set[int] = set()

    def show(each: Any, left: int) -> str:
        if id(each) in seen or not left:
            return ""
        seen.add(id(each))
        inside = list(getattr(each, "__dict__", {}).values())
        members = each.values() if isinstance(each, dict) else each if isinstance(each, list | tuple | set) else []
        inside += list(members)
        return repr(each) + "".join(show(member, left - 1) for member in inside)

    return show(thing, depth)


def told(error: BaseException) -> str:
    """Print an error with all that led to it, and the local variables of all frames but the tests' own."""
    shown = []
    following: BaseException | None = error
    while following is not None:
        shown += [repr(following), reachable(vars(following)), *_locals(following.__traceback__)]
        shown += traceback.TracebackException.from_exception(following).format()
        following = following.__cause__ or following.__context__
    return "\n".join(shown)


def _locals(trace: TracebackType | None) -> list[str]:
    frames = [frame for frame, _ in traceback.walk_tb(trace)]
    return [reachable(frame.f_locals, 5) for frame in frames if not frame.f_code.co_filename.startswith(TESTS)]
