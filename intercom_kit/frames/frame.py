"""Conversion of DuckDB results to DataFrames with the declared types and a receipt under their repr."""

import itertools
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from intercom_kit.frames.computed import Described, Told
from intercom_kit.frames.files import arrow, excel, saving
from intercom_kit.frames.files.cells import cells_of
from intercom_kit.frames.linked import table_html
from intercom_kit.frames.receipt import Receipt
from intercom_kit.tables import Column, Kind
from intercom_kit.values.times import clock

# With fewer rows, memory does not matter, and one query is faster than several.
_MANY_ROWS = 10_000
_COLUMNS_AT_A_TIME = 6
_SAMPLE = 1_000

Read = Callable[[list[str]], dict[str, Any]]


class Frame(Described, pd.DataFrame):
    """A DataFrame fetched from Intercom, with its receipt in `attrs["intercom"]` and under its repr.

    What is computed from it has the receipt, too, which then says how many of the rows that were fetched are left.
    """

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return Frame

    @property
    def receipt(self) -> str:
        """Return in one line what the frame holds, whether it is complete, and what it cost."""
        self.cut_short = False
        if "intercom" not in self.attrs:
            return ""
        receipt = receipt_of(self).begun()
        if receipt.rows != len(self):  # changed in place
            receipt = replace(receipt, rows=len(self), here="computed here")
        return receipt.sentence()

    def save(self, path: str | Path, *, timezone: Any = None) -> list[Path]:
        """Write the rows to a file, and the receipt beside it; return the paths of both.

        The name ends with the format: .csv, .parquet or .xlsx. The receipt is the same name with .receipt.json, and in
        Excel also a sheet. Instants are UTC in CSV and Parquet; in Excel, which has no zones, local times of a
        `timezone`, by default that of each column. Files of these names are replaced, both or none. Raises
        BadRequestError for another format, and without XlsxWriter, which `intercom_kit[excel]` brings.
        """
        zone = None if timezone is None else clock(timezone)
        receipt = {"receipt": self.receipt, **self.attrs.get("intercom", {})}
        return saving.save(self, path, receipt, zone)

    def to_excel(  # type: ignore[misc]  # final in the stubs
        self, excel_writer: Any, sheet_name: str = "", **options: Any
    ) -> None:
        """Write the rows to an Excel file with a sheet of receipts; or, as pandas does, to a sheet of an ExcelWriter.

        Instants become local times of their column's zone, since Excel has no zones: the receipts name it.
        """
        if isinstance(excel_writer, str | PathLike) and not isinstance(excel_writer, pd.ExcelWriter):
            excel.write({sheet_name or saving.frame_name(self): self}, Path(excel_writer), None)
        else:
            cells_of(self, None).table.to_excel(excel_writer, sheet_name=sheet_name or "Sheet1", **options)

    def arrow(self) -> Any:
        """Return the rows as an Arrow table: of pyarrow where that is installed, else of nanoarrow.

        Raises BadRequestError without both; `intercom_kit[arrow]` brings nanoarrow.
        """
        self.cut_short = False
        return arrow.table(self)

    def pl(self) -> Any:
        """Return the rows as a frame of polars; raise BadRequestError without it. It needs no pyarrow."""
        self.cut_short = False
        return arrow.polars(self)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return arrow.relation(self).__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        self.cut_short = False
        return f"{super().__repr__()}\n{self.receipt}".rstrip("\n")

    def _repr_html_(self) -> str:
        self.cut_short = False
        # pandas escapes the cells; the receipt may quote Intercom's error texts, so it is escaped too.
        table = table_html(self, (self.attrs.get("intercom") or {}).get("links") or {})
        return f"{table}<p><small>{escape(self.receipt)}</small></p>"


def receipt_of(frame: pd.DataFrame) -> Receipt:
    """Return a copy of a frame's receipt."""
    return Receipt(**deepcopy(dict(frame.attrs["intercom"])))


def with_receipt(frame: pd.DataFrame, receipt: Receipt) -> Frame:
    """Return the frame with a receipt, which counts its rows."""
    received = frame if isinstance(frame, Frame) else Frame(frame, copy=False)
    receipt.rows, receipt.fetched, receipt.here = len(received), None, ""
    received.attrs["intercom"] = Told(receipt.as_dict())
    return received


def frame(read: Read, positions: NDArray[np.int64], columns: tuple[Column, ...], receipt: Receipt) -> Frame:
    """Return a frame of the rows at `positions`, in that order, with columns that `read` returns by name.

    Integers and booleans are nullable, and instants are UTC. For many rows, a few columns are read at a time, so that
    the whole result is never in memory beside the frame.
    """
    together = max(1, len(columns)) if len(positions) < _MANY_ROWS else _COLUMNS_AT_A_TIME
    series: dict[str, Any] = {}
    for start in range(0, len(columns), together):
        some = columns[start : start + together]
        arrays = read([column.name for column in some])
        for column in some:
            series[column.name] = _array(arrays.pop(column.name).take(positions), column.kind)
    return with_receipt(Frame(series, copy=False), receipt)


def result_frame(result: duckdb.DuckDBPyConnection, receipt: Receipt) -> Frame:
    """Return a query's result as a frame with the same types as verbs return; other types stay as DuckDB has them."""
    kinds = [_kind(str(column[1])) for column in result.description or []]
    arrays = result.fetchnumpy()
    series = {
        name: _array(values, kind) if kind else values
        for kind, (name, values) in zip(kinds, arrays.items(), strict=True)
    }
    return with_receipt(Frame(series, copy=False), receipt)


def distinct_names(names: list[str]) -> list[str]:
    """Return the names with duplicates numbered: id, id_1, or the next number that is free."""
    taken = {name.lower() for name in names}
    numbers: dict[str, Iterator[int]] = {}
    found = []
    for name in names:
        if name.lower() in numbers:
            name = next(free for number in numbers[name.lower()] if (free := f"{name}_{number}").lower() not in taken)
            taken.add(name.lower())
        numbers.setdefault(name.lower(), itertools.count(1))
        found.append(name)
    return found


def _kind(sql_type: str) -> Kind | None:
    """Return the kind of a result's column; None for types that no table has."""
    if sql_type in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"):
        return Kind.INTEGER
    if sql_type in ("HUGEINT", "DOUBLE", "FLOAT") or re.fullmatch(r"DECIMAL\(\d+,\d+\)", sql_type):
        return Kind.NUMBER  # sums are HUGEINT, which numpy has as a float
    return {
        "BOOLEAN": Kind.BOOLEAN,
        "VARCHAR": Kind.TEXT,
        "JSON": Kind.JSON,
        "TIMESTAMP WITH TIME ZONE": Kind.TIME,
        "VARCHAR[]": Kind.TEXTS,
    }.get(sql_type)


def _array(values: Any, kind: Kind) -> Any:
    """Return one column's values with their pandas type."""
    mask = np.ma.getmaskarray(values)
    data = np.ma.getdata(values)
    match kind:
        case Kind.INTEGER:
            return pd.arrays.IntegerArray(data.astype("int64", copy=False), mask)
        case Kind.BOOLEAN:
            return pd.arrays.BooleanArray(data.astype("bool", copy=False), mask)
        case Kind.NUMBER:
            return np.where(mask, np.nan, data).astype("float64", copy=False)
        case Kind.TIME:
            instants = data.astype("datetime64[us]", copy=False)
            instants[mask] = np.datetime64("NaT", "us")
            return pd.DatetimeIndex(instants).tz_localize("UTC")
        case Kind.TEXTS:
            return pd.Series(
                [None if gone else value.tolist() for value, gone in zip(data, mask, strict=True)], dtype="object"
            )
        case _:
            data[mask] = None
            return pd.array(_shared(data), dtype="str")


def _shared(texts: NDArray[np.object_]) -> NDArray[np.object_]:
    """Share one object among equal texts if a column has few distinct ones; DuckDB makes one per row."""
    if len(texts) < _MANY_ROWS or len(set(texts[:_SAMPLE])) > _SAMPLE // 4:
        return texts
    codes, distinct = pd.factorize(texts, use_na_sentinel=False)
    return np.asarray(distinct, dtype="object").take(codes)
