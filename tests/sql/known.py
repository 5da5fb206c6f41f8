"""The 45 queries by which ways of planning were compared: what each may fetch at most.

Views and macros cannot be made from SQL here, so those two queries use ones that are there. `{contact}`, `{admin}` and
`{ids}` stand for values that occur.
"""

import time
from dataclasses import dataclass, field

from tests.conftest import NOW

# The data end at a fixed moment, so that they are the same in every run; what says now() reaches back to the same day.
RECENT = "created_at > timestamptz '2026-11-22 20:00:00+00' - interval 60 day"
DAYS = int(time.time() - NOW) // 86_400 + 60
EVERYTHING = "true"


@dataclass(frozen=True)
class Known:
    """One query, and at most which rows it may fetch of each table, in how many requests."""

    query: str
    rows: dict[str, str]
    requests: int
    parameters: dict[str, object] = field(default_factory=dict)


KNOWN = {
    "now": Known(
        f"select id, state from conversations where created_at > now() - interval {DAYS} day and state = 'open'",
        {"conversations": f"created_at > now() - interval {DAYS} day and state = 'open'"},
        1,
    ),
    "join": Known(
        "select c.id, k.email from conversations c join contacts k on k.id = c.contact_id "
        f"where c.{RECENT} and c.state = 'open' and k.custom_attributes->>'plan' = 'Enterprise'",
        {
            "conversations": f"{RECENT} and state = 'open'",
            "contacts": "custom_attributes->>'plan' = 'Enterprise'",
        },
        2,
    ),
    "left join, then where": Known(
        "select k.id, c.state from contacts k left join conversations c on c.contact_id = k.id and c.state = 'open' "
        "where k.role = 'lead' and k.created_at > timestamptz '2026-01-20'",
        {"contacts": "role = 'lead' and created_at > timestamptz '2026-01-20'", "conversations": "state = 'open'"},
        2,
    ),
    "common table expression": Known(
        f"with recent as (select id, contact_id from conversations where {RECENT}) select r.id, k.role from recent r "
        "join contacts k on k.id = r.contact_id where k.custom_attributes->>'plan' = 'Starter'",
        {"conversations": RECENT, "contacts": "custom_attributes->>'plan' = 'Starter'"},
        3,
    ),
    "common table expression, used twice": Known(
        f"with recent as (select * from conversations where {RECENT}) select count(*) from recent where state = 'open' "
        "union all select count(*) from recent where state = 'closed'",
        {"conversations": f"{RECENT} and state in ('open', 'closed')"},
        2,
    ),
    "subquery": Known(
        "select state, n from (select state, count(*) as n, min(priority) as p from conversations "
        f"where {RECENT} group by 1) where state <> 'closed'",
        {"conversations": f"{RECENT} and state <> 'closed'"},
        1,
    ),
    "either value": Known(
        "select id from conversations where state = 'open' or state = 'snoozed'",
        {"conversations": "state in ('open', 'snoozed')"},
        2,
    ),
    "either column": Known(
        f"select id from conversations where {RECENT} and (admin_assignee_id = '{{admin}}' or priority = 'priority')",
        {"conversations": f"{RECENT} and (admin_assignee_id = '{{admin}}' or priority = 'priority')"},
        1,
    ),
    "few values": Known(
        "select id from conversations where state in ('open', 'snoozed') and count_conversation_parts between 1 and 99",
        {"conversations": "state in ('open', 'snoozed') and count_conversation_parts between 1 and 99"},
        1,
    ),
    "twenty ids": Known(
        "select id, state from conversations where id in ({ids})", {"conversations": "id in ({ids})"}, 1
    ),
    "not in": Known(
        f"select id from conversations where state not in ('closed', 'snoozed') and {RECENT}",
        {"conversations": f"state not in ('closed', 'snoozed') and {RECENT}"},
        1,
    ),
    "between instants written as text": Known(
        "select id from conversations where created_at between '2026-05-01' and '2026-05-20 12:00:00'",
        {"conversations": "created_at between '2026-05-01' and '2026-05-20 12:00:00'"},
        1,
    ),
    "between numbers": Known(
        "select id from conversations where time_to_admin_reply between 100 and 2000 and not open",
        {"conversations": "time_to_admin_reply between 100 and 2000 and not open"},
        1,
    ),
    "like a prefix": Known("select id from contacts where email like 'a%'", {"contacts": EVERYTHING}, 2),
    "like a word": Known(
        f"select id from conversations where source_body ilike '%invoice%' and {RECENT}", {"conversations": RECENT}, 1
    ),
    "a month": Known(
        "select count(*) from conversations where date_trunc('month', created_at) = timestamptz '2026-05-01'",
        {"conversations": "date_trunc('month', created_at) = timestamptz '2026-05-01'"},
        1,
    ),
    "a day": Known(
        "select id from conversations where created_at::date = '2026-05-08'",
        {"conversations": "created_at::date = '2026-05-08'"},
        1,
    ),
    "days": Known(
        "select id from conversations where created_at::date between '2026-05-05' and '2026-05-15'",
        {"conversations": "created_at::date between '2026-05-05' and '2026-05-15'"},
        1,
    ),
    "parts of a date": Known(
        "select count(*) from conversations where year(created_at) = 2026 and month(created_at) = 5",
        {"conversations": EVERYTHING},
        3,
    ),
    "seconds": Known(
        "select count(*) from conversations where epoch(created_at) > 1790000000", {"conversations": EVERYTHING}, 3
    ),
    "today": Known(
        f"select id from conversations where created_at > current_date - {DAYS}",
        {"conversations": f"created_at > current_date - {DAYS}"},
        1,
    ),
    "view": Known(
        f"select t.tag_name from conversation_tags t join conversations c on c.id = t.conversation_id where c.{RECENT} "
        "and c.state = 'open'",
        {"conversations": f"{RECENT} and state = 'open'"},
        1,
    ),
    "macro": Known(
        f"select id from conversations where nullif(state, 'closed') = 'snoozed' and {RECENT}",
        {"conversations": RECENT},
        1,
    ),
    "union": Known(
        f"select contact_id from conversations where state = 'closed' and {RECENT} union "
        "select id from contacts where role = 'lead' and created_at > timestamptz '2026-01-20'",
        {
            "conversations": f"state = 'closed' and {RECENT}",
            "contacts": "role = 'lead' and created_at > timestamptz '2026-01-20'",
        },
        2,
    ),
    "window": Known(
        f"select id from conversations where {RECENT} "
        "qualify row_number() over (partition by contact_id order by created_at desc, id) = 1",
        {"conversations": RECENT},
        1,
    ),
    "lateral": Known(
        "select k.id, x.id from contacts k, lateral (select c.id from conversations c where c.contact_id = k.id and "
        "c.state = 'open' order by c.created_at desc, c.id limit 1) x where k.role = 'user' and "
        "k.custom_attributes->>'plan' = 'Growth'",
        {
            "contacts": "role = 'user' and custom_attributes->>'plan' = 'Growth'",
            "conversations": "state = 'open'",
        },
        2,
    ),
    "semi join": Known(
        "select id, name from contacts where id in "
        f"(select contact_id from conversations where state = 'open' and {RECENT})",
        {
            "conversations": f"state = 'open' and {RECENT}",
            "contacts": f"id in (select contact_id from conversations where state = 'open' and {RECENT})",
        },
        2,
    ),
    "not exists": Known(
        "select id from contacts k where custom_attributes->>'plan' = 'Enterprise' and not exists "
        f"(select 1 from conversations c where c.contact_id = k.id and c.{RECENT})",
        {"contacts": "custom_attributes->>'plan' = 'Enterprise'", "conversations": RECENT},
        2,
    ),
    "count": Known("select count(*) from conversations", {"conversations": EVERYTHING}, 3),
    "newest": Known(
        "select id, created_at from conversations order by created_at desc, id limit 10",
        {"conversations": "id in (select id from conversations order by created_at desc, id limit 10)"},
        2,
    ),
    "is null": Known(
        "select id from conversations where admin_assignee_id is null and state = 'open'",
        {"conversations": "state = 'open'"},
        1,
    ),
    "not": Known(
        f"select id from conversations where not open and read and {RECENT}",
        {"conversations": f"not open and read and {RECENT}"},
        1,
    ),
    "timestamps without a zone": Known(
        "select id from conversations where created_at > '2026-05-10'::timestamp and "
        "created_at < '2026-05-20'::timestamp",
        {"conversations": "created_at > '2026-05-10'::timestamp and created_at < '2026-05-20'::timestamp"},
        1,
    ),
    "a condition carried over by a join": Known(
        "select c.id, k.name from conversations c join contacts k on k.id = c.contact_id where k.id = '{contact}'",
        {"contacts": "id = '{contact}'", "conversations": "contact_id = '{contact}'"},
        2,
    ),
    "self join": Known(
        "select a.id, b.id from conversations a join conversations b on a.contact_id = b.contact_id "
        f"where a.state = 'open' and a.{RECENT} and b.state = 'snoozed'",
        {"conversations": f"(state = 'open' and {RECENT}) or state = 'snoozed'"},
        2,
    ),
    "frame": Known(
        "select c.id, w.note from conversations c join wanted w on w.admin = c.admin_assignee_id "
        "where c.state = 'open'",
        {"conversations": "state = 'open'"},
        1,
    ),
    "scalar subquery": Known(
        "select count(*) from conversations where created_at > "
        "(select max(created_at) from contacts where role = 'lead')",
        {"conversations": EVERYTHING, "contacts": "role = 'lead'"},
        4,
    ),
    "pivot": Known(
        f"pivot (select state, priority from conversations where {RECENT}) on state using count(*) group by priority",
        {"conversations": RECENT},
        1,
    ),
    "group, having, unnest": Known(
        f"select tag, count(*) from (select unnest(tag_names) as tag from conversations where {RECENT} and "
        "state = 'closed') group by 1 having count(*) > 1",
        {"conversations": f"{RECENT} and state = 'closed'"},
        1,
    ),
    "summarize": Known(
        f"summarize select id, state, created_at from conversations where {RECENT}", {"conversations": RECENT}, 1
    ),
    "case": Known(
        "select id from conversations where case when open then 'yes' else state end = 'snoozed'",
        {"conversations": EVERYTHING},
        3,
    ),
    "custom attribute": Known(
        f"select custom_attributes->>'Topic' as topic, count(*) from conversations where {RECENT} and "
        "custom_attributes->>'Topic' is not null group by 1",
        {"conversations": RECENT},
        1,
    ),
    "newest of some": Known(
        f"select id from conversations where {RECENT} and state = 'closed' order by created_at desc, id limit 5",
        {"conversations": f"{RECENT} and state = 'closed'"},
        1,
    ),
    "changed last, joined": Known(
        "select c.id, k.name from conversations c join contacts k on k.id = c.contact_id where "
        "c.created_at > date '2026-09-20' and k.custom_attributes->>'plan' = 'Growth' "
        "order by c.updated_at desc, c.id limit 10",
        {"conversations": "created_at > date '2026-09-20'", "contacts": "custom_attributes->>'plan' = 'Growth'"},
        2,
    ),
    "parameters": Known(
        "select id from conversations where created_at > now() - to_days($days) and state = $state",
        {"conversations": f"created_at > now() - interval {DAYS} day and state = 'closed'"},
        1,
        {"days": DAYS, "state": "closed"},
    ),
}
