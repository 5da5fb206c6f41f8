"""A table that a query does not find, though the program that asks has a DataFrame of that name."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd

from intercom_kit.errors import BadQueryError
from intercom_kit.frames.caller import named


@contextmanager
def own_frames_named() -> Iterator[None]:
    """Let the error for an unknown table name the argument that makes the caller's DataFrame one."""
    try:
        yield
    except BadQueryError as error:
        if error.missing and isinstance(named(error.missing), pd.DataFrame):
            raise with_argument(error, f'frames={{"{error.missing}": {error.missing}}}') from None
        raise


def with_argument(error: BadQueryError, argument: str) -> BadQueryError:
    """Return the error for an unknown table, with the argument that makes a DataFrame one."""
    what = str(error).partition(": ")[0]
    return BadQueryError(f"{what}: {argument} makes your DataFrame of that name one.", missing=error.missing)
