"""Reading beside a program that writes: files that it replaced are looked for again under their new names."""

from collections.abc import Callable
from typing import TypeVar

from intercom_kit.errors import BadLakeError, BadQueryError

Found = TypeVar("Found")

# An update replaces files in each of its steps, so that a query may meet several of them.
_MOST_TRIES = 20


def settled(read: Callable[[], Found], changed: Callable[[], bool]) -> Found:
    """Return what is read from a lake's files, again where it fails and the manifest has `changed` meanwhile."""
    for _ in range(_MOST_TRIES):
        try:
            return read()
        except (BadLakeError, BadQueryError):
            if not changed():
                raise
    return read()
