"""Whom metrics over events ask Intercom about, on the sandbox: what it costs, and how to ask about fewer."""

import re
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from intercom_kit import Workspace
from intercom_kit.errors import BadMetricError, BadQueryError
from intercom_kit.live.joins import is_listed_by_key
from intercom_kit.metrics import METRICS
from intercom_kit.sql.planner import needs
from intercom_kit.sql.predicates import earliest
from tests.metrics.world import World

SINCE = "2026-11-01"


def asked_for_events(ws: Workspace) -> int:
    """Count the contacts whose events were asked for last."""
    fetched = ws.fetches[ws.fetches["table"] == "events"]
    return int(re.match(r"\d+", str(fetched.iloc[-1]["filters"]["asks"]).replace(",", ""))[0])


def test_only_users_seen_in_the_span_are_asked_for_their_events(ws: Workspace) -> None:
    frame = ws.metric("active_contacts", period="week", since=SINCE, fresh="refetch")
    begins = frame["period"].iloc[0].to_pydatetime()
    seen = ws.contacts(role="user")
    seen = seen[seen["last_seen_at"] >= begins]
    assert asked_for_events(ws) == frame.attrs["intercom"]["metric"]["rows"] == len(seen)
    assert f"{len(seen):,} contacts" in " ".join(frame.attrs["intercom"]["metric"]["notes"])


def test_of_a_company_only_its_members_are_asked_for_their_events(ws: Workspace) -> None:
    companies = ws.companies()
    company = companies.loc[companies["user_count"].idxmax()]
    members = ws.company_contacts(company["id"])
    frame = ws.metric("active_days", since=SINCE, contacts={"company": company["name"]}, fresh="refetch")
    assert asked_for_events(ws) == len(members)
    assert set(frame["n"]) == {len(members)}
    events = ws.events(members, by="id", since=SINCE)
    active = events["intercom_user_id"].nunique()
    assert frame.loc[frame["days"] == 0, "hits"].item() == len(members) - active


def test_of_a_company_only_the_members_that_other_filters_choose_are_asked_for_their_events(ws: Workspace) -> None:
    companies = ws.companies()
    company = companies.loc[companies["user_count"].idxmax()]
    members = ws.company_contacts(company["id"])
    country = members["location_country"].mode()[0]
    chosen = members[members["location_country"] == country]
    assert 0 < len(chosen) < len(members)
    asked = {"contacts": {"company": company["name"], "country": country}, "since": SINCE, "fresh": "refetch"}
    assert set(ws.metric("active_days", **asked)["n"]) == {len(chosen)}
    assert asked_for_events(ws) == len(chosen)


def test_of_a_segment_only_the_members_are_asked_for_their_events(ws: Workspace) -> None:
    contacts = ws.contacts(include="segments")
    counts = contacts["segment_names"].explode().value_counts()
    segment = counts[counts < len(contacts)].index[0]
    members = contacts[contacts["segment_names"].map(lambda names: segment in names)]
    frame = ws.metric("active_days", since=SINCE, contacts={"segment": segment}, fresh="refetch")
    assert set(frame["n"]) == {len(members)}
    assert asked_for_events(ws) == len(members)


def test_too_many_requests_are_refused_with_ways_to_ask_about_fewer(ws: Workspace) -> None:
    too_many = r"(?s)max_requests=10.*contacts={'company': 'Acme'}.*a later since"
    with pytest.raises(BadQueryError, match=too_many) as refused:
        ws.metric("stickiness", since=SINCE, max_requests=10, fresh="refetch")
    assert "events" in refused.value.plan["table"].tolist()


def test_who_is_active_by_events_is_so_by_the_rows_that_intercom_gives(ws: Workspace) -> None:
    leads = ws.contacts(role="lead")
    events = ws.events(leads, by="id", since=SINCE)
    frame = ws.metric("feature_adoption", since=SINCE, contacts={"role": "lead"})
    kinds = events.groupby("event_name")["intercom_user_id"].nunique()
    assert dict(zip(frame["event"], frame["hits"], strict=True)) == kinds.to_dict()
    assert set(frame["n"]) <= {len(leads)}


@pytest.fixture(scope="module")
def nothing() -> World:
    """Tables without rows, to plan on."""
    return World("Europe/Dublin", datetime.fromisoformat("2026-11-23T12:00Z"))


@pytest.mark.parametrize("population", ["seen", {"company": "Acme"}, {"segment": "Active"}], ids=str)
@pytest.mark.parametrize("asked", [{}, {"by": "company"}, {"by": "segment"}, {"company": "Bolt", "country": "Peru"}])
def test_keys_are_found_along_joins_whatever_is_asked(nothing: World, population: Any, asked: dict[str, Any]) -> None:
    for name, metric in METRICS.items():
        for definition in (each for each, declared in metric.definitions.items() if declared.events):
            given = {"contacts": population, "definition": definition, **asked}
            given |= {"steps": ["look", "buy"]} if name == "funnel" else {}
            question = nothing.query(name, nothing.now - timedelta(days=20), given)
            found = needs(nothing.database.cursor(), question.sql())
            for scan in found.scans:
                sources = {edge.source.table for edge in found.edges if edge.scan is scan}
                assert sources or not is_listed_by_key(scan), (name, scan)
                wanted = scan.table == "contacts" and "company" in population
                assert "contact_companies" in sources or not wanted, (name, scan)
                assert scan.table != "events" or earliest(scan.predicate) == question.request.begins, (name, scan)


@pytest.mark.parametrize("given", [["1", "2"], pd.Series(["1"]), pd.DataFrame({"id": ["1"]}), 5, None, "everybody"])
def test_what_is_no_population_is_refused_with_those_that_there_are(ws: Workspace, given: object) -> None:
    with pytest.raises(BadMetricError, match=r"is no population: give 'seen'.*\{'id': ids\}"):
        ws.metric("active_contacts", contacts=given)
