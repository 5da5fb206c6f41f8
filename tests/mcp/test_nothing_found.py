"""No answer is a bare zero: it says how it was searched, what is near, and the likely slip."""

from typing import Any

import pytest

from intercom_kit import Workspace
from intercom_kit.sandbox import Sandbox

from .asking import call, connected, records

pytestmark = pytest.mark.anyio


async def note(server: Any, tool: str, **arguments: Any) -> str:
    """Return the note of an answer that has no rows."""
    async with connected(server) as client:
        answer = await call(client, tool, **arguments)
    assert answer["row_count"] == 0
    return str(answer["note"])


async def test_words_that_nothing_has_are_met_with_how_many_have_their_stem(server: Any, ws: Workspace) -> None:
    said = await note(server, "intercom_search_conversations", text="refunds")
    assert f"{len(ws.search_conversations('refund'))} have 'refund': search for that" in said
    assert "opening message or subject" in said
    assert "replies=true" in said


async def test_words_that_only_a_reply_has_are_found_where_replies_are_searched(server: Any, ws: Workspace) -> None:
    expected = list(ws.search_conversations("thanks", since="30d", replies=True)["id"])
    question = {"text": "thanks", "since": "30d", "limit": 200}
    async with connected(server) as client:
        opening = records(await call(client, "intercom_search_conversations", **question))
        found = records(await call(client, "intercom_search_conversations", **question, replies=True))
    assert [each["id"] for each in found] == expected
    assert len(opening) < len(found)


async def test_words_that_no_message_has_are_said_to_be_in_none(server: Any) -> None:
    said = await note(server, "intercom_search_conversations", text="xylophone quark", since="3d", replies=True)
    assert "No conversation has all of 'xylophone' and 'quark' in any of its messages (since 3d)" in said
    assert "each word alone" in said


async def test_the_same_is_said_in_a_notebook_and_costs_one_request(ws: Workspace, sandbox: Sandbox) -> None:
    ws.search_conversations("refund")
    before = sandbox.requests.total()
    plain = ws.search_conversations("invoice", limit=1)
    asked = sandbox.requests.total() - before
    before = sandbox.requests.total()
    found = ws.search_conversations("refunds")
    assert sandbox.requests.total() - before == asked + 1
    assert found.attrs["intercom"]["requests"] == plain.attrs["intercom"]["requests"] + 1
    assert "have 'refund'" in found.attrs["intercom"]["notes"][0]


async def test_each_word_is_counted_alone(ws: Workspace) -> None:
    found = ws.search_conversations("invoice xylophone")
    (said, *_) = found.attrs["intercom"]["notes"]
    invoices = len(ws.search_conversations("invoice"))
    assert found.empty
    assert f"{invoices} have one of these ('invoice'" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [('"double charge"', "do not make a phrase"), ("refund OR invoice", "AND, OR and NOT are searched for as words")],
)
async def test_quotes_and_operators_are_named_as_what_they_are(ws: Workspace, text: str, words: str) -> None:
    found = ws.search_conversations(text)
    assert found.empty
    assert words in found.attrs["intercom"]["notes"][0]


async def test_filters_are_named_beside_the_words(ws: Workspace) -> None:
    found = ws.search_conversations("refunds", state="closed", since="2026-10-01")
    (said, *_) = found.attrs["intercom"]["notes"]
    assert "(state closed, since 2026-10-01)" in said
    assert f"{len(ws.search_conversations('refund', state='closed', since='2026-10-01'))} have 'refund'" in said


async def test_a_company_by_another_name_is_met_with_the_nearest(server: Any) -> None:
    said = await note(server, "intercom_list_companies", name="Acme Corporation")
    assert "did you mean 'Acme Corp'?" in said


async def test_filters_that_nothing_fulfils_are_named(server: Any) -> None:
    said = await note(server, "intercom_list_conversations", filters={"state": "open", "rating": 5}, since="2026-11-22")
    assert "No row has all of" in said
    assert "state open" in said


async def test_since_and_until_alike_are_told_to_mean_that_day(server: Any) -> None:
    said = await note(server, "intercom_list_conversations", since="2020-01-01", until="2020-01-01")
    assert "since and until are both 2020-01-01, which means that time alone" in said


async def test_a_name_in_sql_that_no_row_has_is_met_with_the_nearest(server: Any) -> None:
    said = await note(server, "intercom_query", sql="select id from teams where name = 'Biling'")
    assert "no row read has name 'Biling': did you mean 'Billing'?" in said


async def test_a_count_of_zero_is_explained_too(server: Any) -> None:
    async with connected(server) as client:
        answer = await call(client, "intercom_query", sql="select count(*) n from companies where name = 'acme corp'")
    assert records(answer) == [{"n": 0}]
    assert "no row read has name 'acme corp'" in answer["note"]
    assert "ilike" in answer["note"]


async def test_what_is_found_has_no_such_note(server: Any, ws: Workspace) -> None:
    async with connected(server) as client:
        answer = await call(client, "intercom_query", sql="select id from teams where name = 'Billing'")
    assert "no row" not in answer.get("note", "")
    assert ws.search_conversations("refund").attrs["intercom"]["notes"] == []
