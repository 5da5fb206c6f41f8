"""Segments of contacts are asked for by contact or by segment, whichever takes fewer requests."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import intercom_kit as ik
from intercom_kit import sandbox
from intercom_kit.api.heads import Page
from intercom_kit.fetch import by_key
from intercom_kit.paging.pages import walk
from intercom_kit.sandbox import Sandbox
from tests.sql.test_fuzz import mismatch
from tests.sql.whole import Whole, difference, rows_of

BY_CONTACT, BY_SEGMENT, LIST = "GET /contacts/{id}/segments", "POST /contacts/search", "GET /segments"
JOINED = (
    "select k.id, s.name, cs.segment_name from contacts k join contact_segments cs on cs.contact_id = k.id "
    "join segments s on s.id = cs.segment_id"
)


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with sandbox.serve(conversations=200, contacts=400, companies=60, seed=5, rate_limit=100_000) as running:
        yield running


@pytest.fixture
def ws(served: Sandbox) -> Iterator[ik.Workspace]:
    with ik.connect(served.token, base_url=served.base_url) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def whole(served: Sandbox) -> Iterator[Whole]:
    with ik.connect(served.token, base_url=served.base_url) as workspace:
        yield Whole(workspace)


def test_of_many_contacts_segments_are_searched_for_their_members(
    served: Sandbox, ws: ik.Workspace, whole: Whole
) -> None:
    segments = ws.segments(include_count=True)
    pages = sum(max(1, -(-int(count) // 150)) for count in segments["count"])
    assert pages < 100
    before = served.requests.copy()
    assert not mismatch(ws, whole, JOINED, "live")
    made = served.requests - before
    assert made[BY_CONTACT] == 0
    assert made[LIST] == 2  # with counts, and for the names
    assert made[BY_SEGMENT] <= pages + 8  # and the contacts themselves


def test_of_few_contacts_segments_are_asked_for_by_contact(served: Sandbox, ws: ik.Workspace, whole: Whole) -> None:
    two = ws.contacts(limit=2)["id"].tolist()
    before = served.requests.copy()
    assert not mismatch(ws, whole, f"{JOINED} where k.id in ('{two[0]}', '{two[1]}')", "live")
    made = served.requests - before
    assert (made[BY_CONTACT], made[LIST]) == (2, 1)


def test_the_members_of_one_segment_are_found_by_its_id_or_its_name(
    served: Sandbox, ws: ik.Workspace, whole: Whole
) -> None:
    segment = ws.segments().iloc[0]
    before = served.requests.copy()
    assert not mismatch(ws, whole, f"select * from contact_segments where segment_id = '{segment['id']}'", "live")
    assert not mismatch(ws, whole, f"{JOINED} where s.name = '{segment['name']}'", "live")
    assert (served.requests - before)[BY_CONTACT] == 0


def test_members_that_did_not_come_are_told_and_asked_for_again(
    served: Sandbox, ws: ik.Workspace, whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def first_pages(*given: Any, **named: Any) -> AsyncIterator[Page]:
        async for page in walk(*given, **named):
            yield page
            return

    query = "select s.name, cs.contact_id from segments s join contact_segments cs on cs.segment_id = s.id"
    with monkeypatch.context() as patched:
        patched.setattr(by_key, "walk", first_pages)
        told = ws.sql(query).attrs["intercom"]
    assert not told["complete"]
    assert "members came" in told["why"]
    again = ws.sql(query, fresh="session")
    assert again.attrs["intercom"]["complete"]
    assert not difference(whole.rows(query), rows_of(again))


def test_a_metric_by_segment_does_not_ask_contact_by_contact(served: Sandbox, ws: ik.Workspace) -> None:
    before = served.requests.copy()
    frame = ws.metric("segment_comparison", since="30d")
    assert (served.requests - before)[BY_CONTACT] == 0
    counts = ws.contacts(include="segments")["segment_names"].explode().value_counts()
    assert dict(zip(frame["segment"], frame["n"], strict=True)).items() >= counts.to_dict().items()


def test_more_members_than_may_be_asked_for_are_refused_beforehand(ws: ik.Workspace) -> None:
    with pytest.raises(ValueError, match=r"contact_segments of \d+ different segment_id"):
        ws.sql(JOINED, max_requests=5)
