"""What is missing or different on Windows harms nothing: imitated, since tests run elsewhere too."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from intercom_kit import BadRequestError, CredentialStoreError, connect
from intercom_kit.auth import storage
from intercom_kit.sandbox import Sandbox

# Without what Windows does not have; other libraries first, which on this system need it.
MISSING = """
import asyncio, duckdb, httpx, keyring, keyring.backends.fail, pandas, platformdirs, psutil
import os, signal, sys
for name in ("fork", "register_at_fork", "getuid", "geteuid", "fchmod", "chown", "killpg", "setsid"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGHUP", "SIGQUIT", "SIGALRM", "SIGUSR1"):
    if hasattr(signal, name):
        delattr(signal, name)
for name in ("fcntl", "grp", "termios", "resource", "pty"):
    sys.modules[name] = None
"""


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the store take this system for Windows; all of `os` would make paths of another system's."""
    monkeypatch.setenv("INTERCOM_KIT_HOME", str(tmp_path))
    monkeypatch.setattr(storage, "os", SimpleNamespace(**{**vars(os), "name": "nt"}))
    monkeypatch.setattr(storage, "_PAUSE", 0.001)


def test_a_file_without_modes_of_its_own_is_no_danger(windows: None) -> None:
    storage.write({"version": storage.VERSION, "used": None, "profiles": {}})
    storage.location().chmod(0o666)  # as all files there look
    assert storage.read()["profiles"] == {}


def test_a_file_that_another_notebook_reads_just_now_is_replaced_a_moment_later(
    windows: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, tries = Path.replace, 0

    def in_use(self: Path, target: Path) -> Path:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise PermissionError(13, "Access is denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", in_use)
    storage.write({"version": storage.VERSION, "used": "acme", "profiles": {}})
    assert storage.read()["used"] == "acme"
    assert tries == 4


@pytest.mark.parametrize("system", ["nt", "posix"])
def test_a_file_that_may_not_be_replaced_is_named_and_nothing_is_left_behind(
    windows: None, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    def denied(*_: object) -> Path:
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(storage.os, "name", system)
    monkeypatch.setattr(Path, "replace", denied)
    with pytest.raises(CredentialStoreError, match="cannot be written: Access is denied"):
        storage.write({"version": storage.VERSION, "used": None, "profiles": {}})
    assert list(storage.location().parent.iterdir()) == []


@pytest.mark.parametrize(
    "base_url", [r"C:\intercom", r"http:\\127.0.0.1:8080", "C:/intercom", "file:///C:/x", "http://x y"]
)
def test_a_path_that_is_no_address_is_refused_in_a_sentence(base_url: str) -> None:
    with pytest.raises(BadRequestError, match="must begin with https:// or http://"):
        connect("a-token", base_url=base_url)


def run(program: str, *options: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *options, "-c", program]
    names = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=names, check=False)


def test_it_works_without_what_windows_does_not_have(sandbox: Sandbox, tmp_path: Path) -> None:
    program = MISSING + (
        "import intercom_kit as ik\n"
        "from intercom_kit.auth.profiles import save\n"
        "with ik.connect() as ws:\n"
        "    print(len(ws.teams()), len(ws.sql('select * from tags')))\n"
        "    print(len(ws.sql('select * from tags', apart='500MB')))\n"
        "    save(ws._credential)\n"
        "import intercom_kit.cli\n"
        "from intercom_kit.auth.profiles import profiles\n"
        "print(len(profiles()))\n"
    )
    own = {"INTERCOM_ACCESS_TOKEN": sandbox.token, "INTERCOM_BASE_URL": sandbox.base_url}
    done = run(program, INTERCOM_KIT_HOME=str(tmp_path), **own)
    assert done.returncode == 0, done.stderr
    teams, tags, tags_apart, stored = map(int, done.stdout.split())
    assert teams > 0
    assert tags == tags_apart > 0
    assert stored == 1


def test_no_file_is_read_or_written_in_the_encoding_of_the_system(sandbox: Sandbox, tmp_path: Path) -> None:
    program = (
        "import warnings\n"
        "warnings.filterwarnings('error', category=EncodingWarning, module='intercom_kit')\n"
        "import intercom_kit as ik\n"
        "from intercom_kit.auth.profiles import save, profiles\n"
        "with ik.connect() as ws:\n"
        "    ws.sql('select * from teams')\n"
        "    save(ws._credential)\n"
        "assert profiles()\n"
    )
    own = {"INTERCOM_ACCESS_TOKEN": sandbox.token, "INTERCOM_BASE_URL": sandbox.base_url}
    done = run(program, "-X", "warn_default_encoding", INTERCOM_KIT_HOME=str(tmp_path), **own)
    assert done.returncode == 0, done.stderr
