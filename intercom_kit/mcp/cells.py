"""Convert the values of a frame to JSON values that an assistant reads correctly."""

import json
import math
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd

from intercom_kit.mcp.foreign.texts import readable

# JavaScript, in which many clients are written, represents integers exactly up to here.
_LARGEST_INTEGER = 2**53


def cell(value: Any, longest: int | None = None, *, addresses: bool = False) -> Any:
    """Return a JSON value: times as UTC ISO text, missing values as null, texts cleaned and cut to `longest`."""
    if isinstance(value, str):
        return readable(value, longest, addresses=addresses)
    if value is None or value is pd.NA or value is pd.NaT or value is np.ma.masked:  # the last stands in lists
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, timedelta | np.timedelta64):  # the latter is an np.integer, too
        return None if pd.isna(value) else duration(pd.Timedelta(value).total_seconds())
    if isinstance(value, int | np.integer):
        return int(value) if abs(int(value)) < _LARGEST_INTEGER else str(value)
    if isinstance(value, float | np.floating):
        return _number(float(value))
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else cell(pd.Timestamp(value))
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return {readable(str(key), longest): cell(each, longest, addresses=addresses) for key, each in value.items()}
    if isinstance(value, list | tuple | set | np.ndarray):
        return [cell(each, longest, addresses=addresses) for each in value]
    return readable(bytes(value).hex() if isinstance(value, bytes | bytearray) else str(value), longest)


def duration(seconds: float) -> str:
    """Return a duration as 26h 5m, 5m 12s or 12s; hours are not converted to days, since they may be office hours."""
    whole = round(abs(seconds))
    parts = [(whole // 3600, "h"), (whole % 3600 // 60, "m"), (whole % 60, "s")]
    first = next((place for place, (count, _) in enumerate(parts) if count), 2)
    text = " ".join(f"{count}{unit}" for count, unit in parts[first:] if count) or "0s"
    return f"-{text}" if seconds < 0 else text


def parsed(text: Any) -> Any:
    """Return an open-ended object parsed from its JSON text, since a quoted text would be longer."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def _number(number: float) -> Any:
    if math.isnan(number):
        return None
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return int(number) if number.is_integer() and abs(number) < _LARGEST_INTEGER else float(f"{number:.12g}")


def _instant(moment: datetime) -> str | None:
    if pd.isna(moment):  # NaT is a datetime
        return None
    text = moment.isoformat(timespec="seconds" if moment.microsecond == 0 else "microseconds")
    return text.replace("+00:00", "Z")
