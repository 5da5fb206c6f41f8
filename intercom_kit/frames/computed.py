"""What pandas computes from a frame: it keeps the receipt, which says how many of the fetched rows are left."""

import copy
import warnings
from typing import Any, Self

import pandas as pd

from intercom_kit.errors import CutShortWarning
from intercom_kit.frames.caller import calling
from intercom_kit.frames.receipt import Receipt

# What pandas calls its operations whose rows are new ones, even where their labels are the same.
_NEW_ROWS = {"groupby", "pivot_table", "value_counts", "merge", "concat"}
_warned: set[tuple[str, int]] = set()  # Python forgets where it has warned whenever a library changes its filters
_LABELS = 100  # as many are compared: a frame may have millions


class Told(dict[str, Any]):
    """A receipt in `attrs`: the copy that pandas makes for a column, or a row, says how many rows the frame had."""

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        copied = copy.deepcopy(dict(self), memo)
        rows = copied.pop("rows", None)
        return {"fetched": rows} | copied


class Described:
    """A mixin of DataFrame, whose results are described by the receipts of what they were computed from.

    `cut_short` is true of the newest rows of a list of which nobody said that the newest are meant, until somebody has
    looked at them.
    """

    cut_short = False

    def __finalize__(self, other: Any, method: str | None = None, **options: Any) -> Self:
        super().__finalize__(other, method=method, **options)  # type: ignore[misc]  # pandas has it
        sources = [each for each in getattr(other, "input_objs", [other]) if _is_described(each)]
        for source in sources:
            if getattr(source, "cut_short", False):
                _warn(source)
        if sources:
            _describe(self, sources, method)
        return self


def _warn(source: Any) -> None:
    """Warn the line of the user's program that computes with rows as if they were all."""
    source.cut_short = False
    told = source.attrs["intercom"]
    of = "" if told["total"] is None else f" of {told['total']:,}"
    frame, level = calling()
    place = (frame.f_code.co_filename, frame.f_lineno)
    if place in _warned:
        return
    _warned.add(place)
    warnings.warn(
        f"These are the newest {told['rows']:,} {told['table']}{of}: name what you mean, as in since='90d', or say "
        "limit=None for all of them, or limit=500 for the newest.",
        CutShortWarning,
        stacklevel=level + 1,
    )


def _is_described(source: Any) -> bool:
    return isinstance(source, pd.DataFrame) and "rows" in source.attrs.get("intercom", {})


def _describe(result: Any, sources: list[Any], method: str | None) -> None:
    """Say in a result's receipt how many rows it has of those that were fetched, and what became of them."""
    source = sources[0]
    receipt = Told(_joined(sources).as_dict() if len(sources) > 1 else copy.deepcopy(dict(source.attrs["intercom"])))
    result.attrs["intercom"] = receipt
    new = len(sources) > 1 or method in _NEW_ROWS or receipt.get("here", "").startswith("computed")
    if new or not _are_rows_of(result, source):
        receipt["here"] = "computed here"
    elif len(result) < receipt["rows"]:
        receipt["here"] = "filtered here"
    if "here" in receipt:
        receipt.setdefault("fetched", receipt["rows"])
    receipt["rows"] = len(result)


def _joined(sources: list[Any]) -> Receipt:
    receipt, *others = (Receipt(**source.attrs["intercom"]).begun() for source in sources)
    for other in others:
        receipt.join(other)
    receipt.here = "computed here"
    return receipt


def _are_rows_of(result: Any, source: Any) -> bool:
    """Return whether a result has some of the source's rows, as their labels and columns tell."""
    if len(result) > len(source):
        return False
    if not (result.columns is source.columns or result.columns.isin(source.columns).all()):
        return False
    if len(result) == len(source):
        return True
    labels = result.index[:: max(1, len(result) // _LABELS)]
    return bool((source.index.get_indexer_for(labels) >= 0).all())
