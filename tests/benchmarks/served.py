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


PROGRAM = """
import sys
from intercom_kit.sandbox.contents import store
from intercom_kit.sandbox.__main__ import main
store.REMEMBERED_TEXTS = int(sys.argv.pop(1))
main()
"""


@contextmanager
def sandbox(*options: str, remembered: int = 10_000) -> Iterator[Served]:
    """Start a sandbox on a free port with the options of `python -m intercom_kit.sandbox`, and stop it afterwards.

    `remembered` is how many objects' texts it keeps, so as not to write them again.
    """
    command = [sys.executable, "-c", PROGRAM, str(remembered), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        try:
            address, token = (next(program.stdout).split()[-1] for _ in range(2))
            yield Served(address, token)
        finally:
            program.terminate()
