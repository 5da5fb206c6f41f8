"""Conversations are found by words of any message, for a request each."""

from collections.abc import Iterator
from typing import Any

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.errors import BadFilterError, BadQueryError, BadRequestError
from intercom_kit.sandbox import Sandbox, serve
from tests.conftest import NOW


def conversation(number: int, opening: str, *replies: str, subject: str = "") -> dict[str, Any]:
    """Return a conversation of the last days with an opening message and some replies."""
    parts = [
        {"type": "conversation_part", "id": f"{number}0{place}", "part_type": "comment", "body": f"<p>{body}</p>"}
        | {"created_at": NOW - 5_000, "updated_at": NOW - 5_000, "author": {"type": "user", "id": "1"}}
        for place, body in enumerate(replies)
    ]
    return {
        "id": str(number),
        "created_at": NOW - number * 86_400,
        "updated_at": NOW - 4_000,
        "state": "open" if number % 2 else "closed",
        "source": {"type": "conversation", "body": f"<p class='money'>{opening}</p>", "subject": subject},
        "conversation_parts": {
            "type": "conversation_part.list",
            "conversation_parts": parts,
            "total_count": len(parts),
        },
    }


RECORDS = {
    "conversations": [
        conversation(1, "Please refund me"),
        conversation(2, "Hello", "How can I help?", "I want a REFUND now"),
        conversation(3, "Hello", "Thanks", "Bye"),
        conversation(4, "Now what", "No refunds, sorry"),
        conversation(5, "Hello", subject="Refund"),
        conversation(40, "Old", "refund"),
    ]
}


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with serve(records=RECORDS, now=NOW, rate_limit=100_000, clock=lambda: NOW) as sandbox:
        yield sandbox


@pytest.fixture
def ws(served: Sandbox) -> Iterator[Workspace]:
    with connect(served.token, base_url=served.base_url) as workspace:
        yield workspace


@pytest.mark.parametrize(
    ("text", "filters", "found"),
    [
        ("refund", {"limit": None}, ["1", "2", "4", "5", "40"]),
        ("refund", {"since": NOW - 30 * 86_400}, ["1", "2", "4", "5"]),
        ("refund", {"state": "closed"}, ["2", "4", "40"]),
        ("now refund", {"limit": None}, ["2", "4"]),
        ("money", {"limit": None}, []),
        ("help refund", {"state": "closed", "since": NOW - 3 * 86_400}, ["2"]),
    ],
)
def test_every_word_is_in_some_message(ws: Workspace, text: str, filters: dict[str, Any], found: list[str]) -> None:
    answer = ws.search_conversations(text, replies=True, **filters)
    assert answer["id"].tolist() == found
    assert answer.columns.tolist() == ws.conversations(1).columns.tolist()
    assert answer.receipt.startswith(f"conversations: {len(found)} row")
    assert "complete" in answer.receipt


def test_it_costs_a_request_for_each_conversation_once(ws: Workspace) -> None:
    ws.identity  # noqa: B018 - costs a request
    first = ws.search_conversations("refund", replies=True, state="open")
    again = ws.search_conversations("bye", replies=True, state="open")
    assert first.attrs["intercom"]["requests"] == 1 + 3
    assert again["id"].tolist() == ["3"]
    assert again.attrs["intercom"]["requests"] <= 2
    assert "The parts of 3 conversations are kept" in again.receipt


def test_more_requests_than_allowed_are_refused_with_what_it_takes(ws: Workspace) -> None:
    with pytest.raises(BadQueryError, match="6 of them for conversation_parts of 6 different") as refused:
        ws.search_conversations("refund", replies=True, max_requests=4)
    assert "max_requests=4: allow more" in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"text": "refund", "limit": 5}, BadRequestError, "saves nothing"),
        ({"text": "refund", "tag_ids": "1"}, BadRequestError, "does not find replies"),
        ({"text": "refund", "include": "monitors"}, BadRequestError, "do not go together"),
        ({}, BadFilterError, "no word"),
    ],
)
def test_what_it_cannot_do_is_refused(
    ws: Workspace, arguments: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        ws.search_conversations(replies=True, **arguments)


def test_hidden_texts_are_not_searched(served: Sandbox) -> None:
    with (
        connect(served.token, base_url=served.base_url, privacy="none") as hidden,
        pytest.raises(BadFilterError, match="cannot be searched"),
    ):
        hidden.search_conversations("refund", replies=True)
