"""The file of the profiles, and of their secrets where there is no keyring; only its owner may read it."""

import json
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

from intercom_kit.api.secret import Secret
from intercom_kit.errors import CredentialStoreBusyError, CredentialStoreError
from intercom_kit.locking import locked

VERSION = 1
SECRETS = frozenset({"token", "refresh_token", "client_secret"})
NEEDED = frozenset({"workspace_id", "workspace", "region", "base_url", "admin", "since", "client_id", "kept"})
LARGEST = 16_000_000  # bytes; a profile takes some hundreds

PATIENCE = 10.0  # seconds to wait for another program that is changing the file

_UNFINISHED = ".profiles-"  # prefix of a temporary file
_TRIES, _PAUSE = 20, 0.05  # seconds

Document = dict[str, Any]
Result = TypeVar("Result")


def location() -> Path:
    """Return the path of the file: in INTERCOM_KIT_HOME, else in the system's folder for application data."""
    home = os.environ.get("INTERCOM_KIT_HOME")
    return Path(home or platformdirs.user_data_path("intercom_kit", appauthor=False)) / "profiles.json"


@contextmanager
def alone(patience: float | None = None) -> Iterator[None]:
    """Lock the file during the block against changes by other threads and programs.

    Raises CredentialStoreBusyError where another program does not release it within `patience` seconds (by default
    PATIENCE), and CredentialStoreError.
    """
    folder, patience = location().parent, PATIENCE if patience is None else patience
    with ExitStack() as held:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            held.enter_context(locked(_lock(folder), patience))
        except TimeoutError:
            raise CredentialStoreBusyError(
                f"Another program has been changing the profiles in {folder} for more than {patience:g} seconds, and "
                "may be waiting for the keyring to be unlocked. Let it finish or end it, and try again."
            ) from None
        except OSError as error:
            raise _unwritable(_lock(folder), error) from None
        _sweep(folder)
        yield


def read() -> Document:
    """Return the content of the file; a missing one has no profiles.

    Raises CredentialStoreError where others can read it or own it, or where another version wrote it.
    """
    path = location()
    _sweep_if_nobody_writes(path.parent)
    document: Any = None
    try:
        document = _patiently(lambda: _parsed(path))
    except (FileNotFoundError, NotADirectoryError):
        return {"version": VERSION, "used": None, "profiles": {}}
    except OSError as error:
        raise CredentialStoreError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):  # it may quote the file: raise our own error outside of its context
        pass
    if not isinstance(document, dict) or not isinstance(document.get("profiles"), dict):
        raise _damaged(path)
    if document.get("version") != VERSION:
        raise CredentialStoreError(
            f"{path} was written by another version of intercom_kit (format {document.get('version')!r}, and this one "
            f"reads {VERSION}). Install that version again, or delete the file and connect each workspace again."
        )
    if not all(_is_whole(entry) for entry in document["profiles"].values()):
        raise _damaged(path)
    return document


def write(document: Document) -> None:
    """Replace the file atomically, so that a crash leaves the old one; only its owner may ever read it."""
    path = location()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)  # with mode 600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(json.dumps(document, indent=2, default=Secret.reveal))
                file.flush()
                os.fsync(file.fileno())
            _patiently(lambda: Path(name).replace(path))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(path, error) from None


def _parsed(path: Path) -> Any:
    """Return the parsed file, with its secrets as Secret."""
    _require_own(path, path.lstat())  # before opening, which could block or have side effects on special files
    with open(path, encoding="utf-8", opener=_opened_at_once) as file:
        _require_own(path, os.fstat(file.fileno()))
        return json.load(file, object_hook=_wrapped)


def _opened_at_once(name: str, flags: int) -> int:
    """Open a file without following links, and without blocking on pipes."""
    return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _patiently(act: Callable[[], Result]) -> Result:
    """Retry on Windows while another program has the file open."""
    for attempt in range(_TRIES):
        try:
            return act()
        except PermissionError:
            if os.name != "nt" or attempt + 1 == _TRIES:
                raise
            time.sleep(_PAUSE)
    raise AssertionError("the last attempt returns or raises")


def _lock(folder: Path) -> Path:
    return folder / "profiles.lock"


def _sweep(folder: Path) -> None:
    """Delete temporary files of killed programs: they may contain tokens."""
    with suppress(OSError):
        for left in folder.glob(f"{_UNFINISHED}*"):
            left.unlink()


def _sweep_if_nobody_writes(folder: Path) -> None:
    """Delete them before reading too, unless another program is writing, which deletes them itself."""
    with suppress(OSError):
        if any(folder.glob(f"{_UNFINISHED}*")):
            with locked(_lock(folder), patience=0):
                _sweep(folder)


def _require_own(path: Path, status: os.stat_result) -> None:
    """Raise CredentialStoreError unless this is a regular file that this user owns and nobody else can read.

    Modes and owners are not checked on Windows, which gives each user a folder of their own.
    """
    mode, user = stat.S_IMODE(status.st_mode), getattr(os, "geteuid", lambda: status.st_uid)()
    if stat.S_ISLNK(status.st_mode):
        raise CredentialStoreError(
            f"{path} is a link, and what it leads to may be another's. Put the file itself there, or set "
            "INTERCOM_KIT_HOME to the folder that it is in."
        )
    if not stat.S_ISREG(status.st_mode):
        raise CredentialStoreError(
            f"{path} is not a file ({_kind(status.st_mode)}). Move it away, and connect each workspace again."
        )
    if status.st_uid != user and os.name != "nt":
        raise CredentialStoreError(
            f"{path} belongs to another user (number {status.st_uid}, and you are {user}), who may have put hosts "
            "and tokens of theirs into it. Delete it and connect again, or set INTERCOM_KIT_HOME to a folder of yours."
        )
    if mode & 0o077 and os.name != "nt":
        raise CredentialStoreError(
            f"{path} can be read by others (mode {mode:o}), and credentials may be in it. Run "
            f"`chmod 600 {path}`; if others use this machine, revoke what it holds and connect again."
        )
    if status.st_size > LARGEST:
        raise _damaged(path)


def _kind(mode: int) -> str:
    """Describe the type of a special file."""
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def _is_whole(entry: Any) -> bool:
    """Return whether a profile's entry is complete and valid."""
    if not isinstance(entry, dict) or not entry.keys() >= NEEDED:
        return False
    texts = [entry[name] for name in NEEDED if name != "client_id" or entry[name] is not None]
    texts += [entry.get("keyring")] if entry["kept"] == "keyring" else []
    if not all(isinstance(text, str) for text in texts) or not isinstance(entry.get("secrets", {}), dict):
        return False
    try:
        datetime.fromisoformat(entry["since"])
    except ValueError:
        return False
    return True


def _damaged(path: Path) -> CredentialStoreError:
    return CredentialStoreError(f"{path} is damaged. Delete it, and connect each workspace again.")


def _unwritable(path: Path, error: OSError) -> CredentialStoreError:
    return CredentialStoreError(
        f"{path} cannot be written: {error.strerror}. Set INTERCOM_KIT_HOME to a folder of yours that can."
    )


def _wrapped(values: Document) -> Document:
    """Wrap secrets as soon as they are parsed."""
    return {
        name: Secret(value) if name in SECRETS and isinstance(value, str) else value for name, value in values.items()
    }
