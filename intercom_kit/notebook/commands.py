"""The commands `intercom-kit demo` and `intercom-kit lab`, which run notebooks beside a sandbox."""

import importlib.util
import signal
from contextlib import nullcontext
from pathlib import Path
from typing import NoReturn

import click

from intercom_kit.auth.commands import Discreet
from intercom_kit.extras import missing
from intercom_kit.notebook import shipped

NOTEBOOKS = Path("notebooks")

notebooks_option = click.option(
    "--notebooks",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    show_default=f"{NOTEBOOKS}, or where there is none, the examples that come with intercom-kit",
    help="Folder with the notebooks.",
)


@click.command(cls=Discreet)
@notebooks_option
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default="demo-pages",
    show_default=True,
    help="Folder for the pages.",
)
@click.argument("names", nargs=-1)
def demo(folder: Path | None, output: Path, names: tuple[str, ...]) -> None:
    """Run the notebooks on made-up data and write them as web pages.

    NAMES choose among the notebooks, as 01_first_look; without, all are run in order. No account and no network are
    needed, and the pages need none either.
    """
    own = folder or (NOTEBOOKS if NOTEBOOKS.is_dir() else None)
    paths = _choose(own or shipped.examples(), names)
    _need("nbclient", "nbconvert")
    from intercom_kit.notebook.demo import demonstrate

    with nullcontext(paths) if own else shipped.temporary_copies(paths) as notebooks:
        succeeded = demonstrate(notebooks, output)
    if not succeeded:
        raise click.exceptions.Exit(1)


@click.command(cls=Discreet)
@notebooks_option
@click.option("--port", default=8888, show_default=True, help="JupyterLab's port; the next free one if it is taken.")
@click.option("--browser/--no-browser", default=True, help="Open a browser, or only print the address.")
def lab(folder: Path | None, port: int, browser: bool) -> None:
    """Open JupyterLab on the notebooks, connected to a sandbox.

    Where there are no notebooks yet, the examples are copied into the folder notebooks first. Ctrl-C ends both.
    """
    _need("jupyterlab")
    from intercom_kit.notebook.environment import beside
    from intercom_kit.notebook.lab import open_lab
    from intercom_kit.sandbox import serve

    if folder is None and not NOTEBOOKS.is_dir():
        shipped.copy_examples(NOTEBOOKS)
        click.echo(f"The examples were copied into the folder {NOTEBOOKS}.")
    signal.signal(signal.SIGTERM, _stop)
    with serve() as sandbox:
        code = open_lab(folder or NOTEBOOKS, beside(sandbox), port, browser=browser)
    raise click.exceptions.Exit(code)


def _choose(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Find the notebooks of these names, or all in order."""
    found = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    wanted = [name.removesuffix(".ipynb") for name in names] or list(found)
    unknown = [name for name in wanted if name not in found]
    if unknown or not wanted:
        missing = ", ".join(unknown) or "any notebook"
        raise click.UsageError(f"{folder} does not hold {missing}. It holds: {', '.join(found) or 'none'}.")
    return [found[name] for name in wanted]


def _need(*libraries: str) -> None:
    """Fail, saying the remedy, where the `lab` extra is not installed."""
    for library in libraries:
        if importlib.util.find_spec(library) is None:
            raise missing(library, "lab")


def _stop(*_: object) -> NoReturn:
    """End as on Ctrl-C, so that what was started ends too."""
    raise KeyboardInterrupt
