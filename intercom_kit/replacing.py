"""Files that take the places of others together, once all of them are whole."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from intercom_kit.errors import BadRequestError
from intercom_kit.locking import locked

_BEGINS, _ENDS = ".intercom_kit-", ".part"  # so are folders called in which files wait for their places
_LOCK = "lock"  # held by the program that writes there
_TRIES = 10


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder: what is written to it until the block ends takes its place in `folder` then.

    If anything fails, what was in `folder` stays as it was, and nobody sees half a file. What programs left there that
    were killed meanwhile is deleted. Raises BadRequestError where the folder cannot be written to.
    """
    with ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _sweep(folder)
            new = held.enter_context(_new_folder(folder))
            yield new
            _put_in_place(new, folder)
        except OSError as error:
            raise unwritable(folder, error.strerror or str(error)) from error


def unwritable(folder: Path, why: str) -> BadRequestError:
    """Return the error that says that a folder cannot be written to, and why."""
    return BadRequestError(
        f"The folder {str(folder)!r} cannot be written to ({why}), and what was in it is as before: make room there, "
        "or name another."
    )


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Make a folder for the user alone, and delete it at the end with all that is left in it."""
    for attempt in range(_TRIES):
        new = Path(mkdtemp(_ENDS, _BEGINS, folder))
        with ExitStack() as held:
            held.callback(shutil.rmtree, new, ignore_errors=True)
            try:
                held.enter_context(locked(new / _LOCK, patience=1))
            except OSError:
                if new.exists() or attempt + 1 == _TRIES:
                    raise
                continue  # another program took it for one that was left, as it was without a lock for a moment
            yield new
            return


def _put_in_place(new: Path, folder: Path) -> None:
    """Move files to where they belong, in the order in which they were written."""
    written = [each for each in new.iterdir() if each.is_file() and each.name != _LOCK]
    for each in written:
        if (folder / each.name).is_dir():
            raise IsADirectoryError(None, f"{each.name} there is a folder")
    for each in sorted(written, key=lambda each: each.stat().st_mtime_ns):
        each.replace(folder / each.name)


def _sweep(folder: Path) -> None:
    """Delete the folders of programs that were killed: nobody holds their locks."""
    for left in folder.glob(f"{_BEGINS}*{_ENDS}"):
        with suppress(OSError):
            with locked(left / _LOCK, patience=0):
                shutil.rmtree(left, ignore_errors=True)
            left.rmdir()
