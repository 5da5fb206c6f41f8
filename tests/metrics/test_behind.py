"""The conversations and contacts behind one number of a metric are as many as it counts."""

from collections.abc import Iterator
from typing import Any

import pytest

from intercom_kit import BadMetricError, Workspace, connect
from intercom_kit.metrics import METRICS
from intercom_kit.sandbox import serve
from intercom_kit.tables import TICKETS
from tests.conftest import NOW as NOW_OF_TESTS
from tests.conftest import Begin
from tests.metrics.world import with_hours

SPAN = {"since": "2026-10-01", "until": "2026-11-01"}
NOW = {"waiting_now"}
COUNTED = sorted(
    name for name, each in METRICS.items() if each.calculation.counted and each.subject.table.opens and name not in NOW
)
OF_TICKETS = [name for name in COUNTED if METRICS[name].subject.table is TICKETS]


def asked(name: str) -> dict[str, Any]:
    """Return the arguments by which a metric has a few rows; events are of the last 90 days and of few contacts."""
    few = {"contacts": {"company": "Acme Corp"}} if "contacts" in METRICS[name].options else {}
    return SPAN | few


def rows_agree(ws: Workspace, frame: Any, most: int = 2) -> int:
    """Compare a few rows, those that count the most, with what is behind them, for each column that counts."""
    counts = METRICS[frame.attrs["intercom"]["metric"]["name"]].calculation.counted
    default = next(iter(counts))
    places = frame[default].reset_index(drop=True).sort_values(ascending=False, kind="stable").index[:most]
    for place in [*places, len(frame) - 1]:
        for count in counts:
            assert len(ws.behind(frame, int(place), count=count)) == frame[count].iloc[place], (place, count)
    return int(frame[default].sum())


@pytest.fixture(scope="module")
def desk() -> Iterator[Workspace]:
    """A workspace with tickets."""
    with (
        serve(conversations=20, contacts=40, companies=8, tickets=150, seed=7, now=NOW_OF_TESTS) as served,
        connect(served.token, base_url=served.base_url) as workspace,
    ):
        yield workspace


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", sorted(set(COUNTED) - set(OF_TICKETS)))
def test_as_many_rows_are_behind_a_number_as_it_counts(ws: Workspace, name: str) -> None:
    assert rows_agree(ws, ws.metric(name, **asked(name)))


@pytest.mark.parametrize("part", ["participant", "closer"])
def test_teammates_are_told_by_the_part_that_was_asked_for(ws: Workspace, part: str) -> None:
    answer = ws.metric("conversations", by=part, **SPAN)
    assert next(iter(answer.columns)) == "teammate"
    assert rows_agree(ws, answer)


@pytest.mark.parametrize("name", OF_TICKETS)
def test_as_many_tickets_are_behind_a_number_as_it_counts(desk: Workspace, name: str) -> None:
    assert rows_agree(desk, desk.metric(name, by="type", since="2026-04-01", until="2026-11-01"))


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("conversations", "tag"),
        ("conversations", "company"),
        ("first_response_time", "team"),
        ("csat", "priority"),
        ("fin_resolution", "channel"),
        ("time_to_close", ["team", "teammate"]),
    ],
    ids=str,
)
def test_groups_lead_to_their_own_rows(ws: Workspace, name: str, by: Any) -> None:
    assert rows_agree(ws, ws.metric(name, by=by, **SPAN))


@pytest.mark.parametrize(("name", "period"), [("conversations", "day"), ("time_to_close", "week"), ("csat", "month")])
def test_periods_lead_to_their_own_rows(ws: Workspace, name: str, period: str) -> None:
    assert rows_agree(ws, ws.metric(name, by="team", period=period, compare="previous", **SPAN))


@pytest.mark.parametrize("name", ["conversations", "first_response_time"])
def test_every_definition_leads_to_its_own_rows(ws: Workspace, name: str) -> None:
    for definition in METRICS[name].definitions:
        asked = {**SPAN, **with_hours(name, definition)}
        assert rows_agree(ws, ws.metric(name, definition=definition, rating_max=4, **asked), most=1)


def test_those_who_wait_now_are_found_by_how_long(ws: Workspace) -> None:
    assert rows_agree(ws, ws.metric("waiting_now"))
    assert rows_agree(ws, ws.metric("waiting_now", by="team"))


def test_a_row_is_enough_and_each_of_its_conversations_has_a_link(ws: Workspace) -> None:
    frame = ws.metric("csat", by="team", **SPAN)
    by_number, by_row = ws.behind(frame, 0), ws.behind(frame.iloc[0])
    assert list(by_number["id"]) == list(by_row["id"])
    assert by_number["url"].str.endswith(by_number["id"][0])[0]
    assert by_number["team_assignee_id"].nunique() == 1
    assert by_number.attrs["intercom"]["requests"] == 0


def test_what_the_metric_fetched_is_enough_also_where_nothing_is_behind_a_number(begin: Begin) -> None:
    _, ws = begin(conversations=300)
    frame = ws.metric("first_response_time", by="team", period="day", **SPAN)
    nobody = int(frame["n"].reset_index(drop=True).idxmin())
    before = ws.budget["requests"]
    assert len(ws.behind(frame, nobody)) == frame["n"].iloc[nobody] == 0
    assert ws.budget["requests"] == before


@pytest.mark.parametrize("name", ["backlog", "first_response_survival"])
def test_a_metric_without_a_sample_says_why(ws: Workspace, name: str) -> None:
    frame = ws.metric(name, **SPAN)
    with pytest.raises(BadMetricError, match=f"{name} cannot say what is behind its n: its value is not of one sample"):
        ws.behind(frame, 0)


def test_another_column_is_refused_with_those_that_count(ws: Workspace) -> None:
    with pytest.raises(BadMetricError, match="give count='n' or count='hits'"):
        ws.behind(ws.metric("csat", **SPAN), 0, count="value")


@pytest.mark.parametrize("row", [None, 99, -99, "first", 1.5])
def test_what_is_no_row_is_refused(ws: Workspace, row: Any) -> None:
    with pytest.raises(BadMetricError, match="number of a row"):
        ws.behind(ws.metric("csat", **SPAN), row)


def test_what_is_no_answer_of_a_metric_is_refused(ws: Workspace) -> None:
    with pytest.raises(BadMetricError, match="no answer of a metric"):
        ws.behind(ws.teams(), 0)
    with pytest.raises(BadMetricError, match="number of a row"):
        ws.behind("csat", 0)
