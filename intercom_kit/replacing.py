"""Files that are replaced together, once all of the new ones are complete."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from intercom_kit.errors import BadRequestError
from intercom_kit.locking import locked

_BEGINS, _ENDS = ".intercom_kit-", ".part"  # prefix and suffix of the temporary folders
_LOCK = "lock"  # the lock file of the program that writes there
_TRIES = 10


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Yield an empty temporary folder, whose files are moved to `folder` when the block ends.

    If anything fails, `folder` stays as it was, and no partial file is ever visible there. Temporary folders left by
    killed programs are deleted. Raises BadRequestError if the folder cannot be written to.
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
    """Return the error for a folder that cannot be written to."""
    return BadRequestError(
        f"The folder {str(folder)!r} cannot be written to ({why}), and what was in it is as before: make room there, "
        "or name another."
    )


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Yield a new temporary folder that only this user can read, and delete it at the end."""
    for attempt in range(_TRIES):
        new = Path(mkdtemp(_ENDS, _BEGINS, folder))
        with ExitStack() as held:
            held.callback(shutil.rmtree, new, ignore_errors=True)
            try:
                held.enter_context(locked(new / _LOCK, patience=1))
            except OSError:
                if new.exists() or attempt + 1 == _TRIES:
                    raise
                continue  # another program deleted it as left over, since it had no lock yet
            yield new
            return


def _put_in_place(new: Path, folder: Path) -> None:
    """Move the new files into place, in the order in which they were written."""
    written = [each for each in new.iterdir() if each.is_file() and each.name != _LOCK]
    for each in written:
        if (folder / each.name).is_dir():
            raise IsADirectoryError(None, f"{each.name} there is a folder")
    for each in sorted(written, key=lambda each: each.stat().st_mtime_ns):
        each.replace(folder / each.name)


def _sweep(folder: Path) -> None:
    """Delete the temporary folders of killed programs: those whose locks are free."""
    for left in folder.glob(f"{_BEGINS}*{_ENDS}"):
        with suppress(OSError):
            with locked(left / _LOCK, patience=0):
                shutil.rmtree(left, ignore_errors=True)
            left.rmdir()
