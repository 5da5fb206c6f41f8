"""Locks between processes, each of them a file; the system frees the lock of a program that was killed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE = 0.01  # seconds from one try to the next


@contextmanager
def locked(path: Path, patience: float) -> Iterator[None]:
    """Hold a lock until the block ends; it shuts out other threads too, and cannot be taken twice by one.

    Raises TimeoutError where somebody else holds it for longer than `patience`, in seconds, and OSError where there can
    be no such file.
    """
    from filelock import FileLock  # only programs that write need it, and others begin sooner without

    mode = 0o600 if hasattr(os, "fchmod") else -1  # Windows has no modes
    with FileLock(path, timeout=patience, mode=mode, poll_interval=_PAUSE):
        yield
