"""Other names for arguments and filters, as assistants write them."""

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intercom_kit.tables import Kind, Table

_SINCE = ("start", "start_date", "start_time", "from", "from_date", "date_from", "after", "created_after")
_UNTIL = ("end", "end_date", "end_time", "to", "to_date", "date_to")
_TEXT = (
    *("query", "q", "search", "search_text", "search_query", "search_term", "keyword", "keywords", "words", "term"),
    *("phrase", "body", "message", "content"),
)
_LIMIT = ("page_size", "per_page", "max_results", "max_rows", "count", "top")
_BY = ("group_by", "groupby", "group", "groups", "dimension", "dimensions", "breakdown", "split_by", "segment_by")

# What an argument may be called, whichever tool takes it.
_EVERYWHERE: Mapping[str, str] = {
    **dict.fromkeys((*_SINCE, "created_since"), "since"),
    **dict.fromkeys((*_UNTIL, "created_until"), "until"),
    **dict.fromkeys(_LIMIT, "limit"),
    **dict.fromkeys(_BY, "by"),
    **dict.fromkeys(("page_token", "next_cursor", "starting_after"), "cursor"),
    **dict.fromkeys(("columns", "select"), "fields"),
    **dict.fromkeys(("format", "detail"), "response_format"),
    **dict.fromkeys(("filter", "where"), "filters"),
    **dict.fromkeys(("interval", "granularity", "frequency", "bucket", "time_grain"), "period"),
    **dict.fromkeys(("comparison", "compare_to"), "compare"),
    "table_name": "table",
    "with_count": "include_count",
}

# What else it may be called in one tool.
_OWN: Mapping[str, Mapping[str, str]] = {
    "search": dict.fromkeys((*_TEXT, "text"), "query"),
    "intercom_query": dict.fromkeys(("query", "q", "statement", "sql_query"), "sql"),
    "intercom_search_conversations": dict.fromkeys(_TEXT, "text"),
    "intercom_metric": dict.fromkeys(("metric", "metric_name"), "name"),
    "intercom_describe": {"metric_name": "metric"},
    "intercom_list_companies": {
        **dict.fromkeys((*_TEXT, "text", "company", "company_name"), "name"),
        **dict.fromkeys(("tag", "tag_name"), "tag_id"),
        **dict.fromkeys(("segment", "segment_name"), "segment_id"),
    },
    "intercom_get_company_by_id": {"company": "name", "company_name": "name", "url": "id", "link": "id"},
    "intercom_list_attach_contacts_to_company": dict.fromkeys(
        ("id", "company", "url", "link", "name", "company_name"), "company_id"
    ),
    "intercom_get_contact_by_id": {
        **dict.fromkeys(("contact_id", "contact", "url", "link", "ids"), "id"),
        "user_id": "external_id",
    },
    "intercom_get_conversation_by_id": dict.fromkeys(
        ("conversation_id", "conversation", "ticket_id", "url", "link", "conversation_url", "conversation_ids", "ids"),
        "id",
    ),
    "intercom_list_events": dict.fromkeys(
        ("contact_id", "contact", "intercom_user_id", "id", "external_id", "email", "user", "url"), "user_id"
    ),
}

_TEAMS = ("team", "teams", "team_id", "team_name", "team_assignee")
_ADMINS = (
    "admin",
    "admin_id",
    "admin_assignee",
    "agent",
    "assignee",
    "assignee_id",
    "assigned_to",
    "teammate",
    "owner",
)
_TAGS = ("tag", "tags", "tag_id", "tag_ids", "tag_name", "tag_names")
_PEOPLE = ("user_id", "contact", "customer_id", "email", "contact_email", "customer_email", "user_email")

# What else a filter or group may be called: the first of these names that a tool knows.
_FILTERS: Mapping[str, tuple[str, ...]] = {
    "status": ("state",),
    **dict.fromkeys(_TEAMS, ("team_assignee_id", "team")),
    **dict.fromkeys(_ADMINS, ("admin_assignee_id", "teammate")),
    "owner": ("owner_id",),
    **dict.fromkeys(_TAGS, ("tag_ids", "tag_id", "tag")),
    **dict.fromkeys(("segment", "segments", "segment_id", "segment_name"), ("segment_id", "segment")),
    **dict.fromkeys(_PEOPLE, ("contact_id",)),
    **dict.fromkeys(("channel", "source", "channels"), ("source_type", "channel")),
    **dict.fromkeys(("csat", "conversation_rating"), ("rating",)),
    **dict.fromkeys(("country", "countries"), ("location_country", "country")),
    **dict.fromkeys(("companies", "company_name"), ("company",)),
    **dict.fromkeys(("plans", "plan_name"), ("plan",)),
}

# How conversations begin, as far as other words for it are certain; Intercom has others, too.
SOURCES = ("conversation", "email", "facebook", "instagram", "whatsapp", "sms", "phone_call", "twitter")

# Arguments that name both ends of a span at once.
SPANS = frozenset(
    {"during", "last", "days", "last_days", "timeframe", "time_range", "date_range", "lookback", "month", "date", "on"}
)

# The filters that bound a column as an operator does; of times no last day, which until includes and an operator not.
BOUNDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("gte", ">=", "min", "from", "since"), ("min", "since")),
    **dict.fromkeys(("gt", ">", "after"), ("min", "since")),
    **dict.fromkeys(("lte", "<=", "max"), ("max",)),
    **dict.fromkeys(("lt", "<", "before"), ("max", "until")),
}
EXCLUSIVE = {**dict.fromkeys(("gt", ">", "after"), 1), **dict.fromkeys(("lt", "<", "before"), -1)}

# Arguments of the verbs behind the tools that are no filters.
NO_FILTERS = frozenset({"expand", "include", "limit", "fresh", "lake", "max_requests", "by", "period", "compare"})

# What changes nothing where a tool does not take it: such tools return everything at once.
NEEDLESS = frozenset({"limit", "response_format", "fields", "cursor"})


_ORDER = "rows have one order, and intercom_query sorts by anything"
_PAGES = "pages follow by cursor, the next_cursor of an answer"
_COLUMNS = "intercom_query compares any column"
# What no tool, or only another one, can be told, by the names of arguments.
_ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("sort", "sort_by", "order", "order_by", "sort_order", "direction"), _ORDER),
    **dict.fromkeys(("page", "offset", "skip", "page_number"), _PAGES),
    **dict.fromkeys(("filters", "filter", "where", "plan", "industry", "domain", "phone"), _COLUMNS),
    **dict.fromkeys(("event_name", "event", "events", "event_type"), "intercom_query compares event_name in events"),
    **dict.fromkeys((*_TEXT, "text", "subject"), "intercom_search_conversations searches for words"),
    **dict.fromkeys(("replies", "include_replies"), "intercom_search_conversations searches later messages, too"),
    **dict.fromkeys(("since", "until"), "times are filters, as {'created_since': '30d'}"),
    **dict.fromkeys(("tz", "time_zone"), "a timezone is one of filters, as {'timezone': 'Europe/Dublin'}"),
    **dict.fromkeys(("aggregation", "agg", "percentile", "stat"), "intercom_query has quantile_cont and others"),
    **dict.fromkeys(("business_hours", "office_hours"), "these are a definition, as 'office'"),
    **dict.fromkeys(("params", "parameters"), "values stand in the SQL itself"),
}


def elsewhere(name: str, tool: str) -> str | None:
    """Return where what an unknown argument asks for is found; None if that is not known."""
    if snake(name) == "name" and tool == "intercom_get_contact_by_id":
        return "intercom_list_all_contacts(filters={'name': …}) finds contacts"
    return _ELSEWHERE.get(snake(name))


def meant(name: str, takes: Collection[str], tool: str) -> str | None:
    """Return the argument that a name stands for among those that a tool takes; None if it is none of them."""
    plain = snake(name)
    others = (_OWN.get(tool, {}).get(plain), _EVERYWHERE.get(plain))
    return next((each for each in (name, plain, *others) if each in takes), None)


def filter_meant(name: str, tool: str) -> str | None:
    """Return the filter that a name stands for among those that a tool knows; None if it is none of them."""
    known, plain = filters(tool), snake(name)
    names = (name, plain, *_FILTERS.get(plain, ()), searched(tool).get(plain, ""))
    return next((each for each in names if each in known), None)


def table_meant(name: str) -> str | None:
    """Return the table that a name stands for: in another case, with a schema before it, or one of its rows."""
    from intercom_kit.tables import TABLES

    last = name.rpartition(".")[2].strip().lower()
    return next((each for each in (last, f"{last}s", f"{last.removesuffix('y')}ies") if each in TABLES), None)


def snake(name: str) -> str:
    """Return a name in lower case with underscores: groupBy, group-by and "Group by" as group_by."""
    return re.sub(r"[\s-]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())).lower()


@cache
def filters(tool: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the filters of a tool, each with the schema of its values."""
    if tool == "intercom_metric":
        return _of_metrics()
    from intercom_kit.tables.filters import filters_of

    table = _table(tool)
    if table is None:
        return {}
    found: dict[str, Mapping[str, Any]] = {name: {} for name in (*table.search_only, "during", "timezone")}
    for column in table.columns:
        for name, comparison in filters_of(column).items() if column.search else ():
            found[name] = (
                {} if comparison in ("since", "until") else _schema(column.kind, _known(column.name, column.values))
            )
    return found


@cache
def searched(tool: str) -> Mapping[str, str]:
    """Return the columns that a tool filters by, by what Intercom's own search calls them."""
    table = _table(tool)
    columns = table.columns if table else ()
    return {column.search: column.name for column in columns if column.search and column.search != column.name}


def _table(tool: str) -> "Table | None":
    from intercom_kit.tables import CONTACTS, CONVERSATIONS

    conversations = dict.fromkeys(("intercom_list_conversations", "intercom_search_conversations"), CONVERSATIONS)
    return (conversations | {"intercom_list_all_contacts": CONTACTS}).get(tool)


def _known(name: str, values: Collection[str]) -> Collection[str]:
    return SOURCES if name in ("source_type", "channel") else values


def _schema(kind: "Kind | None", values: Collection[str]) -> Mapping[str, Any]:
    """Return the schema of a column's values as far as other forms of these are read."""
    from intercom_kit.tables import Kind

    types = {Kind.BOOLEAN: "boolean", Kind.INTEGER: "integer", Kind.NUMBER: "number"}
    return {"enum": list(values)} if values else {"type": types[kind]} if kind in types else {}


def _of_metrics() -> Mapping[str, Mapping[str, Any]]:
    from intercom_kit.metrics import METRICS
    from intercom_kit.tables import CONTACTS, CONVERSATIONS

    options: dict[str, Mapping[str, Any]] = {name: {} for metric in METRICS.values() for name in metric.options}
    groups = {
        name: _schema(each.kind, _known(name, each.values))
        for metric in METRICS.values()
        for name, each in metric.subject.dimensions.items()
    }
    states = {"state": {"enum": list(CONVERSATIONS.column("state").values)}}
    roles = {"role": {"enum": list(CONTACTS.column("role").values)}}
    return {"during": {}, "timezone": {}, **options, **groups, **states, **roles}
