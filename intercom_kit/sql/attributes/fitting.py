"""The values of attributes that do not fit their types, counted in the rows that a query reads."""

from collections.abc import Mapping
from typing import Any

import duckdb

from intercom_kit.frames.frame import Frame, receipt_of, with_receipt
from intercom_kit.sql.attributes.column import Attributes
from intercom_kit.sql.attributes.naming import COLUMN
from intercom_kit.sql.mistakes import translated
from intercom_kit.sql.needs import Needs
from intercom_kit.sql.predicates import as_sql, either


def misfits(cursor: duckdb.DuckDBPyConnection, attributes: Attributes, needs: Needs) -> Mapping[str, int]:
    """Return how many values do not fit the types of the attributes, in the rows that the scans of a query read."""
    found = dict[str, int]()
    for table in attributes.tables:
        parameters: dict[str, Any] = {}
        scans = [scan.predicate for scan in needs.scans if scan.table == table]
        names, query = attributes.misfits(table, as_sql(either(scans), parameters))
        try:
            (counts,) = cursor.execute(query, parameters).fetchall()
        except duckdb.IOException as error:  # a lake's file was replaced meanwhile
            raise translated(error, list(attributes.tables)) from error
        found |= {f"{table}.{COLUMN}.{name}": count for name, count in zip(names, counts, strict=True) if count}
    return found


def with_misfits(answer: Frame, found: Mapping[str, int]) -> Frame:
    """Return an answer whose receipt counts values that do not fit."""
    receipt = receipt_of(answer)
    receipt.misfits |= found
    return with_receipt(answer, receipt)
