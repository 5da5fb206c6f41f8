"""No verb, column, filter, search, query, plan, metric, error or progress shows a value of a personal column."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from intercom_kit import Workspace, connect
from intercom_kit.errors import BadFilterError
from intercom_kit.metrics import METRICS
from intercom_kit.search.filters import known_filters
from intercom_kit.tables import CONTACTS, CONVERSATIONS, TABLES, Kind, Table
from intercom_kit.verbs.events import IDENTIFIERS
from tests.conftest import NOW

from .conftest import Hidden
from .outcome import shown, tells

KEYED = {
    "events": "intercom_user_id in (select id from contacts)",
    "event_summaries": "intercom_user_id in (select id from contacts)",
    "conversation_parts": "conversation_id in (select id from conversations)",
    "contact_companies": "contact_id in (select id from contacts)",
    "contact_tags": "contact_id in (select id from contacts)",
    "contact_segments": "contact_id in (select id from contacts)",
    "calls": "conversation_id in (select id from conversations)",
    "activity_logs": "created_at > '2026-01-01'",
}
PERSONAL = [(table, column) for table in TABLES.values() for column in table.columns if column.personal]
CONDITIONS = (
    "{0} = {1}",
    "{0} in ({1}, 'qx')",
    "{0} >= {1} and {0} <= {1}",
    "{0} like '%' || {1} || '%'",
    "lower({0}) = lower({1})",
    "contains({0}, {1})",
    "{0} is not distinct from {1}",
    "{0} in (select {1})",
    "starts_with({0}, left({1}, 4))",
    "coalesce({0}, '') = {1}",
)


def verbs(hidden: Hidden, folder: Path) -> dict[str, list[Callable[[], Any]]]:
    """Every verb, as it is called where nobody knows anything of anybody."""
    ws, records = hidden.ws, hidden.people.records
    contact = next(each for each in records["contacts"] if each["external_id"] and each["role"] == "user")
    company, conversation, ticket = (records[kind][0] for kind in ("companies", "conversations", "tickets"))
    conversations = [each["id"] for each in records["conversations"][:6]]
    return {
        "schema": [ws.schema, lambda: ws.schema("contacts"), lambda: ws.schema("nothing")],
        "sql": [lambda name=name: ws.sql(f'select * from "{name}" where {KEYED.get(name, "true")}') for name in TABLES],
        "plan": [
            lambda name=name: ws.plan(f'select * from "{name}" where {KEYED.get(name, "true")}') for name in TABLES
        ],
        "metric": [lambda name=name: ws.metric(name) for name in hidden.some(METRICS, 1)],
        "metrics": [ws.metrics],
        "prove": [lambda: ws.prove("csat", "400d"), lambda: ws.prove("teammate_replies", "400d")],
        "review": [ws.review],
        "behind": [lambda: ws.behind(ws.metric("conversations", since="400d"), 0)],
        "explain_metric": [
            lambda name=name: ws.explain_metric(name, by="teammate") for name in hidden.some(METRICS, 1)
        ],
        "contacts": [
            ws.contacts,
            lambda: ws.contacts(3),
            lambda: ws.contacts(include=("companies", "tags", "segments")),
            lambda: ws.contacts(role="user"),
        ],
        "contact": [
            lambda: ws.contact(contact["id"]),
            lambda: ws.contact(external_id=contact["external_id"]),
            lambda: ws.contact("0" * 24),
            lambda: ws.contact(external_id="nobody"),
        ],
        "search_contacts": [ws.search_contacts, lambda: ws.search_contacts(role="lead")],
        "companies": [ws.companies, lambda: ws.companies(name="a")],
        "company": [lambda: ws.company(company["id"]), lambda: ws.company(name=company["name"])],
        "company_contacts": [lambda: ws.company_contacts(company["id"]), lambda: ws.company_contacts("none")],
        "segments": [ws.segments],
        "teams": [ws.teams],
        "admins": [ws.admins],
        "tags": [ws.tags],
        "events": [lambda: ws.events(ws.contacts()), lambda: ws.events("nobody")],
        "event_summaries": [lambda: ws.event_summaries(ws.contacts(), by="id")],
        "conversations": [ws.conversations, lambda: ws.conversations(None), lambda: ws.conversations(state="open")],
        "search_conversations": [ws.search_conversations],
        "conversation": [
            lambda: ws.conversation(conversation["id"]),
            lambda: ws.conversation(conversation["id"], body="text"),
            lambda: ws.conversation("0"),
        ],
        "conversation_parts": [
            lambda: ws.conversation_parts(conversations, body="html"),
            lambda: ws.conversation_parts([*conversations, "1"]),
        ],
        "tickets": [ws.tickets, lambda: ws.tickets(None), lambda: ws.tickets(state="submitted")],
        "ticket": [lambda: ws.ticket(ticket["id"]), lambda: ws.ticket("0")],
        "ticket_parts": [lambda: ws.ticket_parts([ticket["id"]])],
        "ticket_types": [ws.ticket_types],
        "ticket_states": [ws.ticket_states],
        "attributes": [ws.attributes],
        "office_hours": [ws.office_hours],
        "articles": [ws.articles, lambda: ws.articles(statistics=True)],
        "collections": [ws.collections],
        "subscription_types": [ws.subscription_types],
        "contact_notes": [lambda: ws.contact_notes(ws.contacts())],
        "calls": [lambda: ws.calls(ws.conversations(None))],
        "company_notes": [lambda: ws.company_notes(ws.companies()), lambda: ws.company_notes("none")],
        "contact_subscriptions": [lambda: ws.contact_subscriptions(ws.contacts(3))],
        "activity_logs": [lambda: ws.activity_logs("2026-01-01"), lambda: ws.activity_logs(limit=2)],
        "away_periods": [lambda: ws.away_periods("2026-01-01")],
        "away_status_reasons": [ws.away_status_reasons],
        "read_bodies": [],  # of a server for assistants
        "identity": [lambda: ws.identity, ws._repr_html_],
        "fetches": [lambda: ws.fetches],
        "held": [lambda: ws.held],
        "status": [ws.status],
        "doctor": [ws.doctor],
        "budget": [lambda: ws.budget],
        "refresh": [ws.refresh],
        "export": [lambda: exported(ws, folder)],
        "relation": [lambda: ws.relation("select * from contacts").fetchall()],
        "duckdb": [lambda: ws.duckdb.execute("from contacts").fetchall()],
        "to_excel": [],  # of answers that are given to it
        "forget": [ws.forget],
        "close": [],
        "disconnect": [],
    }


def exported(ws: Workspace, folder: Path) -> str:
    """Read all that an export writes."""
    ws.sql("select 1 from contacts, conversations limit 1")
    files = ws.export(folder)
    with duckdb.connect() as database:
        rows = [
            database.execute(f"select columns(*)::varchar from '{file}'").fetchall()
            for file in files
            if file.suffix == ".parquet"
        ]
    return str(rows) + "".join(file.read_bytes().decode("latin-1") for file in files)


def test_no_verb_shows_anything_personal(hidden: Hidden, tmp_path: Path) -> None:
    marks, every = hidden.people.marks(), verbs(hidden, tmp_path)
    assert set(every) == {name for name, _ in inspect.getmembers(Workspace) if not name.startswith("_")}
    assert {name: found for name, calls in every.items() for call in calls if (found := shown(call, marks))} == {}


def test_every_personal_column_was_looked_for(hidden: Hidden) -> None:
    assert set(hidden.people.values) >= {
        (table.name, column.name) for table, column in PERSONAL if not column.path.startswith("^")
    }
    assert len(hidden.people.marks()) > 500


def a_value(hidden: Hidden, table: str, column: str) -> Any:
    """Give a value that somebody has."""
    values = hidden.people.values.get((table, column)) or hidden.people.values["contacts", "email"]
    return values[0]


def of(value: Any) -> str:
    """Give a text of a value, for a condition."""
    return str(value["plan"] if isinstance(value, dict) else value)


def other(value: str) -> str:
    """Give a value that nobody has."""
    return value.replace("qx", "qy").replace("77", "78")


def filters(hidden: Hidden, table: Table) -> list[tuple[str, str]]:
    """Every filter of a verb, with a value that somebody has."""
    given = []
    for name in known_filters(table):
        column = table.column(name) if name in table else None
        if name == "email_domain":
            given.append((name, a_value(hidden, "contacts", "email").partition("@")[2]))
        elif name == "custom_attributes" or column is None or column.kind in (Kind.TEXT, Kind.ID, Kind.TEXTS):
            given.append((name, of(a_value(hidden, table.name, name))))
    return given


@pytest.mark.parametrize("table", [CONTACTS, CONVERSATIONS], ids=lambda table: table.name)
def test_no_filter_tells_whether_somebody_has_a_value(hidden: Hidden, table: Table) -> None:
    ws, marks = hidden.ws, hidden.people.marks()
    searches, lists = (
        (ws.search_contacts, ws.contacts) if table is CONTACTS else (ws.search_conversations, ws.conversations)
    )
    told = {}
    for number, (name, value) in enumerate(hidden.some(filters(hidden, table), 16)):

        def ask(given: str, name: str = name, verb: Any = searches if number % 2 else lists) -> Any:
            return verb(**{name: {"plan": given} if name == "custom_attributes" else given})

        told[name] = tells(ask, value, other(value), marks)
    assert {name: what for name, what in told.items() if what} == {}


def test_every_filter_by_what_is_personal_is_refused_and_says_what_to_do(hidden: Hidden) -> None:
    for table, verb in ((CONTACTS, hidden.ws.contacts), (CONVERSATIONS, hidden.ws.conversations)):
        names = [name for name in known_filters(table) if name in table and table.column(name).personal]
        for name in [*names, *(each for each in ("email_domain",) if each in known_filters(table))]:
            with pytest.raises(BadFilterError, match=r"Use an id or external_id, or .*--pii full"):
                verb(**{name: "qx"})


def test_no_filter_is_offered_that_would_be_refused(hidden: Hidden) -> None:
    for table in TABLES.values():
        offered = hidden.ws.schema(table.name).set_index("column")["filter"]
        assert [name for name in offered[offered != ""].index if table.column(name).personal] == []


@pytest.mark.parametrize("by", IDENTIFIERS)
@pytest.mark.parametrize("verb", ["events", "event_summaries"])
def test_no_event_tells_whose_a_value_is(hidden: Hidden, verb: str, by: str) -> None:
    value = a_value(hidden, "contacts", "email")
    ask = partial(getattr(hidden.ws, verb), by=by)
    assert tells(ask, value, other(value), hidden.people.marks()) == ""


@pytest.mark.parametrize("verb", ["events", "event_summaries"])
def test_events_by_email_are_refused_for_frames_too(hidden: Hidden, verb: str) -> None:
    for contacts in ("ann@example.com", hidden.ws.contacts(2).assign(email="ann@example.com")):
        with pytest.raises(BadFilterError, match=r"cannot be filtered by email, .*--pii full"):
            getattr(hidden.ws, verb)(contacts, by="email")


def test_nobody_is_looked_up_by_a_value(hidden: Hidden) -> None:
    ws, marks = hidden.ws, hidden.people.marks()
    email, name = of(a_value(hidden, "contacts", "email")), of(a_value(hidden, "contacts", "name"))
    word = of(a_value(hidden, "conversations", "source_body")).split()[0]
    for ask, value in [
        (lambda given: ws.contact(email=given), email),
        (ws.search_contacts, name),
        (ws.search_contacts, email),
        (ws.search_conversations, word),
    ]:
        assert tells(ask, value, other(value), marks) == ""
        with pytest.raises(BadFilterError, match="--pii full"):
            ask(value)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_no_condition_of_sql_tells_whether_somebody_has_a_value(hidden: Hidden, condition: str) -> None:
    for table, column in hidden.some(PERSONAL, 2):
        value = of(a_value(hidden, table.name, column.name))
        text = f"{column.name}->>'plan'" if column.kind is Kind.JSON else f"{column.name}::varchar"
        rows = f"from {table.name} where {KEYED.get(table.name, 'true')} and {condition.format(text, '$value')}"

        def ask(given: str, rows: str = rows) -> Any:
            return hidden.ws.sql(f"select * {rows}", {"value": given})

        assert tells(ask, value, other(value), hidden.people.marks()) == "", rows


def test_no_function_of_sql_gives_a_value_back(hidden: Hidden) -> None:
    for table, column in hidden.some(PERSONAL, 2):
        name, rest = column.name, f"from {table.name} where {KEYED.get(table.name, 'true')}"
        for query in (
            f"select {name} as a, count(*) as n {rest} group by all order by all",
            f"select length({name}::varchar), md5({name}::varchar), min({name}::varchar) over () {rest}",
            f"select ({name}::varchar)::integer {rest}",
            f"select error({name}::varchar) {rest}",
            f"select histogram({name}::varchar) {rest}",
            f"summarize select {name} {rest}",
            f"explain analyze select {name} {rest} and {name}::varchar > 'a'",
        ):
            assert shown(partial(hidden.ws.sql, query), hidden.people.marks()) == set(), query


def groups(metric: str) -> list[str]:
    """Every way to group by what is personal, or by what may be."""
    subject = METRICS[metric].subject
    columns = [column.name for column in subject.table.columns if column.personal]
    joined = [f"{owner}.{column.name}" for owner, (table, *_) in subject.others.items() for column in table.columns]
    members = [f"{name}.plan" for name in (*columns, *joined) if name.endswith("custom_attributes")]
    return [*subject.dimensions, *columns, *joined, *members]


def test_no_group_of_a_metric_shows_anything(hidden: Hidden) -> None:
    for metric in hidden.some(METRICS, 1):
        for by in hidden.some(groups(metric), 3):
            assert shown(partial(hidden.ws.metric, metric, by=by), hidden.people.marks()) == set(), (metric, by)


def test_no_filter_of_a_metric_tells_whether_somebody_has_a_value(hidden: Hidden) -> None:
    value = of(a_value(hidden, "contacts", "email"))
    for metric in hidden.some(METRICS, 1):
        for by in hidden.some(groups(metric), 3):

            def ask(given: str, metric: str = metric, by: str = by) -> Any:
                return hidden.ws.metric(metric, **{by: given})

            assert tells(ask, value, other(value), hidden.people.marks()) == "", (metric, by)


def test_every_filter_of_a_metric_by_what_is_personal_is_refused(hidden: Hidden) -> None:
    for metric in METRICS:
        for by in groups(metric):
            if METRICS[metric].subject.dimension(by).personal:
                with pytest.raises(BadFilterError, match="--pii full"):
                    hidden.ws.explain_metric(metric, **{by: ["qx", None]})
    with pytest.raises(BadFilterError, match="--pii full"):
        hidden.ws.metric("active_contacts", contacts={"email": "ann@example.com"})
    assert METRICS["conversations"].subject.dimension("teammate").personal == "name"


def test_groups_are_filtered_by_what_an_answer_called_them(hidden: Hidden) -> None:
    since = datetime.fromtimestamp(NOW, UTC) - timedelta(days=400)
    told = hidden.ws.metric("conversations", by="teammate", since=since)
    assert len(told) > 0
    for name, count in list(zip(told["teammate"], told["value"], strict=True))[:3]:
        assert list(hidden.ws.metric("conversations", teammate=name, since=since)["value"]) == [count]


def test_the_same_things_are_found_where_nothing_is_hidden(hidden: Hidden) -> None:
    with connect(hidden.sandbox.token, base_url=hidden.sandbox.base_url) as plain:
        users = [each for each in hidden.people.records["contacts"] if each["role"] == "user" and each["email"]]
        email = users[0]["email"]  # by an address Intercom gives events of users only
        assert len(plain.contacts(email_domain=email.partition("@")[2])) == 1
        assert len(plain.events(email, by="email")) == 1
        assert tells(lambda given: plain.contacts(email=given), email, other(email), set())
        assert shown(plain.contacts, hidden.people.marks())
