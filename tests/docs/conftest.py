"""Run the examples of the documentation in an empty folder, with the command on the path."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from intercom_kit.sandbox import Sandbox, serve

from .pages import ROOT

COMMAND = """\
#!/bin/sh
exec "{python}" -m intercom_kit.cli "$@"
"""


@pytest.fixture(scope="session")
def demo_sandbox() -> Iterator[Sandbox]:
    """The demo workspace: as `ik.demo()` and `make lab` serve it, up to the present hour."""
    with serve() as running:
        yield running


@pytest.fixture
def beside(demo_sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Go to an empty folder, in an environment in which `connect()`, `demo()` and `intercom-kit` find the sandbox."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, lines in {"intercom-kit": COMMAND, "python": '#!/bin/sh\nexec "{python}" "$@"\n'}.items():
        program = programs / name
        program.write_text(lines.format(python=sys.executable))
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("INTERCOM_BASE_URL", demo_sandbox.base_url)
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", demo_sandbox.token)
    monkeypatch.setenv("INTERCOM_KIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLOTLY_RENDERER", "json")  # no browser opens
    monkeypatch.chdir(tmp_path)
    return demo_sandbox
