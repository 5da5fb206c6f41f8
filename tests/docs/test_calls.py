"""The calls that sentences and tables of the documentation quote can be made."""

import ast
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

import intercom_kit as ik

from .pages import quoted, written

# Verbs whose filters are known by running them only; they read, and little.
RUN = {"contacts", "conversations", "search_contacts", "search_conversations", "metric", "explain_metric"}


def calls() -> Iterator[str]:
    """Give what is quoted as a call of `ws` or `ik`; what is left out there counts as `...`."""
    for page in written():
        for code in quoted(page):
            if code.startswith(("ws.", "ik.")) and "\n" not in code:
                yield code.replace("…", "...")


def callee(call: ast.Call) -> Any:
    """Find what is called, as far as it is public."""
    *_, name = ast.unparse(call.func).split(".")
    owner = ik.Workspace if ast.unparse(call.func).startswith("ws.") else ik
    if ast.unparse(call.func).startswith("ik.charts."):
        owner = ik.charts
    return getattr(owner, name)


@pytest.mark.parametrize("code", sorted(set(calls())))
def test_a_quoted_call_can_be_made(code: str, ws: ik.Workspace) -> None:
    tree = ast.parse(code, mode="eval").body
    if not isinstance(tree, ast.Call):
        return  # a name, which test_names.py knows
    function = callee(tree)
    of_workspace = code.startswith("ws.")
    given = [None] * (len(tree.args) + of_workspace)
    inspect.signature(function).bind(*given, **{each.arg: None for each in tree.keywords if each.arg})
    if of_workspace and function.__name__ in RUN and "..." not in code and is_whole(tree):
        eval(code, {"ws": ws})  # noqa: S307 - our own documentation


def is_whole(call: ast.Call) -> bool:
    """Tell whether a call names nothing that would have to be there."""
    return {node.id for node in ast.walk(call) if isinstance(node, ast.Name)} <= {"ws"}


def test_calls_are_found_at_all() -> None:
    assert len(set(calls())) > 50
