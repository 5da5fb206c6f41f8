"""Warnings about comparisons with values that a column never has, such as typos: SQL just returns no rows."""

from collections.abc import Iterator

from intercom_kit.sql.needs import Needs
from intercom_kit.sql.predicates import tests
from intercom_kit.tables import TABLES
from intercom_kit.tables.columns import impossible


def notes(needs: Needs) -> list[str]:
    """Return a warning for each value in a query that its column never has."""
    return list(dict.fromkeys(_warnings(needs)))


def _warnings(needs: Needs) -> Iterator[str]:
    for scan in needs.scans:
        for test in tests(scan.predicate) if scan.table in TABLES else ():
            if test.operator not in ("=", "in") or test.column not in TABLES[scan.table]:
                continue
            for value in test.value if test.operator == "in" else (test.value,):
                if warning := impossible(test.column, value, TABLES[scan.table].column(test.column).values):
                    yield f"{scan.table}: {warning}"
