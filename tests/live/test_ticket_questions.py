"""Questions that teams with tickets ask, answered in SQL and, from the records themselves, in plain Python."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Any

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.sandbox import Sandbox, serve
from tests.conftest import NOW

from .truth import Record, Truth

TARGET = 3 * 86_400


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with serve(conversations=80, contacts=60, companies=10, tickets=220, now=NOW, rate_limit=1_000_000) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def desk(running: Sandbox) -> Iterator[Workspace]:
    with connect(running.token, base_url=running.base_url) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def truth(running: Sandbox) -> Iterator[Truth]:
    asking = Truth(running)
    with asking.http:
        yield asking


@pytest.fixture(scope="module")
def tickets(truth: Truth) -> list[Record]:
    """Every ticket with its parts, none of which Intercom left out."""
    found = [truth.get(f"/tickets/{each['id']}") for each in truth.conversations() if each["ticket"]]
    return [each for each in found if each["ticket_parts"]["total_count"] <= 500]


def parts(ticket: Record) -> list[Record]:
    found: list[Record] = ticket["ticket_parts"]["ticket_parts"]
    return sorted(found, key=lambda part: (part["created_at"], int(part["id"])))


def changes(ticket: Record) -> list[Record]:
    """Return the parts by which a ticket went from one state to another."""
    return [part for part in parts(ticket) if part.get("ticket_state") != part.get("previous_ticket_state")]


def answer(desk: Workspace, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query over tickets whose parts all came."""
    whole = "select * from tickets where part_count <= 500"
    frame = desk.sql(f"with whole as ({whole}) {query}", fresh="session")
    return [tuple(row) for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False)]


def test_how_many_tickets_of_each_type_are_in_each_state(desk: Workspace, tickets: list[Record]) -> None:
    query = "select ticket_type_name, state, count(*)::int from whole group by all"
    expected = Counter((each["ticket_type"]["name"], each["ticket_state"]["category"]) for each in tickets)
    assert {(kind, state): count for kind, state, count in answer(desk, query)} == expected


def test_how_many_were_resolved_within_the_target_by_type_and_week(desk: Workspace, tickets: list[Record]) -> None:
    query = f"""
        , resolved as (
            select ticket_id, max(created_at) as moment from ticket_parts
            where state = 'resolved' and previous_state <> 'resolved' group by 1
        )
        select ticket_type_name, date_trunc('week', moment)::date::varchar as week, count(*)::int as resolved,
            count(*) filter (epoch(moment) - epoch(created_at) <= {TARGET})::int as within
        from whole join resolved on ticket_id = id group by all
    """
    expected: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for ticket in tickets:
        resolved = [part["created_at"] for part in changes(ticket) if part["ticket_state"] == "resolved"]
        if resolved:
            day = datetime.fromtimestamp(resolved[-1], UTC)
            week = datetime.fromtimestamp(resolved[-1] - day.weekday() * 86_400, UTC).date().isoformat()
            counted = expected[ticket["ticket_type"]["name"], week]
            counted[0] += 1
            counted[1] += resolved[-1] - ticket["created_at"] <= TARGET
    assert {(kind, week): [n, within] for kind, week, n, within in answer(desk, query)} == expected


def test_how_long_customers_keep_us_waiting(desk: Workspace, tickets: list[Record]) -> None:
    query = """
        , walked as (
            select ticket_id, state, epoch(created_at) as since,
                lead(epoch(created_at)) over (partition by ticket_id order by created_at, id) as until
            from ticket_parts where state is not null
        )
        select ticket_id, sum(until - since)::int from walked join whole on id = ticket_id
        where walked.state = 'waiting_on_customer' and until is not null group by 1
    """
    expected = {}
    for ticket in tickets:
        states = [part for part in parts(ticket) if "ticket_state" in part]
        waited = [
            later["created_at"] - part["created_at"]
            for part, later in pairwise(states)
            if part["ticket_state"] == "waiting_on_customer"
        ]
        if waited:
            expected[ticket["id"]] = sum(waited)
    assert expected
    assert dict(answer(desk, query)) == expected


def test_which_teammates_resolve_tickets_leaving_out_bots(desk: Workspace, tickets: list[Record]) -> None:
    query = """
        select author_id, count(*)::int from ticket_parts p join whole t on t.id = p.ticket_id
        where p.state = 'resolved' and previous_state <> 'resolved' and author_type = 'admin' group by 1
    """
    expected = Counter(
        part["author"]["id"]
        for ticket in tickets
        for part in changes(ticket)
        if part["ticket_state"] == "resolved" and part["author"]["type"] == "admin"
    )
    assert expected
    assert dict(answer(desk, query)) == expected


def test_which_tickets_came_back_after_they_were_resolved(desk: Workspace, tickets: list[Record]) -> None:
    query = """
        select distinct t.id from whole t join ticket_parts p on p.ticket_id = t.id
        where previous_state = 'resolved' and p.state <> 'resolved'
    """
    expected = {each["id"] for each in tickets if any(p["previous_ticket_state"] == "resolved" for p in changes(each))}
    assert expected
    assert {id for (id,) in answer(desk, query)} == expected


def test_which_conversations_hang_on_a_tracker(desk: Workspace, tickets: list[Record]) -> None:
    query = "select id, unnest(linked_ids) from whole where category = 'Tracker'"
    expected = {
        (each["id"], linked["id"])
        for each in tickets
        if each["category"] == "Tracker"
        for linked in each["linked_objects"]["data"]
    }
    assert expected
    assert set(answer(desk, query)) == expected


def test_whose_conversations_hang_on_a_tracker(desk: Workspace, truth: Truth, tickets: list[Record]) -> None:
    query = """
        , linked as (select id as tracker, unnest(linked_ids) as id from whole where category = 'Tracker')
        select distinct tracker, c.contact_id from linked join conversations c using (id) where c.contact_id is not null
    """
    contacts = {each["id"]: [one["id"] for one in each["contacts"]["contacts"]] for each in truth.conversations()}
    expected = {
        (each["id"], contacts[linked["id"]][0])
        for each in tickets
        if each["category"] == "Tracker"
        for linked in each["linked_objects"]["data"]
        if contacts.get(linked["id"])
    }
    assert expected
    assert set(answer(desk, query)) == expected


def test_how_severe_the_open_bugs_are(desk: Workspace, tickets: list[Record]) -> None:
    query = (
        "select attributes ->> 'Severity', count(*)::int from whole where open and ticket_type_name = 'Bug' group by 1"
    )
    severities = [
        each["ticket_attributes"].get("Severity")
        for each in tickets
        if each["open"] and each["ticket_type"]["name"] == "Bug"
    ]
    assert dict(answer(desk, query)) == Counter(None if each is None else str(each) for each in severities)


def test_how_long_until_a_teammate_wrote_first(desk: Workspace, tickets: list[Record]) -> None:
    query = """
        , first as (
            select ticket_id, min(created_at) as moment from ticket_parts
            where author_type = 'admin' and body is not null and part_type in ('comment', 'assignment') group by 1
        )
        select median(epoch(moment) - epoch(created_at))::float from whole join first on ticket_id = id
    """
    waits = []
    for ticket in tickets:
        written = [
            part["created_at"]
            for part in parts(ticket)
            if part["author"]["type"] == "admin" and part.get("body") and part["part_type"] in ("comment", "assignment")
        ]
        waits += [min(written) - ticket["created_at"]] if written else []
    assert answer(desk, query) == [(pytest.approx(median(waits), rel=1e-6),)]


def test_who_is_in_charge_of_what_is_not_resolved(desk: Workspace, tickets: list[Record]) -> None:
    query = """
        select coalesce(a.name, 'nobody'), count(*)::int from whole t left join admins a on a.id = t.admin_assignee_id
        where t.state <> 'resolved' group by 1
    """
    names = {row.id: row.name for row in desk.admins()[["id", "name"]].itertuples(index=False)}
    expected = Counter(
        names.get(str(each["admin_assignee_id"]), "nobody")
        for each in tickets
        if each["ticket_state"]["category"] != "resolved"
    )
    assert dict(answer(desk, query)) == expected


def test_which_companies_raise_most_tickets(desk: Workspace, tickets: list[Record]) -> None:
    query = "select company_id, count(*)::int from whole where company_id is not null group by 1"
    assert dict(answer(desk, query)) == Counter(each["company_id"] for each in tickets if each["company_id"])


def test_how_the_customers_of_tickets_rated_them(desk: Workspace, truth: Truth, tickets: list[Record]) -> None:
    """A rating is the conversation's, which has the ticket's id."""
    query = "select t.id, c.rating::int from whole t join conversations c using (id) where c.rating is not null"
    ratings = {
        each["id"]: each["conversation_rating"]["rating"]
        for each in truth.conversations()
        if (each.get("conversation_rating") or {}).get("rating") is not None
    }
    assert dict(answer(desk, query)) == {each["id"]: ratings[each["id"]] for each in tickets if each["id"] in ratings}


def test_what_was_unresolved_at_the_end_of_each_of_the_last_days(desk: Workspace, tickets: list[Record]) -> None:
    query = f"""
        , days as (select to_timestamp({NOW} - 86400 * n) as ends from range(0, 20) as days(n)),
        last as (
            select ends, ticket_id, arg_max(p.state, (p.created_at, length(p.id), p.id)) as state
            from days join ticket_parts p on p.created_at < ends where p.state is not null group by all
        )
        select epoch(ends)::bigint, count(*) filter (last.state <> 'resolved')::int
        from last join whole on id = ticket_id group by 1
    """
    expected: Counter[int] = Counter()
    for ends in (NOW - 86_400 * number for number in range(20)):
        for ticket in tickets:
            states = [p["ticket_state"] for p in parts(ticket) if "ticket_state" in p and p["created_at"] < ends]
            expected[ends] += bool(states) and states[-1] != "resolved"
    assert dict(answer(desk, query)) == expected


def test_which_articles_fin_used_in_answers_that_a_teammate_had_to_take_over(desk: Workspace, truth: Truth) -> None:
    """A conversation counts once for each article that Fin used in it; articles are found by their titles."""
    query = """
        , answered as (
            select distinct id, first_admin_reply_at is not null as taken_over, title
            from (
                select id, first_admin_reply_at, unnest(ai_agent_source_titles) as title,
                    unnest(ai_agent_source_types) as type
                from conversations where ai_agent_participated
            )
            where type = 'article'
        )
        select a.id, count(*)::int, count(*) filter (taken_over)::int
        from answered join articles a using (title) group by 1
    """
    articles = {each["title"]: each["id"] for each in truth.get("/articles", per_page=100)["data"]}
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in truth.conversations():
        sources = each["ai_agent"]["content_sources"]["content_sources"] if each["ai_agent_participated"] else []
        for title in {source["title"] for source in sources if source["content_type"] == "article"}:
            expected[articles[title]][0] += 1
            expected[articles[title]][1] += bool((each["statistics"] or {}).get("first_admin_reply_at"))
    assert any(taken_over for _, taken_over in expected.values())
    assert {id: [used, taken_over] for id, used, taken_over in answer(desk, query)} == expected


def test_the_metric_of_sources_tells_how_often_fin_passed_them_on(desk: Workspace, truth: Truth) -> None:
    frame = desk.metric("fin_sources", since="2020-01-01", ai_agent_resolution_state="escalated", source_type="email")
    expected: Counter[str] = Counter()
    for each in truth.conversations():
        agent = each["ai_agent"] if each["ai_agent_participated"] else None
        if agent and agent["resolution_state"] == "escalated" and each["source"]["type"] == "email":
            expected.update({source["title"] for source in agent["content_sources"]["content_sources"]})
    assert expected
    assert dict(zip(frame["source"], frame["n"], strict=True)) == expected


@pytest.fixture(scope="module")
def changes_of_state(truth: Truth) -> list[Record]:
    """Return the entries that say that a teammate went away or came back, the oldest first."""
    found: list[Record] = []
    query = {"created_at_after": NOW - 60 * 86_400, "per_page": 100}
    for page in range(1, 1_000):
        answered = truth.get("/admins/activity_logs", page=page, **query)
        found += answered["activity_logs"]
        if answered["pages"]["next"] is None:
            break
    away = [each for each in found if each["activity_type"] == "admin_away_mode_change"]
    return sorted(away, key=lambda each: each["created_at"])


def test_who_was_away_while_the_backlog_grew(
    desk: Workspace, tickets: list[Record], changes_of_state: list[Record]
) -> None:
    """On each of the days on which more tickets came than were resolved: who was away in the middle of it."""
    query = f"""
        , days as (select to_timestamp({NOW} - 86400 * n) as ends from range(0, 20) as days(n)),
        last as (
            select ends, ticket_id, arg_max(p.state, (p.created_at, length(p.id), p.id)) as state
            from days join ticket_parts p on p.created_at < ends join whole on whole.id = ticket_id
            where p.state is not null group by all
        ),
        counted as (select ends, count(*) filter (state <> 'resolved') as n from last group by 1),
        grew as (select ends from counted qualify n > lag(n) over (order by ends)),
        noon as (
            select ends, performed_by_id as who, arg_max(away_mode, l.created_at) as away
            from grew join activity_logs l on l.created_at < ends - interval 12 hour
            where activity_type = 'admin_away_mode_change' and l.created_at >= to_timestamp({NOW - 60 * 86_400})
            group by all
        )
        select epoch(ends)::bigint, list(who order by who) from noon where away group by 1
    """
    expected, before = {}, None
    for ends in (NOW - 86_400 * number for number in range(19, -1, -1)):
        states = [
            [p["ticket_state"] for p in parts(t) if "ticket_state" in p and p["created_at"] < ends] for t in tickets
        ]
        there = sum(bool(each) and each[-1] != "resolved" for each in states)
        if before is not None and there > before:
            last = {
                each["performed_by"]["id"]: each["metadata"]["away_mode"]
                for each in changes_of_state
                if each["created_at"] < ends - 43_200
            }
            expected[ends] = sorted(who for who, away in last.items() if away)
        before = there
    assert any(expected.values())
    assert {ends: list(who) for ends, who in answer(desk, query)} == {day: who for day, who in expected.items() if who}
