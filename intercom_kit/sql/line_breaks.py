"""Line breaks of constants in plans, which print each line apart, and leave empty lines out."""

import re
from collections.abc import Callable
from typing import Any

from intercom_kit.sql.printed import expressions

# The picture of a plan, which Graphviz would draw, has whole lines, and in place of some characters others.
_ESCAPED, _MEANS = re.compile(r"\\(.)", re.DOTALL), {"n": "\n", "r": "\r", "t": "\t"}
_CONSTANT = re.compile(r"'(?:[^']|'')*'")


def with_lines(node: dict[str, Any], picture: Callable[[], str]) -> None:
    """Write out the line breaks of constants in the conditions of a plan, `'a' || chr(10) || 'b'`.

    Where it cannot be told how many stand there, since empty lines are not printed, the constant stays cut.
    """
    said = node["extra_info"]
    for name in said.keys() & {"Filters", "Expression", "Conditions"}:
        said[name] = [_written_out(each, picture) if "\n" in each else each for each in expressions(said[name])]
    for child in node["children"]:
        with_lines(child, picture)


def _written_out(text: str, picture: Callable[[], str]) -> str:
    drawn = _ESCAPED.sub(lambda mark: _MEANS.get(mark[1], mark[1]), picture())
    whole = set(re.findall("\n+".join(map(re.escape, text.split("\n"))), drawn))
    if len(whole) != 1:
        return text
    return _CONSTANT.sub(lambda constant: f"({constant[0]})".replace("\n", "' || chr(10) || '"), whole.pop())
