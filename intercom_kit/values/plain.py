"""Values as pandas, NumPy and files hand them over, turned into plain ones at the doors: every argument of a verb."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from intercom_kit.errors import BadRequestError

# Beyond, not every whole number is a float of 64 bits, so that a float may have been another number before.
LARGEST_EXACT = 2**53

# What ids become where a column of floats is made text.
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+")

_OPAQUE = (str, bytes, bytearray, memoryview, pd.DataFrame)


def plain(value: Any, *, whole: bool = True) -> Any:
    """Return a value in Python's own types: None for a missing one, a list for several, a dict for a mapping.

    Several are a Series, Index, array, set, generator or anything else that can be iterated over, except text and
    frames. With `whole`, floats and decimals that are whole become integers, as far as floats are exact. What is of no
    such type comes back as it is, for the door to refuse. Raises BadRequestError for text that is no Unicode.
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, np.ndarray) and value.ndim == 0 and value is not np.ma.masked:
        return plain(value[()], whole=whole)
    if isinstance(value, Mapping):
        return {plain(name): plain(each, whole=whole) for name, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, _OPAQUE) and value is not np.ma.masked:
        return [plain(each, whole=whole) for each in _members(value)]
    return _scalar(value, whole)


def _members(value: Any) -> Iterable[Any]:
    """Return what can be iterated over; a Series gives its float32 as floats of 64 bits, and its array does not."""
    whole = isinstance(value, pd.Series | pd.Index) and not isinstance(value, pd.MultiIndex)
    return value.array if whole else value  # type: ignore[no-any-return]


def _text(value: str) -> str:
    """Return text without NumPy's type around it; half of a surrogate pair could be sent to nobody."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadRequestError(f"{value!r} is no Unicode text: take out the half of a surrogate pair.") from None
    return str.__str__(value)


def _scalar(value: Any, whole: bool) -> Any:
    if _is_missing(value):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, pd.Timestamp | np.datetime64):
        return _moment(value)
    if isinstance(value, np.timedelta64):
        return value  # which NumPy calls an integer
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Decimal) and not whole:
        return value
    if isinstance(value, Real | Decimal):
        return _number(value, whole)
    return value


def _moment(value: pd.Timestamp | np.datetime64) -> Any:
    """Return a time as Python has it; as NumPy does, where it is beyond Python's calendar."""
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False) if 0 < value.year < 10_000 else value.to_datetime64()
    moment = value.astype("datetime64[us]").item()
    return moment if isinstance(moment, datetime) else value


def _number(value: Any, whole: bool) -> int | float:
    return int(value) if whole and _is_whole(value) else float(value)


def _is_missing(value: Any) -> bool:
    """Tell whether a scalar stands for nothing: None, NaN, NaT, pandas' NA, or a masked member of an array."""
    if value is None or value is pd.NA or value is pd.NaT or value is np.ma.masked:
        return True
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    return value.is_nan() if isinstance(value, Decimal) else isinstance(value, Real) and bool(value != value)


def _is_whole(value: Any) -> bool:
    """Tell whether a number is whole, and exactly the one that it was made of."""
    if isinstance(value, float | np.floating):
        exact = min(LARGEST_EXACT, 2 ** (np.finfo(type(value)).nmant + 1))
        return abs(value) <= exact and value == int(value)
    return not (isinstance(value, Decimal) and value.is_infinite()) and bool(value == int(value))


def whole_number(value: Any) -> int | None:
    """Return a value as a whole number; None where it is none."""
    number = plain(value)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def digits(text: str) -> str:
    """Return the id that text of a float stands for, as "12" for "12.0"; other text as it is."""
    whole = _WHOLE_FLOAT.fullmatch(text)
    return whole[1] if whole else text


def id_text(value: Any, *, as_written: bool = False) -> str | None:
    """Return a value as the text of an id; None where it is missing or blank.

    Text made of a float is the id that it stands for, and space around it does not count, unless text counts
    `as_written`: ids that you gave out yourself may look like that. Raises BadRequestError for a float that stands for
    no id, or for several.
    """
    value = plain(value)
    if isinstance(value, float):
        raise BadRequestError(no_id(value))
    text = "" if value is None else str(value)
    return (text if as_written else digits(text.strip())) if text.strip() else None


def no_id(value: float) -> str:
    """Say that a float is no id, and how ids stay what they are."""
    why = "no whole number" if abs(value) <= LARGEST_EXACT else "a float too large to be exact"
    return f"{value!r} is no id, but {why}: read ids as text, as by pd.read_csv(…, dtype=str)."
