"""From a DuckDB result to a DataFrame with the declared types, which says in its repr what it holds."""

from collections.abc import Callable
from html import escape
from typing import Any, cast

import duckdb
import numpy as np
import pandas as pd

from intercom_kit.live.receipt import Receipt
from intercom_kit.tables import Column, Kind


class Frame(pd.DataFrame):
    """Be a DataFrame fetched from Intercom, with its receipt in `attrs["intercom"]` and under its repr.

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


def frame(result: duckdb.DuckDBPyConnection, columns: tuple[Column, ...], receipt: Receipt) -> Frame:
    """Turn a result into a frame; integers and booleans keep NULL apart from numbers, instants are UTC."""
    arrays = result.fetchnumpy()
    series = {column.name: _array(arrays.pop(column.name), column.kind) for column in columns}
    made = Frame(series, copy=False)
    receipt.rows = len(made)
    made.attrs["intercom"] = receipt.as_dict()
    return made


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
                [None if gone else list(value) for value, gone in zip(data, mask, strict=True)], dtype="object"
            )
        case _:
            data[mask] = None
            return pd.array(data, dtype="str")
