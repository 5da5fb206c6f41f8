"""The types from which editors complete are those of the declarations."""

import ast
from pathlib import Path

from tools.argument_types import PATH, module

ROOT = Path(__file__).parents[2]


def test_they_are_what_make_docs_writes() -> None:
    assert ast.dump(ast.parse(PATH.read_text(encoding="utf-8"))) == ast.dump(ast.parse(module()))


def test_a_package_says_that_it_has_types() -> None:
    assert (ROOT / "intercom_kit" / "py.typed").exists()
