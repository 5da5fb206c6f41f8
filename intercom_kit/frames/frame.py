"""From a DuckDB result to a DataFrame with the declared types, which says in its repr what it holds."""

import itertools
import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Any, cast

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from intercom_kit.frames.receipt import Receipt
from intercom_kit.tables import Column, Kind

# Below so many rows, memory is no matter, and one query is quicker than several.
_MANY_ROWS = 10_000
_COLUMNS_AT_A_TIME = 6
_SAMPLE = 1_000

Read = Callable[[list[str]], dict[str, Any]]


class Frame(pd.DataFrame):
    """A DataFrame fetched from Intercom, with its receipt in `attrs["intercom"]` and under its repr.

    Whatever is computed from it is a plain DataFrame: the receipt tells of what was fetched, not of what was made.
    """

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    @property
    def receipt(self) -> str:
        """Say in a line what the frame holds."""
        told = self.attrs.get("intercom")
        return Receipt(**told).sentence() if told else ""

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n{self.receipt}"

    def _repr_html_(self) -> str:
        # pandas escapes the cells; the receipt quotes Intercom's words in failures, so it is escaped too.
        table = cast(str, super()._repr_html_())  # type: ignore[misc]  # pandas' stubs lack it
        return f"{table}<p><small>{escape(self.receipt)}</small></p>"


def frame(read: Read, positions: NDArray[np.int64], columns: tuple[Column, ...], receipt: Receipt) -> Frame:
    """Build a frame from columns that `read` gives by their names, taking the rows at `positions`, in that order.

    Integers and booleans keep NULL apart from numbers, and instants are UTC. Where there are many rows, a few columns
    are read at a time: a whole result would stand in memory beside the frame that is made of it.
    """
    together = len(columns) if len(positions) < _MANY_ROWS else _COLUMNS_AT_A_TIME
    series: dict[str, Any] = {}
    for start in range(0, len(columns), together):
        some = columns[start : start + together]
        arrays = read([column.name for column in some])
        for column in some:
            series[column.name] = _array(arrays.pop(column.name).take(positions), column.kind)
    made = Frame(series, copy=False)
    receipt.rows = len(made)
    made.attrs["intercom"] = receipt.as_dict()
    return made


def result_frame(result: duckdb.DuckDBPyConnection, receipt: Receipt) -> Frame:
    """Build a frame from a query's result, with the types that verbs give; other types come as DuckDB gives them."""
    kinds = [_kind(str(column[1])) for column in result.description or []]
    arrays = result.fetchnumpy()
    series = {
        name: _array(values, kind) if kind else values
        for kind, (name, values) in zip(kinds, arrays.items(), strict=True)
    }
    made = Frame(series, copy=False)
    receipt.rows = len(made)
    made.attrs["intercom"] = receipt.as_dict()
    return made


def distinct_names(names: list[str]) -> list[str]:
    """Number names that stand twice: id, id_1, and the next free one where that is a name too."""
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
    """Name the kind of a result's column; None for types that no table has."""
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
    """Give one column its pandas type."""
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
            instants[mask] = np.datetime64("NaT")
            return pd.DatetimeIndex(instants).tz_localize("UTC")
        case Kind.TEXTS:
            return pd.Series(
                [None if gone else value.tolist() for value, gone in zip(data, mask, strict=True)], dtype="object"
            )
        case _:
            data[mask] = None
            return pd.array(_shared(data), dtype="str")


def _shared(texts: NDArray[np.object_]) -> NDArray[np.object_]:
    """Let equal texts be one object where a column has few different ones; DuckDB gives each row its own."""
    if len(texts) < _MANY_ROWS or len(set(texts[:_SAMPLE])) > _SAMPLE // 4:
        return texts
    codes, different = pd.factorize(texts, use_na_sentinel=False)
    return np.asarray(different, dtype="object").take(codes)
