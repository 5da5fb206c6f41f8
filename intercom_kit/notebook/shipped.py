"""The worked examples that come with the package, which is never written to."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from intercom_kit.replacing import replacing

_INSTALLED = Path(__file__).with_name("examples")  # pyproject.toml maps the repository's notebooks/ to it
_IN_A_CHECKOUT = Path(__file__).parents[2] / "notebooks"


def examples() -> Path:
    """Return the folder that holds the examples."""
    return _INSTALLED if _INSTALLED.is_dir() else _IN_A_CHECKOUT


def copy_examples(folder: Path) -> None:
    """Copy the examples into a folder to work in. Raises BadRequestError where it cannot be written to."""
    with replacing(folder) as new:
        for notebook in examples().glob("*.ipynb"):
            shutil.copyfile(notebook, new / notebook.name)


@contextmanager
def temporary_copies(notebooks: Iterable[Path]) -> Iterator[list[Path]]:
    """Give copies of notebooks, deleted when the block ends: files that a notebook writes land beside it."""
    with TemporaryDirectory() as folder:
        yield [Path(shutil.copyfile(notebook, Path(folder) / notebook.name)) for notebook in notebooks]
