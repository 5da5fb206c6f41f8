"""Suggestions for names that do not exist."""

import difflib
from collections.abc import Iterable


def hint(name: object, known: Iterable[str], otherwise: str = "") -> str:
    """Suggest the closest known names for an unknown one; without any return `otherwise`, or list what is known."""
    names, unknown = list(known), str(name).lower()
    lower = [each.lower() for each in names]
    near = difflib.get_close_matches(unknown, lower, n=3) or [each for each in lower if unknown and unknown in each][:3]
    if near:
        return f"did you mean {' or '.join(repr(each) for each in names if each.lower() in near)}?"
    return otherwise or f"there are {', '.join(names) or 'none'}."
