"""Frames of conversations, tickets and contacts have links into Intercom's app, and notebooks show ids as links."""

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.api.identity import Identity
from intercom_kit.frames.app_links import link, prefixes
from intercom_kit.frames.linked import table_html, with_urls
from intercom_kit.sandbox import Sandbox, serve_in_child

INBOX = "https://app.intercom.com/a/inbox/abc123/inbox/conversation/"
HOSTILE = ['"><script>alert(1)</script>', "1' onmouseover='x", "../../evil?x=1#y", "javascript:alert(1)", "é ü", "%2e"]


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with serve_in_child(conversations=30, contacts=20, companies=8, tickets=10, seed=7, rate_limit=100_000) as running:
        yield running


@pytest.fixture
def ws(served: Sandbox) -> Iterator[Workspace]:
    with connect(served.token, base_url=served.base_url) as workspace:
        yield workspace


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us", "https://app.intercom.com"),
        ("eu", "https://app.eu.intercom.com"),
        ("au", "https://app.au.intercom.com"),
    ],
)
def test_a_link_has_the_host_of_the_region_and_the_workspace(region: str, host: str) -> None:
    workspace = Identity(workspace_id="abc123", region=region)
    assert link(workspace, "conversation", "42") == f"{host}/a/inbox/abc123/inbox/conversation/42"
    assert link(workspace, "contact", "6a00") == f"{host}/a/apps/abc123/users/6a00"


@pytest.mark.parametrize("workspace", [Identity(), Identity(region="us"), Identity("abc123", region="mars")])
def test_without_a_known_workspace_and_region_there_is_no_link(workspace: Identity) -> None:
    assert link(workspace, "conversation", "42") == ""
    assert prefixes(workspace, "contact") == {}


@pytest.mark.parametrize("id", HOSTILE)
def test_an_id_cannot_leave_its_place_in_a_link(id: str) -> None:
    address = link(Identity(workspace_id="abc123", region="us"), "conversation", id)
    assert re.fullmatch(re.escape(INBOX) + r"[\w.%-]+", address, re.ASCII)
    frame = pd.DataFrame({"id": [id, None]})
    with_urls(frame, INBOX)
    assert frame["url"][0] == address
    assert frame["url"].isna()[1]


@pytest.mark.parametrize("id", HOSTILE)
def test_notebooks_show_an_id_as_a_link_and_escape_it(id: str) -> None:
    html = table_html(pd.DataFrame({"id": [id], "other": [id]}), {"id": INBOX})
    (anchor,) = re.findall(r"<a .*?</a>", html)
    safe = r'<a href="https://app\.intercom\.com/[^"<>\s]*" target="_blank" rel="[a-z ]+">[^<>]*</a>'
    assert re.fullmatch(safe, anchor)
    assert "<script" not in html
    assert html.count("<td>") == 2


def test_a_cell_that_looks_like_a_stand_in_stays_as_it_is() -> None:
    html = table_html(pd.DataFrame({"id": ["7"], "text": ["0x0x"]}), {"id": INBOX})
    assert "<td>0x0x</td>" in html


def test_a_long_frame_is_shown_as_pandas_would_but_for_the_links() -> None:
    frame = pd.DataFrame(
        {"id": pd.array([str(number) for number in range(500)] + [None], dtype="str"), "n": range(501)}
    )
    html = table_html(frame, {"id": INBOX})
    assert html.count("<a ") == 9
    assert re.sub(r"<a [^>]*>|</a>", "", html) == frame._repr_html_()  # type: ignore[operator]


FRAMES = {
    "conversations": lambda ws: ws.conversations(3),
    "all conversations": lambda ws: ws.conversations(None),
    "one conversation": lambda ws: ws.conversation(ws.conversations(1)["id"][0]),
    "search of conversations": lambda ws: ws.search_conversations(state="closed"),
    "tickets": lambda ws: ws.tickets(3),
    "one ticket": lambda ws: ws.ticket(ws.tickets(1)["id"][0]),
    "contacts": lambda ws: ws.contacts(),
    "contacts with companies": lambda ws: ws.contacts(3, include=["companies", "segments"]),
    "one contact": lambda ws: ws.contact(ws.contacts(1)["id"][0]),
    "contacts of a company": lambda ws: ws.company_contacts(ws.companies()["id"][0]),
}


@pytest.mark.parametrize("name", FRAMES)
def test_each_row_has_its_link(ws: Workspace, name: str) -> None:
    frame = FRAMES[name](ws)
    kind = "contact" if "contact" in name else "conversation"
    assert len(frame)
    assert list(frame["url"]) == [link(ws.identity, kind, id) for id in frame["id"]]
    assert f'<a href="{frame["url"][0]}"' in frame._repr_html_()


def test_an_empty_frame_has_the_column_and_costs_no_request_for_it(ws: Workspace) -> None:
    before = ws.budget["requests"] or 0
    frame = ws.search_conversations(id="1")
    assert list(frame["url"]) == []
    assert frame["url"].dtype == "str"
    assert (ws.budget["requests"] or 0) - before <= frame.attrs["intercom"]["requests"] + 1


def test_the_workspace_is_asked_for_once(ws: Workspace) -> None:
    first = ws.contacts(2)
    assert ws.budget["requests"] == first.attrs["intercom"]["requests"] + 1
    second = ws.contacts(2)
    assert ws.budget["requests"] == 1 + 2 * second.attrs["intercom"]["requests"]


def test_results_of_sql_show_ids_of_conversations_and_contacts_as_links(ws: Workspace) -> None:
    rows = ws.sql("select id as conversation_id, contact_id, id, 'x' as note from conversations limit 1").iloc[[0]]
    shown: Any = ws.sql("select id as conversation_id, contact_id, id from conversations order by id limit 1")
    assert "url" not in rows
    assert shown._repr_html_().count("<a ") == 2


def test_companies_and_parts_have_no_link(ws: Workspace) -> None:
    assert "url" not in ws.companies(2)
    parts = ws.conversation_parts(ws.conversations(1))
    assert "url" not in parts
    assert f'<a href="{ws.conversations(1)["url"][0]}"' in parts._repr_html_()
