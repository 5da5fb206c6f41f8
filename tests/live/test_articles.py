"""Articles of the help center with their statistics, and the collections that hold them."""

from typing import Any

import httpx
import pandas as pd
import pytest

from intercom_kit import BadQueryError, ScopeMissingError, Workspace
from intercom_kit.frames.frame import Frame
from intercom_kit.tables import ARTICLES, COLLECTIONS

from ..conftest import Begin
from .truth import Record, Truth, ids, moments, told, values

STATISTICS = list(ARTICLES.included)
NOTE = "Statistics of articles are totals of their lifetime, without dates."


@pytest.fixture(scope="module")
def records(truth: Truth) -> list[Record]:
    """Every article, the last changed first."""
    found: list[Record] = truth.get("/articles", per_page=100)["data"]
    return sorted(found, key=lambda record: (-record["updated_at"], record["id"]))


@pytest.fixture(scope="module")
def measured(truth: Truth, records: list[Record]) -> dict[str, Record]:
    """The statistics of every article, asked for one by one."""
    return {record["id"]: truth.get(f"/articles/{record['id']}")["statistics"] for record in records}


@pytest.fixture(scope="module")
def frame(ws: Workspace) -> Frame:
    return ws.articles()


@pytest.fixture(scope="module")
def full(ws: Workspace) -> Frame:
    return ws.articles(statistics=True)


def test_articles_are_all_there_the_last_changed_first(frame: Frame, records: list[Record]) -> None:
    assert list(frame["id"]) == ids(records)
    assert list(frame.columns) == [column.name for column in ARTICLES.columns]
    account = told(frame)
    assert (account["complete"], account["total"], account["requests"], account["misfits"]) == (True, 47, 1, {})


def test_an_articles_values_are_those_that_intercom_holds(frame: Frame, records: list[Record]) -> None:
    for column in ("title", "description", "body", "state", "url", "ai_chatbot_availability", "help_center_audience"):
        assert values(frame, column) == [record[column] for record in records], column
    for column in ("created_at", "updated_at", "draft_updated_at"):
        assert moments(frame, column) == [record[column] for record in records], column
    for column in ("author_id", "created_by_id", "updated_by_id"):
        assert values(frame, column) == [str(record[column]) for record in records], column
    assert values(frame, "collection_ids") == [list(map(str, record["parent_ids"])) for record in records]


def test_statistics_are_added_on_request(full: Frame, frame: Frame, measured: dict[str, Record]) -> None:
    assert list(full.columns) == [*frame.columns, *STATISTICS]
    pd.testing.assert_frame_equal(pd.DataFrame(full[frame.columns]), pd.DataFrame(frame), check_flags=False)
    for column in STATISTICS:
        assert values(full, column) == [measured[id_][column] for id_ in full["id"]], column
    assert full["views"].sum() > full["fin_involvements"].sum() > 0


def test_statistics_cost_one_request_per_article_and_have_no_dates(begin: Begin) -> None:
    sandbox, ws = begin()
    sandbox.requests.clear()
    full = ws.articles(statistics=True)
    assert sandbox.requests.total() == told(full)["requests"] == 1 + len(full)
    assert told(full)["notes"] == [NOTE]


def test_page_0_is_never_requested(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    _, ws = begin(records={"articles": [{"id": str(each), "updated_at": each + 1} for each in range(240)]})
    asked: list[httpx.URL] = []
    send = httpx.AsyncClient.send

    async def noted(client: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        asked.append(request.url)
        return await send(client, request, **options)

    monkeypatch.setattr(httpx.AsyncClient, "send", noted)
    frame = ws.articles()
    assert (len(frame), told(frame)["requests"], told(frame)["complete"]) == (240, 3, True)
    assert sorted(url.params["page"] for url in asked if url.path == "/articles") == ["1", "2", "3"]


def test_sql_joins_articles_with_their_statistics(ws: Workspace, full: Frame) -> None:
    joined = ws.sql("""
        select a.id, s.views from articles a join article_statistics s on s.article_id = a.id
        where a.state = 'published' order by s.views desc, a.id
    """)
    published = full[full["state"] == "published"].sort_values(["views", "id"], ascending=[False, True])
    assert list(joined["id"]) == list(published["id"])
    assert list(joined["views"]) == list(published["views"])
    assert told(joined)["requests"] == 1 + len(published)
    assert NOTE in told(joined)["notes"]


def test_statistics_of_given_articles_need_no_list(ws: Workspace, full: Frame) -> None:
    id_, views = full["id"][0], full["views"][0]
    found = ws.sql("select article_id, views from article_statistics where article_id = $id", {"id": id_})
    assert list(found.itertuples(index=False, name=None)) == [(id_, views)]
    assert told(found)["requests"] <= 1


def test_statistics_of_every_article_have_to_be_wanted(ws: Workspace) -> None:
    with pytest.raises(BadQueryError, match=r"s\.article_id = a\.id"):
        ws.sql("from article_statistics")
    plan = ws.plan("from article_statistics", whole=["article_statistics"])
    assert set(plan["table"]) == {"articles", "article_statistics"}


@pytest.mark.parametrize("key", ["conversations", "conversions"])
def test_conversations_are_read_under_either_key(begin: Begin, key: str, measured: dict[str, Record]) -> None:
    given = [{"id": id_, "title": "A", "statistics": each} for id_, each in measured.items()]
    _, ws = begin(records={"articles": given}, behaves=f"article-key={key}")
    full = ws.articles(statistics=True)
    assert values(full, "conversations") == [measured[id_]["conversations"] for id_ in full["id"]]
    assert full["conversations"].sum() > 0


def test_an_article_without_statistics_has_none(begin: Begin) -> None:
    _, ws = begin(records={"articles": [{"id": "1", "statistics": None}, {"id": "2", "statistics": {"views": 3}}]})
    full = ws.articles(statistics=True)
    assert dict(zip(full["id"], values(full, "views"), strict=True)) == {"1": None, "2": 3}
    assert told(full)["complete"]
    assert told(full)["misfits"] == {}


def test_an_article_whose_statistics_cannot_be_fetched_is_named(begin: Begin) -> None:
    _, ws = begin(records={"articles": [{"id": "1", "statistics": {"views": 3}}, {"id": "a/b"}]})  # no path has a/b
    full = ws.articles(statistics=True)
    assert values(full.sort_values("id"), "views") == [3, None]
    assert not told(full)["complete"]
    assert list(told(full)["failures"]) == ["a/b"]


def test_values_that_do_not_fit_are_counted_in_articles_and_statistics(begin: Begin) -> None:
    odd = {"views": "many", "conversions": 1.5, "reactions": 2}
    articles = [
        {"id": "1", "created_at": "long ago", "has_unpublished_changes": "perhaps", "parent_ids": 7, "statistics": odd},
        {"id": "2", "statistics": {"views": 1}},
    ]
    _, ws = begin(records={"articles": articles})
    full = ws.articles(statistics=True)
    in_articles = {"created_at": 1, "has_unpublished_changes": 1, "parent_ids": 1}
    assert told(full)["misfits"] == {**in_articles, "views": 1, "conversations": 1}
    assert values(full.sort_values("id"), "reactions") == [2, None]


def test_without_articles_the_frames_are_empty_and_have_their_types(
    begin: Begin, frame: Frame, full: Frame, ws: Workspace
) -> None:
    _, nothing = begin(records={})
    for empty, other in (
        (nothing.articles(), frame),
        (nothing.articles(statistics=True), full),
        (nothing.collections(), ws.collections()),
    ):
        assert (len(empty), told(empty)["complete"], told(empty)["requests"]) == (0, True, 1)
        pd.testing.assert_series_equal(empty.dtypes, other.dtypes)


def test_collections_are_all_there_by_name(ws: Workspace, truth: Truth) -> None:
    found = truth.get("/help_center/collections")["data"]
    held = sorted(found, key=lambda record: (record["name"], record["id"]))
    frame = ws.collections()
    assert list(frame.columns) == [column.name for column in COLLECTIONS.columns]
    for column in ("id", "name", "description", "url", "parent_id", "default_locale"):
        assert values(frame, column) == [record[column] for record in held], column
    assert values(frame, "position") == [record["order"] for record in held]
    centers = [record["help_center_id"] for record in held]
    assert values(frame, "help_center_id") == [None if each is None else str(each) for each in centers]
    assert (told(frame)["complete"], told(frame)["requests"], told(frame)["misfits"]) == (True, 1, {})


def test_sql_counts_the_articles_of_each_collection(ws: Workspace, records: list[Record]) -> None:
    counted = ws.sql("""
        select c.id, count(a.id) as n
        from collections c left join (select id, unnest(collection_ids) as collection_id from articles) a
            on a.collection_id = c.id
        group by all
    """)
    expected = dict.fromkeys(counted["id"], 0)
    for record in records:
        for parent in record["parent_ids"]:
            expected[str(parent)] += 1
    assert dict(zip(counted["id"], counted["n"], strict=True)) == expected
    assert 0 in expected.values()


def test_an_unknown_article_has_no_statistics(ws: Workspace) -> None:
    found = ws.sql("from article_statistics where article_id = '1'")
    assert found.empty
    assert any("Intercom does not know 1 of 1 articles" in note for note in told(found)["notes"])


def test_an_error_names_the_permission_that_articles_need(begin: Begin) -> None:
    _, ws = begin(missing_scopes=["read_articles"])
    for ask in (ws.articles, ws.collections, lambda: ws.sql("from articles")):
        with pytest.raises(ScopeMissingError, match="“Read and list articles”"):
            ask()
