"""What is named is answered whole; of what is not named the newest 500 come, which nobody takes for all unawares."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import intercom_kit as ik
from intercom_kit.errors import BadQueryError, CutShortWarning
from intercom_kit.frames.frame import Frame
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.verbs import newest
from tests.conftest import NOW

ROWS = 620


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A workspace with more conversations than a list shows of itself, one each hour, all about a refund."""
    talks = [
        {
            "type": "conversation",
            "id": str(number),
            "created_at": NOW - number * 3600,
            "updated_at": NOW - number * 3600,
            "state": "open",
            "tags": {"type": "tag.list", "tags": [{"type": "tag", "id": "7", "name": "bug"}]},
            "source": {"type": "conversation", "body": "<p>a refund</p>"},
        }
        for number in range(1, ROWS + 1)
    ]
    with serve(records={"conversations": talks}, now=NOW) as served:
        yield served


@pytest.fixture
def ws(sandbox: Sandbox) -> Iterator[ik.Workspace]:
    with ik.connect(sandbox.token, base_url=sandbox.base_url) as workspace:
        yield workspace


WHOLE: dict[str, Callable[..., Frame]] = {
    "a span": lambda ws, **more: ws.conversations(since="2026-01-01", **more),
    "a filter that DuckDB computes": lambda ws, **more: ws.conversations(state="open", **more),
    "a filter that only the search computes": lambda ws, **more: ws.conversations(tag_ids="7", **more),
    "words": lambda ws, **more: ws.search_conversations("refund", **more),
    "what is included": lambda ws, **more: ws.conversations(state="open", include="scorecards", **more),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_named_is_answered_whole(ws: ik.Workspace, name: str) -> None:
    frame = WHOLE[name](ws)
    assert len(frame) == ROWS
    assert frame.attrs["intercom"]["complete"] or name == "what is included"


@pytest.mark.parametrize("name", WHOLE)
def test_more_requests_than_are_allowed_are_refused_with_what_it_takes(
    sandbox: Sandbox, ws: ik.Workspace, name: str
) -> None:
    before = sandbox.requests.total()
    with pytest.raises(BadQueryError, match=r"5 .*620 conversations.* but max_requests=2: .*limit=500"):
        WHOLE[name](ws, max_requests=2)
    assert sandbox.requests.total() - before <= 5  # the identity, how the search behaves, and the first page


def test_who_wants_all_is_not_refused(ws: ik.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "MOST_REQUESTS", 2)
    assert len(ws.conversations(None)) == len(ws.conversations(None, tag_ids="7")) == ROWS
    with pytest.raises(BadQueryError, match="but max_requests=2"):
        ws.conversations(tag_ids="7")


def test_a_limit_is_what_was_asked_for(ws: ik.Workspace) -> None:
    assert len(ws.conversations(30, state="open")) == 30
    assert len(ws.conversations(None)) == ROWS


def test_of_a_bare_list_the_newest_500_come_and_its_receipt_says_so(ws: ik.Workspace) -> None:
    frame = ws.conversations()
    assert "500 rows of 620 · not complete: limit=500" in frame.receipt
    assert frame["id"].tolist() == [str(number) for number in range(1, 501)]


def computing(frame: Frame) -> list[Any]:
    """Compute with a frame twice on one line, and return what was warned of."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for _ in range(2):
            frame[frame["state"] == "open"].groupby("state").size()
    return warned


def test_who_computes_with_a_list_that_is_cut_short_is_warned_once(ws: ik.Workspace) -> None:
    (warned,) = computing(ws.conversations())
    assert warned.category is CutShortWarning
    assert str(warned.message).startswith("These are the newest 500 conversations of 620: name what you mean")
    assert warned.filename == __file__


@pytest.mark.parametrize("look", [repr, lambda frame: frame._repr_html_(), lambda frame: frame.receipt])
def test_who_has_looked_is_not_warned(ws: ik.Workspace, look: Callable[[Frame], str]) -> None:
    frame = ws.conversations()
    assert "limit=500" in look(frame)
    assert computing(frame) == []


def test_who_said_how_many_is_not_warned(ws: ik.Workspace) -> None:
    assert computing(ws.conversations(500)) == []
    assert computing(ws.conversations(state="open")) == []
