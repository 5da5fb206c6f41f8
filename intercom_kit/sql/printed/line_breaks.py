"""Line breaks of constants in plans, which print each line as a separate text and leave out empty lines."""

import re
from collections.abc import Callable
from typing import Any

from intercom_kit.sql.printed.texts import expressions

# The Graphviz form of a plan keeps all lines, but escapes some characters.
_ESCAPED, _MEANS = re.compile(r"\\(.)", re.DOTALL), {"n": "\n", "r": "\r", "t": "\t"}
_CONSTANT = re.compile(r"'(?:[^']|'')*'")


def with_lines(node: dict[str, Any], picture: Callable[[], str]) -> None:
    """Rewrite constants with line breaks in a plan's conditions, in place, as `'a' || chr(10) || 'b'`.

    If the number of line breaks is ambiguous, since plans leave out empty lines, the constant is left unchanged.
    """
    info = node["extra_info"]
    for name in info.keys() & {"Filters", "Expression", "Conditions"}:
        info[name] = [_written_out(each, picture) if "\n" in each else each for each in expressions(info[name])]
    for child in node["children"]:
        with_lines(child, picture)


def _written_out(text: str, picture: Callable[[], str]) -> str:
    drawn = _ESCAPED.sub(lambda mark: _MEANS.get(mark[1], mark[1]), picture())
    whole = set(re.findall("\n+".join(map(re.escape, text.split("\n"))), drawn))
    if len(whole) != 1:
        return text
    return _CONSTANT.sub(lambda constant: f"({constant[0]})".replace("\n", "' || chr(10) || '"), whole.pop())
