"""Phone calls, asked for by the conversations that they belong to, 20 at a time."""

from typing import Any

import pandas as pd
import pytest

from intercom_kit import BadQueryError, BadRequestError, MissingIdentifierError, Workspace, connect
from intercom_kit.frames.frame import Frame
from intercom_kit.sandbox.endpoints import calls as endpoint
from intercom_kit.sandbox.errors import ApiError
from intercom_kit.tables import CALLS

from ..conftest import Begin
from .truth import Record, Truth, told, values

NUMBER = "+15550001111"


def call(id_: str, conversation: str, **more: Any) -> Record:
    given = {"type": "call", "id": id_, "conversation_id": conversation, "initiated_at": 1_700_000_000}
    return given | {"phone": NUMBER, "state": "completed"} | more


def phoned(count: int) -> list[Record]:
    source = {"type": "phone_call"}
    return [{"id": str(n), "created_at": 1_700_000_000, "source": source} for n in range(1, count + 1)]


@pytest.fixture(scope="module")
def by_phone(ws: Workspace) -> Frame:
    return ws.conversations(None, source_type="phone_call")


@pytest.fixture(scope="module")
def calls(ws: Workspace, by_phone: Frame) -> Frame:
    return ws.calls(by_phone)


def test_calls_are_those_that_intercom_holds_the_newest_first(truth: Truth, calls: Frame) -> None:
    held = truth.get("/calls", per_page=25)
    assert len(calls) == held["total_count"] > 10
    assert list(calls["id"][:25]) == [each["id"] for each in held["data"]]
    for column in ("conversation_id", "contact_id", "admin_id", "direction", "state", "ended_reason", "phone"):
        assert values(calls[:25], column) == [each[column] for each in held["data"]], column


def test_20_conversations_cost_one_request(by_phone: Frame, calls: Frame) -> None:
    account = told(calls)
    assert (account["complete"], account["requests"], account["misfits"]) == (True, -(-len(by_phone) // 20), {})
    assert account["filters"] == {"conversations": len(by_phone)}
    assert any("never seen in a real workspace" in note for note in account["notes"])


def test_times_are_read_as_seconds_and_as_iso_text(begin: Begin) -> None:
    times = {"answered_at": None, "ended_at": "2023-11-14T22:14:20Z", "created_at": "1700000000", "updated_at": 1.7e9}
    _, ws = begin(records={"conversations": phoned(1), "calls": [call("1", "1", **times)]})
    row = ws.calls("1").iloc[0]
    assert row["ended_at"] - row["initiated_at"] == pd.Timedelta(seconds=60)
    assert row["created_at"] == row["updated_at"] == row["initiated_at"]
    assert pd.isna(row["answered_at"])


def test_a_transcript_is_its_lines_as_json(begin: Begin) -> None:
    lines = [{"speaker": "Teammate 1", "text": "Hello"}]
    _, ws = begin(records={"conversations": phoned(2), "calls": [call("1", "1", transcript=lines), call("2", "2")]})
    frame = ws.sql("select id, transcript->>'$[0].text' as text from calls where conversation_id in ('1', '2')")
    assert dict(zip(frame["id"], values(frame, "text"), strict=True)) == {"1": "Hello", "2": None}


def test_each_conversation_is_asked_for_once_and_in_lists_of_20(begin: Begin) -> None:
    sandbox, ws = begin(records={"conversations": phoned(41), "calls": [call(str(n), str(n)) for n in range(1, 42)]})
    frame = ws.calls([str(number) for number in range(1, 42)] * 2)
    assert (len(frame), told(frame)["requests"]) == (41, 3)
    assert sandbox.requests["POST /calls/search"] == 3


def test_where_a_list_is_refused_each_conversation_is_asked_for_alone(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One conversation that Intercom refuses does not hide the calls of 19 others."""
    monkeypatch.setattr(endpoint, "MOST_CONVERSATIONS", 1)
    _, ws = begin(records={"conversations": phoned(5), "calls": [call(str(n), str(n)) for n in range(1, 6)]})
    frame = ws.calls([str(number) for number in range(1, 6)])
    assert (len(frame), told(frame)["complete"], told(frame)["requests"]) == (5, True, 6)
    monkeypatch.setattr(endpoint, "MOST_CONVERSATIONS", 0)
    with pytest.raises(BadRequestError, match="conversation IDs is required"):
        ws.calls(["1", "2"])


@pytest.mark.usefixtures("quick")
def test_a_request_without_an_answer_leaves_the_others_and_names_its_conversations(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = endpoint._conversation_ids

    def failing(asked: Any) -> set[str]:
        ids = read(asked)
        if "1" in ids:
            raise ApiError(503, "service_unavailable", "not now")
        return ids

    monkeypatch.setattr(endpoint, "_conversation_ids", failing)
    _, ws = begin(
        patience=2.0, records={"conversations": phoned(50), "calls": [call(str(n), str(n)) for n in range(1, 51)]}
    )
    frame = ws.calls([str(number) for number in range(1, 51)])
    assert sorted(map(int, frame["id"])) == list(range(21, 51))
    assert sorted(map(int, told(frame)["failures"])) == list(range(1, 21))
    assert "20 of 50 conversations failed" in told(frame)["why"]


def test_sql_joins_calls_with_their_conversations_and_holds_them(begin: Begin) -> None:
    others = [{"id": "9", "source": {"type": "email"}}]
    _, ws = begin(records={"conversations": [*phoned(3), *others], "calls": [call("a", "1"), call("b", "3")]})
    query = """
        select c.id, k.id as call_id from conversations c join calls k on k.conversation_id = c.id
        where c.source_type = 'phone_call' order by 1
    """
    frame = ws.sql(query)
    assert list(frame.itertuples(index=False, name=None)) == [("1", "a"), ("3", "b")]
    assert told(frame)["requests"] == 2
    assert told(ws.sql(query, fresh="session"))["requests"] == 0


def test_without_a_conversation_a_query_is_refused_with_an_example(ws: Workspace) -> None:
    with pytest.raises(BadQueryError, match=r"join calls k .* Where a request for each 20 of the conversations"):
        ws.sql("from calls")


def test_asking_about_nobody_gives_an_empty_frame_with_its_types(ws: Workspace, by_phone: Frame, calls: Frame) -> None:
    for empty in (ws.calls([]), ws.calls("none")):
        assert (len(empty), told(empty)["complete"]) == (0, True)
        pd.testing.assert_series_equal(empty.dtypes, calls.dtypes)
    assert list(calls.columns) == [column.name for column in CALLS.columns]
    with pytest.raises(MissingIdentifierError, match=r"calls\(\)"):
        ws.calls(None)


def test_numbers_and_transcripts_are_personal(begin: Begin) -> None:
    given = call("1", "1", transcript=[{"text": NUMBER}], recording_url=f"https://x/{NUMBER}")
    sandbox, _ = begin(records={"conversations": phoned(1), "calls": [given]})
    with connect(sandbox.token, base_url=sandbox.base_url, privacy="masked") as masked:
        assert NUMBER not in masked.calls("1").to_csv()
        assert masked.calls("1")["phone"][0].startswith("phone-")
    with connect(sandbox.token, base_url=sandbox.base_url, privacy="none") as none:
        assert values(none.calls("1"), "phone") == values(none.calls("1"), "transcript") == [None]


def test_calls_are_the_same_under_either_preset_of_behaviours(begin: Begin) -> None:
    sandbox, ws = begin(records={"conversations": phoned(30), "calls": [call(str(n), str(n)) for n in range(1, 31)]})
    query = "select k.id from conversations c join calls k on k.conversation_id = c.id order by 1"
    found = [ws.sql(query, fresh="refetch")["id"].tolist()]
    sandbox.behaves("measured")
    found.append(ws.sql(query, fresh="refetch")["id"].tolist())
    assert found[0] == found[1] == sorted(str(number) for number in range(1, 31))
