"""Make a release: `make release VERSION=0.2.0`; or rehearse it: `make release-check`, which changes nothing here.

Both state the version and date the changelog in a copy of the source, and build, check, install and use the package
from there. Only where all of that succeeds does a release change the checkout: it states the version, commits, tags,
and leaves what was built in dist/. Nothing is pushed or uploaded.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from packaging.version import Version

from tools import trial, versions
from tools.bundle import bundle

ROOT = Path(__file__).parents[1]


@click.group()
def main() -> None:
    """Make a release, or rehearse it."""


@main.command()
def check() -> None:
    """Rehearse the release of the next bug fix; the checkout is left as it is, and only a server is installed."""
    with rehearsed(versions.following(versions.current(ROOT)), ROOT, lab=False):
        pass


@main.command()
@click.argument("version")
def make(version: str) -> None:
    """Release a VERSION: build, check and try it, then commit and tag."""
    release = versions.parsed(version, ROOT)
    refuse_unless_ready(release, ROOT)
    with rehearsed(release, ROOT, lab=True) as built:
        record(release, ROOT)
        shutil.copytree(built, ROOT / "dist", dirs_exist_ok=True)
    click.echo(f"Version {release} is committed, tagged as {tag(release)}, and built in dist/. Nothing was uploaded.")


@contextmanager
def rehearsed(version: Version, root: Path, *, lab: bool) -> Iterator[Path]:
    """Try all of a release on a copy of the source; give the folder with what was built."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = trial.copied(root, folder / "source")
        versions.state(version, source, date.today())
        wheel = trial.build(source, folder / "dist")
        trial.use(wheel, source / "constraints.txt", str(version), folder, lab=lab)
        trial.serve(bundle(source, wheel), folder / "unpacked")
        yield folder / "dist"


def tag(version: Version) -> str:
    """Return the name of a version's tag."""
    return f"v{version}"


def refuse_unless_ready(version: Version, root: Path) -> None:
    """Fail where there are changes that are not committed, or where the version was released before."""
    if trial.run("git", "status", "--porcelain", cwd=root):
        raise click.ClickException("There are changes that are not committed: commit or stash them first.")
    if trial.run("git", "tag", "--list", tag(version), cwd=root):
        raise click.ClickException(f"The tag {tag(version)} exists: choose a later version.")


def record(version: Version, root: Path) -> None:
    """Write the version and the changelog's heading into the checkout, commit them, and tag the commit."""
    versions.state(version, root, date.today())
    trial.run("git", "commit", "--message", f"Release {version}", "--", *versions.FILES, cwd=root)
    trial.run("git", "tag", "--annotate", tag(version), "--message", f"intercom_kit {version}", cwd=root)


if __name__ == "__main__":
    main()
