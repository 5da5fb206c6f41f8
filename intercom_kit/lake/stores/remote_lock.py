"""The lock of a lake in an object store: an object that can only be put where there is none.

No store frees the lock of a program that was killed. So on each computer writers also exclude each other by a file,
which its system does free, and leave there what their lock objects say: a writer that holds the file, and finds an
object that says the same, knows that whoever put it there is gone. The lock of another computer is never broken.
"""

import json
import os
import platform
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from intercom_kit.errors import BadLakeError


class RemoteLock:
    """The lock at a key of a filesystem; `side` is a folder of this computer's own for this lake."""

    def __init__(self, files: Any, key: str, url: str, side: Path) -> None:
        self._files = files
        self._key = key
        self._url = url
        self._side = side

    def take(self) -> None:
        """Put the object; raise BadLakeError if another computer's is there, or if the store would replace it."""
        if self._put():
            if self._put():
                self._files.rm_file(self._key)
                raise BadLakeError(
                    f"The store of {self._url} replaces objects that are to be put only where there are none (S3's "
                    "If-None-Match), so that two programs could write at once: use another store, or a local folder."
                )
            return
        holder = self._holder()
        if holder.get("token") != self._token():
            raise BadLakeError(
                f"Another program is writing to this lake: {holder.get('who', 'unknown')}, since "
                f"{holder.get('since', 'unknown')}. Wait until it is done. If it was killed, delete the object "
                f"{self._url} and try again."
            )
        self._files.pipe_file(self._key, self._text())

    def release(self) -> None:
        """Delete the object, if it is this computer's still."""
        if self._holder().get("token") == self._token():
            with suppress(FileNotFoundError):
                self._files.rm_file(self._key)

    def _put(self) -> bool:
        """Put the object where there is none, and return whether there was none."""
        try:
            self._files.pipe_file(self._key, self._text(), mode="create")
        except FileExistsError:
            return False
        return True

    def _holder(self) -> dict[str, Any]:
        """Return what the object says; nothing if it is gone, or another program's."""
        try:
            found = json.loads(self._files.cat_file(self._key))
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _text(self) -> bytes:
        who, since = f"{platform.node()}, process {os.getpid()}", datetime.now(UTC).isoformat(timespec="seconds")
        return json.dumps({"who": who, "since": since, "token": self._token()}).encode()

    def _token(self) -> str:
        """Return what this computer's locks of this lake say, made once."""
        path = self._side / "token"
        with suppress(FileNotFoundError):
            if token := path.read_text():
                return token
        path.write_text(uuid4().hex)
        return path.read_text()
