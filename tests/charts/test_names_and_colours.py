"""A team, a channel or a tag looks the same on every chart: one name, one colour."""

import pandas as pd
import pytest

from intercom_kit import charts
from intercom_kit.charts import theme
from intercom_kit.charts.drawing import palette
from tests.charts import made
from tests.charts.shown import beside, named, title


@pytest.fixture(autouse=True)
def _no_name_has_a_colour_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(palette, "_taken", {})


def of_teams(*teams: str | None) -> pd.DataFrame:
    rows = {"team": list(teams), "value": [0.5] * len(teams), "n": [40] * len(teams), "hits": [20] * len(teams)}
    return made.frame(
        "csat", {**rows, "low": [0.4] * len(teams), "high": [0.6] * len(teams)}, by=["team"], unit="share"
    )


def volumes(*teams: str | None) -> pd.DataFrame:
    counts = [float(10 - place) for place in range(len(teams))]
    rows = {"period": made.WEEKS[:1] * len(teams), "complete": [True] * len(teams), "team": list(teams)}
    return made.frame("conversations", {**rows, "value": counts, "n": counts}, by=["team"], period="week")


def drawn(figure: charts.Chart) -> dict[str, str]:
    """Return the colour of each name of a figure."""
    if figure.data[0].orientation == "h":
        return dict(zip(figure.data[0].y, figure.data[0].marker.line.color, strict=True))
    return {bars.name: bars.marker.color for bars in figure.data}


def test_a_team_has_one_colour_whatever_its_rank_and_whichever_the_chart() -> None:
    first, second = (
        drawn(charts.volume(volumes("Billing", "Support"))),
        drawn(charts.volume(volumes("Support", "Billing"))),
    )
    rows = drawn(charts.shares(of_teams("Success", "Support", "Billing")))
    assert first == second
    assert {name: rows[name] for name in first} == first
    assert len(set(rows.values())) == 3


def test_nobody_is_grey_and_nobody_else_is() -> None:
    colours = drawn(charts.volume(volumes("Billing", None, "Support")))
    assert [name for name, colour in colours.items() if colour == theme.GREY] == ["no team"]


def test_as_many_names_as_there_are_colours_have_different_ones() -> None:
    teams = [f"team {number}" for number in range(len(palette.NAMED))]
    assert len(set(drawn(charts.shares(of_teams(*teams))).values())) == len(teams)


def test_channels_are_spelled_as_in_the_inbox_and_the_frame_keeps_what_the_api_says() -> None:
    rows = {"channel": ["conversation", "phone_call", "sms", None], "value": [0.5] * 4, "n": [40] * 4, "hits": [20] * 4}
    frame = made.frame("csat", {**rows, "low": [0.4] * 4, "high": [0.6] * 4}, by=["channel"], unit="share")
    assert named(charts.shares(frame), "row") == ["Messenger", "Phone", "SMS", "no channel"]
    assert list(frame["channel"][:3]) == ["conversation", "phone_call", "sms"]


@pytest.mark.parametrize("name", ["Phone & SMS", "Phone &amp; SMS", "Phone &amp;amp; SMS"])
def test_what_intercom_has_escaped_is_written_as_a_person_meant_it(name: str) -> None:
    assert named(charts.shares(of_teams(name)), "row") == ["Phone &amp; SMS"]
    assert "Phone &amp; SMS" in title(charts.shares(of_teams(name)))


def test_what_is_unescaped_is_no_markup_still() -> None:
    assert named(charts.shares(of_teams("&lt;b&gt;bold&lt;/b&gt;")), "row") == ["&lt;b&gt;bold&lt;/b&gt;"]


def weekly(*teams: str) -> pd.DataFrame:
    """Make waits of teams over four weeks."""
    rows = len(teams) * 4
    columns = {column: [600.0] * rows for column in ("value", "low", "high", "p75", "p90")}
    periods = {"period": made.WEEKS * len(teams), "complete": [True] * rows, "n": [20] * rows}
    names = {"team": [team for team in teams for _ in range(4)]}
    about = {"by": ["team"], "period": "week", "unit": "seconds"}
    return made.frame("first_response_time", {**periods, **names, **columns}, **about)  # type: ignore[arg-type]


def test_up_to_four_lines_stand_together_with_their_names_at_their_ends() -> None:
    figure = charts.waiting_times(weekly("A", "B", "C", "D"))
    assert [line.name for line in figure.data] == ["A", "B", "C", "D"]
    assert beside(figure) == [f"{team} 10 min" for team in "ABCD"]
    assert named(figure, "panel") == []


def test_more_lines_have_a_panel_each_before_the_others_in_grey() -> None:
    figure = charts.waiting_times(weekly("A", "B", "C", "D", "E"))
    assert named(figure, "panel") == [f"{team} <b>10 min</b>" for team in "ABCDE"]
    own = [line for line in figure.data if line.name]
    assert [line.name for line in own] == list("ABCDE")
    assert len({line.xaxis for line in own}) == 5
    assert len({figure.layout[f"yaxis{place}"].range for place in ("", 2, 3, 4, 5)}) == 1
    assert all(line.line.color == "rgba(119,124,134,0.35)" for line in figure.data if not line.name)


def test_no_chart_has_a_legend() -> None:
    assert not charts.workload(made.WORK).layout.showlegend
    (key,) = named(charts.workload(made.WORK), "axis")
    assert key == (
        f'<span style="color:{theme.BLUE}">■</span> closed   <span style="color:{theme.GOLD}">■</span> still open'
    )
