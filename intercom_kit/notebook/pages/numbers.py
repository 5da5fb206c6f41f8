"""The numbers of a page: those of the metrics that its notebook's variables hold, to be compared with a later page."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

# A frame of more rows is a curve or a list, of which no single number is remembered.
_MOST = 50


def numbers(names: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the latest number of each group in each answer of a metric, once.

    Each has the `metric`, its `title`, `unit` and `definition`, `groups` and `filters`, `period` and
    `at` (when it begins; None for a whole span), `value`, `low`, `high` (95 % interval, if it has one), and `n`.
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for frame in _answers(names):
        for number in _of(frame):
            found.setdefault(identity(number), number)
    return list(found.values())


def identity(number: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what makes a number the same one on another page."""
    parts = [number[name] for name in ("metric", "definition", "period")]
    return (*parts, *(json.dumps(number[name], sort_keys=True) for name in ("groups", "filters")))


def _answers(names: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    """Return the answers of metrics among variables, and in those that hold several as `answers`."""
    for name, value in names.items():
        if not name.startswith("_"):
            several = getattr(value, "answers", None) if not isinstance(value, pd.DataFrame) else None
            yield from several if isinstance(several, list) else [value] if isinstance(value, pd.DataFrame) else []


def _of(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    receipt = frame.attrs.get("intercom") or {}
    metric = receipt.get("metric") or {}
    if not metric or receipt.get("here") or not {"value", "n"} <= set(frame.columns):
        return
    rows = frame[frame["complete"].astype("bool")] if "complete" in frame else frame
    keys = [name for name in metric["by"] if name in frame]
    if "period" in rows:
        rows = rows.groupby(keys, dropna=False).tail(1) if keys else rows.tail(1)
    if len(rows) > _MOST or rows[keys].duplicated().any() or (not keys and len(rows) > 1):
        return
    for row in rows.to_dict("records"):
        yield {
            **{name: metric[name] for name in ("title", "unit", "definition", "period", "filters")},
            "metric": metric["name"],
            "groups": {key: None if _is_missing(row[key]) else str(row[key]) for key in keys},
            "at": row["period"].isoformat() if "period" in row else None,
            **{name: _plain(row.get(name)) for name in ("value", "low", "high", "n")},
        }


def _is_missing(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _plain(value: Any) -> float | None:
    return None if value is None or _is_missing(value) or math.isinf(value) else float(value)
