"""What each conversation counts for in a report, worked out from its rows."""

from dataclasses import dataclass

import duckdb
import pandas as pd

from intercom_kit.errors import UnreadableReportError
from intercom_kit.reports.comparisons import Comparison, Number
from intercom_kit.reports.report import ID, MOMENT, Report

TEAMMATE = "teammate_id"


@dataclass(frozen=True)
class Values:
    """One number of a report: a row per conversation, or per conversation and teammate, with `value` and `rows`.

    `each_row` are the values of all rows, of which a conversation may have several.
    """

    number: Number
    frame: pd.DataFrame
    each_row: "pd.Series[float]"


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
            return [_values(cursor, report, comparison, number) for number in there]
        finally:
            cursor.unregister("report_rows")


def _values(cursor: duckdb.DuckDBPyConnection, report: Report, comparison: Comparison, number: Number) -> Values:
    teammate = f"teammate as {TEAMMATE}, " if comparison.teammate else ""
    keep = f"where {comparison.keep}" if comparison.keep else ""
    moment = MOMENT if MOMENT in report.rows else "null"
    groups = ", ".join(keys_of(comparison))
    rows = f"select {ID}, {teammate}{moment} as moment, ({number.sql})::double as value from report_rows {keep}"
    # Of several ratings or the like the last one counts, as in the API.
    fold = "sum(value)" if comparison.fold == "sum" else "coalesce(arg_max(value, moment), max(value))"
    query = f"select {groups}, {fold} as value, count(*) as rows from ({rows}) group by {groups}"
    try:
        frame = cursor.execute(query).df()
        each_row = cursor.execute(f"select value from ({rows}) where value is not null").df()
    except duckdb.ConversionException:
        raise UnreadableReportError(
            f"The report {report.name!r} has a value that is no number where it counts {number.basis}: export it "
            "again, and do not save it with another program."
        ) from None
    return Values(number, frame, each_row["value"])
