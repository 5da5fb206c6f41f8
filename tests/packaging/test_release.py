"""A release states its version once, dates its changelog, and changes nothing unless it can be made."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from packaging.version import Version

from tools import release, trial, versions

from .conftest import ROOT

TODAY = date(2026, 11, 29)
CHANGES = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A table.\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of which 0.1.0 is the version, and where a rehearsal is over at once."""
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "intercom_kit"\nversion = "0.1.0"\n')
    (root / "CHANGELOG.md").write_text(CHANGES)
    (root / "server.json").write_text('{"version": "0.1.0", "packages": [{"version": "0.1.0"}]}')
    git(root, "init", "--quiet")
    for name, value in {"user.name": "Ann", "user.email": "ann@example.com", "commit.gpgsign": "false"}.items():
        git(root, "config", name, value)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "Begin")

    @contextmanager
    def rehearsed(version: Version, root: Path, *, lab: bool) -> Iterator[Path]:
        built = tmp_path / "built"
        built.mkdir()
        (built / f"intercom_kit-{version}.whl").touch()
        yield built

    monkeypatch.setattr(release, "ROOT", root)
    monkeypatch.setattr(release, "rehearsed", rehearsed)
    return root


def git(root: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def make(*arguments: str) -> Result:
    return CliRunner().invoke(release.main, ["make", *arguments])


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
def test_a_release_is_a_commit_with_a_tag_and_a_dated_heading(checkout: Path, version: str) -> None:
    result = make(version)
    assert result.exit_code == 0, result.output
    assert git(checkout, "log", "-1", "--format=%s").strip() == f"Release {version}"
    assert git(checkout, "describe", "--exact-match").strip() == f"v{version}"
    assert versions.current(checkout) == Version(version)
    assert f"## [{version}] - {date.today()}\n\n### Added" in (checkout / "CHANGELOG.md").read_text()
    assert (checkout / "dist" / f"intercom_kit-{version}.whl").exists()


def test_changes_that_are_not_committed_are_not_released(checkout: Path) -> None:
    (checkout / "CHANGELOG.md").write_text(CHANGES + "- Another.\n")
    assert "commit or stash them first" in make("0.2.0").output
    assert git(checkout, "tag") == ""


def test_a_version_is_released_once(checkout: Path) -> None:
    git(checkout, "tag", "v0.2.0")
    assert "The tag v0.2.0 exists" in make("0.2.0").output


@pytest.mark.parametrize(
    ("version", "why"),
    [("next", "not a version"), ("v0.2.0", "use 0.2.0"), ("0.0.9", "older than 0.1.0"), ("", "not a version")],
)
def test_a_version_that_cannot_be_the_next_is_refused(checkout: Path, version: str, why: str) -> None:
    result = make(version)
    assert result.exit_code == 2
    assert why in result.output


def test_a_version_must_be_given() -> None:
    assert "Missing argument 'VERSION'" in make().output


def test_what_fails_in_the_rehearsal_leaves_the_checkout_as_it_was(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise click.ClickException("twine check failed")

    monkeypatch.setattr(release, "rehearsed", fail)
    assert "twine check failed" in make("0.2.0").output
    assert git(checkout, "status", "--porcelain") == ""
    assert git(checkout, "tag") == ""


def test_a_release_without_an_entry_in_the_changelog_is_refused(checkout: Path) -> None:
    (checkout / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-11-01\n\n- A table.\n")
    with pytest.raises(click.ClickException, match=r"lists nothing under \[Unreleased\]"):
        versions.state(Version("0.2.0"), checkout, TODAY)


def test_only_the_version_and_the_heading_are_changed_in_the_files_of_this_repository(tmp_path: Path) -> None:
    for name in versions.FILES:
        shutil.copy(ROOT / name, tmp_path)
    versions.state(Version("9.8.7"), tmp_path, TODAY)
    undone = {
        "pyproject.toml": lambda text: text.replace('"9.8.7"', f'"{versions.current(ROOT)}"'),
        "CHANGELOG.md": lambda text: text.replace("\n## [9.8.7] - 2026-11-29\n", ""),
        "server.json": lambda text: text.replace('"9.8.7"', f'"{versions.current(ROOT)}"'),
    }
    for name in versions.FILES:
        assert undone[name]((tmp_path / name).read_text()) == (ROOT / name).read_text()


def test_the_copy_that_is_built_holds_nothing_that_git_ignores(tmp_path: Path) -> None:
    copy = trial.copied(ROOT, tmp_path / "copy")
    held = {each.name for each in copy.iterdir()}
    assert {"pyproject.toml", "intercom_kit", "notebooks"} <= held
    assert not held & {".git", ".venv", "build", "dist", ".mypy_cache"}


def test_a_program_that_fails_is_shown_with_what_it_printed() -> None:
    with pytest.raises(click.ClickException, match=re.compile("failed:\nsaid\ncomplained", re.DOTALL)):
        trial.run("sh", "-c", "echo said; echo complained >&2; exit 3")
