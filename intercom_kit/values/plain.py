"""Conversion of arguments to plain Python values, whichever library they come from: pandas, NumPy or a file."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from intercom_kit.errors import BadRequestError

# Above this, a 64-bit float cannot hold every whole number, so a float may have been rounded.
LARGEST_EXACT = 2**53

# An id that was converted to float and then to text: "12.0".
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+")

_OPAQUE = (str, bytes, bytearray, memoryview, pd.DataFrame)


def plain(value: Any, *, whole: bool = True) -> Any:
    """Return a value in Python's own types: None for a missing one, a list for several, a dict for a mapping.

    A Series, Index, array, set, generator or any other iterable becomes a list, except text and frames. With `whole`,
    floats and decimals that are whole numbers become integers where floats are exact. Values of other types are
    returned unchanged, for the caller to reject. Raises BadRequestError for text that is not valid Unicode.
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
    """Return an iterable's members; iterating over a Series would widen float32 to 64 bits, its array does not."""
    has_array = isinstance(value, pd.Series | pd.Index) and not isinstance(value, pd.MultiIndex)
    return value.array if has_array else value  # type: ignore[no-any-return]


def _text(value: str) -> str:
    """Return text as `str`, not as NumPy's subclass; a lone surrogate cannot be encoded, and so not be sent."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadRequestError(f"{value!r} is not valid Unicode text: remove the lone surrogate.") from None
    return str.__str__(value)


def _scalar(value: Any, whole: bool) -> Any:
    if _is_missing(value):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, pd.Timestamp | np.datetime64):
        return _moment(value)
    if isinstance(value, np.timedelta64):
        return value  # NumPy counts it as an integer
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Decimal) and not whole:
        return value
    if isinstance(value, Real | Decimal):
        return _number(value, whole)
    return value


def _moment(value: pd.Timestamp | np.datetime64) -> Any:
    """Return a time as a `datetime`, or as NumPy's `datetime64` outside Python's years 1 to 9999."""
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False) if 0 < value.year < 10_000 else value.to_datetime64()
    moment = value.astype("datetime64[us]").item()
    return moment if isinstance(moment, datetime) else value


def _number(value: Any, whole: bool) -> int | float:
    return int(value) if whole and _is_whole(value) else float(value)


def _is_missing(value: Any) -> bool:
    """Return whether a scalar is missing: None, NaN, NaT, pandas' NA, or a masked member of an array."""
    if value is None or value is pd.NA or value is pd.NaT or value is np.ma.masked:
        return True
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    return value.is_nan() if isinstance(value, Decimal) else isinstance(value, Real) and bool(value != value)


def _is_whole(value: Any) -> bool:
    """Return whether a number is whole, and small enough that its type holds it exactly."""
    if isinstance(value, float | np.floating):
        exact = min(LARGEST_EXACT, 2 ** (np.finfo(type(value)).nmant + 1))
        return abs(value) <= exact and value == int(value)
    return not (isinstance(value, Decimal) and value.is_infinite()) and bool(value == int(value))


def whole_number(value: Any) -> int | None:
    """Return a value as a whole number; None if it is not one."""
    number = plain(value)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def digits(text: str) -> str:
    """Return the id in text that was a float, such as "12" for "12.0"; return other text unchanged."""
    found = _WHOLE_FLOAT.fullmatch(text)
    return found[1] if found else text


def id_text(value: Any, *, as_written: bool = False) -> str | None:
    """Return a value as the text of an id; None where it is missing or blank.

    "12.0" becomes "12", and surrounding space is removed, unless text counts `as_written`: external ids may look like
    that. Raises BadRequestError for a float that is not a whole number, or too large to be exact.
    """
    value = plain(value)
    if isinstance(value, float):
        raise BadRequestError(no_id(value))
    text = "" if value is None else str(value)
    return (text if as_written else digits(text.strip())) if text.strip() else None


def no_id(value: float) -> str:
    """Return the message that a float is not an id, with the remedy."""
    why = "not a whole number" if abs(value) <= LARGEST_EXACT else "a float too large to be exact"
    return f"{value!r} cannot be an id, since it is {why}: read ids as text, as by pd.read_csv(…, dtype=str)."
