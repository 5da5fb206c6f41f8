"""Changes are divided among groups so that their parts add up."""

import pandas as pd
import pytest

from intercom_kit.review.explaining import _rates, best

WEEKS = pd.to_datetime(["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23", "2026-11-30"], utc=True)
LAST = WEEKS[-1]


def frame(unit: str, **groups: list[tuple[float, int]]) -> pd.DataFrame:
    """Make a metric's answer by team, of a value and an n in each week; intervals are narrow."""
    rows = [
        {
            "period": week,
            "complete": True,
            "team": team,
            "value": value,
            "n": n,
            "low": value - 0.01,
            "high": value + 0.01,
        }
        for team, numbers in groups.items()
        for week, (value, n) in zip(WEEKS, numbers, strict=True)
    ]
    made = pd.DataFrame(rows)
    made.attrs["intercom"] = {"metric": {"by": ["team"], "unit": unit}}
    return made


def test_parts_of_a_rate_add_up_to_its_change() -> None:
    made = frame(
        "share",
        slow=[(0.5, 20), (0.4, 30), (0.6, 25), (0.5, 25), (0.2, 60)],
        quick=[(0.9, 80), (0.8, 70), (0.9, 90), (0.8, 80), (0.8, 60)],
    ).assign(group=lambda rows: rows["team"])
    parts = _rates(made, LAST)
    others = made[made["period"] < LAST]
    before = (others["value"] * others["n"]).sum() / others["n"].sum()
    now = (0.2 * 60 + 0.8 * 60) / 120
    assert parts["effect"].sum() == pytest.approx(now - before)
    assert parts["weight"].sum() == pytest.approx(1)


def test_the_group_whose_rate_fell_explains_it() -> None:
    made = frame("share", same=[(0.8, 50)] * 5, fell=[(0.8, 50)] * 4 + [(0.3, 50)])
    found = best([made], LAST)
    assert found is not None
    assert (found.by, made.loc[found.row, "team"], made.loc[found.row, "period"]) == ("team", "fell", LAST)
    assert found.share == pytest.approx(1)
    assert found.usual == pytest.approx(0.8)


def test_a_large_group_that_changed_as_all_did_explains_nothing() -> None:
    made = frame("share", large=[(0.8, 90)] * 4 + [(0.4, 90)], small=[(0.8, 10)] * 4 + [(0.4, 10)])
    assert best([made], LAST) is None


def test_a_small_group_that_explains_as_much_comes_before_a_large_one() -> None:
    by_team = frame("share", large=[(0.8, 70)] * 4 + [(0.5, 70)], rest=[(0.8, 30)] * 5)
    by_tag = frame("share", small=[(0.8, 30)] * 4 + [(0.1, 30)], rest=[(0.8, 70)] * 5)
    by_tag = by_tag.rename(columns={"team": "tag"})
    by_tag.attrs["intercom"] = {"metric": {"by": ["tag"], "unit": "share"}}
    found = best([by_team, by_tag], LAST)
    assert found is not None
    assert found.by == "tag"


def test_a_change_within_chance_explains_nothing() -> None:
    made = frame("conversations", one=[(30.0, 30)] * 4 + [(36.0, 36)], other=[(30.0, 30)] * 5)
    assert best([made], LAST) is None
