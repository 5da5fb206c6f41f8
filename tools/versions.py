"""What a release changes in the source: the version that files state, and the heading of its entry in CHANGELOG.md."""

import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
from packaging.version import InvalidVersion, Version

FILES = ("pyproject.toml", "CHANGELOG.md", "server.json")
VERSION_LINE = re.compile(r'^version = ".*"$', re.MULTILINE)
REGISTERED = re.compile(r'"version": "[^"]*"')  # of the server, and of its package
UNRELEASED = "## [Unreleased]\n"
ENTRY = re.compile(r"\s*(?!## )\S")  # something stands under a heading before the next one of its kind


def current(root: Path) -> Version:
    """Return the version that pyproject.toml states."""
    return Version(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def following(version: Version) -> Version:
    """Return the version of the next bug fix."""
    return Version(f"{version.major}.{version.minor}.{version.micro + 1}")


def parsed(text: str, root: Path) -> Version:
    """Read the version to release, which may be the one that pyproject.toml states, or a later one."""
    try:
        version = Version(text)
    except InvalidVersion:
        raise click.UsageError(f"{text} is not a version. Use three numbers, such as 0.2.0.") from None
    if str(version) != text:
        raise click.UsageError(f"{text} is not written as a version is: use {version}.")
    if version < current(root):
        raise click.UsageError(f"{text} is older than {current(root)}, which pyproject.toml states.")
    return version


def state(version: Version, root: Path, today: date) -> None:
    """Write the version into pyproject.toml and server.json, and date what CHANGELOG.md lists as unreleased."""
    _edit(root / "pyproject.toml", lambda text: _with_version(text, version))
    _edit(root / "server.json", lambda text: REGISTERED.sub(f'"version": "{version}"', text))
    _edit(root / "CHANGELOG.md", lambda text: _dated(text, version, today))


def _edit(file: Path, change: Callable[[str], str]) -> None:
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")


def _with_version(text: str, version: Version) -> str:
    changed, lines = VERSION_LINE.subn(f'version = "{version}"', text)
    if lines != 1:
        raise click.ClickException(f"pyproject.toml has {lines} lines that state a version; it must have one.")
    return changed


def _dated(text: str, version: Version, today: date) -> str:
    before, heading, after = text.partition(UNRELEASED)
    if not heading or not ENTRY.match(after):
        raise click.ClickException(
            "CHANGELOG.md lists nothing under [Unreleased]: write there what this release changes."
        )
    return f"{before}{heading}\n## [{version}] - {today}\n{after}"
