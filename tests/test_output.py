"""Output that cannot be written, or that nobody reads: one sentence or none, and never a traceback."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from intercom_kit.cli import main
from intercom_kit.sandbox import Sandbox

FULL = Path("/dev/full")
LONG = ("sql", "select * from generate_series(1, 500000)", "--csv")
DEMO = ("sql", "select 1", "--demo")

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="this system has no file that is always full")


@pytest.fixture(autouse=True)
def _connected(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the programs be connected."""
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", sandbox.token)
    monkeypatch.setenv("INTERCOM_BASE_URL", sandbox.base_url)


def begun(*arguments: str, **pipes: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "intercom_kit.cli", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, **pipes)  # type: ignore[call-overload, no-any-return]


def in_shell(arguments: str) -> "subprocess.CompletedProcess[bytes]":
    command = f'"{sys.executable}" -m intercom_kit.cli {arguments}'
    return subprocess.run(["sh", "-c", command], capture_output=True, timeout=60, check=False)  # noqa: S607


@pytest.mark.parametrize("arguments", [LONG, ("status",), ("--help",)])
def test_a_full_disk_is_one_sentence(arguments: tuple[str, ...]) -> None:
    with FULL.open("wb") as full, begun(*arguments, stdout=full) as running:
        _, said = running.communicate(timeout=60)
    assert said.startswith(b"Error: The output could not be written: No space left on device. Make room, or ")
    assert said.count(b"\n") == 1
    assert running.returncode == 1


@pytest.mark.parametrize("arguments", [LONG, ("status",), ("--help",)])
def test_a_pipe_that_is_closed_early_is_no_matter_of_words(arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with begun(*arguments, stdout=writer) as running:
        os.close(writer)
        _, said = running.communicate(timeout=60)
    assert said == b""
    assert running.returncode == 1


def test_a_pipe_that_is_closed_midway_gives_what_was_read() -> None:
    with begun(*LONG, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"generate_series\n"
        running.stdout.close()
        assert running.stderr is not None
        assert running.stderr.read() == b""


@pytest.mark.parametrize(("arguments", "closed"), [("status", "<&- 2>&-"), ('sql "select 1" --csv', "<&- >&- 2>&-")])
def test_a_program_begun_without_input_or_output_runs_all_the_same(arguments: str, closed: str) -> None:
    done = in_shell(f"{arguments} {closed}")
    assert (done.returncode, done.stderr) == (0, b"")
    assert (done.stdout == b"") == (" >&-" in closed)


@pytest.mark.parametrize("arguments", ["doctor", "login --token"])
def test_what_asks_for_input_and_has_none_says_so(arguments: str) -> None:
    done = in_shell(f"{arguments} <&-")
    assert done.returncode != 0
    assert b"Error: " in done.stderr
    assert b"unexpected" not in done.stderr


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_temporary_folder_that_cannot_be_made_is_named(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise OSError(number, os.strerror(number), "/tmp/a-folder")  # noqa: S108 - only named

    monkeypatch.setattr("intercom_kit.connecting.demo", fail)
    said = CliRunner().invoke(main, list(DEMO)).output
    assert said == (
        f"Error: /tmp/a-folder cannot be opened: {os.strerror(number)}. Make room, or name another place, and run it "
        "again.\n"
    )


def test_what_is_no_matter_of_files_is_not_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise OSError(errno.EADDRINUSE, "Address already in use")

    monkeypatch.setattr("intercom_kit.connecting.demo", fail)
    assert "Something unexpected" in CliRunner().invoke(main, list(DEMO)).output
