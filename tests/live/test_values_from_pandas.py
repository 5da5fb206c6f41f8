"""Every verb takes what stands in frames: columns, NumPy's numbers, and ids that pandas made floats."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.errors import (
    BadFilterError,
    BadQueryError,
    BadRequestError,
    BadTimeError,
    IntercomError,
    MissingIdentifierError,
    NoExternalIdError,
)
from intercom_kit.sandbox import Sandbox, serve

from .truth import Record

NOW = int(time.time())
LARGE = 215474207061545
HOUR = 3600


def contact(number: int) -> Record:
    return {
        "type": "contact",
        "id": str(LARGE + number),
        "role": "user",
        "external_id": str(1000 + number),
        "email": f"{number}@example.com",
        "created_at": NOW - 9 * HOUR + number,
        "updated_at": NOW - 9 * HOUR,
        "custom_attributes": {"seats": number},
        "companies": {"data": [{"id": str(LARGE)}], "total_count": 1},
    }


def conversation(number: int) -> Record:
    part = {"id": str(number), "part_type": "comment", "body": "x", "created_at": NOW - HOUR}
    return {
        "type": "conversation",
        "id": str(LARGE + number),
        "created_at": NOW - 8 * HOUR + number,
        "updated_at": NOW - HOUR,
        "state": "open",
        "open": True,
        "admin_assignee_id": number,
        "contacts": {"contacts": [{"id": str(LARGE)}]},
        "source": {"type": "email", "delivered_as": "customer_initiated"},
        "statistics": {"first_contact_reply_at": NOW - 8 * HOUR + number},
        "conversation_parts": {"conversation_parts": [part], "total_count": 1},
    }


RECORDS = {
    "contacts": [contact(number) for number in range(3)],
    "conversations": [conversation(number) for number in range(3)],
    "companies": [{"id": str(LARGE), "company_id": "77", "name": "Acme", "user_count": 3, "created_at": NOW}],
    "events": [
        {
            "id": f"e{number}",
            "event_name": "seen",
            "created_at": NOW - HOUR,
            "user_id": str(1000 + number),
            "intercom_user_id": str(LARGE + number),
        }
        for number in range(3)
    ],
}


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, Workspace]]:
    with serve(records=RECORDS, now=NOW) as sandbox, connect(sandbox.token, base_url=sandbox.base_url) as workspace:
        yield sandbox, workspace


@pytest.fixture
def ws(served: tuple[Sandbox, Workspace]) -> Workspace:
    return served[1]


FLOATS = pd.Series([float(LARGE), float(LARGE + 1)])

ASKED: dict[str, tuple[Callable[[Workspace], pd.DataFrame], int]] = {
    "a Series": (lambda ws: ws.contacts(external_id=pd.Series(["1000", "1001"])), 2),
    "an array": (lambda ws: ws.contacts(external_id=np.array(["1000", "1001"])), 2),
    "an Index": (lambda ws: ws.contacts(id=pd.Index([str(LARGE)])), 1),
    "a Series of floats": (lambda ws: ws.contacts(external_id=pd.Series([1000.0, 1001.0])), 2),
    "a search by a Series": (lambda ws: ws.search_contacts(external_id=pd.Series(["1000"])), 1),
    "an attribute": (lambda ws: ws.contacts(custom_attributes={"seats": np.int64(2)}), 1),
    "attributes": (lambda ws: ws.contacts(custom_attributes={"seats": pd.Series([1.0, 2.0])}), 2),
    "an assignee": (lambda ws: ws.conversations(admin_assignee_id=np.int64(2)), 1),
    "assignees, kept": (lambda ws: ws.conversations(None, admin_assignee_id=pd.Series([1.0, 2.0])), 2),
    "nobody": (lambda ws: ws.conversations(admin_assignee_id=np.nan), 1),
    "a boolean": (lambda ws: ws.conversations(open=np.True_), 3),
    "a time": (lambda ws: ws.conversations(since=np.datetime64("2026-01-01")), 3),
    "a limit": (lambda ws: ws.conversations(np.int64(2)), 2),
    "a limit of contacts": (lambda ws: ws.contacts(limit=2.0), 2),
    "a limit of companies": (lambda ws: ws.companies(np.int64(1)), 1),
    "a limit of members": (lambda ws: ws.company_contacts(LARGE, limit=np.int8(2)), 2),
    "a conversation": (lambda ws: ws.conversation(float(LARGE)), 1),
    "a conversation's text": (lambda ws: ws.conversation(f"{LARGE}.0"), 1),
    "a contact": (lambda ws: ws.contact(np.float64(LARGE)), 1),
    "a contact of yours": (lambda ws: ws.contact(external_id=1000.0), 1),
    "a company": (lambda ws: ws.company(np.int64(LARGE)), 1),
    "a company of yours": (lambda ws: ws.company(company_id=77.0), 1),
    "members": (lambda ws: ws.company_contacts(float(LARGE)), 3),
    "parts of a frame": (lambda ws: ws.conversation_parts(pd.DataFrame({"id": FLOATS})), 2),
    "parts of a Series": (lambda ws: ws.conversation_parts(FLOATS), 2),
    "parts of a set": (lambda ws: ws.conversation_parts({float(LARGE)}), 1),
    "parts of a generator": (lambda ws: ws.conversation_parts(each for each in FLOATS), 2),
    "events of a frame": (lambda ws: ws.events(pd.DataFrame({"id": FLOATS})), 2),
    "events of floats": (lambda ws: ws.events(pd.Series([1000.0, 1001.0])), 2),
    "events of one": (lambda ws: ws.events(np.int64(1000)), 1),
    "events of keys": (lambda ws: ws.events({"1000": "", "1001": ""}.keys()), 2),
    "events by id": (lambda ws: ws.events(np.array([float(LARGE)]), by="id"), 1),
    "summaries": (lambda ws: ws.event_summaries(pd.Index([1000.0])), 1),
    "included": (lambda ws: ws.contacts(include=pd.Series(["companies"])), 3),
    "a parameter": (lambda ws: ws.sql("select id from contacts where external_id = $id", {"id": np.str_("1000")}), 1),
    "a number": (lambda ws: ws.sql("select id from contacts limit ?", [np.int64(2)]), 2),
    "a list": (
        lambda ws: ws.sql(
            "select id from contacts where list_contains($ids, external_id)", {"ids": pd.Series(["1000"])}
        ),
        1,
    ),
    "parameters in a Series": (
        lambda ws: ws.sql("select id from contacts where external_id = ?", pd.Series(["1000"])),
        1,
    ),
    "a missing parameter": (lambda ws: ws.sql("select 1 where $x is null", {"x": pd.NA}), 1),
    "bounds of a query": (
        lambda ws: ws.sql(
            "select id from contacts", max_requests=np.int64(9), max_rows=np.int64(2), timeout=np.int64(9)
        ),
        2,
    ),
    "as many requests as it takes": (lambda ws: ws.sql("select id from contacts", max_requests=float("inf")), 3),
}


@pytest.mark.parametrize(("ask", "rows"), ASKED.values(), ids=ASKED)
def test_it_is_asked_for_as_by_the_plain_value(
    served: tuple[Sandbox, Workspace], ask: Callable[[Workspace], pd.DataFrame], rows: int
) -> None:
    sandbox, ws = served
    begun = len(sandbox.log)
    assert len(ask(ws)) == rows
    assert not [each for each in list(sandbox.log)[begun:] if ".0" in each.path + str(each.query)]


METRICS: dict[str, dict[str, Any]] = {
    "a Series": {"state": pd.Series(["open", "closed"])},
    "a boolean": {"open": np.True_},
    "a time": {"since": pd.Timestamp(NOW - 9 * HOUR, unit="s", tz="UTC")},
    "a bound": {"updated_since": np.datetime64("2026-01-01")},
    "groups": {"by": np.array(["state"])},
    "requests": {"max_requests": np.int64(50)},
}


@pytest.mark.parametrize("given", METRICS.values(), ids=METRICS)
def test_metrics_take_them_too(ws: Workspace, given: dict[str, Any]) -> None:
    assert ws.metric("conversations", **{"since": "9d", **given})["n"].tolist() == [3]


def test_a_population_may_be_a_series(ws: Workspace) -> None:
    adopted = ws.metric("feature_adoption", since="2d", contacts={"company": pd.Series(["Acme"])})
    assert adopted[["event", "hits"]].to_numpy().tolist() == [["seen", 3]]


def test_receipts_say_what_was_asked_for_in_plain_values(ws: Workspace) -> None:
    frame = ws.contacts(external_id=pd.Series([1000.0]), role=np.str_("user"))
    assert frame.attrs["intercom"]["filters"] == {"external_id": [1000], "role": "user"}


NONE: dict[str, Callable[[Workspace], pd.DataFrame]] = {
    "contacts": lambda ws: ws.contacts(external_id=pd.Series([], dtype=str)),
    "contacts by tag": lambda ws: ws.contacts(tag_id=[]),
    "contacts by attribute": lambda ws: ws.contacts(custom_attributes={"seats": np.array([])}),
    "conversations": lambda ws: ws.conversations(state=pd.Categorical([])),
    "all conversations": lambda ws: ws.conversations(None, state=set()),
    "parts": lambda ws: ws.conversation_parts(pd.Series([], dtype=object)),
    "events": lambda ws: ws.events(pd.Index([])),
}


@pytest.mark.parametrize("ask", NONE.values(), ids=NONE)
def test_an_empty_column_finds_nothing_and_asks_for_nothing(ws: Workspace, ask: Callable[[Workspace], Any]) -> None:
    frame = ask(ws)
    assert (len(frame), frame.attrs["intercom"]["requests"], frame.attrs["intercom"]["complete"]) == (0, 0, True)
    assert "id" in frame.columns


WRONG: dict[str, tuple[Callable[[Workspace], Any], type[IntercomError], str]] = {
    "no id": (lambda ws: ws.conversation(np.nan), MissingIdentifierError, "needs the id of a conversation"),
    "NA": (lambda ws: ws.contact(pd.NA), MissingIdentifierError, "<NA>"),
    "one of several": (lambda ws: ws.conversation_parts(pd.Series([1.0, None])), MissingIdentifierError, "id"),
    "a Series for one": (lambda ws: ws.conversation(pd.Series(["1"])), MissingIdentifierError, "not a Series"),
    "a boolean for an id": (lambda ws: ws.contact(np.True_), MissingIdentifierError, "not a"),
    "missing external ids": (lambda ws: ws.events(pd.Series([1000.0, np.nan])), NoExternalIdError, "external_id"),
    "of a frame": (lambda ws: ws.events(pd.DataFrame({"external_id": [1.0, None]})), NoExternalIdError, "dropna"),
    "blanks of a frame": (lambda ws: ws.events(pd.DataFrame({"id": ["", "1"]})), MissingIdentifierError, "1 contacts"),
    "too large a float": (lambda ws: ws.conversation(1e17), BadRequestError, "dtype=str"),
    "too large in a frame": (lambda ws: ws.conversation_parts(pd.Series([1e17])), BadRequestError, "dtype=str"),
    "too large for events": (lambda ws: ws.events([1e17]), BadRequestError, "dtype=str"),
    "half an id": (lambda ws: ws.conversation(12.5), BadRequestError, "not a whole number"),
    "no tag": (lambda ws: ws.companies(tag_id=np.nan), MissingIdentifierError, "tag"),
    "a blank segment": (lambda ws: ws.companies(segment_id=""), MissingIdentifierError, "segment"),
    "no name": (lambda ws: ws.companies(name=np.nan), BadFilterError, "name"),
    "no limit": (lambda ws: ws.contacts(limit=np.nan), BadRequestError, "limit"),
    "half a limit": (lambda ws: ws.conversations(1.5), BadRequestError, "limit"),
    "no time": (lambda ws: ws.conversations(since=pd.NaT), BadTimeError, "30d"),
    "no time for events": (lambda ws: ws.events("1000", since=pd.NaT), BadTimeError, "30d"),
    "no time for a metric": (lambda ws: ws.metric("conversations", since=pd.NaT), BadTimeError, "30d"),
    "no words": (lambda ws: ws.search_conversations(np.nan), BadFilterError, "word"),
    "no requests": (lambda ws: ws.sql("select 1", max_requests=np.nan), BadRequestError, "max_requests"),
    "no rows": (lambda ws: ws.sql("select 1", max_rows=np.nan), BadRequestError, "max_rows"),
    "no timeout": (lambda ws: ws.sql("select 1", timeout=pd.NA), BadRequestError, "timeout"),
    "no parameters": (lambda ws: ws.sql("select ?", "x"), BadQueryError, "params"),
    "a path": (lambda ws: ws.contact(".."), IntercomError, "give an id from the column"),
    "no Unicode": (lambda ws: ws.contacts(name="\ud800"), BadRequestError, "not valid Unicode"),
    "no Unicode for an id": (lambda ws: ws.contact("\ud800"), BadRequestError, "not valid Unicode"),
}


@pytest.mark.parametrize(("ask", "error", "said"), WRONG.values(), ids=WRONG)
def test_what_means_nothing_is_refused_before_anything_is_asked(
    served: tuple[Sandbox, Workspace], ask: Callable[[Workspace], Any], error: type[IntercomError], said: str
) -> None:
    sandbox, ws = served
    assert ws.identity
    begun = len(sandbox.log)
    with pytest.raises(error, match=said):
        ask(ws)
    assert len(sandbox.log) == begun
