"""A program that ends is kept waiting by nothing, also where its own exit handlers ask once more."""

import subprocess
import sys

from intercom_kit.sandbox import Sandbox

# Exit handlers run from the last to the first: this one after those of the package.
LATE = """
import atexit, sys
atexit.register(lambda: late())
from intercom_kit import NotConnectedError, connect
ws = connect(sys.argv[1], base_url=sys.argv[2])
print(len(ws.teams()), flush=True)

def late():
    try:
        ws.tags()
    except NotConnectedError as error:
        print(error, flush=True)
    ws.close()
    with connect(sys.argv[1], base_url=sys.argv[2]) as other:
        print("anew:", len(other.teams()), flush=True)
"""


def test_exit_handlers_find_workspaces_closed_and_can_close_them_and_connect_anew(sandbox: Sandbox) -> None:
    command = [sys.executable, "-c", LATE, sandbox.token, sandbox.base_url]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "This workspace was closed" in run.stdout
    assert "anew: 5" in run.stdout, run.stderr
    assert run.stderr == ""
