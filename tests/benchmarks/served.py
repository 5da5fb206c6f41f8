"""Run a sandbox as a program of its own, so that its work does not share the client's interpreter."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Served:
    """Tell where a sandbox is, and the token for it."""

    base_url: str
    token: str


@contextmanager
def sandbox(*options: str) -> Iterator[Served]:
    """Start a sandbox on a free port with the options of `python -m intercom_kit.sandbox`, and stop it afterwards."""
    command = [sys.executable, "-m", "intercom_kit.sandbox", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        try:
            address, token = (next(program.stdout).split()[-1] for _ in range(2))
            yield Served(address, token)
        finally:
            program.terminate()
