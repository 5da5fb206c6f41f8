"""The texts of a plan as DuckDB means them: it prints each line of a text apart, and leaves empty lines out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# What the picture of a plan, in which lines are whole, has in place of some characters.
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANS = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True)
class Printed:
    """A text of a plan; it is not `exact` where nobody can tell how many line breaks stand in it."""

    text: str
    exact: bool = True


def texts(value: Any, picture: Callable[[], str]) -> list[Printed]:
    """Put the texts of a plan together again; `picture` gives the same plan in the format of Graphviz.

    Only constants have lines: within a text that is whole, quotes come in pairs.
    """
    lines = [value] if isinstance(value, str) else list(value or [])
    found: list[Printed] = []
    some: list[str] = []
    for line in lines:
        some.append(line)
        if sum(each.count("'") for each in some) % 2 == 0:
            found.append(_joined(some, picture))
            some = []
    return [*found, Printed("\n".join(some), exact=False)] if some else found


def _joined(lines: list[str], picture: Callable[[], str]) -> Printed:
    if len(lines) == 1:
        return Printed(lines[0])
    drawn = _ESCAPED.sub(lambda mark: _MEANS.get(mark[1], mark[1]), picture())
    whole = set(re.findall("\n+".join(map(re.escape, lines)), drawn))
    return Printed(whole.pop()) if len(whole) == 1 else Printed("\n".join(lines), exact=False)
