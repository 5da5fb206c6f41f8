"""The file that lists the profiles, and holds their secrets where there is no keyring: for its owner's eyes only."""

import json
import os
import stat
import tempfile
import time
from pathlib import Path
from typing import Any

import platformdirs

from intercom_kit.api.secret import Secret
from intercom_kit.errors import CredentialStoreError

VERSION = 1
SECRETS = frozenset({"token", "refresh_token", "client_secret"})
NEEDED = frozenset({"workspace_id", "workspace", "region", "base_url", "admin", "since", "client_id", "kept"})

_TRIES, _PAUSE = 20, 0.05  # seconds

Document = dict[str, Any]


def location() -> Path:
    """Say where the file is: in INTERCOM_KIT_HOME, else where this system keeps the data of programs."""
    home = os.environ.get("INTERCOM_KIT_HOME")
    return Path(home or platformdirs.user_data_path("intercom_kit", appauthor=False)) / "profiles.json"


def read() -> Document:
    """Read the file; an absent one holds no profiles.

    Raises CredentialStoreError where others may read it, or where it is not of this version's making.
    """
    path = location()
    document: Any = None
    try:
        with path.open(encoding="utf-8") as file:
            _require_private(path, os.fstat(file.fileno()).st_mode)
            document = json.load(file, object_hook=_wrapped)
    except (FileNotFoundError, NotADirectoryError):
        return {"version": VERSION, "used": None, "profiles": {}}
    except OSError as error:
        raise CredentialStoreError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:  # its error would quote the file: nothing may be raised before it is forgotten
        pass
    if not isinstance(document, dict) or not isinstance(document.get("profiles"), dict):
        raise _damaged(path)
    if document.get("version") != VERSION:
        raise CredentialStoreError(
            f"{path} was written by another version of intercom_kit (format {document.get('version')!r}, and this one "
            f"reads {VERSION}). Install that version again, or delete the file and connect each workspace again."
        )
    if not all(isinstance(entry, dict) and entry.keys() >= NEEDED for entry in document["profiles"].values()):
        raise _damaged(path)
    return document


def write(document: Document) -> None:
    """Replace the file in one step, so that a crash leaves the old one; only its owner may ever read it."""
    path = location()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".profiles-", dir=path.parent)  # made for the owner alone
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(json.dumps(document, indent=2, default=Secret.reveal))
                file.flush()
                os.fsync(file.fileno())
            _replace(Path(name), path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CredentialStoreError(
            f"{path} cannot be written: {error.strerror}. Set INTERCOM_KIT_HOME to a folder of yours that can."
        ) from None


def _replace(new: Path, old: Path) -> None:
    """Put a file in the place of another; on Windows that fails for as long as somebody reads the other."""
    for attempt in range(_TRIES):
        try:
            new.replace(old)
        except PermissionError:
            if os.name != "nt" or attempt + 1 == _TRIES:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _damaged(path: Path) -> CredentialStoreError:
    return CredentialStoreError(f"{path} is damaged. Delete it, and connect each workspace again.")


def _require_private(path: Path, mode: int) -> None:
    """Refuse a file that others can read; Windows has no such modes, and gives each user a folder of their own."""
    if os.name != "nt" and stat.S_IMODE(mode) & 0o077:
        raise CredentialStoreError(
            f"{path} can be read by others (mode {stat.S_IMODE(mode):o}), and credentials may be in it. Run "
            f"`chmod 600 {path}`; if others use this machine, revoke what it holds and connect again."
        )


def _wrapped(values: Document) -> Document:
    """Hide secrets as soon as they are read."""
    return {
        name: Secret(value) if name in SECRETS and isinstance(value, str) else value for name, value in values.items()
    }
