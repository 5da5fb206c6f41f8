"""From the values of a frame to values of JSON that an assistant reads rightly."""

import json
import math
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd

from intercom_kit.mcp.texts import readable

# JavaScript, in which many clients are written, knows integers up to here exactly.
_LARGEST_INTEGER = 2**53


def cell(value: Any, longest: int | None = None, *, addresses: bool = False) -> Any:
    """Return a value of JSON: instants as UTC ISO text, missing values as null, texts readable and at most so long."""
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
    """Write a duration as 26h 5m, 5m 12s or 12s; hours are not made days, since office hours make none."""
    whole = round(abs(seconds))
    parts = [(whole // 3600, "h"), (whole % 3600 // 60, "m"), (whole % 60, "s")]
    first = next((place for place, (count, _) in enumerate(parts) if count), 2)
    said = " ".join(f"{count}{unit}" for count, unit in parts[first:] if count) or "0s"
    return f"-{said}" if seconds < 0 else said


def parsed(text: Any) -> Any:
    """Read the text of an open-ended object, which is shorter than the text quoted."""
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
