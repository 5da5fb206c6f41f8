"""Lists of Intercom's may hold null, or a number, where an object belongs: it is counted, and never becomes a row."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.tables.misfits import NO_OBJECTS

from .strangers import Asked, Said, stranger
from .truth import told

ME = {
    "type": "admin",
    "id": "1",
    "name": "Pat",
    "email": "pat@example.com",
    "app": {"type": "app", "id_code": "made0001", "name": "Made up", "region": "US", "timezone": "UTC"},
}
AT = 1_790_000_000
NOTHINGS: list[Any] = [None, 5, "x", [], True]
TAGS = [None, {"id": "t1", "name": "VIP"}, 7, {"id": None, "name": None}]
PART = {"id": "p1", "part_type": "comment", "created_at": AT, "body": "x", "attachments": [None, {"url": "u"}]}

CONTACT = {
    "id": "c1",
    "external_id": "u1",
    "role": "user",
    "created_at": AT,
    "updated_at": AT,
    "tags": {"data": TAGS, "total_count": 1},
    "companies": {"data": [None], "total_count": 0},
}
CONVERSATION = {
    "id": "1",
    "created_at": AT,
    "updated_at": AT,
    "state": "open",
    "tags": {"tags": TAGS},
    "contacts": {"contacts": [None, {"id": "c1"}]},
    "teammates": {"admins": [None]},
}
COMPANY = {"id": "co1", "name": "Acme", "created_at": AT, "tags": {"tags": TAGS}, "segments": {"segments": [None]}}
EVENT = {"id": "e1", "event_name": "seen", "created_at": AT, "user_id": "u1", "intercom_user_id": "c1"}

LISTS: dict[str, tuple[str, Any]] = {
    "/contacts": ("data", CONTACT),
    "/contacts/search": ("data", CONTACT),
    "/conversations/search": ("conversations", CONVERSATION),
    "/conversations/deleted": ("conversations", {"id": "9", "deleted_at": AT}),
    "/companies/list": ("data", COMPANY),
    "/companies/co1/contacts": ("data", CONTACT),
    "/contacts/c1/companies": ("data", {"id": "co1"}),
    "/contacts/c1/tags": ("data", {"id": "t1", "name": "VIP"}),
    "/contacts/c1/segments": ("data", {"id": "s1", "name": "Active"}),
    "/segments": ("segments", {"id": "s1", "name": "Active", "count": 1}),
    "/teams": ("teams", {"id": "7", "name": "Tier 1", "admin_ids": [1, None]}),
    "/admins": ("admins", {"id": "1", "name": "Pat", "team_ids": [None]}),
    "/tags": ("data", {"id": "t1", "name": "VIP"}),
}


def answer(asked: Asked, counts_nothings: bool) -> Said:
    path, _, query = asked.path.partition("?")
    if path == "/me":
        return Said(json.dumps(ME))
    if path == "/conversations/1":
        parts = {"conversation_parts": [None, PART, 5], "total_count": 1}
        return Said(json.dumps({**CONVERSATION, "conversation_parts": parts}))
    if path == "/events":
        event = {"name": "seen", "count": 1, "first": "2026-01-01T00:00:00Z"} if "summary" in query else EVENT
        whole = {"user_id": "u1", "intercom_user_id": "c1", "events": [None, event, 5], "pages": {"next": None}}
        return Said(json.dumps({"type": "event.list", **whole}))
    name, record = LISTS[path]
    total = 1 + (len(NOTHINGS) if counts_nothings else 0)
    pages = {"page": 1, "total_pages": 1}
    return Said(json.dumps({name: [*NOTHINGS[:2], record, *NOTHINGS[2:]], "total_count": total, "pages": pages}))


@pytest.fixture(scope="module", params=[False, True], ids=["not in the total", "in the total"])
def ws(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    with (
        stranger(lambda asked: answer(asked, request.param)) as served,
        connect("token", base_url=served.base_url, patience=5) as workspace,
    ):
        yield workspace


VERBS: dict[str, Callable[[Workspace], pd.DataFrame]] = {
    "contacts": lambda ws: ws.contacts(),
    "some contacts": lambda ws: ws.contacts(limit=5),
    "contacts found": lambda ws: ws.contacts(role="user"),
    "conversations": lambda ws: ws.conversations(),
    "all conversations": lambda ws: ws.conversations(None),
    "companies": lambda ws: ws.companies(),
    "some companies": lambda ws: ws.companies(3),
    "contacts of a company": lambda ws: ws.company_contacts("co1"),
    "segments": lambda ws: ws.segments(),
    "teams": lambda ws: ws.teams(),
    "admins": lambda ws: ws.admins(),
    "tags": lambda ws: ws.tags(),
    "events": lambda ws: ws.events("u1"),
    "summaries": lambda ws: ws.event_summaries("u1"),
    "parts": lambda ws: ws.conversation_parts("1"),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_it_is_counted_and_makes_no_row(ws: Workspace, verb: Callable[[Workspace], pd.DataFrame]) -> None:
    frame = verb(ws)
    account = told(frame)
    assert len(frame) == 1
    assert (account["rows"], account["complete"]) == (1, True)
    assert account["requests"] == 1
    few = account["table"] in ("events", "event_summaries", "conversation_parts")
    assert account["misfits"][NO_OBJECTS] == (2 if few else len(NOTHINGS))
    assert NO_OBJECTS in frame.receipt


QUERIES = [
    "select id from contacts",
    "select id from conversations",
    "select id from companies",
    "select id from segments",
    "select id from teams",
    "select id from events where user_id = 'u1'",
    "select name from event_summaries where user_id = 'u1'",
    "select id from conversation_parts where conversation_id = '1'",
    "select tag_id from contact_tags where contact_id = 'c1'",
    "select company_id from contact_companies where contact_id = 'c1'",
    "select contact_id from contact_companies where company_id = 'co1'",
    "select segment_id from contact_segments where contact_id = 'c1'",
    "select tag_id from conversation_tags",
    "select contact_id from conversation_contacts",
]


@pytest.mark.parametrize("query", QUERIES)
def test_queries_find_the_rows_that_there_are(ws: Workspace, query: str) -> None:
    for fresh in ("refetch", "live"):
        frame = ws.sql(query, fresh=fresh)
        assert len(frame) == 1
        assert frame.notna().all(axis=None)
        assert told(frame)["complete"]
    assert any(NO_OBJECTS in name for name in told(ws.sql(query, fresh="refetch"))["misfits"])


def test_what_is_held_is_brought_up_to_date(ws: Workspace) -> None:
    ws.conversations(None)
    ws.refresh()
    assert ws.held.set_index("table").loc["conversations", "rows"] == 1


def test_lists_within_a_record_hold_members_alone(ws: Workspace) -> None:
    row = ws.conversations().iloc[0]
    assert (row["tag_ids"], row["tag_names"], row["teammate_ids"]) == (["t1"], ["VIP"], [])
    assert (row["contact_ids"], row["contact_id"]) == (["c1"], "c1")
    assert ws.contacts().iloc[0]["tag_ids"] == ["t1"]
    assert ws.companies().iloc[0]["segment_ids"] == []
    assert ws.teams().iloc[0]["admin_ids"] == ["1"]
    assert ws.conversation_parts("1").iloc[0]["attachment_urls"] == ["u"]


def test_lists_within_a_record_that_hold_others_are_counted(ws: Workspace) -> None:
    assert told(ws.conversations())["misfits"] == {
        **dict.fromkeys(["contact_ids", "teammate_ids", "tag_ids", "tag_names"], 1),
        NO_OBJECTS: len(NOTHINGS),
    }
    assert told(ws.teams())["misfits"] == {"admin_ids": 1, NO_OBJECTS: len(NOTHINGS)}


def test_memberships_are_those_that_there_are(ws: Workspace) -> None:
    row = ws.contacts(include=["companies", "tags", "segments"]).iloc[0]
    assert (row["tag_names"], row["segment_names"]) == (["VIP"], ["Active"])
