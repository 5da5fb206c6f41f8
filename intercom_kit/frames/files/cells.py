"""Values as the cells of a sheet can hold them: times on one clock, long texts cut, lists as JSON."""

import json
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

import numpy as np
import pandas as pd

# What Excel cannot hold: longer texts, integers beyond those that are exact, and times before its first day.
LONGEST_TEXT = 32_767
_LARGEST = 2**53
_FIRST_DAY = pd.Timestamp("1900-03-01")


@dataclass
class Cells:
    """The cells of a sheet, and what became of values that they cannot hold as they are, by column."""

    table: pd.DataFrame
    zones: set[str] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)


def with_labels(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose named index, as after groupby, is columns, and whose column names are one text each."""
    table = pd.DataFrame(frame)
    if any(name is not None for name in table.index.names):
        table = table.reset_index()
    if table.columns.nlevels > 1:
        table.columns = pd.Index([" ".join(map(str, filter(None, name))) for name in table.columns])
    return table


def cells_of(frame: pd.DataFrame, zone: tzinfo | None) -> Cells:
    """Return the cells of a frame; its instants as local times of a zone, by default that of each column."""
    cells, found = Cells(pd.DataFrame()), dict[str, Any]()
    table = with_labels(frame)
    for place, name in enumerate(table.columns):
        found[str(name)] = _column(cells, str(name), table.iloc[:, place], zone)
    cells.table = pd.DataFrame(found, index=table.index)
    return cells


def _column(cells: Cells, name: str, values: "pd.Series[Any]", zone: tzinfo | None) -> Any:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        local = values.dt.tz_convert(zone) if zone else values
        cells.zones.add(str(local.dt.tz))
        values = local.dt.tz_localize(None)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        if (values < _FIRST_DAY).any():
            cells.changed.append(f"{name}: times as text, since Excel has none so early")
            return values.astype("str").where(values.notna(), None)
        return values
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_float_dtype(values.dtype):
        return values
    if pd.api.types.is_integer_dtype(values.dtype):
        if (values.abs() > _LARGEST).any():
            cells.changed.append(f"{name}: numbers as text, since Excel would round them")
            return values.astype("str").where(values.notna(), None)
        return values
    texts = [_text(value) for value in values]
    if cut := sum(isinstance(each, str) and len(each) > LONGEST_TEXT for each in texts):
        cells.changed.append(f"{name}: {cut:,} texts cut after {LONGEST_TEXT:,} characters, as many as a cell has")
        texts = [each[:LONGEST_TEXT] if isinstance(each, str) else each for each in texts]
    return np.array(texts, dtype="object")


def _text(value: Any) -> Any:
    """Return a value as text, or as a number; lists and objects as JSON."""
    if isinstance(value, list | tuple | dict | np.ndarray):
        return json.dumps(value.tolist() if isinstance(value, np.ndarray) else value, ensure_ascii=False, default=str)
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    return value if isinstance(value, str | bool | int | float) else str(value)
