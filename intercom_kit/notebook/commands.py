"""The commands `intercom-kit demo`, `lab` and `report`, which run notebooks."""

import ast
import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn

import click

from intercom_kit.auth.commands import Discreet
from intercom_kit.extras import missing
from intercom_kit.notebook import shipped

if TYPE_CHECKING:
    from nbformat import NotebookNode

NOTEBOOKS = Path("notebooks")
WEEKLY = "03_support_review"

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


@click.command(cls=Discreet)
@click.argument("notebook", required=False)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default="report.html",
    show_default=True,
    help="File of the page; what stands beside it has the same name.",
)
@click.option("-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Set a parameter of it.")
@click.option("--profile", help="Name of the stored profile; without, the one that connect() takes.")
@click.option("--demo", is_flag=True, help="Use the demo workspace.")
@click.option("--png", is_flag=True, help="Also write each figure as a picture, which needs kaleido and Chromium.")
@click.option("--csv", is_flag=True, help="Also write each table as CSV.")
@click.option("--since-last", is_flag=True, help="Begin with what is new since the last page of this name.")
@click.option(
    "--max-requests",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    help="How many requests the page may take.",
)
def report(
    notebook: str | None,
    out: Path,
    parameters: tuple[str, ...],
    profile: str | None,
    demo: bool,
    png: bool,
    csv: bool,
    since_last: bool,
    max_requests: int,
) -> None:
    """Run a notebook and write it as one web page without code.

    NOTEBOOK is a file, or the name of an example, as 04_engagement; without it, the weekly support review is run. It
    asks the connected workspace. The page holds all that it shows, so that it can be sent and printed. Where a cell
    fails, the page ends there, and the command with an error.
    """
    if demo and profile:
        raise click.UsageError("Give --demo or --profile, not both.")
    _need("nbclient", "nbconvert", *(["papermill"] if parameters else []))
    from intercom_kit.notebook import reporting

    path, own = _notebook(notebook or WEEKLY)
    given = dict(_parameter(text) for text in parameters)
    with ExitStack() as stack:
        environment = stack.enter_context(_asked(demo, profile, max_requests))
        if not own:
            (path,) = stack.enter_context(shipped.temporary_copies([path]))
        order = reporting.Order(path, out, given, png, csv, since_last)
        run = reporting.report(order, environment, stack.enter_context(_shown(path)))
    if run.failure:
        raise click.ClickException(f"{out} is not complete: {run.failure}")
    click.echo(f"{out}: {run.requests:,} requests, {run.seconds:.0f} s")


@contextmanager
def _asked(demo: bool, profile: str | None, max_requests: int) -> Iterator[dict[str, str]]:
    """Give the environment of a kernel that asks the workspace that is meant, within a number of requests."""
    from intercom_kit.auth.finding import find
    from intercom_kit.notebook.environment import beside, chosen
    from intercom_kit.sandbox import serve

    limit = {"INTERCOM_MAX_REQUESTS": str(max_requests)}
    if not demo:
        find(profile=profile)  # fails at once where nothing is connected
        yield (chosen(profile) if profile else dict(os.environ)) | limit
        return
    with serve() as sandbox, TemporaryDirectory() as home:
        yield beside(sandbox, home) | limit


@contextmanager
def _shown(path: Path) -> Iterator[Callable[["NotebookNode"], object]]:
    """Give what to call before each cell, which shows the progress where somebody can see it."""
    import nbformat

    if not sys.stderr.isatty():
        yield lambda _: None
        return
    length = len(nbformat.read(path, as_version=4).cells)  # type: ignore[no-untyped-call]
    with click.progressbar(length=length, label=path.stem, file=sys.stderr) as bar:
        yield lambda _: bar.update(1)


def _notebook(name: str) -> tuple[Path, bool]:
    """Return a notebook by its file, and whether it is not an example; examples have names, too."""
    path = Path(name)
    if path.suffix == ".ipynb" or path.exists():
        if not path.is_file():
            raise click.UsageError(f"There is no file {name}.")
        return path, True
    return _choose(shipped.examples(), (name,))[0], False


def _parameter(text: str) -> tuple[str, Any]:
    """Read `name=value`; what is no number, list, True, False or None in Python is a text."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise click.UsageError(f"-p {text} sets nothing: give NAME=VALUE, such as since=28d.")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


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
