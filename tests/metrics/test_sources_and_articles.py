"""Which sources Fin used, and how often articles were read, restated in plain Python."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercom_kit import Workspace
from intercom_kit.errors import BadMetricError
from tests.live.truth import Truth
from tests.metrics.restated import label, wrote
from tests.metrics.world import Row, World, at

DUBLIN = "Europe/Dublin"
NOW = at(DUBLIN, "2026-03-31 12:00")
WORLD = World(DUBLIN, NOW)
STATES = [None, "escalated", "confirmed_resolution"]
SOURCES = [("Refunds", "article"), ("Refunds", "content_snippet"), ("Login", "article"), (None, "file"), (None, None)]


@st.composite
def conversations(draw: st.DrawFn) -> list[Row]:
    """Invent conversations with Fin, some of whose answers used a source twice."""
    rows = []
    for number in range(draw(st.integers(0, 12))):
        used = draw(st.lists(st.sampled_from(SOURCES), max_size=4))
        rows.append(
            {
                "id": str(number),
                "created_at": NOW - timedelta(hours=draw(st.integers(1, 200))),
                "first_contact_reply_at": draw(st.sampled_from([None, NOW - timedelta(hours=30)])),
                "source_delivered_as": draw(st.sampled_from(["customer_initiated", "automated"])),
                "source_author_type": None,
                "ai_agent_participated": draw(st.sampled_from([True, True, False, None])),
                "ai_agent_resolution_state": draw(st.sampled_from(STATES)),
                "ai_agent_source_titles": [title for title, _ in used] if used else None,
                "ai_agent_source_types": [kind for _, kind in used] if used else None,
            }
        )
    return rows


def restated(rows: list[Row], period: str | None) -> Counter[tuple[Any, ...]]:
    """Count conversations by period, state and each of their sources."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        moment = wrote(row)
        if not row["ai_agent_participated"] or moment is None or moment < NOW - timedelta(days=4):
            continue
        name = label(moment, period, WORLD.zone) if period else None
        used = set(zip(row["ai_agent_source_titles"] or [], row["ai_agent_source_types"] or [], strict=True))
        for source in used - {(None, None)}:
            found[name, row["ai_agent_resolution_state"], *source] += 1
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(conversations(), st.sampled_from([None, "day"]))
def test_random_sources_of_fins_answers(rows: list[Row], period: str | None) -> None:
    WORLD.hold(DUBLIN, NOW, conversations=rows)
    since = NOW - timedelta(days=4)
    if period:  # the first period is a whole day
        rows = [row for row in rows if (wrote(row) or NOW) >= since]
        WORLD.hold(DUBLIN, NOW, conversations=rows)
    found = {
        (
            row["period"][:10] if period else None,
            row["ai_agent_resolution_state"],
            row["source"],
            row["source_type"],
        ): row
        for row in WORLD.rows("fin_sources", since, period=period)
    }
    expected = restated(rows, period)
    assert {key: row["n"] for key, row in found.items() if row["n"]} == dict(expected)
    assert all(row["value"] == row["n"] for row in found.values())
    if period:  # every source of a state is there in each of the five days
        assert len(found) == 5 * len({key[1:] for key in expected})


def test_the_conversations_of_a_source_are_behind_its_number(ws: Workspace) -> None:
    frame = ws.metric("fin_sources", since="2026-10-01", until="2026-11-01")
    for place in (0, len(frame) - 1):
        row, behind = frame.iloc[place], ws.behind(frame, place)
        assert len(behind) == row["n"] > 0
        assert set(behind["ai_agent_resolution_state"]) == {row["ai_agent_resolution_state"]}
        assert all(row["source"] in titles for titles in behind["ai_agent_source_titles"])


def test_sources_are_those_that_the_conversations_name(ws: Workspace, truth: Truth) -> None:
    frame = ws.metric("fin_sources", by=(), since="2026-01-01")
    expected: Counter[tuple[str, str]] = Counter()
    for each in truth.conversations():
        agent = each["ai_agent"] if each["ai_agent_participated"] else None
        used = agent["content_sources"]["content_sources"] if agent else []
        expected.update({(one["title"], one["content_type"]) for one in used})
    assert {(row.source, row.source_type): row.n for row in frame.itertuples()} == expected
    assert frame["value"].is_monotonic_decreasing


# --- articles --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def truth(request: pytest.FixtureRequest) -> Iterator[Truth]:
    asking = Truth(request.getfixturevalue("sandbox"))
    with asking.http:
        yield asking


@pytest.fixture(scope="module")
def articles(truth: Truth) -> list[Row]:
    return [truth.get(f"/articles/{each['id']}") for each in truth.get("/articles", per_page=100)["data"]]


def test_views_are_those_of_each_article_the_most_viewed_first(ws: Workspace, articles: list[Row]) -> None:
    frame = ws.metric("article_views")
    assert len(frame) == len(articles)
    assert frame["value"].is_monotonic_decreasing
    for row, article in ((frame[frame["id"] == each["id"]].iloc[0], each) for each in articles):
        statistics = article["statistics"]
        assert (row["title"], row["value"], row["n"]) == (article["title"], statistics["views"], 1)
        for name in ("reactions", "conversations", "fin_involvements", "fin_resolutions"):
            assert row[name] == statistics[name], name
    assert frame.attrs["intercom"]["requests"] >= len(articles)


def test_groups_add_up_views_and_weigh_happy_reactions_by_their_number(ws: Workspace, articles: list[Row]) -> None:
    frame = ws.metric("article_views", by="state").set_index("state")
    for state in ("published", "draft"):
        own = [each["statistics"] for each in articles if each["state"] == state]
        assert frame.loc[state, "value"] == sum(each["views"] for each in own)
        reactions = sum(each["reactions"] for each in own)
        happy = sum(each["reactions"] * each["happy_reaction_percentage"] / 100 for each in own)
        share = frame.loc[state, "happy"]
        assert share == pytest.approx(happy / reactions) if reactions else share != share


@pytest.mark.parametrize(
    "asked", [{"since": "28d"}, {"until": "2026-11-01"}, {"period": "week"}, {"compare": "previous"}]
)
def test_totals_of_a_lifetime_have_no_span(ws: Workspace, asked: dict[str, Any]) -> None:
    with pytest.raises(BadMetricError, match=r"leave (since and until|period|compare) out"):
        ws.metric("article_views", **asked)


def test_totals_of_a_lifetime_say_so(ws: Workspace) -> None:
    frame = ws.metric("article_views", by="author")
    account = frame.attrs["intercom"]["metric"]
    assert account["since"] is None
    assert "over whole lifetimes" in frame.receipt
    assert any("without dates" in note for note in account["notes"])
    with pytest.raises(BadMetricError, match="it is about articles"):
        ws.behind(frame, 0)
