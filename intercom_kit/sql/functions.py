"""Which of DuckDB's functions a query may call: those that functions.toml lists, and no others."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

JUDGED = Path(__file__).with_name("functions.toml")


@dataclass(frozen=True)
class Functions:
    """The names that may be called within expressions, and after FROM, and why others may not."""

    values: frozenset[str]
    tables: frozenset[str]
    refused: tuple[tuple[str, frozenset[str]], ...]

    def why_refused(self, name: str) -> str | None:
        """Say what is wrong with a function that is refused; None for one that nobody has judged."""
        for why, names in self.refused:
            if name in names or any(fnmatchcase(name, each) for each in names if each.endswith("*")):
                return why
        return None


@cache
def functions() -> Functions:
    """Read the lists."""
    judged = tomllib.loads(JUDGED.read_text(encoding="utf-8"))
    values, tables = judged["values"], judged["tables"]
    return Functions(
        frozenset([*values["operators"], *values["names"].split()]),
        frozenset(tables["names"].split()),
        tuple((each["why"], frozenset(each["names"].split())) for each in judged["refused"].values()),
    )


def unjudged(known: Iterable[tuple[str, str]]) -> list[str]:
    """List the functions, of DuckDB's by name and type, that stand in no list."""
    judged = functions()
    return sorted(
        name
        for name, kind in known
        if name.lower() not in (judged.tables if kind in ("table", "table_macro", "pragma") else judged.values)
        and judged.why_refused(name.lower()) is None
    )
