"""Read from a plan how many rows of a scan are enough: `limit n` right above it, of any rows or the newest."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intercom_kit.sql.predicates import Predicate, Test, tests

# What is later, or otherwise, when the query runs than when it was planned.
_SHIFTING = re.compile(r"(?i)\b(now|today|\w*current_\w+|transaction_timestamp|local\w*|age|clock\w*)\b")

# Plans do not print where NULLs stand; DuckDB puts them last.
_NULLS_FIRST = re.compile(r"(?i)\bnulls\s+first\b")

# More rows than this are as good as all; LIMIT ALL is printed as the largest number that there is.
_MOST = 1_000_000

_TEXT = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True)
class Limit:
    """A number of rows that are wanted, skipped ones included, and whether these are the newest."""

    rows: int
    newest: bool

    @classmethod
    def of(cls, node: dict[str, Any]) -> "Limit | None":
        """Read a node that limits; None for any other, and for an order that is not understood."""
        info, name = node["extra_info"], node["name"].strip()
        numbers = info.get("Top" if name == "TOP_N" else "Limit", ""), info.get("Offset", "0")
        if name not in ("TOP_N", "LIMIT", "STREAMING_LIMIT") or not all(str(each).isdigit() for each in numbers):
            return None
        wanted = sum(map(int, numbers))
        if wanted > _MOST:
            return None
        if name != "TOP_N":
            return cls(wanted, newest=False)
        order = info.get("Order By", "")
        first = order if isinstance(order, str) else order[0]
        return cls(wanted, newest=True) if first.endswith(" DESC") else None

    def reaches(self, scan: dict[str, Any], filters: list[str]) -> bool:
        """Tell whether a scan gives all its rows, and the order is by the time of creation, however the query calls it.

        DuckDB filters a scan by the best rows found so far, and names the scan's column there.
        """
        if "Sample Method" in scan:
            return False
        return not self.newest or any("Dynamic Filter (created_at)" in _TEXT.sub("", text) for text in filters)


def passes(node: dict[str, Any]) -> bool:
    """Tell whether below a node there are as many rows as above, but for a filter that belongs to the scan."""
    name = node["name"].strip()
    return name == "PROJECTION" or (
        name == "FILTER" and all("Table" in each["extra_info"] for each in node["children"])
    )


def may_stop(query: str, predicate: Predicate) -> bool:
    """Tell whether rows that a predicate holds for now will be counted by the query too, when it runs."""
    if _NULLS_FIRST.search(query):
        return False
    return not (_SHIFTING.search(query) and any(_lapses(test) for test in tests(predicate)))


def _lapses(test: Test) -> bool:
    """Tell whether a comparison may cease to hold for a row, while older ones begin to."""
    since_creation = test.column == "created_at" and test.operator in (">", ">=")
    return isinstance(test.value, datetime) and not since_creation
