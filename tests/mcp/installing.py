"""Other libraries and instruments, installed where there is a package index, into build/."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
NODE = Path(__file__).parent / "node"
INSTALLED = ROOT / "build" / "mcp-instruments"
CLIENTS = ROOT / "build" / "mcp-clients"

# What each library of Python needs; the official one, of this environment, needs nothing.
REQUIREMENTS = {
    "mcp_2": (),
    "mcp_1": ("mcp==1.30.0",),
    "fastmcp": ("fastmcp==4.2.3",),
    "openai_agents": ("openai-agents==0.24.0",),
    "langchain": ("langchain-mcp-adapters==0.3.2", "mcp==1.30.0"),
}


def missing(why: str) -> NoReturn:
    """Skip, or fail where everything has to run."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def instruments() -> Path:
    """Return the folder of what is written for Node, installed as the lock file says."""
    npm = shutil.which("npm")
    if npm is None:
        missing("npm is not installed: the official MCP instruments cannot run")
    lock = (NODE / "package-lock.json").read_bytes()
    done = INSTALLED / "installed-from.json"
    if not done.exists() or done.read_bytes() != lock:
        INSTALLED.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(NODE / name, INSTALLED / name)
        command = [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        result = subprocess.run(command, cwd=INSTALLED, capture_output=True, text=True, timeout=240)
        if result.returncode:
            missing(f"npm could not install the official MCP instruments: {result.stderr[-500:]}")
        done.write_bytes(lock)
    return INSTALLED


def python_with(library: str) -> str:
    """Return a Python that has a library of `REQUIREMENTS`, in an environment of its own."""
    needed = REQUIREMENTS[library]
    if not needed:
        return sys.executable
    environment = CLIENTS / library
    python, done = environment / "bin" / "python", environment / "installed.txt"
    CLIENTS.mkdir(parents=True, exist_ok=True)
    with FileLock(CLIENTS / f"{library}.lock"):  # other processes of the run may need it, too
        if not done.exists() or done.read_text() != "\n".join(needed):
            making = [sys.executable, "-m", "uv", "venv", "-q", "--clear", "--python", sys.executable, str(environment)]
            filling = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", str(python), *needed]
            for command in (making, filling):
                result = subprocess.run(command, capture_output=True, text=True, timeout=240)
                if result.returncode:
                    pytest.skip(f"uv could not install {library}: {result.stderr[-500:]}")
            done.write_text("\n".join(needed))
    return str(python)
