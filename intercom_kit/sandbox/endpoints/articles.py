"""The endpoints of the help center: articles, collections and help centers."""

from collections.abc import Callable
from urllib.parse import urlencode

from intercom_kit.sandbox import versions
from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.errors import not_found

LISTED, COLLECTIONS, LIMIT = 25, 20, 150
SINCE_2_16 = (
    "body_markdown",
    "ai_chatbot_availability",
    "ai_copilot_availability",
    "ai_sales_agent_availability",
    "created_by_id",
    "updated_by_id",
    "has_unpublished_changes",
    "draft_updated_at",
    "exclude_from_article_suggestions",
    "help_center_audience",
    "scheduled_publish_at",
    "scheduled_unpublish_at",
)
FIN_SINCE_2_16 = ("fin_involvements", "fin_resolutions", "fin_resolution_rate")


def list_articles(call: Call) -> Record:
    """Return a page of articles, the last updated first; statistics come with single articles only."""
    return _page(call, "articles", LISTED, _article)


def show_article(call: Call) -> Record:
    """Return one article with its statistics, which are totals of its lifetime."""
    article = call.workspace.simple["articles"].get(call.path["id"])
    if article is None:
        raise not_found("Article not found")
    statistics = article.get("statistics") or call.workspace.article_statistics.get(str(article["id"]))
    return {**_article(call, article), "statistics": _statistics(call, statistics)}


def _article(call: Call, article: Record) -> Record:
    """Return an article as in a version: before 2.16 it named its parent, too."""
    article = versions.without(article, ("statistics",))
    if call.version < (2, 13):
        article = versions.without(article, ("tags",))
    if call.version < (2, 16):
        parents = article.get("parent_ids") or [None]
        parent = {"parent_id": parents[0], "parent_type": "collection" if parents[0] else None}
        article = {**versions.without(article, SINCE_2_16), **parent}
    return article


def _statistics(call: Call, statistics: Record | None) -> Record | None:
    """Return the statistics with one key of two (UNCONFIRMED [article-key])."""
    if statistics is None:
        return None
    shown = statistics if call.version >= (2, 16) else versions.without(statistics, FIN_SINCE_2_16)
    key = call.behaviours.of("article-key")
    return {key if name == "conversations" else name: value for name, value in shown.items()}


def list_collections(call: Call) -> Record:
    return _page(call, "collections", COLLECTIONS, lambda _, collection: collection)


def show_collection(call: Call) -> Record:
    collection = call.workspace.simple["collections"].get(call.path["id"])
    if collection is None:
        raise not_found()
    return collection


def list_help_centers(call: Call) -> Record:
    return {"type": "list", "data": list(call.workspace.simple["help_centers"].records())}


def _page(call: Call, kind: str, default: int, render: Callable[[Call, Record], Record]) -> Record:
    """Return a page; recorded: page 0 exists, shows the first page, and is followed by page 1."""
    records = sorted(call.workspace.simple[kind].records(), key=lambda record: -(record.get("updated_at") or 0))
    if call.query.get("page") == "0":
        query = {**call.query, "page": "1"}
        size = min(int(call.query.get("per_page", default)), LIMIT)
        following = f"{call.address}?{urlencode({**query, 'per_page': size})}"
        total_pages = -(-len(records) // size)
        pages: Record = {"type": "pages", "next": following, "page": 0, "per_page": size, "total_pages": total_pages}
        rows = slice(0, size)
    else:
        rows, pages = call.numbered_page(len(records), default, LIMIT)
    data = [render(call, record) for record in records[rows]]
    return {"type": "list", "data": data, "total_count": len(records), "pages": pages}
