"""Which group explains most of a change, as the changes of its own numbers and of its size show it.

A change of a count is the sum of its groups' changes. That of a rate or a mean is divided after Kitagawa ("Components
of a Difference Between Two Rates", 1955): what a group's own rate changed, at its mean weight, and what its weight
changed, at how far its rate lies from the mean. For medians, which do not add up, the same is an approximation.

A large group explains much of any change. So the group is named that explains most beyond its own weight, as in
Adtributor (Bhagwan and others, NSDI 2014), and only if its own number, or its size, has surely changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from intercom_kit.numbers.findings import SMALL, by_chance, widened

# A group explains a change if it makes up so much of it, and so much more than its own weight.
LEAST, BEYOND = 0.25, 0.15

COUNTS = ("conversations", "tickets")  # units of metrics whose value is their n


@dataclass(frozen=True)
class Explanation:
    """A group that explains `share` of a change, of which `beyond` is more than its own weight.

    `row` is the place in the frame of groups of its number in the period that changed; `usual` is what that is else.
    """

    by: str
    row: int
    share: float
    beyond: float
    usual: float


def best(groups: Sequence[pd.DataFrame], period: pd.Timestamp) -> Explanation | None:
    """Return the group that explains most of what is unusual in a period; None where none surely does.

    Each frame has the rows of one metric by period and one way to group; they are told apart by its column.
    """
    looked_at = sum(int((frame["period"] == period).sum()) for frame in groups)
    found = [each for frame in groups for each in _explanations(frame, period, looked_at)]
    return max(found, key=lambda each: each.beyond, default=None)


def _explanations(frame: pd.DataFrame, period: pd.Timestamp, looked_at: int) -> list[Explanation]:
    """Return which of the groups of one frame surely explain a part of the change."""
    metric = frame.attrs["intercom"]["metric"]
    by = metric["by"][0]
    rows = pd.DataFrame(frame).reset_index(drop=True).assign(group=lambda all: all[by].astype("object"))
    rows = rows[rows["complete"].astype("bool")]
    counted = metric["unit"] in COUNTS
    both = _counts(rows, period) if counted else _rates(rows, period)
    total = both["effect"].sum()
    if not len(both) or not total:
        return []
    sure = _has_changed(rows, both, looked_at, rates=not counted)
    share = both["effect"] / total
    beyond = share - both["weight"]
    chosen = both[sure & (share >= LEAST) & (beyond >= BEYOND)]
    return [
        Explanation(
            by, int(chosen.loc[at, "row"]), float(share[at]), float(beyond[at]), float(chosen.loc[at, "before"])
        )
        for at in chosen.index
    ]


def _counts(rows: pd.DataFrame, period: pd.Timestamp) -> pd.DataFrame:
    """Return by group the count in the period, the usual one, the difference, and the usual share of all."""
    both = _both(rows, period)
    both["before"] = both["size"]
    both["effect"] = both["value"].fillna(0.0) - both["size"]
    both["weight"] = both["size"] / both["size"].sum()
    return both


def _rates(rows: pd.DataFrame, period: pd.Timestamp) -> pd.DataFrame:
    """Return by group the rate in the period, that of the others together, its part of the change, and its weight."""
    both = _both(rows, period)
    others = rows[(rows["period"] != period) & rows["value"].notna()]
    weighed = others.assign(sum=others["value"] * others["n"]).groupby("group", dropna=False)[["sum", "n"]].sum()
    before = weighed["sum"] / weighed["n"].where(weighed["n"] > 0)
    whole = weighed["sum"].sum() / max(weighed["n"].sum(), 1)
    both["before"] = before.reindex(both.index).fillna(whole)
    value = both["value"].fillna(both["before"])
    now, then = both["n"] / max(both["n"].sum(), 1), weighed["n"].reindex(both.index).fillna(0.0)
    then = then / max(then.sum(), 1)
    mean = ((now * value).sum() + (then * both["before"]).sum()) / 2
    own = (now + then) / 2 * (value - both["before"])
    both["effect"] = own + ((value + both["before"]) / 2 - mean) * (now - then)
    both["weight"] = (now + then) / 2
    return both


def _both(rows: pd.DataFrame, period: pd.Timestamp) -> pd.DataFrame:
    """Return by group the row of a period: its place, value, n and interval, and the median size in the others."""
    ends = [name for name in ("low", "high") if name in rows]
    now = rows[rows["period"] == period].assign(row=lambda all: all.index).set_index("group")
    others = rows[rows["period"] != period]
    size = others.pivot_table(index="group", columns="period", values="n", dropna=False, observed=True).fillna(0.0)
    both = now[["row", "value", "n", *ends]].astype("float64")
    return both.assign(size=size.median(axis="columns").reindex(both.index).fillna(0.0))


def _has_changed(rows: pd.DataFrame, both: pd.DataFrame, looked_at: int, *, rates: bool) -> "pd.Series[bool]":
    """Return which groups have surely another size than usual, or another rate."""
    sizes = by_chance(both.assign(value=both["n"]), "n")
    ends = widened(sizes, looked_at)
    changed = (both["size"] < ends["low"]) | (both["size"] > ends["high"])
    enough = both[["n", "size"]].max(axis="columns") >= SMALL
    if rates and "low" in rows:
        own = widened(both, looked_at)
        changed |= (both["n"] >= SMALL) & ((both["before"] < own["low"]) | (both["before"] > own["high"]))
    return changed & enough
