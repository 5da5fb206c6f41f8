"""Every metric over a large workspace's rows in DuckDB, without fetching: how long an analyst waits for a held one."""

import time
from datetime import UTC, datetime, timedelta

import duckdb
import pandas as pd

from intercom_kit.database import open_database
from intercom_kit.metrics import METRICS, ask
from intercom_kit.sql.planner import SETTINGS
from intercom_kit.tables import TABLES
from intercom_kit.zones import zone
from tests.metrics.world import with_hours

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SPAN = timedelta(days=84)  # weeks, within the 90 days of which Intercom lists events
CONVERSATIONS, EVENTS = 1_000_000, 10_000_000
PARTS_OF_EACH = 6
STEPS = ["event 1", "event 2", "event 3"]


def measure(conversations: int, events: int) -> pd.DataFrame:
    """Time each definition of each metric over the whole span, alone and divided by week and by a usual group.

    Core seconds add up what all threads worked: divided by the cores, they tell how long an idle machine would take.
    """
    database = filled(conversations, events)
    rows = []
    for name, metric in METRICS.items():
        group = {"conversation": "team", "ticket": "type", "contact": "plan", "company": "plan"}[metric.subject.alias]
        for definition in metric.definitions:
            whole = seconds(database, name, definition, None, ())
            divided = seconds(database, name, definition, "week" if metric.periods else None, (group,))
            rows.append((name, definition, *whole, *divided))
    figures = ["seconds", "core seconds", "by week and group", "its core seconds"]
    return pd.DataFrame(rows, columns=["metric", "definition", *figures])


def seconds(
    database: duckdb.DuckDBPyConnection, name: str, definition: str, period: str | None, by: tuple[str, ...]
) -> tuple[float, float]:
    """Time one question: seconds, and core seconds."""
    question = ask(
        METRICS[name],
        since=NOW - SPAN,
        now=NOW,
        zone=zone("Europe/Dublin"),
        definition=definition,
        period=period,
        by=by or None,
        filters=({"steps": STEPS} if name == "funnel" else {}) | with_hours(name, definition),
    )
    started, worked = time.perf_counter(), time.process_time()
    database.execute(question.sql()).fetchnumpy()
    return time.perf_counter() - started, time.process_time() - worked


def filled(conversations: int, events: int) -> duckdb.DuckDBPyConnection:
    """Invent rows by SQL alone: their numbers matter here, not their sense."""
    database = open_database()
    database.execute(SETTINGS)
    database.execute("select setseed(0.7)")
    people, companies = max(conversations // 5, 10), max(conversations // 50, 10)
    begun = f"timestamptz '{NOW - SPAN}' + to_seconds((random() * {SPAN.total_seconds()})::bigint)"
    seen = f"timestamptz '{NOW - 2 * SPAN}' + to_seconds((random() * {2 * SPAN.total_seconds()})::bigint)"
    contact, company = _id("contact", people), _id("company", companies)
    replied, closed = "if(random() < 0.9, (random() * 50000)::bigint, null)", "(60000 + random() * 300000)::bigint"
    invented = {
        "teams": ("range(8)", {"id": "range::varchar", "name": "'Team ' || range"}),
        "admins": ("range(60)", {"id": "range::varchar", "name": "'Admin ' || range"}),
        "companies": (
            f"range({companies})",
            {
                "id": "'company' || range",
                "name": "'Company ' || range",
                "plan_name": "['Free', 'Pro', 'Enterprise'][1 + range % 3]",
                "monthly_spend": "range % 500",
                "last_request_at": seen,
            },
        ),
        "contacts": (
            f"range({people})",
            {
                "id": "'contact' || range",
                "role": "if(range % 9 = 0, 'lead', 'user')",
                "created_at": seen,
                "signed_up_at": seen,
                "last_seen_at": seen,
                "company_ids": f"[{company}]",
            },
        ),
        "segments": ("range(5)", {"id": "range::varchar", "name": "'S' || range"}),
        "contact_segments": (
            f"range({people})",
            {
                "contact_id": "'contact' || range",
                "segment_id": "(range % 5)::varchar",
                "segment_name": "'S' || range % 5",
            },
        ),
        "conversations": (
            f"(select *, {begun} as begun, {replied} as replied, {closed} as closed from range({conversations}))",
            {
                "id": "range::varchar",
                "created_at": "begun",
                "first_contact_reply_at": "begun",
                "state": "if(random() < 0.95, 'closed', 'open')",
                "waiting_since": "if(random() < 0.1, begun, null)",
                "contact_id": contact,
                "company_id": company,
                "source_type": "['conversation', 'email'][1 + range % 2]",
                "source_author_type": "['user', 'lead'][1 + range % 2]",
                "source_delivered_as": "['customer_initiated', 'automated'][1 + (range % 7)::int // 6]",
                "team_assignee_id": "(random() * 9)::int::varchar",
                "admin_assignee_id": "(random() * 60)::int::varchar",
                "last_closed_by_id": "(random() * 60)::int::varchar",
                "teammate_ids": "[(random() * 60)::int::varchar, (random() * 60)::int::varchar]",
                "tag_names": "['tag ' || (random() * 20)::int]",
                "time_to_admin_reply": "replied",
                "median_time_to_reply": "replied",
                "first_admin_reply_at": "begun + to_seconds(replied)",
                "time_to_first_close": "closed",
                "time_to_last_close": "closed",
                "first_close_at": "begun + to_seconds(closed)",
                "last_close_at": "begun + to_seconds(closed)",
                "time_to_assignment": "replied // 2",
                "first_assignment_at": "begun + to_seconds(replied // 2)",
                "handling_time": "closed // 2",
                "adjusted_handling_time": "closed // 3",
                "count_reopens": "(random() * 1.2)::int",
                "count_assignments": "(random() * 3)::int",
                "rating": "if(random() < 0.3, 1 + (random() * 4)::int, null)",
                "rating_requested_at": "begun",
                "sla_status": "['hit', 'missed', null][1 + range % 3]",
                "ai_agent_participated": "random() < 0.4",
                "ai_agent_resolution_state": "['confirmed_resolution', 'escalated'][1 + range % 2]",
            },
        ),
        "conversation_parts": (
            f"range({conversations * PARTS_OF_EACH})",
            {
                "id": "range::varchar",
                "conversation_id": f"(range // {PARTS_OF_EACH})::varchar",
                "created_at": begun,
                "part_type": "['comment', 'assignment', 'comment', 'comment', 'comment', 'close'][1 + range % 6]",
                "author_type": "['user', 'bot', 'admin', 'user', 'admin', 'admin'][1 + range % 6]",
                "body": "if(range % 6 in (1, 5), null, 'words')",
            },
        ),
        "events": (
            f"range({events})",
            {
                "id": "range::varchar",
                "event_name": "'event ' || (random() * 20)::int",
                "created_at": begun,
                "intercom_user_id": contact,
            },
        ),
    }
    for table in TABLES.values():
        columns = ", ".join(f'"{column.name}" {column.kind.sql}' for column in table.columns)
        database.execute(f'create table "{table.name}" ({columns})')
    for name, (source, columns) in invented.items():
        values = ", ".join(columns.values())
        database.execute(f"insert into {name} ({', '.join(columns)}) select {values} from {source}")
    return database


def _id(kind: str, most: int) -> str:
    return f"'{kind}' || (random() * {most - 1})::bigint"
