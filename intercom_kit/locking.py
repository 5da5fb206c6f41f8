"""Locks between processes, each a file; the system frees the lock of a program that was killed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE = 0.01  # seconds between attempts


@contextmanager
def locked(path: Path, patience: float) -> Iterator[None]:
    """Hold a lock until the block ends; it also excludes other threads, and is not reentrant.

    Raises TimeoutError if it is not free within `patience` seconds, and OSError if the file cannot be created.
    """
    from filelock import FileLock  # only programs that write need it; others start faster without

    mode = 0o600 if hasattr(os, "fchmod") else -1  # Windows has no modes
    with FileLock(path, timeout=patience, mode=mode, poll_interval=_PAUSE):
        yield
