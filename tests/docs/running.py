"""Evaluators for sybil: Python as in a notebook, sessions with their output, and commands as in a terminal."""

import contextlib
import doctest
import io
import json
import re
import shlex
import signal
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from sybil import Example
from sybil.document import Document
from sybil.parsers.markdown import CodeBlockParser
from traitlets.config import Config

# Commands that are not run, each with the reason.
NOT_RUN = {
    "make": "it runs these tests, or what .ci/run runs",
    "git config": "it needs a repository",
    "claude mcp add": "it needs Claude Code",
    "docker": "it needs Docker",
    "uvx": "it needs a package index; make release-check starts the bundle with uv",
    "intercom-kit login": "it opens a browser; tests/auth logs in",
    "intercom-kit mcp --http --tenants": "it needs an app and an issuer of tokens; tests/tenants starts it",
    "export INTERCOM_STORE_KEYS": "it changes the environment of a shell",
    "intercom-kit doctor": "it asks a person before it begins; tests/doctor answers",
}
RUN_ALL_THE_SAME = ("intercom-kit login --token", "intercom-kit doctor --demo --yes")

# Commands that run until Ctrl-C, with what they print once they serve.
SERVING = {
    "intercom-kit sandbox": "http://127.0.0.1",
    "intercom-kit mcp --demo --pii masked --http": "Serving on",
    "intercom-kit mcp --http --port 8765 --public-url": "Serving on https://mcp.example.com/intercom",
}

SECONDS = 60

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_BLANKS = re.compile(r"\s+")


class Loosely(doctest.OutputChecker):
    """A comparison in which one number is as good as another, since the demo workspace ends at the present hour."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        """Compare words and layout, and not numbers."""
        return super().check_output(_without_numbers(want), _without_numbers(got), optionflags | doctest.ELLIPSIS)


def _without_numbers(text: str) -> str:
    return _BLANKS.sub(" ", _NUMBER.sub("0", text)).strip()


def python(shell: InteractiveShell) -> Callable[[Example], None]:
    """Run blocks as cells of a notebook."""

    def run(example: Example) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            done = shell.run_cell(example.parsed)
        done.raise_error()

    return run


def session(shell: InteractiveShell) -> Callable[[Example], str]:
    """Run the lines of a session, and compare their output."""
    runner = doctest.DocTestRunner(checker=Loosely(), verbose=False)

    def run(example: Example) -> str:
        test = doctest.DocTestParser().get_doctest(example.parsed, shell.user_ns, example.path, None, example.line)
        test.globs = shell.user_ns
        told: list[str] = []
        runner.run(test, out=told.append, clear_globs=False)
        return "".join(told)

    return run


def commands(token: str) -> Callable[[Example], None]:
    """Run commands, each with the sandbox's token on its standard input."""

    def run(example: Example) -> None:
        for line in example.parsed.replace("\\\n", "").splitlines():
            command = line.partition("  #")[0].strip()
            if not command or reason_not_to_run(command):
                continue
            told = next((words for start, words in SERVING.items() if command.startswith(start)), None)
            if told:
                serve_until_told(command, told)
            else:
                done = subprocess.run(
                    ["/bin/sh", "-ec", command], input=f"{token}\n", capture_output=True, text=True, timeout=SECONDS
                )
                assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"

    return run


def reason_not_to_run(command: str) -> str | None:
    """Say why a command is not run, if it is not."""
    if command.startswith(RUN_ALL_THE_SAME):
        return None
    return next((reason for start, reason in NOT_RUN.items() if command.startswith(start)), None)


def serve_until_told(command: str, words: str) -> None:
    """Run a command on a free port until it says that it serves, and end it as Ctrl-C would."""
    words_of_it = shlex.split(re.sub(r"--port \d+", "--port 0", command))
    program = subprocess.Popen(
        words_of_it, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=_hear_ctrl_c
    )
    try:
        assert program.stdout is not None
        assert words in program.stdout.readline()
        program.send_signal(signal.SIGINT)
        assert program.wait(SECONDS) in (0, 130)
    finally:
        program.kill()
        program.communicate()


def _hear_ctrl_c() -> None:
    """Restore what a shell ignores for programs in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def readable(read: Callable[[str], object]) -> Callable[[Example], None]:
    """Read a block of settings."""

    def run(example: Example) -> None:
        read(example.parsed)

    return run


def parse(page: Path, shell: InteractiveShell, token: str) -> Document:
    """Find the examples of a page; text, such as an error's, is no example."""
    evaluators = {
        "python": python(shell),
        "pycon": session(shell),
        "sh": commands(token),
        "json": readable(json.loads),
        "toml": readable(tomllib.loads),
    }
    return Document.parse(str(page), *(CodeBlockParser(language, run) for language, run in evaluators.items()))


def new_shell() -> InteractiveShell:
    """Make an IPython of one's own, which keeps no history."""
    return InteractiveShell(config=Config(HistoryManager={"enabled": False}))
