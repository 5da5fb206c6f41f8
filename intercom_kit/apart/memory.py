"""Amounts of memory: read as people write them, told of a process, and bounded by the operating system."""

import re
import sys

import psutil

from intercom_kit.errors import BadRequestError

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ?([MGT])(i?)B", re.IGNORECASE)
_POWERS = {"M": 2, "G": 3, "T": 4}

# Python, DuckDB and pandas take some 150 MB before a query is read.
_LEAST = 400_000_000


def amount(text: str) -> int:
    """Read an amount such as "500MB" or "2GiB" as bytes; raise BadRequestError where it is none, or too small."""
    found = _AMOUNT.fullmatch(str(text))
    if not found:
        raise BadRequestError(f"The memory {text!r} must be an amount such as '500MB' or '2GB'.")
    bytes_ = int(float(found[1]) * (1_024 if found[3] else 1_000) ** _POWERS[found[2].upper()])
    if bytes_ < _LEAST:
        raise BadRequestError(f"The memory {text!r} is too little for a process of its own: give 400MB or more.")
    return bytes_


def taken(process: psutil.Process) -> int:
    """Tell how many bytes of memory a process takes; none where it is gone."""
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def bound(more: int) -> None:
    """Let this process take so many bytes more than now, where the operating system can refuse them.

    Linux alone counts what a process asks for; elsewhere the process is watched, and ended where it takes too much.
    """
    if sys.platform == "linux":
        import resource

        used = next(line for line in _status() if line.startswith("VmData:"))
        limit = int(used.split()[1]) * 1_024 + more
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _status() -> list[str]:
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:  # noqa: PTH123 - it is no file
        return file.read().splitlines()
