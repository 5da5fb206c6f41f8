"""An environment that holds what was installed into it, and otherwise the libraries that the tests run with."""

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Environment:
    """A new environment, and an empty folder in which its programs run."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        venv.create(folder / "environment")
        self._scripts = folder / "environment" / ("Scripts" if os.name == "nt" else "bin")
        self.site = Path(self.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        (self.site / "libraries.pth").write_text(sysconfig.get_path("purelib"))

    def install(self, *what: str | Path) -> None:
        """Install without a package index."""
        offline = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet")
        pip = (sys.executable, "-m", "pip", "--python", self._scripts / "python", "install", *offline)
        subprocess.run([*map(str, pip), *map(str, what)], check=True, timeout=120)

    @contextmanager
    def running(self, script: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """Run a program whose output is read meanwhile; it is ended where the block ends first."""
        command = [str(self._scripts / script), *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with subprocess.Popen(command, text=True, cwd=self.home, env=self._names(), **pipes) as program:  # type: ignore[call-overload]
            try:
                yield program
            finally:
                program.terminate()

    def run(self, script: str, *arguments: str) -> str:
        """Run a program to its end, and return what it printed."""
        with self.running(script, *arguments) as program:
            printed, _ = program.communicate(timeout=120)
        assert program.returncode == 0, printed
        return str(printed)

    def _names(self) -> dict[str, str]:
        """Return the environment of the tests, without a path to the source, and with what JupyterLab shares there.

        Programs are not told that tests run them: kernels end otherwise then.
        """
        shared = Path(sys.prefix) / "share" / "jupyter"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "PYTEST_"))}
        return {**kept, "JUPYTER_PATH": str(shared), "JUPYTERLAB_DIR": str(shared / "lab")}
