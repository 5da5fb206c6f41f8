"""Shape one page of a cached result as an answer: the main columns, names beside ids, and what is missing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd
from mcp.server.mcpserver.exceptions import ToolError

from intercom_kit.hints import hint
from intercom_kit.mcp.answers import Answer, fitting, size
from intercom_kit.mcp.arguments import PageRequest
from intercom_kit.mcp.cells import cell, duration, parsed
from intercom_kit.mcp.results import Result
from intercom_kit.mcp.telling.notes import note_on
from intercom_kit.tables import Kind, Table

LONGEST_CELL = {"concise": 160, "detailed": 4_000}

# Names by table and id.
Names = Callable[[], Mapping[tuple[str, str], str]]


def shaped(result: Result, start: int, page: PageRequest, names: Names) -> Answer:
    """Return the answer with the rows of a result from `start` on, as many as requested and as fit."""
    receipt, held = result.receipt, len(result.frame)
    columns = _columns(result, page)
    frame = result.frame[columns].iloc[start : start + page.limit]
    table, left_out = _written(frame, result.call.table, page, names)
    # The addresses of objects in Intercom's app, said once instead of in each row.
    links = {name: f"{begin}<{name}>" for name, begin in receipt["links"].items() if name in table}
    has_links = links and "url" not in {*table, *(result.about or ())}
    answer = Answer(
        about={**(result.about or {}), "links": links} if has_links else result.about,
        as_of=str(cell(datetime.fromisoformat(receipt["at"]).replace(microsecond=0))),
        complete=bool(receipt["complete"]) or (result.can_grow and not result.beyond),
        row_count=0,
        total_rows=receipt["total"] if receipt["total"] is not None and result.can_grow else None,
        requests=receipt["requests"],
        columns=list(table),
        rows=[],
    )
    if not result.can_grow:
        answer.total_rows = held if receipt["complete"] or not receipt["total"] else receipt["total"]
    rows = [list(row) for row in zip(*table.values(), strict=True)] if table else []
    answer.rows = fitting(rows, size(answer.model_dump(exclude_none=True)) + _ROOM_FOR_NOTES + size(receipt["notes"]))
    answer.row_count = len(answer.rows)
    end = start + answer.row_count
    more = end < held or result.can_grow
    if more:
        answer.next_cursor = f"{result.id}.{end}"
    if more or start:
        answer.result_uri = f"intercom://results/{result.id}.csv"
    answer.note = note_on(result, answer, start, cut=len(rows) > answer.row_count, left_out=left_out)
    return answer


_ROOM_FOR_NOTES = 900


def _columns(result: Result, page: PageRequest) -> list[str]:
    """Return the columns of an answer: the requested ones, else the main ones or all."""
    every = [str(name) for name in result.frame.columns]
    if page.fields:
        for name in page.fields:
            if name not in every:
                raise ToolError(f"There is no field {name!r}: {hint(name, every)}")
        return list(dict.fromkeys(page.fields))
    table = result.call.table
    if page.response_format == "concise" and table is not None and table.main:
        return [name for name in table.main if name in every]
    return every


def _written(
    frame: pd.DataFrame, table: Table | None, page: PageRequest, names: Names
) -> tuple[dict[str, list[Any]], list[str]]:
    """Return the columns of a page as JSON values, and the columns left out since they have no value."""
    detailed = table is not None and page.response_format == "detailed" and not page.fields
    longest = page.longest or LONGEST_CELL[page.response_format]
    written: dict[str, list[Any]] = {}
    left_out = []
    for name in frame.columns:
        declared = table.column(name) if table and name in table else None
        values = list(frame[name])
        if declared is not None and declared.kind is Kind.JSON:
            values = [parsed(value) for value in values]
        cells = [cell(value, longest, addresses=page.addresses) for value in values]
        if declared is not None and declared.unit == "seconds":
            cells = [None if seconds is None else duration(seconds) for seconds in cells]
        if detailed and not any(value not in (None, "", [], {}) for value in cells):
            left_out.append(name)
            continue
        written[name] = cells
        if declared is not None and declared.names and not page.fields:
            written[declared.beside] = [_named(value, declared.names, names()) if value else None for value in cells]
    return written, left_out


def _named(ids: Any, tables: tuple[str, ...], names: Mapping[tuple[str, str], str]) -> Any:
    if isinstance(ids, list):
        return [_named(id, tables, names) for id in ids]
    return next((names[table, ids] for table in tables if (table, ids) in names), None)
