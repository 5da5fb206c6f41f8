"""LIMIT pushdown: how many rows of a scan are enough, read from a `limit n` right above it in the plan."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intercom_kit.sql.predicates import Predicate, Test, tests

# Expressions whose value may change between planning and running the query.
_SHIFTING = re.compile(r"(?i)\b(now|today|\w*current_\w+|transaction_timestamp|local\w*|age|clock\w*)\b")

# Plans do not print NULLS FIRST; by default DuckDB puts NULLs last.
_NULLS_FIRST = re.compile(r"(?i)\bnulls\s+first\b")

# A larger limit counts as none; LIMIT ALL is printed as the largest integer.
_MAX_ROWS = 1_000_000

CONSTANT = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True)
class Limit:
    """The number of rows that a LIMIT needs, those skipped by OFFSET included, and whether they are the newest."""

    rows: int
    newest: bool

    @classmethod
    def of(cls, node: dict[str, Any]) -> "Limit | None":
        """Return the limit of a plan's node; None if it has none, or an order that is not understood."""
        info, name = node["extra_info"], node["name"].strip()
        numbers = info.get("Top" if name == "TOP_N" else "Limit", ""), info.get("Offset", "0")
        if name not in ("TOP_N", "LIMIT", "STREAMING_LIMIT") or not all(str(each).isdigit() for each in numbers):
            return None
        rows = sum(map(int, numbers))
        if rows > _MAX_ROWS:
            return None
        if name != "TOP_N":
            return cls(rows, newest=False)
        order = info.get("Order By", "")
        first = order if isinstance(order, str) else order[0]
        return cls(rows, newest=True) if first.endswith(" DESC") else None

    def reaches(self, scan: dict[str, Any], filters: list[str]) -> bool:
        """Return whether the limit applies to a scan: it is not sampled, and any order is by `created_at`.

        The query may rename that column, but the dynamic filter, by which DuckDB keeps the best rows found so far,
        names the scan's own column.
        """
        if "Sample Method" in scan:
            return False
        return not self.newest or any("Dynamic Filter (created_at)" in CONSTANT.sub("", text) for text in filters)


def passes(node: dict[str, Any]) -> bool:
    """Return whether a node keeps the number of rows, apart from a filter that belongs to the scan below it."""
    name = node["name"].strip()
    return name == "PROJECTION" or (
        name == "FILTER" and all("Table" in each["extra_info"] for each in node["children"])
    )


def may_stop(query: str, predicate: Predicate) -> bool:
    """Return whether rows that match a predicate now will still match when the query runs, so a fetch may stop."""
    if _NULLS_FIRST.search(query):
        return False
    return not (_SHIFTING.search(query) and any(_lapses(test) for test in tests(predicate)))


def _lapses(test: Test) -> bool:
    """Return whether a comparison with a time may stop holding for a row, and begin to hold for older ones."""
    since_creation = test.column == "created_at" and test.operator in (">", ">=")
    return isinstance(test.value, datetime) and not since_creation
