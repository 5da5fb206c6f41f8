"""The help center: articles with lifetime statistics, of which Fin's agree with the conversations."""

from collections import Counter
from typing import Any

import pytest

from .conftest import Client, Start


def articles(client: Client) -> list[Any]:
    page = client.get("/articles")
    rows = page["data"]
    while page["pages"]["next"]:
        page = client.http.get(page["pages"]["next"]).json()
        rows += page["data"]
    assert len(rows) == page["total_count"]
    return list(rows)


def test_articles_come_by_25_the_last_updated_first_without_statistics(client: Client) -> None:
    rows = articles(client)
    assert len(rows) > 25
    assert [row["updated_at"] for row in rows] == sorted((row["updated_at"] for row in rows), reverse=True)
    assert not any("statistics" in row for row in rows)
    assert len(client.get("/articles", per_page=100)["data"]) == len(rows)


def test_drafts_have_no_address_and_no_readers(client: Client) -> None:
    rows = articles(client)
    assert {row["state"] for row in rows} == {"published", "draft"}
    for row in rows:
        assert (row["url"] is None) == (row["state"] == "draft")
    draft = next(row for row in rows if row["state"] == "draft")
    assert client.get(f"/articles/{draft['id']}")["statistics"]["views"] == 0


def test_page_0_shows_the_first_page_and_is_followed_by_page_1(client: Client) -> None:
    zero, first = client.get("/articles", page=0), client.get("/articles", page=1)
    assert zero["data"] == first["data"]
    assert zero["pages"]["page"] == 0
    assert client.http.get(zero["pages"]["next"]).json()["data"] == first["data"]


def test_fins_part_in_the_statistics_is_that_of_the_conversations(client: Client) -> None:
    used: Counter[str] = Counter()
    resolved: Counter[str] = Counter()
    for row in client.all("/conversations", "conversations"):
        if row["ai_agent"]:
            source = row["ai_agent"]["content_sources"]["content_sources"][0]
            used[source["url"]] += 1
            resolved[source["url"]] += "resolution" in (row["ai_agent"]["resolution_state"] or "")
    rows = [row for row in articles(client) if row["url"]]
    assert set(used) <= {row["url"] for row in rows}
    for row in rows:
        statistics = client.get(f"/articles/{row['id']}")["statistics"]
        assert statistics["fin_involvements"] == used[row["url"]]
        assert statistics["fin_resolutions"] == resolved[row["url"]]
        assert statistics["views"] >= statistics["reactions"] + statistics["fin_involvements"]


@pytest.mark.parametrize("key", ["conversations", "conversions"])
def test_the_statistics_have_one_of_two_keys(start: Start, key: str) -> None:
    _, client = start(behaves=f"article-key={key}")
    statistics = client.get(f"/articles/{articles(client)[0]['id']}")["statistics"]
    assert {"conversations", "conversions"} & set(statistics) == {key}


def test_an_article_names_its_parent_in_older_versions(start: Start) -> None:
    _, client = start()
    article = articles(client)[0]
    _, older = start(headers={"Intercom-Version": "2.11"})
    shown = older.get(f"/articles/{article['id']}")
    assert (shown["parent_id"], shown["parent_type"]) == (article["parent_ids"][0], "collection")
    assert not {"tags", "body_markdown", "help_center_audience"} & set(shown)
    assert "fin_involvements" not in shown["statistics"]


def test_collections_hold_the_articles_and_one_is_empty(client: Client) -> None:
    collections = client.get("/help_center/collections")["data"]
    parents = {str(parent) for row in articles(client) for parent in row["parent_ids"]}
    ids = {collection["id"] for collection in collections}
    assert parents < ids
    assert any(collection["parent_id"] in ids for collection in collections)
    center = client.get("/help_center/help_centers")["data"][0]
    assert {collection["help_center_id"] for collection in collections} == {int(center["id"]), None}
    assert client.get(f"/help_center/collections/{collections[0]['id']}") == collections[0]


def test_articles_can_be_given_with_statistics(start: Start) -> None:
    given = {"id": "1", "title": "A", "updated_at": 3, "statistics": {"views": 9}}
    _, client = start(records={"articles": [given]})
    assert client.get("/articles/1") == given
    assert client.get("/articles")["data"] == [{"id": "1", "title": "A", "updated_at": 3}]
    assert client.refused("/articles/2") == (404, "not_found")
