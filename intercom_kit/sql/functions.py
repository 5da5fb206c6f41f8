"""The allowlist of DuckDB functions that a query may call, read from functions.toml."""

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

JUDGED = Path(__file__).with_name("functions.toml")


@dataclass(frozen=True)
class Functions:
    """The functions allowed in expressions (`values`) and after FROM (`tables`), and the reasons to refuse others."""

    values: frozenset[str]
    tables: frozenset[str]
    refused: tuple[tuple[str, frozenset[str]], ...]

    def why_refused(self, name: str) -> str | None:
        """Return the reason why a function is refused; None for one that is not in the lists."""
        for why, names in self.refused:
            if name in names or any(fnmatchcase(name, each) for each in names if each.endswith("*")):
                return why
        return None


@cache
def functions() -> Functions:
    """Return the lists, read once."""
    judged = tomllib.loads(JUDGED.read_text(encoding="utf-8"))
    values, tables = judged["values"], judged["tables"]
    return Functions(
        frozenset([*values["operators"], *values["names"].split()]),
        frozenset(tables["names"].split()),
        tuple((each["why"], frozenset(each["names"].split())) for each in judged["refused"].values()),
    )
