"""Titles state what stands out, by the intervals of the frame, and say so where nothing does."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

from intercom_kit import charts
from tests.charts import made
from tests.charts.shown import scope, title

USUAL = [46.0, 44.0, 47.0, 45.0, 48.0, 46.0]  # minutes


def periods(count: int, days: int = 7) -> list[pd.Timestamp]:
    return list(pd.date_range("2026-09-07", periods=count, freq=f"{days}D", tz="Europe/Dublin"))


def waits(minutes: Sequence[float], *, half: float = 5.0, n: int = 50, **told: Any) -> pd.DataFrame:
    """Make median first replies of whole weeks, with intervals of `half` minutes to both sides, and of one begun."""
    values = [60 * each for each in (*minutes, 90.0)]
    columns = {
        "period": periods(len(values)),
        "complete": [True] * len(minutes) + [False],
        "value": values,
        "n": [n] * len(values),
        "low": [value - 60 * half for value in values],
        "high": [value + 60 * half for value in values],
        "p75": [2 * value for value in values],
        "p90": [3 * value for value in values],
    }
    about = {"title": "First response time", "unit": "seconds", "period": "week"} | told
    return made.frame("first_response_time", columns, **about)


def counts(numbers: Sequence[int], *, by: str = "", names: Sequence[str | None] = ("all",)) -> pd.DataFrame:
    """Make the conversations of whole weeks, one group after another."""
    weeks = len(numbers) // len(names)
    columns: dict[str, Sequence[Any]] = {
        "period": periods(weeks) * len(names),
        "complete": [True] * len(numbers),
        "value": [float(each) for each in numbers],
        "n": numbers,
    }
    if by:
        columns[by] = [name for name in names for _ in range(weeks)]
    return made.frame("conversations", columns, by=[by] if by else [], period="week", title="Conversations")


def test_a_latest_week_outside_of_what_is_usual_is_the_finding() -> None:
    assert title(charts.waiting_times(waits([*USUAL, 32]))) == (
        "First replies are quicker: 32 min in the week of 19 Oct, usually 46 min"
    )
    assert title(charts.waiting_times(waits([*USUAL, 70]))).startswith("First replies are slower: 70 min in the week")


def test_a_week_that_is_not_over_is_no_finding() -> None:
    assert "90 min" not in title(charts.waiting_times(waits(USUAL)))


def test_a_latest_week_whose_interval_holds_the_usual_number_is_none() -> None:
    assert title(charts.waiting_times(waits([*USUAL, 32], half=20))) == (
        "First replies: 32 min in the week of 19 Oct, usually 46 min; no week stands out"
    )


def test_a_number_that_there_was_before_is_not_unusual() -> None:
    assert title(charts.waiting_times(waits([46, 30, 47, 30, 48, 46, 32], half=8))).endswith("no week stands out")


def test_an_earlier_week_must_lie_further_outside_than_the_latest_since_there_are_many() -> None:
    assert title(charts.waiting_times(waits([46, 44, 57, 45, 48, 46, 47], half=10))).endswith("no week stands out")
    assert title(charts.waiting_times(waits([46, 44, 80, 45, 48, 46, 47], half=10))) == (
        "First replies were slower: 80 min in the week of 21 Sep, usually 46 min"
    )


def test_weeks_of_few_are_neither_found_nor_compared_with() -> None:
    few = waits([*USUAL, 5])
    few.loc[6, "n"] = 9
    assert "5 min" not in title(charts.waiting_times(few)).replace("45 min", "").replace("46 min", "")


def test_nothing_is_called_usual_of_fewer_than_four_weeks() -> None:
    assert title(charts.waiting_times(waits([46, 44, 100]))) == (
        "First replies: 100 min in the week of 21 Sep; fewer than 4 whole weeks with enough to compare"
    )


def test_days_are_compared_with_the_same_days_of_other_weeks() -> None:
    sundays_quiet = [20, 21, 19, 20, 22, 20, 2] * 5
    columns = {"period": periods(35, 1), "complete": [True] * 35, "value": list(map(float, sundays_quiet))}
    quiet = made.frame("conversations", {**columns, "n": sundays_quiet}, period="day", title="Conversations")
    assert title(charts.volume(quiet)).endswith("no day stands out")
    sundays_quiet[-1] = 60
    busy = made.frame(
        "conversations", {**columns, "value": list(map(float, sundays_quiet)), "n": sundays_quiet}, period="day"
    )
    assert title(charts.volume(busy)) == "More conversations: 60 on 11 Oct, usually 2 on a Sunday"


def test_an_incident_is_found_among_groups_and_drawn_by_its_name() -> None:
    tags = [*(f"tag {number}" for number in range(9)), "incident"]
    numbers = [count for place in range(9) for count in [30 - place] * 6] + [0, 1, 0, 60, 2, 0]
    figure = charts.volume(counts(numbers, by="tag", names=tags))
    assert title(figure) == "More conversations for incident: 60 in the week of 28 Sep, usually 0"
    assert "incident" in [bars.name for bars in figure.data]


def test_counts_that_vary_as_chance_has_it_do_not_stand_out() -> None:
    assert title(charts.volume(counts([100, 95, 108, 91, 104, 99, 115]))).endswith("no week stands out")
    assert title(charts.volume(counts([100, 95, 108, 91, 104, 99, 160]))) == (
        "More conversations: 160 in the week of 19 Oct, usually 100"
    )


def test_a_few_where_there_usually_are_none_do_not_stand_out() -> None:
    assert title(charts.volume(counts([0, 1, 0, 0, 0, 0, 5]))).endswith("no week stands out")


def test_nobody_is_named_as_such_in_a_sentence() -> None:
    figure = charts.volume(counts([5, 5, 6, 4, 5, 40], by="team", names=[None]))
    assert title(figure) == "More conversations with no team: 40 in the week of 12 Oct, usually 5"


def rated(shares: Sequence[float], half: float, **columns: Sequence[Any]) -> pd.DataFrame:
    """Make shares of teams of 100 conversations each, with an interval of `half` to both sides."""
    rows = {
        "team": [f"Team {letter}" for letter in "ABCDEFGHIJKLM"[: len(shares)]],
        "value": list(shares),
        "n": [100] * len(shares),
        "hits": [round(100 * share) for share in shares],
        "low": [share - half for share in shares],
        "high": [share + half for share in shares],
    }
    return made.frame("csat", {**rows, **columns}, by=["team"], unit="share", title="Customer satisfaction")


def test_groups_differ_where_their_intervals_do_not_meet() -> None:
    assert title(charts.shares(rated([0.9, 0.8, 0.6], 0.05))) == (
        "Customer satisfaction differs: 90% for Team A, 60% for Team C"
    )
    assert title(charts.shares(rated([0.9, 0.8, 0.6], 0.2))) == "Customer satisfaction: 60% to 90%; no team stands out"


def test_the_more_groups_the_further_apart_they_must_lie() -> None:
    assert "differs" in title(charts.comparison(rated([0.9, 0.7], 0.08)))
    assert "no team stands out" in title(charts.comparison(rated([0.9, *[0.8] * 10, 0.7], 0.08)))


def test_groups_of_few_are_not_compared() -> None:
    assert title(charts.shares(made.RATINGS)).endswith("no team stands out")


def test_a_change_is_told_where_the_number_before_lies_far_outside() -> None:
    before = {"previous": [0.6, 0.82], "change": [0.3, -0.02]}
    assert title(charts.comparison(rated([0.9, 0.8], 0.05, **before))) == (
        "Customer satisfaction is higher for Team A: 90%, before 60%"
    )
    assert title(charts.comparison(rated([0.9, 0.8], 0.25, **before))) == (
        "Customer satisfaction: no clear change in any team"
    )


def test_the_number_before_varies_by_chance_too_so_that_just_outside_is_not_enough() -> None:
    just = rated([0.9], 0.1, previous=[0.79], change=[0.11])
    assert title(charts.comparison(just)).endswith("no clear change in any team")


def test_topics_name_the_clearest_change_or_the_largest_topic() -> None:
    assert title(charts.topics(made.TOPICS)) == "bug rose to 20%, before 10%"
    same = made.TOPICS.assign(previous=made.TOPICS["value"], change=0.0)
    same.attrs = made.TOPICS.attrs
    assert title(charts.topics(same)) == "bug is the largest tag with 20%; no clear change"


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        (lambda: charts.backlog(made.BACKLOG), "47 conversations not done now, the most of these 22 days; usually 41"),
        (lambda: charts.workload(made.WORK), "Bo has most: 20 conversations, half have at most 15"),
        (lambda: charts.retention(made.COHORTS), "50% are active 1 week after sign-up"),
        (lambda: charts.active_days(made.DAYS), "20% had an event on 2 days or more, 50% on none"),
        (
            lambda: charts.lifecycle(made.STAGES),
            "3 contacts came, fewer than the 4 that went, in the week of 16 Nov",
        ),
        (lambda: charts.funnel(made.STEPS), "Most are lost before created-&lt;project&gt;: 20 of 40"),
        (lambda: charts.accounts(made.COMPANIES), "Nobody was active in 1 of 2 companies"),
        (lambda: charts.health(made.HEALTH), "2 accounts of 3 are red, paying 910 a month"),
        (lambda: charts.support_load(made.LOAD), "Enterprise brings 63% of conversations and 90% of spend"),
        (lambda: charts.still_open(made.CLOSINGS), "Half are closed within 60 min"),
    ],
)
def test_other_charts_state_what_their_frame_counts(figure: Any, says: str) -> None:
    assert title(figure()) == says


def test_an_hour_is_busiest_only_where_chance_would_not_make_it_so() -> None:
    assert title(charts.busiest_hours(made.HOURS)) == "Busiest hours: no hour stands out"
    busy = made.HOURS.assign(n=[40 if place == 33 else 1 for place in range(168)], value=0.5)
    busy.loc[33, "value"] = 20.0
    busy.attrs = made.HOURS.attrs
    assert (
        title(charts.busiest_hours(busy)) == "Busiest on Tuesdays at 9:00: 20.0 conversations, 0.6 in the average hour"
    )


def test_groups_of_curves_differ_at_the_time_by_which_half_of_the_largest_is_over() -> None:
    def curve(team: str, median: float, shift: float) -> pd.DataFrame:
        left = {"value": [1.0, 0.9 - shift, 0.5 - shift, 0.1], "low": [0.95, 0.85 - shift, 0.45 - shift, 0.05]}
        high = [1.0, 0.95 - shift, 0.55 - shift, 0.15]
        return pd.DataFrame({**made.CURVE, **left, "high": high, "median": [median] * 4, "team": team})

    rows = pd.concat([curve("Billing", 3600.0, 0.0), curve("Support", 600.0, 0.3)], ignore_index=True)
    figure = charts.answered_within(made.frame("first_response_survival", rows.to_dict("list"), by=["team"]))
    assert title(figure) == "After 60 min, answered: 80% for Support, 50% for Billing"


def test_accounts_of_which_none_is_red_are_called_so_and_those_all_alike_too() -> None:
    fine = made.HEALTH.assign(value=[85.0, 90.0, 95.0, made.NONE], band=["green"] * 3 + [None])
    fine.attrs = made.HEALTH.attrs
    assert title(charts.health(fine)) == "No account is red: the lowest has 85 of 100 points"
    alike = made.HEALTH.assign(value=0.0, band="red")
    alike.attrs = made.HEALTH.attrs
    assert title(charts.health(alike)) == "All 4 accounts have 0 points: nothing tells them apart"


def test_the_scope_says_what_is_drawn_when_and_of_how_many() -> None:
    assert scope(charts.waiting_times(waits(USUAL))) == (
        "First response time per week · 2 Nov to 23 Nov 2026 · n = 350"
    )
