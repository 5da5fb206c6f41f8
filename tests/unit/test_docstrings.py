"""A class is documented by what it is: its docstring begins with a noun."""

import ast
import re
from pathlib import Path

import pytest

import intercom_kit

PACKAGE = Path(intercom_kit.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# Verbs by which a class would say what it does, and not what it is.
DOES = """
    Add Answer Ask Be Bound Collect Count Declare Do Draw Find Gather Give Hold Invent Keep Know Learn Let List Make
    Measure Name Offer Print Read Refuse Remember Run Say Serve Show Speak Take Tell Turn Wait Walk Watch Write
"""


def described(file: Path) -> list[tuple[str, str]]:
    """Give the classes of a file with the first lines of their docstrings."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    found = [(node.name, ast.get_docstring(node)) for node in nodes if isinstance(node, ast.ClassDef)]
    return [(name, text.splitlines()[0]) for name, text in found if text]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_class_is_described_by_what_it_is(file: Path) -> None:
    verbs = [
        f"{name}: {line}" for name, line in described(file) if re.split(r"\W", line, maxsplit=1)[0] in DOES.split()
    ]
    assert verbs == []


def test_classes_are_found_at_all() -> None:
    assert len(described(PACKAGE / "errors.py")) > 30
