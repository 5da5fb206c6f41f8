"""What analysts ask an assistant: the calls that answer it, at most two, and the SQL over raw records that knows it.

A later call may name a cell of the first row before, as "{id}". `read` says where the answer stands: in the first cell,
in the pairs of two columns, in one column, in the number of rows of all pages, or in `about`.
"""

from dataclasses import dataclass
from typing import Any

Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Question:
    """A question with its calls, and the SQL over the raw records that answers it, too."""

    text: str
    calls: tuple[Call, ...]
    sql: str
    read: str = "cell"


def query(text: str, sql: str, raw: str, read: str = "cell") -> Question:
    """Return a question that one query answers."""
    return Question(text, (("query", {"sql": sql}),), raw, read)


_REFUND = "lower(source.body || ' ' || coalesce(source.subject, '')) like '%refund%'"
_INVOICE = _REFUND.replace("refund", "invoice")
_OCTOBER = "created_at >= epoch(timestamptz '2026-10-01 00:00:00 Europe/Dublin') and created_at < epoch(timestamptz "
_OCTOBER += "'2026-11-01 00:00:00 Europe/Dublin')"
_ACME = "(select id from companies where name = 'Acme Corp')"
_WRITER = "select contacts.contacts[1].id from conversations order by created_at, id limit 1"
_SPAN = {"since": "2026-10-01", "until": "2026-10-31"}
_METRIC: dict[str, Any] = {"name": "conversations", "definition": "calendar", **_SPAN}
_DOMAINS = (
    "select split_part(email, '@', 2), count(*) from contacts where email <> '' group by 1 order by 2 desc, 1 limit 5"
)
_TOPIC = "custom_attributes.Topic"
_TOPICS = f"select {_TOPIC}, count(*) from conversations where {_TOPIC} is not null group by 1"

QUESTIONS = (
    query("How many contacts are there?", "select count(*) from contacts", "select count(*) from contacts"),
    query(
        "How many users and leads?",
        "select role, count(*) from contacts group by 1",
        "select role, count(*) from contacts group by 1",
        "pairs",
    ),
    query(
        "How many conversations are open?",
        "select count(*) from conversations where state = 'open'",
        "select count(*) from conversations where state = 'open'",
    ),
    query(
        "How many conversations are in each state?",
        "select state, count(*) from conversations group by 1",
        "select state, count(*) from conversations group by 1",
        "pairs",
    ),
    query(
        "By which channels do customers write?",
        "select source_type, count(*) from conversations group by 1",
        "select source.type, count(*) from conversations group by 1",
        "pairs",
    ),
    query(
        "How many conversations has each team?",
        "select t.name, count(*) from conversations c join teams t on t.id = c.team_assignee_id group by 1",
        "select t.name, count(*) from conversations c join teams t on t.id = c.team_assignee_id::varchar group by 1",
        "pairs",
    ),
    query(
        "How many conversations came in each month?",
        "select strftime(created_at, '%Y-%m'), count(*) from conversations group by 1",
        "select strftime(to_timestamp(created_at), '%Y-%m'), count(*) from conversations group by 1",
        "pairs",
    ),
    query(
        "On which weekdays do customers write?",
        "select dayname(created_at), count(*) from conversations group by 1",
        "select dayname(to_timestamp(created_at)), count(*) from conversations group by 1",
        "pairs",
    ),
    query(
        "At which hours of the day do customers write?",
        "select hour(created_at), count(*) from conversations group by 1",
        "select hour(to_timestamp(created_at)), count(*) from conversations group by 1",
        "pairs",
    ),
    query(
        "What is the median time to the first reply?",
        "select median(time_to_admin_reply) from conversations",
        "select median(statistics.time_to_admin_reply) from conversations",
    ),
    query(
        "What is it in each team?",
        "select t.name, median(c.time_to_admin_reply) from conversations c join teams t on t.id = c.team_assignee_id "
        "where c.time_to_admin_reply is not null group by 1",
        "select t.name, median(statistics.time_to_admin_reply) from conversations c join teams t "
        "on t.id = c.team_assignee_id::varchar where statistics.time_to_admin_reply is not null group by 1",
        "pairs",
    ),
    query(
        "How long does it take to close a conversation, on average?",
        "select round(avg(time_to_last_close)) from conversations",
        "select round(avg(statistics.time_to_last_close)) from conversations",
    ),
    query(
        "Which conversation waited longest for its first reply?",
        "select id from conversations order by time_to_admin_reply desc nulls last, id limit 1",
        "select id from conversations where statistics.time_to_admin_reply is not null "
        "order by statistics.time_to_admin_reply desc, id limit 1",
    ),
    query(
        "What is the mean rating?",
        "select round(avg(rating), 3) from conversations",
        "select round(avg(conversation_rating.rating), 3) from conversations",
    ),
    query(
        "How are conversations rated?",
        "select rating, count(*) from conversations where rating is not null group by 1",
        "select conversation_rating.rating, count(*) from conversations where conversation_rating.rating is not null "
        "group by 1",
        "pairs",
    ),
    query(
        "Which share of conversations is rated?",
        "select round(count(rating) / count(*), 4) from conversations",
        "select round(count(conversation_rating.rating) / count(*), 4) from conversations",
    ),
    query(
        "How many conversations were reopened?",
        "select count(*) from conversations where count_reopens > 0",
        "select count(*) from conversations where statistics.count_reopens > 0",
    ),
    query(
        "How many conversations have more than ten parts?",
        "select count(*) from conversations where count_conversation_parts > 10",
        "select count(*) from conversations where statistics.count_conversation_parts > 10",
    ),
    query(
        "How often is each tag used?",
        "select tag_name, count(*) from conversation_tags group by 1",
        "select tag.name, count(*) from (select unnest(tags.tags) as tag from conversations) group by 1",
        "pairs",
    ),
    query(
        "How many conversations have priority?",
        "select count(*) from conversations where priority = 'high'",
        "select count(*) from conversations where priority in ('priority', 'high')",
    ),
    query(
        "How many conversations did Fin take part in?",
        "select count(*) from conversations where ai_agent_participated",
        "select count(*) from conversations where ai_agent_participated",
    ),
    query(
        "How many conversations has nobody?",
        "select count(*) from conversations where admin_assignee_id is null",
        "select count(*) from conversations where coalesce(admin_assignee_id, 0) = 0",
    ),
    query(
        "How many conversations has each teammate?",
        "select a.name, count(*) from conversations c join admins a on a.id = c.admin_assignee_id group by 1",
        "select a.name, count(*) from conversations c join admins a on a.id = c.admin_assignee_id::varchar group by 1",
        "pairs",
    ),
    query(
        "Who wrote the most conversations?",
        "select contact_id from conversations group by 1 order by count(*) desc, 1 limit 1",
        "select contacts.contacts[1].id from conversations group by 1 order by count(*) desc, 1 limit 1",
    ),
    query(
        "Which is the newest conversation?",
        "select id from conversations order by created_at desc, id desc limit 1",
        "select id from conversations order by created_at desc, id desc limit 1",
    ),
    query("How many companies are there?", "select count(*) from companies", "select count(*) from companies"),
    query(
        "Which companies pay the most?",
        "select name, monthly_spend from companies where monthly_spend > 0 order by 2 desc, 1 limit 10",
        "select name, monthly_spend from companies where monthly_spend > 0 order by 2 desc, 1 limit 10",
        "pairs",
    ),
    query(
        "What does each plan bring?",
        "select plan_name, sum(monthly_spend) from companies where plan_name <> '' group by 1",
        "select plan.name, sum(monthly_spend) from companies where plan.name <> '' group by 1",
        "pairs",
    ),
    query(
        "What do all companies pay together?",
        "select sum(monthly_spend) from companies",
        "select sum(monthly_spend) from companies",
    ),
    query(
        "In which industries are companies?",
        "select industry, count(*) from companies where industry <> '' group by 1",
        "select industry, count(*) from companies where industry <> '' group by 1",
        "pairs",
    ),
    query(
        "Which companies have been quiet since October?",
        "select name from companies where last_request_at < '2026-10-01' order by 1",
        "select name from companies where last_request_at < epoch(timestamptz '2026-10-01 00:00:00 UTC') order by 1",
        "column",
    ),
    query(
        "Which countries do contacts come from?",
        "select location_country, count(*) from contacts where location_country is not null group by 1",
        "select location.country, count(*) from contacts where location.country is not null group by 1",
        "pairs",
    ),
    query(
        "Which browsers do they use?",
        "select browser, count(*) from contacts where browser is not null group by 1",
        "select browser, count(*) from contacts where browser is not null group by 1",
        "pairs",
    ),
    query(
        "Which plans do contacts have?",
        "select custom_attributes.plan, count(*) from contacts where custom_attributes.plan is not null group by 1",
        "select custom_attributes.plan, count(*) from contacts where custom_attributes.plan is not null group by 1",
        "pairs",
    ),
    query(
        "How many contacts have no email address?",
        "select count(*) from contacts where email is null or email = ''",
        "select count(*) from contacts where coalesce(email, '') = ''",
    ),
    query(
        "Who has not been seen since September?",
        "select count(*) from contacts where last_seen_at < '2026-09-01'",
        "select count(*) from contacts where last_seen_at < epoch(timestamptz '2026-09-01 00:00:00 UTC')",
    ),
    query(
        "How many contacts signed up in each quarter?",
        "select year(signed_up_at) || '-Q' || quarter(signed_up_at), count(*) from contacts where signed_up_at is not "
        "null group by 1",
        "select year(day) || '-Q' || quarter(day), count(*) from "
        "(select to_timestamp(signed_up_at) as day from contacts) where day is not null group by 1",
        "pairs",
    ),
    query(
        "Which mail domains are the most frequent?",
        _DOMAINS,
        _DOMAINS,
        "pairs",
    ),
    query("How many teammates are there?", "select count(*) from admins", "select count(*) from admins"),
    query(
        "Which topics do conversations have?",
        _TOPICS,
        _TOPICS,
        "pairs",
    ),
    query(
        "How many conversations are there in each team and state?",
        "select t.name || ' ' || c.state, count(*) from conversations c join teams t "
        "on t.id = c.team_assignee_id group by 1",
        "select t.name || ' ' || c.state, count(*) from conversations c join teams t "
        "on t.id = c.team_assignee_id::varchar group by 1",
        "pairs",
    ),
    query(
        "How many conversations were touched in the last week of the data?",
        "select count(*) from conversations where updated_at >= '2026-11-16'",
        "select count(*) from conversations where updated_at >= epoch(timestamptz '2026-11-16 00:00:00 UTC')",
    ),
    Question(
        "Which conversations mention refunds?",
        (("search_conversations", {"text": "refund", "fields": ["id"], "limit": 200}),),
        f"select id from conversations where {_REFUND}",
        "column",
    ),
    Question(
        "Which conversations mention refunds, asked for in the plural?",
        (
            ("search_conversations", {"query": "refunds", "fields": ["id"]}),
            ("search_conversations", {"query": "refund", "fields": "id", "limit": "200"}),
        ),
        f"select id from conversations where {_REFUND}",
        "column",
    ),
    Question(
        "Which closed conversations mention invoices?",
        (("search_conversations", {"text": "invoice", "state": "closed", "fields": ["id"]}),),
        f"select id from conversations where state = 'closed' and {_INVOICE}",
        "column",
    ),
    Question(
        "Which conversations were rated 1 or 2?",
        (("search_conversations", {"filters": {"rating_max": 2}, "fields": ["id"], "limit": 200}),),
        "select id from conversations where conversation_rating.rating <= 2",
        "column",
    ),
    Question(
        "Which conversations came in October?",
        (("list_conversations", {"since": "2026-10", "until": "2026-10", "fields": ["id"], "limit": 200}),),
        f"select id from conversations where {_OCTOBER}",
        "column",
    ),
    Question(
        "Which snoozed conversations are there?",
        (("list_conversations", {"filters": {"state": "snoozed"}, "fields": ["id"]}),),
        "select id from conversations where state = 'snoozed'",
        "column",
    ),
    Question(
        "How many leads are there, by the list?",
        (("list_all_contacts", {"role": "lead", "fields": ["id"], "limit": 200}),),
        "select count(*) from contacts where role = 'lead'",
        "rows",
    ),
    Question(
        "What does Acme pay?",
        (("get_company_by_id", {"name": "Acme Corp", "fields": ["monthly_spend"]}),),
        "select monthly_spend from companies where name = 'Acme Corp'",
    ),
    Question(
        "Who works at Acme?",
        (
            ("list_companies", {"name": "acme corp", "fields": ["id"]}),
            ("list_attach_contacts_to_company", {"company_id": "{id}", "fields": ["id"]}),
        ),
        f"select id from contacts where list_contains([each.id for each in companies.data], {_ACME})",
        "column",
    ),
    Question(
        "What did the first writer write about?",
        (
            ("query", {"sql": "select contact_id from conversations order by created_at, id limit 1"}),
            ("search_conversations", {"filters": {"contact_id": "{contact_id}"}, "fields": ["id"], "limit": 200}),
        ),
        f"select id from conversations where contacts.contacts[1].id = ({_WRITER})",
        "column",
    ),
    Question(
        "Which external id has the contact of the newest conversation?",
        (
            ("query", {"sql": "select contact_id from conversations order by created_at desc, id desc limit 1"}),
            ("get_contact_by_id", {"contact_id": "{contact_id}", "fields": ["external_id"]}),
        ),
        "select k.external_id from conversations c join contacts k on k.id = c.contacts.contacts[1].id "
        "order by c.created_at desc, c.id desc limit 1",
    ),
    Question(
        "In which state is the newest conversation?",
        (
            ("query", {"sql": "select id from conversations order by created_at desc, id desc limit 1"}),
            ("get_conversation_by_id", {"conversation_id": "{id}"}),
        ),
        "select state from conversations order by created_at desc, id desc limit 1",
        "about state",
    ),
    Question("Which teams are there?", (("list_all_teams", {"limit": 50}),), "select name from teams", "name"),
    Question(
        "How large are the segments?",
        (("list_segments", {"include_count": "true"}),),
        'select name, "count" from segments',
        "name count",
    ),
    Question(
        "How many conversations does the metric count in October?",
        (("metric", _METRIC),),
        f"select count(*) from conversations where {_OCTOBER}",
        "value",
    ),
    Question(
        "How many does it count in each team?",
        (("metric", {**_METRIC, "group_by": "team", "filters": {"team": ["Billing", "Support"]}}),),
        "select t.name, count(*) from conversations c join teams t on t.id = c.team_assignee_id::varchar "
        f"where t.name in ('Billing', 'Support') and {_OCTOBER.replace('created_at', 'c.created_at')} group by 1",
        "team value",
    ),
    Question(
        "How many does it count by channel?",
        (("metric", {**_METRIC, "by": ["channel"]}),),
        f"select source.type, count(*) from conversations where {_OCTOBER} group by 1",
        "channel value",
    ),
    Question(
        "How many ratings are behind the satisfaction of October?",
        (
            ("metric", {"name": "csat", **_SPAN}),
            ("query", {"sql": "{behind}"}),
        ),
        f"select count(*) from conversations where conversation_rating.rating is not null and {_OCTOBER}",
        "rows",
    ),
    Question(
        "Which metrics are there about Fin?",
        (("describe", {}),),
        "select unnest(['fin_involvement', 'fin_resolution', 'fin_automation', 'fin_sources'])",
        "metrics fin",
    ),
    Question(
        "Which timezone has the workspace?",
        (("status", {}),),
        "select 'Europe/Dublin'",
        "about timezone",
    ),
)
