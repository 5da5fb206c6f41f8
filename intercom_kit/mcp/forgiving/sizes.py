"""The sizes of arguments: while a larger one is read, other callers of a server would have to wait."""

from typing import Any

_LONGEST_TEXT = 50_000  # characters
_MOST_MEMBERS = 2_000


def too_large(name: str, value: Any) -> str:
    """Return how an argument, or a member of it, is too large to be read; an empty text for others."""
    left = [name, value]
    while left:
        each = left.pop()
        if isinstance(each, str) and len(each) > _LONGEST_TEXT:
            return f"has a text of {len(each):,} characters, and {_LONGEST_TEXT:,} may be given"
        if isinstance(each, list | dict):
            if len(each) > _MOST_MEMBERS:
                return f"has {len(each):,} members, and {_MOST_MEMBERS:,} may be given: ask in several calls"
            left += each if isinstance(each, list) else [*each, *each.values()]
    return ""
