"""Run a sandbox in a process of its own, so that its work does not compete for the caller's interpreter."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    """Where a sandbox answers and what opens it; its counters stay in the other process."""

    base_url: str
    token: str
    client_id: str
    client_secret: str


@contextmanager
def serve_in_child(*, faults: Mapping[str, float] | None = None, **options: object) -> Iterator[Address]:
    """Serve until the block ends; takes the options of the command line, with underscores."""
    command = [sys.executable, "-m", "intercom_kit.sandbox", "--port", "0"]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    for name, rate in (faults or {}).items():
        command += ["--fault", f"{name}:{rate}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603  (our own interpreter)
        try:
            lines = [child.stdout.readline().split() if child.stdout else [] for _ in range(3)]
            if not lines[2]:
                raise RuntimeError("The sandbox could not start; see its message above.")
            yield Address(lines[0][0], lines[1][1], lines[2][1], lines[2][3])
        finally:
            child.terminate()
