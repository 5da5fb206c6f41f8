"""The verbs about conversations: lists, filters to the second, words, and what was said in them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from intercom_kit import BadFilterError, BadRequestError, BadTimeError, NotFoundError, Workspace
from intercom_kit.sandbox import Sandbox

from ..conftest import NOW, Begin
from .truth import Record, Truth, ids, moments, told, values


def test_conversations_are_the_five_hundred_newest_unless_told_otherwise(ws: Workspace, truth: Truth) -> None:
    records = truth.conversations()
    frame = ws.conversations()
    assert list(frame["id"]) == ids(records)[:500]
    assert (told(frame)["total"], told(frame)["complete"]) == (len(records), False)
    assert told(frame)["requests"] in (4, 5)  # once a session, one shows whether the order holds
    everything = ws.conversations(limit=None)
    assert list(everything["id"]) == ids(records)
    assert told(everything)["complete"]


def test_a_conversations_values_are_those_that_intercom_holds(ws: Workspace, truth: Truth) -> None:
    frame, records = ws.conversations(None), truth.conversations()
    for column in ("state", "open", "read", "priority", "title", "ai_agent_participated"):
        assert values(frame, column) == [record[column] for record in records], column
    for column in ("created_at", "updated_at", "waiting_since", "snoozed_until"):
        assert moments(frame, column) == [record[column] for record in records], column
    for column in ("time_to_admin_reply", "median_time_to_reply", "count_reopens", "handling_time"):
        expected = [(record["statistics"] or {}).get(column) for record in records]
        assert values(frame, column) == expected, column
    for column in ("type", "body", "delivered_as"):
        assert values(frame, f"source_{column}") == [(record["source"] or {}).get(column) for record in records], column
    assert values(frame, "rating") == [(record["conversation_rating"] or {}).get("rating") for record in records]


def test_nobody_in_charge_is_missing_not_zero(ws: Workspace, truth: Truth) -> None:
    records = truth.conversations()
    for column in ("admin_assignee_id", "team_assignee_id"):
        expected = [str(record[column]) if record[column] else None for record in records]
        assert None in expected
        assert values(ws.conversations(None), column) == expected


@pytest.mark.parametrize("limit", [1, 149, 150, 151])
def test_a_limit_gives_the_newest(ws: Workspace, truth: Truth, limit: int) -> None:
    frame = ws.conversations(limit)
    assert list(frame["id"]) == ids(truth.conversations())[:limit]
    assert not told(frame)["complete"]


@pytest.fixture(params=["open", "closed"], ids=["bounds left out", "bounds included"])
def seconds(request: pytest.FixtureRequest, begin: Begin) -> tuple[Sandbox, Workspace]:
    """Give a workspace with a conversation in every second, whichever way Intercom reads > and <."""
    records = [
        {
            "type": "conversation",
            "id": str(1000 + second),
            "created_at": NOW + second,
            "updated_at": NOW + second,
            "state": "open",
            "statistics": {"count_reopens": second, "first_close_at": NOW + second},
        }
        for second in range(20)
    ]
    return begin(records={"conversations": records}, behaves=f"bounds={request.param}")


@pytest.mark.parametrize("edge", [5, 5.25])
def test_times_are_exact_to_the_second(seconds: tuple[Sandbox, Workspace], edge: float) -> None:
    _, ws = seconds
    moment = datetime.fromtimestamp(NOW + edge, UTC)
    since, until = ws.conversations(since=moment), ws.conversations(until=moment)
    assert sorted(map(int, since["id"])) == [1000 + s for s in range(20) if s >= edge]
    assert sorted(map(int, until["id"])) == [1000 + s for s in range(20) if s < edge]
    between = ws.conversations(first_close_since=moment, updated_until=datetime.fromtimestamp(NOW + 9, UTC))
    assert sorted(map(int, between["id"])) == [1000 + s for s in range(20) if edge <= s < 9]


@pytest.mark.parametrize("limit", [3, 4, 5, 6])
def test_a_limit_on_a_wider_search_is_said_to_cut_only_where_it_does(
    seconds: tuple[Sandbox, Workspace], limit: int
) -> None:
    _, ws = seconds
    frame = ws.conversations(limit, since=datetime.fromtimestamp(NOW + 15, UTC))
    assert list(frame["id"]) == [str(1019 - n) for n in range(min(limit, 5))]
    assert told(frame)["complete"] == (limit >= 5)


def test_numbers_have_bounds_that_are_included(seconds: tuple[Sandbox, Workspace]) -> None:
    _, ws = seconds
    frame = ws.conversations(count_reopens_min=3, count_reopens_max=6)
    assert sorted(values(frame, "count_reopens")) == [3, 4, 5, 6]
    assert values(ws.conversations(count_reopens=4), "count_reopens") == [4]
    assert sorted(values(ws.conversations(count_reopens=[4, 7]), "count_reopens")) == [4, 7]


FILTERS: dict[str, tuple[Record, Any]] = {
    "text": ({"state": "closed"}, lambda r: r["state"] == "closed"),
    "a list": ({"state": ["open", "snoozed"]}, lambda r: r["state"] in ("open", "snoozed")),
    "truth": ({"read": False}, lambda r: r["read"] is False),
    "nobody": ({"team_assignee_id": None}, lambda r: not r["team_assignee_id"]),
    "two": ({"state": "closed", "read": True}, lambda r: r["state"] == "closed" and r["read"]),
    "nested": ({"source_type": "email"}, lambda r: (r["source"] or {}).get("type") == "email"),
    "nothing found": ({"source_type": "pigeon"}, lambda _: False),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_what_fits_and_nothing_else(ws: Workspace, truth: Truth, name: str) -> None:
    filters, fits = FILTERS[name]
    frame = ws.conversations(None, **filters)
    assert list(frame["id"]) == [record["id"] for record in truth.conversations() if fits(record)]
    assert told(frame)["complete"]


def test_filters_by_whom_it_concerns(ws: Workspace, truth: Truth) -> None:
    record = next(r for r in truth.conversations() if r["team_assignee_id"] and r["contacts"]["contacts"])
    team, contact = str(record["team_assignee_id"]), record["contacts"]["contacts"][0]["id"]
    assert set(ws.conversations(None, team_assignee_id=team)["team_assignee_id"]) == {team}
    assert record["id"] in set(ws.conversations(contact_ids=contact)["id"])


def test_a_list_with_none_in_it_also_finds_what_has_nothing(ws: Workspace, truth: Truth) -> None:
    teams = {record["team_assignee_id"] for record in truth.conversations()} - {0, None}
    team = min(teams)
    expected = [r["id"] for r in truth.conversations() if r["team_assignee_id"] in (team, 0, None)]
    assert list(ws.conversations(None, team_assignee_id=[None, str(team)])["id"]) == expected


@pytest.mark.parametrize(
    ("filters", "kind"),
    [
        ({"count_reopens_min": None}, BadFilterError),
        ({"count_reopens_max": [1]}, BadFilterError),
        ({"rating": 4.5}, BadFilterError),
        ({"colour": "red"}, BadFilterError),
        ({"created_at": "2026-01-01"}, BadFilterError),
        ({"since": "whenever"}, BadTimeError),
        ({"since": None}, BadTimeError),
        ({"limit": 0}, BadRequestError),
    ],
)
def test_a_bad_filter_is_refused_before_intercom_is_asked(
    ws: Workspace, sandbox: Sandbox, filters: Record, kind: type[Exception]
) -> None:
    before = sandbox.requests.total()
    with pytest.raises(kind):
        ws.conversations(**filters)
    assert sandbox.requests.total() == before


def test_words_are_searched_in_opening_message_and_subject(ws: Workspace, truth: Truth) -> None:
    word = "refund"
    expected = [
        r["id"]
        for r in truth.conversations()
        if any(word in str((r["source"] or {}).get(part) or "").lower() for part in ("body", "subject"))
    ]
    assert expected
    assert list(ws.search_conversations("Refund", limit=None)["id"]) == expected
    closed = ws.search_conversations("refund", limit=None, state="closed")
    assert set(closed["id"]) <= set(expected)
    assert set(closed["state"]) == {"closed"}


def test_one_conversation_as_text_and_as_html(ws: Workspace, truth: Truth) -> None:
    record = next(r for r in truth.conversations() if "<p>" in ((r["source"] or {}).get("body") or ""))
    html, text = ws.conversation(record["id"]), ws.conversation(record["id"], body="text")
    assert values(html, "source_body") == [record["source"]["body"]]
    assert "<" not in text["source_body"][0]
    assert told(html)["requests"] == 1


def test_a_conversations_id_may_be_given_as_a_number(ws: Workspace, truth: Truth) -> None:
    id_ = truth.conversations()[0]["id"]
    assert list(ws.conversation(int(id_))["id"]) == [id_]  # type: ignore[arg-type]


def test_a_conversation_that_does_not_exist_is_an_error_that_names_it(ws: Workspace) -> None:
    with pytest.raises(NotFoundError, match="no conversation '404'"):
        ws.conversation("404")


def test_parts_are_those_that_intercom_holds_conversation_by_conversation(ws: Workspace, truth: Truth) -> None:
    conversations = ws.conversations(8)
    expected = {}
    for id_ in conversations["id"]:
        record = truth.get(f"/conversations/{id_}", display_as="plaintext")
        expected[id_] = record["conversation_parts"]["conversation_parts"]
    frame = ws.conversation_parts(conversations)
    assert told(frame)["requests"] == 8
    for id_, parts in expected.items():
        mine = frame[frame["conversation_id"] == id_]
        assert sorted(mine["id"]) == sorted(ids(parts))
        assert mine["created_at"].is_monotonic_increasing
        bodies = {part["id"]: part["body"] for part in parts}
        assert dict(zip(mine["id"], values(mine, "body"), strict=True)) == bodies
    assert frame["conversation_id"].is_monotonic_increasing


def test_parts_come_as_text_or_html(ws: Workspace, truth: Truth) -> None:
    conversations = ws.conversations(20)["id"]
    text, html = ws.conversation_parts(conversations), ws.conversation_parts(conversations, body="html")
    assert html["body"].str.contains("<p>").any()
    assert not text["body"].str.contains("<p>").any()
    with pytest.raises(BadRequestError, match="'text' or 'html'"):
        ws.conversation_parts(conversations, body="markdown")


@pytest.mark.parametrize(("held", "complete"), [(500, True), (501, False)])
def test_more_parts_than_intercom_gives_are_said_to_be_missing(begin: Begin, held: int, complete: bool) -> None:
    parts = [{"id": str(n), "created_at": NOW + n, "part_type": "comment"} for n in range(1, held + 1)]
    listing = {"conversation_parts": parts, "total_count": held}
    _, ws = begin(records={"conversations": [{"id": "1", "created_at": NOW, "conversation_parts": listing}]})
    frame = ws.conversation_parts("1")
    assert (len(frame), told(frame)["complete"]) == (500, complete)
    assert [int(id_) for id_ in frame["id"]] == list(range(held - 499, held + 1))
    assert complete or f"conversation 1 has {held} parts" in told(frame)["why"]


def test_one_conversation_that_is_gone_is_named_and_the_others_are_kept(ws: Workspace) -> None:
    known = list(ws.conversations(2)["id"])
    frame = ws.conversation_parts([known[0], "404", known[1]])
    assert list(told(frame)["failures"]) == ["404"]
    assert set(frame["conversation_id"]) == set(known)


@pytest.mark.parametrize("ids_", [None, "", [""], 3.5])
def test_parts_of_nothing_are_refused(ws: Workspace, ids_: Any) -> None:
    with pytest.raises(BadRequestError):
        ws.conversation_parts(ids_)
