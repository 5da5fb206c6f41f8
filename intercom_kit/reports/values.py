"""What each conversation counts for in a report, worked out from its rows."""

from dataclasses import dataclass

import duckdb
import pandas as pd

from intercom_kit.errors import UnreadableReportError
from intercom_kit.reports.comparisons import Comparison, Number
from intercom_kit.reports.report import ID, Report

TEAMMATE = "teammate_id"


@dataclass(frozen=True)
class Values:
    """One number of a report: a row per conversation, or per conversation and teammate, with `value` and `rows`."""

    number: Number
    frame: pd.DataFrame


def keys_of(comparison: Comparison) -> list[str]:
    """Return the columns that tell what one value is of."""
    return [ID, TEAMMATE] if comparison.teammate else [ID]


def alike(report: Report, comparison: Comparison) -> None:
    """Keep the rows of one kind, such as SLAs for the first response."""
    if not comparison.alike or "kind" not in report.rows or report.rows.empty:
        return
    kinds = report.rows["kind"].str.lower()
    known = kinds.isin(list(comparison.alike))
    if known.any():
        report.rows = report.rows[known].reset_index(drop=True)
    elif kinds.nunique() > 1:
        first = kinds.value_counts().index[0]
        report.rows = report.rows[kinds == first].reset_index(drop=True)
        report.notes.append(f"It has several sorts of rows, of which only those of {first!r} count.")


def values_of(report: Report, comparison: Comparison, database: duckdb.DuckDBPyConnection) -> list[Values]:
    """Return every number of a comparison that the report has, the first of them as Intercom's report shows it.

    The rows are on a cursor of a database only while they are read. Raises UnreadableReportError for a value that is
    no number.
    """
    there = [number for number in comparison.numbers if set(number.columns) <= report.columns]
    with database.cursor() as cursor:
        cursor.register("report_rows", report.rows)
        try:
            return [Values(number, _values(cursor, report, comparison, number)) for number in there]
        finally:
            cursor.unregister("report_rows")


def _values(
    database: duckdb.DuckDBPyConnection, report: Report, comparison: Comparison, number: Number
) -> pd.DataFrame:
    teammate = f"teammate as {TEAMMATE}, " if comparison.teammate else ""
    keep = f"where {comparison.keep}" if comparison.keep else ""
    groups = ", ".join(keys_of(comparison))
    query = f"""
        with each_row as (select {ID}, {teammate}({number.sql})::double as value from report_rows {keep})
        select {groups}, {comparison.fold}(value) as value, count(*) as rows from each_row group by {groups}
    """
    try:
        return database.execute(query).df()
    except duckdb.ConversionException as error:
        raise UnreadableReportError(
            f"The report {report.name!r} has a value that cannot be read ({str(error).splitlines()[0][:120]}): export "
            "it again, and do not save it with another program."
        ) from None
