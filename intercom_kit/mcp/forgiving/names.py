"""Other names for arguments and filters, as assistants write them."""

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intercom_kit.tables import Column

_SINCE = ("start", "start_date", "start_time", "from", "from_date", "date_from", "after", "created_after")
_UNTIL = ("end", "end_date", "end_time", "to", "to_date", "date_to")
_TEXT = ("query", "q", "search", "search_text", "search_query", "keyword", "keywords", "words", "term", "phrase")
_LIMIT = ("page_size", "per_page", "max_results", "max_rows", "count", "top")
_BY = ("group_by", "groupby", "group", "groups", "dimension", "dimensions", "breakdown")

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
    **dict.fromkeys(("interval", "granularity", "frequency"), "period"),
    **dict.fromkeys(("comparison", "compare_to"), "compare"),
    "table_name": "table",
    "with_count": "include_count",
}

# What else it may be called in one tool.
_OWN: Mapping[str, Mapping[str, str]] = {
    "intercom_query": dict.fromkeys(("query", "q", "statement", "sql_query"), "sql"),
    "intercom_search_conversations": dict.fromkeys(_TEXT, "text"),
    "intercom_metric": dict.fromkeys(("metric", "metric_name"), "name"),
    "intercom_describe": {"metric_name": "metric"},
    "intercom_list_companies": dict.fromkeys((*_TEXT, "text", "company", "company_name"), "name"),
    "intercom_get_company_by_id": {"company": "name", "company_name": "name", "url": "id"},
    "intercom_list_attach_contacts_to_company": dict.fromkeys(("id", "company", "url"), "company_id"),
    "intercom_get_contact_by_id": {"contact_id": "id", "contact": "id", "url": "id", "user_id": "external_id"},
    "intercom_get_conversation_by_id": dict.fromkeys(("conversation_id", "conversation", "ticket_id", "url"), "id"),
    "intercom_list_events": dict.fromkeys(
        ("contact_id", "contact", "intercom_user_id", "id", "external_id", "email", "user", "url"), "user_id"
    ),
}

# What else a filter may be called, where a tool has it.
_FILTERS: Mapping[str, str] = {
    "status": "state",
    "team_id": "team_assignee_id",
    "admin_id": "admin_assignee_id",
    "assignee_id": "admin_assignee_id",
    "user_id": "contact_id",
}

# What else a group of a metric may be called.
GROUPS: Mapping[str, str] = dict.fromkeys(("agent", "admin", "assignee"), "teammate")

# Arguments that name both ends of a span at once.
SPANS = frozenset({"during", "last", "days", "timeframe", "time_range", "date_range"})

# The filters that bound a column as an operator does; of times, only their beginning, since an end includes its day.
BOUNDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("gte", ">=", "min", "from", "since"), ("min", "since")),
    **dict.fromkeys(("lte", "<=", "max"), ("max",)),
}

# Arguments of the verbs behind the tools that are no filters.
NO_FILTERS = frozenset({"expand", "include", "limit", "fresh", "lake", "max_requests", "by", "period", "compare"})

# What changes nothing where a tool does not take it: such tools return everything at once.
NEEDLESS = frozenset({"limit", "response_format", "fields", "cursor"})


def meant(name: str, takes: Collection[str], tool: str) -> str | None:
    """Return the argument that a name stands for among those that a tool takes; None if it is none of them."""
    plain = snake(name)
    others = (_OWN.get(tool, {}).get(plain), _EVERYWHERE.get(plain))
    return next((each for each in (name, plain, *others) if each in takes), None)


def filter_meant(name: str, tool: str) -> str | None:
    """Return the filter that a name stands for among those that a tool knows; None if it is none of them."""
    known, plain = filters(tool), snake(name)
    return next((each for each in (name, plain, _FILTERS.get(plain), GROUPS.get(plain)) if each in known), None)


def snake(name: str) -> str:
    """Return a name in lower case with underscores: groupBy, group-by and "Group by" as group_by."""
    return re.sub(r"[\s-]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())).lower()


@cache
def filters(tool: str) -> "Mapping[str, Column | None]":
    """Return what a tool filters by, by name, with the column that each compares, where it is one of a table."""
    if tool == "intercom_metric":
        return dict.fromkeys(_of_metrics())
    from intercom_kit.tables import CONTACTS, CONVERSATIONS
    from intercom_kit.tables.filters import filters_of

    conversations = dict.fromkeys(("intercom_list_conversations", "intercom_search_conversations"), CONVERSATIONS)
    table = (conversations | {"intercom_list_all_contacts": CONTACTS}).get(tool)
    if table is None:
        return {}
    searched = {name: column for column in table.columns if column.search for name in filters_of(column)}
    return {**dict.fromkeys((*table.search_only, "during", "timezone")), **searched}


def _of_metrics() -> frozenset[str]:
    from intercom_kit.metrics import METRICS

    groups = (name for metric in METRICS.values() for name in metric.subject.dimensions)
    options = (name for metric in METRICS.values() for name in metric.options)
    return frozenset({*groups, *options, "state", "role", "during", "timezone"})
