"""The tables of the help center: `articles`, `article_statistics` and `collections`."""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Key, Listing, Paging, Table

_STATISTICS = (
    Column("views", Kind.INTEGER, "how often it was viewed", "statistics.views"),
    # UNCONFIRMED [article-key]: which of the two keys the statistics have, so both are read.
    Column(
        "conversations",
        Kind.INTEGER,
        "conversations that readers started from it",
        "statistics.conversations",
        alias="conversions",
    ),
    Column("reactions", Kind.INTEGER, "reactions of readers", "statistics.reactions"),
    *(
        Column(name, Kind.NUMBER, f"share of {name.partition('_')[0]} reactions, %", f"statistics.{name}")
        for name in ("happy_reaction_percentage", "neutral_reaction_percentage", "sad_reaction_percentage")
    ),
    Column("fin_involvements", Kind.INTEGER, "conversations in which Fin used it", "statistics.fin_involvements"),
    Column("fin_resolutions", Kind.INTEGER, "conversations that Fin resolved with it", "statistics.fin_resolutions"),
    Column(
        "fin_resolution_rate",
        Kind.NUMBER,
        "share that Fin resolved of those in which it used it, %",
        "statistics.fin_resolution_rate",
    ),
)

ARTICLES = Table(
    name="articles",
    row="one article of the help center, drafts too",
    key="id",
    changed="updated_at",
    order="updated_at desc, id",
    listing=Listing("/articles", "data", Paging.NUMBER, 100),
    main=("id", "title", "state", "url", "author_id", "collection_ids", "updated_at"),
    included=tuple(column.name for column in _STATISTICS),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("title", Kind.TEXT, "title"),
        Column("description", Kind.TEXT, "description"),
        Column("body", Kind.TEXT, "the text, HTML; missing if it is empty", body=True),
        Column("state", Kind.TEXT, "published or draft", values=("published", "draft")),
        Column("url", Kind.TEXT, "address for readers; missing for drafts"),
        Column("collection_ids", Kind.TEXTS, "ids of the collections that it is in", "parent_ids[]"),
        Column("author_id", Kind.ID, "id of the admin who is shown as its author", names=("admins",)),
        Column("created_by_id", Kind.ID, "id of the admin who created it", names=("admins",)),
        Column("updated_by_id", Kind.ID, "id of the admin who changed it last", names=("admins",)),
        Column("created_at", Kind.TIME, "when it was created"),
        Column("updated_at", Kind.TIME, "when it last changed"),
        Column("has_unpublished_changes", Kind.BOOLEAN, "it has a newer draft"),
        Column("draft_updated_at", Kind.TIME, "when that draft last changed"),
        Column("scheduled_publish_at", Kind.TIME, "when it will be published"),
        Column("scheduled_unpublish_at", Kind.TIME, "when it will be withdrawn"),
        Column("help_center_audience", Kind.TEXT, "who can read it: everyone, all_users, restricted …"),
        Column("ai_chatbot_availability", Kind.BOOLEAN, "Fin may use it"),
        Column("ai_copilot_availability", Kind.BOOLEAN, "Copilot may use it"),
        Column("ai_sales_agent_availability", Kind.BOOLEAN, "the sales agent may use it"),
        Column("exclude_from_article_suggestions", Kind.BOOLEAN, "it is not suggested to readers"),
        Column("tag_ids", Kind.TEXTS, "ids of its tags", "tags.tags[].id"),
        Column("default_locale", Kind.TEXT, "language of title and body, such as en"),
        Column("translated_content", Kind.JSON, "other languages: title, body, state and url by locale, a JSON object"),
    ),
)

ARTICLE_STATISTICS = Table(
    name="article_statistics",
    row="the statistics of one article, over its lifetime",
    pair=("article_id",),
    order="article_id",
    keys=(Key("article_id", "article", every="articles"),),
    example="articles a join article_statistics s on s.article_id = a.id where a.state = 'published'",
    listing=Listing("/articles/{id}", "", Paging.WHOLE),
    notes=("Statistics of articles are totals of their lifetime, without dates.",),
    columns=(Column("article_id", Kind.ID, "Intercom's id of the article", "id"), *_STATISTICS),
)

COLLECTIONS = Table(
    name="collections",
    row="one collection of articles, empty ones too",
    key="id",
    changed="updated_at",
    order="name, id",
    listing=Listing("/help_center/collections", "data", Paging.NUMBER, 20),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("name", Kind.TEXT, "name"),
        Column("description", Kind.TEXT, "description"),
        Column("url", Kind.TEXT, "address for readers"),
        Column("position", Kind.INTEGER, "place among its neighbours", "order"),
        Column("parent_id", Kind.ID, "id of the collection that it is part of"),
        Column("help_center_id", Kind.ID, "id of its help center"),
        Column("default_locale", Kind.TEXT, "language of name and description, such as en"),
        Column("created_at", Kind.TIME, "when it was created"),
        Column("updated_at", Kind.TIME, "when it last changed"),
    ),
)
