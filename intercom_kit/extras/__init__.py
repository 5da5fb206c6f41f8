"""Libraries that only some need, and the extras of this package that bring them."""

from collections.abc import Iterator
from contextlib import contextmanager

from intercom_kit.errors import MissingExtraError


@contextmanager
def brought_by(extra: str) -> Iterator[None]:
    """Raise MissingExtraError where the block imports a library that is not installed, and that an extra brings."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library in ("", "intercom_kit"):
            raise
        raise missing(library, extra) from error


def missing(library: str, extra: str) -> MissingExtraError:
    """Return the error that says how to install a library."""
    return MissingExtraError(f"This needs {library}, which is not installed: pip install 'intercom_kit[{extra}]'.")
