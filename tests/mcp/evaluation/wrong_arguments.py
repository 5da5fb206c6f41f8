"""Plausible slips in arguments: what was sent, and either the plain arguments that are meant, or words of the answer.

Where plain arguments are given, the answer has to be theirs. A tuple of words is of a refusal, or of the note of an
answer without rows, which has to lead to the right call in one step.
"""

from typing import Any

Meant = dict[str, Any] | tuple[str, ...]

SEARCH, LIST, CONTACTS, CONTACT = "search_conversations", "list_conversations", "list_all_contacts", "get_contact_by_id"
COMPANIES, COMPANY, MEMBERS = "list_companies", "get_company_by_id", "list_attach_contacts_to_company"
EVENTS, CONVERSATION, METRIC, QUERY = "list_events", "get_conversation_by_id", "metric", "query"
SEGMENTS, TEAMS, DESCRIBE, STATUS = "list_segments", "list_all_teams", "describe", "status"

REFUND: dict[str, Any] = {"text": "refund"}
OPEN: dict[str, Any] = {"filters": {"state": "open"}}
COUNT: dict[str, Any] = {"sql": "select count(*) from conversations"}
OCTOBER = {"since": "2026-10-01", "until": "2026-10-31"}
VOLUME: dict[str, Any] = {"name": "conversations", **OCTOBER}
FUNNEL = {"name": "funnel", "steps": ["logged-in", "exported-report"], "since": "2026-11-01"}
# Of the first conversation, contact and company, which the test finds.
ID, USER, EXTERNAL, EMAIL, FIRM = "{id}", "{contact_id}", "{external_id}", "{email}", "{company_id}"

WRONG_ARGUMENTS: tuple[tuple[str, dict[str, Any], Meant], ...] = (
    # What strict modes send for everything that is optional.
    (SEARCH, {**REFUND, "since": None, "until": None, "filters": None, "limit": None, "cursor": None}, REFUND),
    (SEARCH, {**REFUND, "since": "", "until": "", "filters": "", "limit": "", "response_format": ""}, REFUND),
    (SEARCH, {**REFUND, "fields": None, "response_format": None}, REFUND),
    (LIST, {"since": None, "until": None, "filters": None, "fields": [], "limit": None}, {}),
    (QUERY, {**COUNT, "max_requests": None, "limit": None, "cursor": None, "fields": None}, COUNT),
    (METRIC, {**VOLUME, "by": None, "period": None, "definition": None, "steps": None, "max_requests": None}, VOLUME),
    (CONTACT, {"id": None, "external_id": EXTERNAL, "email": None, "fields": None}, {"external_id": EXTERNAL}),
    (CONTACT, {"id": "", "external_id": "", "email": EMAIL}, {"email": EMAIL}),
    (SEGMENTS, {"include_count": None, "cursor": None}, {}),
    (DESCRIBE, {"table": "teams", "metric": None, "examples": None}, {"table": "teams"}),
    (STATUS, {"check_permissions": None}, ("connected", "Europe/Dublin")),
    (CONVERSATION, {"id": ID, "addresses": None, "limit": None}, {"id": ID}),
    (LIST, {"filters": "null", "fields": "null", "limit": "null"}, {}),
    (SEARCH, {"text": "null"}, ("'null'", "another word")),
    # Types.
    (LIST, {"limit": "5"}, {"limit": 5}),
    (LIST, {"limit": 5.0}, {"limit": 5}),
    (LIST, {"limit": 1_000}, {"limit": 200}),
    (CONVERSATION, {"id": "{id:number}"}, {"id": ID}),
    (SEARCH, {"text": 2026}, {"text": "2026"}),
    (SEARCH, {"text": ["refund"]}, REFUND),
    (LIST, {"fields": "id"}, {"fields": ["id"]}),
    (LIST, {"fields": "id, state"}, {"fields": ["id", "state"]}),
    (LIST, {"fields": '["id", "state"]'}, {"fields": ["id", "state"]}),
    (LIST, {"filters": '{"state": "open"}'}, OPEN),
    (LIST, {"filters": "state=open"}, OPEN),
    (LIST, {"filters": [{"field": "state", "operator": "=", "value": "open"}]}, OPEN),
    (SEGMENTS, {"include_count": "true"}, {"include_count": True}),
    (SEGMENTS, {"include_count": 1}, {"include_count": True}),
    (METRIC, {**VOLUME, "by": "team"}, {**VOLUME, "by": ["team"]}),
    (METRIC, {**VOLUME, "by": "team, channel"}, {**VOLUME, "by": ["team", "channel"]}),
    (CONTACTS, {"include": "tags", "limit": 5}, {"include": ["tags"], "limit": 5}),
    (LIST, {"filters": {"rating": "5"}}, {"filters": {"rating": 5}}),
    (LIST, {"limit": -1}, ("limit", "1")),
    (LIST, {"limit": "many"}, ("limit", "rows per page")),
    (LIST, {"filters": 7}, ("filters", "state")),
    # Names.
    (SEARCH, {"query": "refund"}, REFUND),
    (SEARCH, {"q": "refund"}, REFUND),
    (SEARCH, {"keywords": "refund"}, REFUND),
    (SEARCH, {"searchText": "refund", "pageSize": 5}, {**REFUND, "limit": 5}),
    (QUERY, {"query": COUNT["sql"]}, COUNT),
    (QUERY, {"sqlQuery": COUNT["sql"], "maxRequests": 50}, COUNT),
    (METRIC, {**VOLUME, "groupBy": "team"}, {**VOLUME, "by": ["team"]}),
    (METRIC, {**VOLUME, "group_by": ["team"]}, {**VOLUME, "by": ["team"]}),
    (METRIC, {"metric": "conversations", **OCTOBER}, VOLUME),
    (METRIC, {"metricName": "conversations", **OCTOBER, "granularity": "week"}, {**VOLUME, "period": "week"}),
    (METRIC, {"name": "conversations", "start_date": "2026-10-01", "end_date": "2026-10-31"}, VOLUME),
    (CONVERSATION, {"conversation_id": ID}, {"id": ID}),
    (CONVERSATION, {"conversationId": ID}, {"id": ID}),
    (CONTACT, {"contact_id": USER}, {"id": USER}),
    (CONTACT, {"user_id": EXTERNAL}, {"external_id": EXTERNAL}),
    (COMPANY, {"company": "Acme Corp"}, {"name": "Acme Corp"}),
    (COMPANIES, {"query": "acme"}, {"name": "acme"}),
    (MEMBERS, {"id": FIRM}, {"company_id": FIRM}),
    (EVENTS, {"contact_id": USER}, {"user_id": EXTERNAL}),
    (EVENTS, {"email": EMAIL}, {"user_id": EXTERNAL}),
    (EVENTS, {"user_id": EMAIL}, {"user_id": EXTERNAL}),
    (EVENTS, {"user_id": USER}, {"user_id": EXTERNAL}),
    (CONTACT, {"id": EMAIL}, {"email": EMAIL}),
    (DESCRIBE, {"table_name": "teams"}, {"table": "teams"}),
    (LIST, {"state": "open"}, OPEN),
    (LIST, {"status": "open"}, OPEN),
    (LIST, {"filters": {"status": "open"}}, OPEN),
    (CONTACTS, {"role": "lead", "limit": 5}, {"filters": {"role": "lead"}, "limit": 5}),
    (METRIC, {**VOLUME, "team": "Billing"}, {**VOLUME, "filters": {"team": "Billing"}}),
    (TEAMS, {"limit": 10, "response_format": "concise"}, {}),
    (LIST, {"columns": ["id"], "count": 5}, {"fields": ["id"], "limit": 5}),
    (LIST, {"limt": 5}, ("no argument 'limt'", "'limit'")),
    (METRIC, {**VOLUME, "teem": "Billing"}, ("no argument 'teem'", "it takes")),
    (CONVERSATION, {"contact_id": USER}, ("contact_id", "it takes")),
    # Filters that are arguments, and the other way round.
    (LIST, {"filters": {**OCTOBER, "limit": 5}}, {**OCTOBER, "limit": 5}),
    (METRIC, {"name": "conversations", "filters": {**OCTOBER, "by": ["team"]}}, {**VOLUME, "by": ["team"]}),
    (METRIC, {**VOLUME, "filters": {"since": "2026-09-01"}}, ("since is given twice", "once")),
    (LIST, {"state": "open", "filters": {"state": "closed"}}, ("state is given twice", "once")),
    (METRIC, {**VOLUME, "filters": {"fresh": "session"}}, ("cannot hold fresh", "state")),
    (LIST, {"filters": {"expand": "custom_attributes"}}, ("cannot hold expand", "state")),
    (LIST, {"filters": {"team": "Billing"}}, ("team_assignee_id",)),
    (CONTACTS, {"query": "ann"}, ("it takes", "filters")),
    (LIST, {"filters": {"stat": "open"}}, ("did you mean 'state'",)),
    (LIST, {"filters": {"state": "opne"}}, ("did you mean 'open'",)),
    (LIST, {"filters": {"rating": {"$lte": 2}}}, {"filters": {"rating_max": 2}}),
    (LIST, {"filters": {"rating": {"lt": 2}}}, ("rating", "whole number")),
    # Values.
    (LIST, {"since": "last week", "until": "last week"}, {"filters": {"during": "last week"}}),
    (LIST, {"since": "2026/10/01", "until": "2026/10/31"}, OCTOBER),
    (LIST, {"since": "since 2026-10-01", "until": "2026-10-31"}, OCTOBER),
    (LIST, {"since": 1_790_000_000}, {"since": "2026-09-21T14:13:20Z"}),
    (LIST, {"since": 1_790_000_000_000}, {"since": "2026-09-21T14:13:20Z"}),
    (LIST, {"since": "2026-10", "until": "2026-10"}, OCTOBER),
    (LIST, {"since": "two weeks ago", "limit": 1}, {"since": "2w", "limit": 1}),
    (METRIC, {"name": "conversations", "last": "30 days"}, {"name": "conversations", "since": "30d"}),
    (LIST, {"timeframe": "2026-10"}, OCTOBER),
    (LIST, {"last": 10}, ("no argument 'last'", "it takes")),
    (EVENTS, {"user_id": "user:42"}, ("no contact", "external_id")),
    (METRIC, {"name": "conversations", "days": 30}, {"name": "conversations", "since": "30d"}),
    (LIST, {"since": "soon"}, ("'30d'", "is not a time")),
    (LIST, {"since": "2026-11-01", "until": "2026-10-01"}, ("later than until", "swap")),
    (METRIC, {**VOLUME, "period": "weekly"}, {**VOLUME, "period": "week"}),
    (METRIC, {**VOLUME, "period": "fortnight"}, ("fortnight", "week")),
    (METRIC, {**VOLUME, "compare": "previous period"}, {**VOLUME, "compare": "previous"}),
    (METRIC, {**VOLUME, "name": "Conversation volume"}, VOLUME),
    (METRIC, {**VOLUME, "name": "cast"}, ("did you mean 'csat'",)),
    (METRIC, {**VOLUME, "by": ["teem"]}, ("team",)),
    (METRIC, {**VOLUME, "filters": {"team": "Biling"}}, ("did you mean 'Billing'",)),
    (METRIC, {**VOLUME, "definition": "Calendar"}, {**VOLUME, "definition": "calendar"}),
    (METRIC, {**FUNNEL, "steps": "logged-in, exported-report"}, FUNNEL),
    (METRIC, {**VOLUME, "steps": ["a", "b"]}, ("takes no steps", "funnel")),
    (LIST, {"response_format": "Detailed", "limit": 2}, {"response_format": "detailed", "limit": 2}),
    # Ids.
    (CONVERSATION, {"id": f"#{ID}"}, {"id": ID}),
    (CONVERSATION, {"id": f"https://app.intercom.com/a/inbox/nwc7k2q9/inbox/conversation/{ID}"}, {"id": ID}),
    (CONVERSATION, {"url": f"https://app.intercom.com/a/apps/x/conversations/{ID}?view=1"}, {"id": ID}),
    (CONTACT, {"id": f"https://app.intercom.com/a/apps/nwc7k2q9/users/{USER}/all-conversations"}, {"id": USER}),
    (CONVERSATION, {"id": f"https://app.intercom.com/a/apps/x/users/{USER}"}, ("intercom_get_contact_by_id",)),
    (CONVERSATION, {"id": "a b/c"}, ("'a b/c'", "intercom_search_conversations")),
    (CONTACT, {"id": "000000000000000000000000"}, ("no contact", "intercom_list_all_contacts")),
    (COMPANY, {"name": "Acme Corporation"}, ("intercom_list_companies(name=",)),
    (COMPANIES, {"name": "Acme Corporation"}, ("did you mean 'Acme Corp'?",)),
    (EVENTS, {}, ("needs user_id", "external_id")),
    (MEMBERS, {"company_id": "Acme Corp"}, ("intercom_list_companies",)),
    # Words.
    (SEARCH, {"text": "refunds"}, ("have 'refund'", "conversation_parts")),
    (SEARCH, {"text": '"double charge"'}, ("quotation marks", "search for one")),
    (SEARCH, {"text": "refund OR invoice"}, ("AND, OR and NOT", "search for one")),
    (SEARCH, {"text": "   "}, {}),
    (QUERY, {"sql": ""}, ("needs sql",)),
)
