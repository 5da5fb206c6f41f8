"""Memory: amounts as people write them, the memory used by a process, and limits set by the operating system."""

import re
import sys

import psutil

from intercom_kit.errors import BadRequestError

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ?([MGT])(i?)B", re.IGNORECASE)
_POWERS = {"M": 2, "G": 3, "T": 4}

# Python, DuckDB and pandas use some 150 MB before the first query.
_LEAST = 400_000_000


def amount(text: str) -> int:
    """Return an amount such as "500MB" or "2GiB" in bytes; raise BadRequestError if it is not one, or too small."""
    found = _AMOUNT.fullmatch(str(text))
    if not found:
        raise BadRequestError(f"The memory {text!r} must be an amount such as '500MB' or '2GB'.")
    bytes_ = int(float(found[1]) * (1_024 if found[3] else 1_000) ** _POWERS[found[2].upper()])
    if bytes_ < _LEAST:
        raise BadRequestError(f"The memory {text!r} is too little for a process: allow 400MB or more.")
    return bytes_


def taken(process: psutil.Process) -> int:
    """Return how many bytes of memory a process uses; 0 if it has ended."""
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def bound(more: int) -> None:
    """Limit this process to so many bytes more than it uses now, where the operating system can enforce that.

    Only Linux can; elsewhere the parent process watches it, and ends it if it uses too much.
    """
    if sys.platform == "linux":
        import resource

        used = next(line for line in _status() if line.startswith("VmData:"))
        limit = int(used.split()[1]) * 1_024 + more
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _status() -> list[str]:
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - it is not a real file
        return file.read().splitlines()
