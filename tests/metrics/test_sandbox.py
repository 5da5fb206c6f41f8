"""Metrics end to end: asked of a sandbox over HTTP, and compared with what its parts and verbs tell."""

from statistics import median

import pandas as pd
import pytest

from intercom_kit import Workspace
from intercom_kit.metrics import METRICS
from intercom_kit.sandbox import Sandbox
from intercom_kit.sandbox.generator.office_hours import OfficeHours
from tests.conftest import NOW
from tests.metrics.world import with_hours

SINCE, UNTIL = "2026-10-01", "2026-11-15"


@pytest.fixture(scope="module")
def conversations(ws: Workspace) -> pd.DataFrame:
    """The conversations of the span."""
    return pd.DataFrame(ws.conversations(limit=None, since=SINCE, until=UNTIL))


@pytest.fixture(scope="module")
def office(ws: Workspace, conversations: pd.DataFrame) -> pd.DataFrame:
    """What the parts of each tell, in seconds of office hours from the customer's first message on."""
    hours = OfficeHours(ws.identity.timezone, NOW - 400 * 86_400, NOW)
    parts = pd.DataFrame(ws.conversation_parts(conversations))
    # pandas counts microseconds here
    parts["second"] = parts["created_at"].astype("int64") // 1_000_000
    told = []
    for row in conversations.itertuples():
        own = parts[parts["conversation_id"] == row.id]
        wrote = own[own["author_type"].isin(["user", "lead"]) & own["body"].notna()]["second"].tolist()
        if row.source_delivered_as == "customer_initiated":
            wrote.append(int(row.created_at.timestamp()))
        if not wrote:
            continue
        since = min(wrote)
        own = own[own["second"] >= since]
        replies = own[(own["author_type"] == "admin") & (own["part_type"] == "comment")]["second"].tolist()
        closes = own[own["part_type"] == "close"]["second"].tolist()
        told.append(
            {
                "first_response_time": hours.between(since, min(replies)) if replies else None,
                "time_to_first_close": hours.between(since, min(closes)) if closes else None,
                "time_to_close": hours.between(since, max(closes)) if closes else None,
                "reopens": int((own["part_type"] == "open").sum()),
            }
        )
    return pd.DataFrame(told)


@pytest.mark.parametrize("name", ["first_response_time", "time_to_first_close", "time_to_close"])
def test_statistics_and_parts_with_office_hours_agree(ws: Workspace, office: pd.DataFrame, name: str) -> None:
    (row,) = ws.metric(name, since=SINCE, until=UNTIL).to_dict("records")
    expected = office[name].dropna().tolist()
    assert len(expected) > 20
    assert (row["value"], row["mean"]) == (median(expected), pytest.approx(sum(expected) / len(expected)))


def test_reopenings_from_statistics_and_from_parts_agree(ws: Workspace, office: pd.DataFrame) -> None:
    (row,) = ws.metric("reopens", since=SINCE, until=UNTIL).to_dict("records")
    assert row["mean"] * row["n"] == pytest.approx(office["reopens"].sum())


def test_calendar_time_from_statistics_and_from_parts_agree(ws: Workspace) -> None:
    # Where customers begin, dbt_intercom's first response is ours around the clock, in minutes.
    asked = {"since": SINCE, "until": UNTIL, "direction": "inbound"}
    ours = ws.metric("first_response_time", definition="calendar", **asked).iloc[0]
    theirs = ws.metric("first_response_time", definition="dbt", **asked).iloc[0]
    assert theirs["n"] == ours["n"]
    assert theirs["value"] == pytest.approx(ours["value"] / 60, abs=0.005)
    assert theirs["mean"] == pytest.approx(ours["mean"] / 60, abs=0.005)


def test_intercoms_time_is_never_longer_than_the_calendars(ws: Workspace) -> None:
    asked = {"since": SINCE, "until": UNTIL, "by": "team"}
    office = ws.metric("time_to_close", **asked).set_index("team")
    calendar = ws.metric("time_to_close", definition="calendar", **asked).set_index("team")
    assert (office["value"].dropna() <= calendar["value"].dropna()).all()


def test_groups_are_those_of_the_verbs(ws: Workspace, conversations: pd.DataFrame) -> None:
    countries = ws.contacts().set_index("id")["location_country"]
    expected = conversations["contact_id"].map(countries).value_counts(dropna=False)
    asked = {"since": SINCE, "until": UNTIL, "definition": "calendar"}
    found = ws.metric("conversations", by="country", **asked).set_index("country")["n"]
    assert found.dropna().to_dict() == {name: count for name, count in expected.items() if count}
    # a member of custom attributes, in JSON
    plans = ws.metric("active_share", by="custom_attributes.plan", since=SINCE)
    assert plans["n"].sum() == len(countries)


def test_periods_add_up_to_the_span(ws: Workspace) -> None:
    whole = ws.metric("conversations", since=SINCE, until=UNTIL, definition="calendar").iloc[0]["n"]
    for period in ("hour", "day"):
        divided = ws.metric("conversations", period=period, since=SINCE, until=UNTIL, definition="calendar")
        assert divided["n"].sum() == whole
        assert divided["complete"].all()


KEYED = {"events", "conversation_parts", "contact_segments", "ticket_parts"}
SEGMENTS = ("segment", "company")
JOINED = [
    (name, by)
    for name, metric in METRICS.items()
    for by in ([SEGMENTS] if metric.subject.alias == "ticket" else [None, "plan", SEGMENTS, "country"])
]


@pytest.mark.parametrize(("name", "by"), JOINED)
def test_what_is_listed_key_by_key_is_asked_for_by_a_join(ws: Workspace, name: str, by: str | None) -> None:
    metric = METRICS[name]
    if metric.subject.alias == "company" and by is not None:
        by = "plan"
    for definition in metric.definitions:
        asked = {
            "by": by,
            "definition": definition,
            "since": "30d",
            **({"steps": ["a", "b"]} if name == "funnel" else {}),
            **with_hours(name, definition),
        }
        plan = ws.plan(ws.explain_metric(name, **asked))
        keyed = plan[plan["table"].isin(KEYED)]
        assert (keyed["depends"] != "").all(), (definition, by)


def test_events_are_asked_for_the_chosen_contacts_alone(ws: Workspace) -> None:
    company = ws.companies().sort_values("user_count").iloc[-1]
    members = ws.company_contacts(company["id"])
    frame = ws.metric("active_share", definition="events", since="2026-10-25", company=company["name"])
    assert frame.iloc[0]["n"] == len(members)
    events = ws.events(members, by="id", since="2026-10-25")
    assert frame.iloc[0]["events"] == len(events)
    assert frame.iloc[0]["hits"] == events["intercom_user_id"].nunique()


def test_more_requests_than_allowed_are_refused_beforehand(ws: Workspace, sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="max_requests=5"):
        ws.metric("active_contacts", since="2026-11-01", role="user", max_requests=5)


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if metric.subject.alias == "company"])
def test_accounts_are_the_companies_that_are_listed(ws: Workspace, name: str) -> None:
    listed = ws.companies()
    frame = ws.metric(name, since="2026-10-01")
    if "company_id" in frame:
        assert set(frame["company_id"]) <= set(listed["id"])
        assert (len(frame) == len(listed)) is (name == "account_health")
    else:
        assert frame["n"].sum() == len(listed)


def test_the_backlog_from_statistics_and_from_parts_agree_where_nothing_was_reopened(ws: Workspace) -> None:
    # Of outbound ones that the customer never answered Intercom has no statistics.
    asked = {"since": "2026-11-01", "direction": "inbound"}
    rows = {
        (name, reopens): pd.DataFrame(ws.metric("backlog", definition=name, count_reopens_max=reopens, **asked))
        for name in ("calendar", "parts")
        for reopens in (0, 9)
    }
    pd.testing.assert_frame_equal(rows["calendar", 0], rows["parts", 0])
    assert rows["parts", 0]["closed"].sum() > 20
    assert rows["calendar", 9]["closed"].sum() < rows["parts", 9]["closed"].sum()
    assert rows["calendar", 9].iloc[-1].equals(rows["parts", 9].iloc[-1])  # of how things are now both know
