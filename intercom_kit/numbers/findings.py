"""What stands out in a metric's frame, by the intervals that its numbers have.

The more numbers are looked at, the further one of them must lie outside, since of 20 intervals of 95 % one misses by
chance: intervals are widened as Bonferroni's correction has it.
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

import pandas as pd

SMALL = 10  # rows, below which a number is a hint at most
LEAST = 4  # periods, without which nothing can be called usual
_LEVEL = 0.975
_Z = NormalDist().inv_cdf(_LEVEL)


@dataclass(frozen=True)
class Course:
    """The course of a number over whole periods: which to name, what is usual beside it, and whether it stands out.

    What stands out is the latest whole period, or else an earlier one.
    """

    place: Any
    usual: float
    unusual: bool = False
    more: bool = False
    latest: bool = True


def widened(rows: pd.DataFrame, looked_at: int, factor: float = 1.0) -> pd.DataFrame:
    """Return the ends of intervals that hold for all of the numbers looked at together."""
    wider = factor * NormalDist().inv_cdf(1 - (1 - _LEVEL) / max(looked_at, 1)) / _Z
    low = rows["value"] - wider * (rows["value"] - rows["low"])
    return pd.DataFrame({"low": low, "high": rows["value"] + wider * (rows["high"] - rows["value"])})


def sure(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have an interval, and are not of few."""
    return rows[rows[["value", "low", "high"]].notna().all(axis="columns") & (rows["n"] >= SMALL)]


def by_chance(rows: pd.DataFrame, count: str) -> pd.DataFrame:
    """Return rows with the interval that chance gives numbers which metrics count, after Wilson's way for shares.

    Their n becomes the count.
    """
    counts = rows[count].astype("float64")
    each = (rows["value"] / counts).where(counts > 0)
    each = each.fillna(each.median()).fillna(1.0)
    centre, half = counts + _Z**2 / 2, _Z * (counts + _Z**2 / 4) ** 0.5
    return rows.assign(n=counts, low=(centre - half) * each, high=(centre + half) * each)


def course(rows: pd.DataFrame, *, days: bool = False, looked_at: int = 1) -> Course | None:
    """Return what to say of numbers over periods; None where there are too few to call anything usual.

    The latest whole period comes first, then any other one. It stands out where it lies beyond all others, its interval
    does not hold their median, and it or they are not of few. A day is compared with the same days of other weeks.
    """
    known = rows[rows["complete"].astype("bool") & rows["value"].notna()]
    kin = known["period"].dt.day_of_week if days else known["period"].notna()
    if not len(known) or (kin == kin.iloc[-1]).sum() < LEAST:
        return None
    places: list[Any] = list(known.index)
    for place in reversed(places):
        others = known.loc[kin == kin[place], "value"].drop(place)
        value, usual = known.loc[place, "value"], others.median()
        looked = looked_at if place == known.index[-1] else looked_at * len(known)
        ends = widened(known.loc[[place]], looked).loc[place]
        beyond = value > others.max() or value < others.min()
        beyond = beyond and max(known.loc[place, "n"], known.loc[others.index, "n"].median()) >= SMALL
        if len(others) + 1 >= LEAST and beyond and not ends["low"] <= usual <= ends["high"]:
            return Course(place, usual, unusual=True, more=value > usual, latest=place == places[-1])
    latest = places[-1]
    return Course(latest, known.loc[kin == kin[latest], "value"].drop(latest).median())


def apart(rows: pd.DataFrame) -> tuple[Any, Any] | None:
    """Return the rows of which one is surely higher than the other; None where the intervals of all overlap."""
    known = sure(rows)
    if len(known) < 2:
        return None
    ends = widened(known, len(known))
    high: Any = ends["low"].idxmax()
    low: Any = ends["high"].idxmin()
    return (high, low) if ends.loc[high, "low"] > ends.loc[low, "high"] else None


def changed(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Return which rows surely differ from the span before, whose numbers vary by chance as much as those of now."""
    known = rows[["value", "low", "high", "previous"]].notna().all(axis="columns") & (rows["n"] >= SMALL)
    ends = widened(rows, int(known.sum()), sqrt(2))
    return known & ((rows["previous"] < ends["low"]) | (rows["previous"] > ends["high"]))
