"""IPython ends silently with a workspace, frames, failed queries and a lake still in its variables."""

import os
import subprocess
import sys
from pathlib import Path

CELLS = """\
import intercom_kit as ik
ws = ik.demo(conversations=20, contacts=20, companies=4)
ws.conversations(limit=3)
ws.sql("select count(*) from teams")
ws.sql("selec 1")
ws.conversations(state="opne")
kept = ws.export("lake", ["teams"])
lake = ik.open("lake")
lake.sql("select count(*) from teams")
"""


def test_ipython_ends_silently(tmp_path: Path) -> None:
    apart = {name: value for name, value in os.environ.items() if not name.startswith("INTERCOM_")}
    ran = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--simple-prompt", "--colors=nocolor"],
        input=CELLS + "print('the', 'end')\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            **apart,
            "IPYTHONDIR": str(tmp_path),
            "INTERCOM_KIT_HOME": str(tmp_path),
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        timeout=120,
    )
    assert "BadQueryError" in ran.stdout
    assert "the end" in ran.stdout
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "nanobind" not in ran.stdout
