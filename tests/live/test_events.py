"""The verbs about events: whoever is asked for, in whichever way, and what happens where somebody fails."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from intercom_kit import (
    BadRequestError,
    BadTimeError,
    MissingIdentifierError,
    NoExternalIdError,
    NotFoundError,
    Workspace,
)
from intercom_kit.sandbox import Sandbox

from ..conftest import NOW, Begin
from .truth import Record, Truth, ids, told, values

DAY = 86_400


@pytest.fixture(scope="module")
def active(truth: Truth) -> list[Record]:
    """Give the five users with an address who were seen last."""
    users = [record for record in truth.contacts() if record["role"] == "user" and record["email"]]
    return sorted(users, key=lambda record: -(record["last_seen_at"] or 0))[:5]


def test_the_events_of_one_contact_are_all_there_the_newest_first(
    ws: Workspace, truth: Truth, active: list[Record]
) -> None:
    someone = active[0]
    frame, records = ws.events(someone["external_id"]), truth.events(someone["id"])
    assert records
    assert sorted(frame["id"]) == sorted(ids(records))
    assert frame["created_at"].is_monotonic_decreasing
    assert set(frame["intercom_user_id"]) == {someone["id"]}
    assert sorted(frame["event_name"]) == sorted(record["event_name"] for record in records)


WAYS: dict[str, Callable[[Workspace, Record], pd.DataFrame]] = {
    "external id": lambda ws, record: ws.events(record["external_id"]),
    "address": lambda ws, record: ws.events(record["email"], by="email"),
    "id": lambda ws, record: ws.events(record["id"], by="id"),
    "several": lambda ws, record: ws.events([record["external_id"], record["external_id"]]),
    "series": lambda ws, record: ws.events(pd.Series([record["id"]]), by="id"),
    "frame": lambda ws, record: ws.events(ws.contact(record["id"])),
    "frame of external ids": lambda ws, record: ws.events(pd.DataFrame({"external_id": [record["external_id"]]})),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_naming_a_contact_gives_the_same_events(
    ws: Workspace, truth: Truth, active: list[Record], way: str
) -> None:
    assert sorted(WAYS[way](ws, active[1])["id"]) == sorted(ids(truth.events(active[1]["id"])))


def test_the_events_of_many_contacts_are_those_of_each(ws: Workspace, truth: Truth, sandbox: Sandbox) -> None:
    contacts = ws.contacts(40)
    before = sandbox.requests["GET /events"]
    frame = ws.events(contacts)
    assert told(frame)["requests"] == sandbox.requests["GET /events"] - before
    assert sorted(frame["id"]) == sorted(id_ for contact in contacts["id"] for id_ in ids(truth.events(contact)))
    assert frame["created_at"].is_monotonic_decreasing


def test_an_address_with_a_plus_sign_is_asked_as_it_is(begin: Begin) -> None:
    person = {"id": "a1", "email": "x+y&z@example.org", "role": "user", "created_at": NOW}
    event = {"id": "e1", "event_name": "did", "intercom_user_id": "a1", "created_at": NOW - 5}
    _, ws = begin(records={"contacts": [person], "events": [event]})
    assert list(ws.events("x+y&z@example.org", by="email")["id"]) == ["e1"]


def test_an_external_id_may_be_a_number(begin: Begin) -> None:
    person = {"id": "a1", "external_id": "12345", "role": "user", "created_at": NOW}
    event = {"id": "e1", "event_name": "did", "intercom_user_id": "a1", "created_at": NOW - 5}
    _, ws = begin(records={"contacts": [person], "events": [event]})
    assert list(ws.events(12345)["id"]) == list(ws.events([12345])["id"]) == ["e1"]


@pytest.fixture
def autumn(begin: Begin) -> tuple[Workspace, list[int]]:
    """Give a workspace whose one contact did something every hour from the day before to after clocks went back."""
    before = int(datetime(2026, 10, 24, 12, tzinfo=UTC).timestamp())
    times = [before + 3600 * hour for hour in range(36)]
    events = [{"id": f"e{time}", "event_name": "did", "intercom_user_id": "a1", "created_at": time} for time in times]
    person = {"id": "a1", "external_id": "x1", "role": "user", "created_at": before}
    return begin(records={"contacts": [person], "events": events})[1], times


@pytest.mark.parametrize("since", ["2026-10-25", "2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:00"])
def test_events_between_two_times_are_exact_also_when_clocks_change(
    autumn: tuple[Workspace, list[int]], since: str
) -> None:
    ws, times = autumn
    zone = ZoneInfo("Europe/Dublin")
    first, last = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (since, "2026-10-25T12:00"))
    expected = {f"e{time}" for time in times if first.timestamp() <= time < last.timestamp()}
    assert expected
    assert set(ws.events("x1", since=since, until="2026-10-25T12:00")["id"]) == expected


def test_since_stops_asking_where_older_events_begin(begin: Begin) -> None:
    events = [
        {"id": f"e{n}", "event_name": "did", "intercom_user_id": "a1", "created_at": NOW - n * 600} for n in range(1000)
    ]
    person = {"id": "a1", "external_id": "x1", "role": "user", "created_at": NOW}
    _, ws = begin(records={"contacts": [person], "events": events})
    assert told(ws.events("x1"))["requests"] == 7
    frame = ws.events("x1", since=datetime.fromtimestamp(NOW - 200 * 600, UTC))
    assert (len(frame), told(frame)["requests"]) == (201, 2)


def test_events_older_than_ninety_days_are_in_the_summaries_only_and_a_note_says_so(begin: Begin) -> None:
    events = [
        {"id": f"e{age}", "event_name": "did", "intercom_user_id": "a1", "created_at": NOW - age * DAY}
        for age in (1, 89, 91, 400)
    ]
    person = {"id": "a1", "external_id": "x1", "email": "x@y.z", "role": "user", "created_at": NOW}
    _, ws = begin(records={"contacts": [person], "events": events})
    frame = ws.events("x1")
    assert list(frame["id"]) == ["e1", "e89"]
    assert any("90 days" in note for note in told(frame)["notes"])
    summary = ws.event_summaries("x1")
    assert values(summary, "count") == [4]
    assert values(summary, "intercom_user_id") == ["a1"]
    assert values(summary, "user_id") == ["x1"]
    assert summary["first"][0].timestamp() == NOW - 400 * DAY
    assert summary["last"][0].timestamp() == NOW - DAY


def test_summaries_count_what_events_list(ws: Workspace, active: list[Record]) -> None:
    people = [record["external_id"] for record in active]
    summaries, events = ws.event_summaries(people), ws.events(people)
    assert (summaries["count"] >= 1).all()
    assert summaries["count"].sum() >= len(events)
    assert set(events["event_name"]) <= set(summaries["name"])


def test_one_contact_that_fails_is_named_and_the_others_are_kept(ws: Workspace, active: list[Record]) -> None:
    people = [record["external_id"] for record in active]
    alone = ws.events(people)
    frame = ws.events([*people[:2], "nobody", *people[2:]])
    assert sorted(frame["id"]) == sorted(alone["id"])
    account = told(frame)
    assert not account["complete"]
    assert "nobody" in account["why"]
    assert list(account["failures"]) == ["nobody"]
    assert "no contact" in account["failures"]["nobody"]


def test_a_merged_contact_that_is_asked_for_events_is_told_its_new_id(begin: Begin) -> None:
    sandbox, ws = begin(seed=3)
    gone, kept = ws.contacts(2)["id"]
    sandbox.merge(gone, into=kept)
    frame = ws.events([gone, kept], by="id")
    assert list(told(frame)["failures"]) == [gone]
    assert kept in told(frame)["failures"][gone]


def test_where_every_contact_fails_the_failure_is_raised(ws: Workspace) -> None:
    with pytest.raises(NotFoundError):
        ws.events(["nobody", "no one"])


@pytest.mark.parametrize(
    ("contacts", "by", "kind", "remedy"),
    [
        (None, None, MissingIdentifierError, "contacts"),
        ("", None, NoExternalIdError, "by='id'"),
        (["x", None], None, NoExternalIdError, "by='id'"),
        (["x", float("nan")], None, NoExternalIdError, "by='id'"),
        (["x", None], "email", MissingIdentifierError, "email"),
        (pd.DataFrame({"name": ["x"]}), None, MissingIdentifierError, "external_id"),
        (pd.DataFrame({"id": ["a"], "external_id": [None]}), "external_id", NoExternalIdError, "dropna"),
        ("x", "phone", BadRequestError, "external_id, email, id"),
    ],
)
def test_a_contact_that_is_not_named_is_refused_before_anybody_is_asked(
    ws: Workspace, sandbox: Sandbox, contacts: Any, by: str | None, kind: type[Exception], remedy: str
) -> None:
    before = sandbox.requests.total()
    with pytest.raises(kind, match=remedy):
        ws.events(contacts, by=by)
    with pytest.raises(kind, match=remedy):
        ws.event_summaries(contacts, by=by)
    assert sandbox.requests.total() == before


@pytest.mark.parametrize("since", ["soon", pd.NaT, 5])
def test_a_time_that_cannot_be_read_is_refused_with_what_can(ws: Workspace, since: Any) -> None:
    with pytest.raises(BadTimeError, match="'30d'"):
        ws.events("x", since=since)
