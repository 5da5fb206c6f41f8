"""What pandas computes from a frame: it keeps the receipt, which says how many of the fetched rows are left."""

from typing import Any, Self

import pandas as pd

from intercom_kit.frames.receipt import Receipt

# What pandas calls its operations whose rows are new ones, even where their labels are the same.
_NEW_ROWS = {"groupby", "pivot_table", "value_counts", "merge", "concat"}
_LABELS = 100  # as many are compared: a frame may have millions


class Described:
    """A mixin of pandas' classes whose results are described by the receipts of what they were computed from."""

    def __finalize__(self, other: Any, method: str | None = None, **options: Any) -> Self:
        super().__finalize__(other, method=method, **options)  # type: ignore[misc]  # pandas has it
        sources = [each for each in getattr(other, "input_objs", [other]) if _is_described(each)]
        if sources:
            _describe(self, sources, method)
        return self


def _is_described(source: Any) -> bool:
    return isinstance(source, pd.DataFrame | pd.Series) and "intercom" in source.attrs


def _describe(result: Any, sources: list[Any], method: str | None) -> None:
    """Say in a result's receipt how many rows it has of those that were fetched, and what became of them."""
    source = sources[0]
    if len(sources) > 1:
        result.attrs["intercom"] = _joined(sources).as_dict()
    elif "intercom" not in result.attrs:
        result.attrs["intercom"] = dict(source.attrs["intercom"])
    receipt = result.attrs["intercom"]
    row = result.ndim < source.ndim and (result.index is source.columns or result.index.equals(source.columns))
    rows = 1 if row else len(result)
    new = len(sources) > 1 or method in _NEW_ROWS or receipt.get("here", "").startswith("computed")
    if new or not (row or _are_rows_of(result, source)):
        receipt["here"] = "computed here"
    elif rows < receipt["rows"]:
        receipt["here"] = "filtered here"
    if "here" in receipt:
        receipt.setdefault("fetched", receipt["rows"])
    receipt["rows"] = rows


def _joined(sources: list[Any]) -> Receipt:
    receipt, *others = (Receipt(**source.attrs["intercom"]).begun() for source in sources)
    for other in others:
        receipt.join(other)
    receipt.here = "computed here"
    return receipt


def _are_rows_of(result: Any, source: Any) -> bool:
    """Return whether a result has some of the source's rows, as their labels and columns tell."""
    if result.ndim > source.ndim or len(result) > len(source):
        return False
    if result.ndim == 2 and not (result.columns is source.columns or result.columns.isin(source.columns).all()):
        return False
    if len(result) == len(source):
        return True
    labels = result.index[:: max(1, len(result) // _LABELS)]
    return bool((source.index.get_indexer_for(labels) >= 0).all())
