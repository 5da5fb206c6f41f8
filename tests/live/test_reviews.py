"""What monitors and scorecards say of conversations comes on request, beside the other columns."""

import json
from typing import Any

import pytest

from intercom_kit import BadFilterError, BadQueryError, Workspace, connect
from intercom_kit.sandbox import Sandbox
from intercom_kit.tables import CONVERSATIONS

from ..conftest import Begin
from .truth import Record, Truth, told

BOTH = ("monitors", "scorecards")
COLUMNS = ["monitor_evaluations", "scorecards"]


@pytest.fixture(scope="module")
def reviewed(truth: Truth) -> dict[str, Record]:
    """What the sandbox says of each conversation where both are asked for."""
    asked = {"include_monitors": "true", "include_scorecards": "true"}
    return {each["id"]: truth.get(f"/conversations/{each['id']}", **asked) for each in truth.conversations()[:150]}


def read(value: str) -> Any:
    return json.loads(value)


def test_reviews_are_those_of_each_conversation(ws: Workspace, reviewed: dict[str, Record]) -> None:
    frame = ws.conversations(limit=150, include=BOTH)
    assert list(frame["id"]) == list(reviewed)
    for column in COLUMNS:
        assert [read(each) for each in frame[column]] == [each[column] for each in reviewed.values()]
        assert 0 < sum(each != "[]" for each in frame[column]) < 60
    scored = [read(each)[0] for each in frame["scorecards"] if each != "[]"]
    assert {each["reviewed_teammate"]["type"] for each in scored} <= {"ai", "admin"}


def test_they_come_only_where_they_are_asked_for(ws: Workspace) -> None:
    declared = [column.name for column in CONVERSATIONS.columns]
    assert list(ws.conversations(limit=3).columns) == [*declared, "url"]
    assert list(ws.conversations(limit=3, include="monitors").columns) == [*declared, COLUMNS[0], "url"]
    assert list(CONVERSATIONS.included) == COLUMNS
    with pytest.raises(BadQueryError, match="scorecards"):
        ws.sql("select scorecards from conversations")


def test_they_cost_no_request_of_their_own(ws: Workspace) -> None:
    plain, with_both = ws.conversations(limit=100), ws.conversations(limit=100, include=BOTH)
    assert told(with_both)["requests"] == told(plain)["requests"]
    assert told(with_both)["filters"] == {"include": list(BOTH)}


def test_all_conversations_of_a_filter_come_with_them(ws: Workspace, sandbox: Sandbox) -> None:
    asked: dict[str, Any] = {"since": "2026-09-01", "state": "closed"}
    frame, plain = ws.conversations(None, include=BOTH, **asked), ws.conversations(None, **asked)
    assert told(frame)["complete"]
    assert list(frame["id"]) == list(plain["id"])
    assert frame[COLUMNS].notna().all(axis=None)
    before = sandbox.requests.total()
    ws.conversations(None, include=BOTH, **asked)
    assert sandbox.requests.total() > before  # they are not cached


def test_searches_and_single_conversations_have_them(ws: Workspace, reviewed: dict[str, Record]) -> None:
    found = ws.search_conversations("invoice", include=BOTH)
    assert len(found) > 0
    assert found[COLUMNS].notna().all(axis=None)
    id_ = next(id_ for id_, each in reviewed.items() if each["scorecards"])
    one = ws.conversation(id_, include=BOTH, body="text")
    assert read(one["scorecards"][0]) == reviewed[id_]["scorecards"]
    assert (told(one)["requests"], told(one)["complete"]) == (1, True)


def test_what_came_without_them_is_declared(begin: Begin) -> None:
    """So answers an API version before 2.16, which ignores the request."""
    given = [{"id": str(n), "created_at": 1_700_000_000 + n, "scorecards": None if n else []} for n in range(3)]
    _, ws = begin(records={"conversations": given})
    frame = ws.conversations(include="scorecards")
    assert not told(frame)["complete"]
    assert "2 conversations came without scorecards" in told(frame)["why"]


def test_anything_else_is_refused(ws: Workspace) -> None:
    with pytest.raises(BadFilterError, match="cannot include 'monitor': valid are monitors, scorecards"):
        ws.conversations(include="monitor")


@pytest.mark.parametrize("privacy", ["masked", "none"])
def test_hidden_data_is_not_included(sandbox: Sandbox, privacy: Any) -> None:
    with connect(sandbox.token, base_url=sandbox.base_url, privacy=privacy) as hidden:
        for call in (
            hidden.conversations,
            hidden.search_conversations,
            lambda **given: hidden.conversation("1", **given),
        ):
            with pytest.raises(BadFilterError, match="--pii full"):
                call(include=BOTH)
