"""Queries over tickets and their parts, which come inside the tickets, are answered as over all data."""

import math
from collections.abc import Iterator

import pytest

from intercom_kit import Workspace, connect
from intercom_kit.fetch.landing import Landing
from intercom_kit.sandbox import serve
from tests.conftest import NOW

from .queries import Inventor
from .test_fuzz import WAYS, hash_of, mismatch
from .whole import Whole, rows_of

SHAPES = {
    "tickets": "select * from tickets t where {tickets t}",
    "newest tickets": "select t.id from tickets t where {tickets t} order by t.created_at desc, t.id limit 5",
    "parts": "select * from ticket_parts p where {ticket_parts p}",
    "parts of one": "select * from ticket_parts p where p.ticket_id = {constant tickets.id} and {ticket_parts p}",
    "parts of some": "select p.id from ticket_parts p where p.ticket_id in {constants tickets.id} or {ticket_parts p}",
    "newest parts": "select p.id from ticket_parts p where {ticket_parts p} order by p.created_at desc, p.id limit 5",
    "tickets with parts": "select t.id, p.id, p.state from tickets t join ticket_parts p on p.ticket_id = t.id "
    "where {tickets t} and {ticket_parts p}",
    "tickets with parts, or none": "select t.id, p.id from tickets t left join ticket_parts p on p.ticket_id = t.id "
    "and {ticket_parts p} where {tickets t}",
    "parts with tickets, or none": "select t.state, p.id from ticket_parts p left join tickets t on t.id = p.ticket_id "
    "and {tickets t} where {ticket_parts p}",
    "without such a part": "select t.id from tickets t where {tickets t} and not exists "
    "(select 1 from ticket_parts p where p.ticket_id = t.id and {ticket_parts p})",
    "parts twice": "select a.id, b.id from ticket_parts a join ticket_parts b on a.ticket_id = b.ticket_id "
    "and a.created_at < b.created_at where {ticket_parts a} and {ticket_parts b}",
    "parts by author": "select k.name, p.id from contacts k join ticket_parts p on p.author_id = k.id "
    "where {contacts k} and {ticket_parts p}",
    "authors of parts": "select k.id from contacts k where {contacts k} and k.id in "
    "(select p.author_id from ticket_parts p where {ticket_parts p})",
    "tickets of contacts": "select k.id, t.id from contacts k left join tickets t on t.contact_id = k.id "
    "and {tickets t} where {contacts k}",
    "parts of conversations": "select c.state, p.id from conversations c join ticket_parts p on p.ticket_id = c.id "
    "where {conversations c} and {ticket_parts p}",
    "types": "select y.name, count(*) from tickets t join ticket_types y on y.id = t.ticket_type_id where {tickets t} "
    "group by 1",
    "states": "select s.internal_label, count(*) from tickets t left join ticket_states s on s.id = t.state_id "
    "where {tickets t} group by 1",
}


@pytest.fixture(scope="module")
def tickets() -> Iterator[Workspace]:
    """A workspace with tickets that nobody changes."""
    with (
        serve(conversations=60, contacts=40, companies=8, tickets=130, seed=7, now=NOW, rate_limit=1_000_000) as served,
        connect(served.token, base_url=served.base_url) as workspace,
    ):
        yield workspace


@pytest.fixture(scope="module")
def known(tickets: Workspace) -> Iterator[Whole]:
    """All that the workspace holds, in plain DuckDB."""
    loaded = Whole(tickets, keyed=False, tickets=True)
    yield loaded
    loaded.close()


@pytest.mark.parametrize("shape", SHAPES)
def test_random_queries_are_answered_as_over_all_data(
    tickets: Workspace, known: Whole, shape: str, request: pytest.FixtureRequest
) -> None:
    count = math.ceil(request.config.getoption("--fuzz") / 5 / len(SHAPES))
    inventor = Inventor(known, hash_of(shape) + request.config.getoption("--fuzz-seed"), SHAPES)
    for number in range(count):
        query = inventor.query(shape)
        differs = mismatch(tickets, known, query, WAYS[number % len(WAYS)])
        assert not differs, f"{query}\n{differs}"


def test_queries_find_rows_at_all(known: Whole) -> None:
    inventor = Inventor(known, 5, SHAPES)
    found = [bool(known.rows(inventor.query(shape))) for shape in SHAPES]
    assert sum(found) > len(found) / 2


def test_parts_cost_no_request_beyond_those_for_their_tickets(tickets: Workspace) -> None:
    alone = tickets.sql("select count(*) from tickets", fresh="refetch")
    both = tickets.sql(
        "select count(*) from tickets t join ticket_parts p on p.ticket_id = t.id where p.part_type = 'comment'",
        fresh="refetch",
    )
    assert both.attrs["intercom"]["requests"] == alone.attrs["intercom"]["requests"]
    again = tickets.sql("select count(*) from ticket_parts", fresh="session")
    assert again.attrs["intercom"]["requests"] == 0


def test_the_plan_of_parts_counts_the_requests_for_their_tickets(tickets: Workspace) -> None:
    tickets.forget()
    plan = tickets.plan("select * from ticket_parts where ticket_id = '1'").set_index("table")
    assert plan["requests"].to_dict() == {"ticket_parts": 0, "tickets": 1}
    assert plan["note"]["ticket_parts"] == "comes with tickets"
    assert plan["depends"]["ticket_parts"] == "ticket_id in tickets.id"


def test_parts_are_held_exported_and_forgotten_with_their_tickets(tickets: Workspace, tmp_path: object) -> None:
    tickets.sql("select count(*) from tickets", fresh="refetch")
    held = tickets.held.set_index("table")
    assert held["span"]["ticket_parts"] == "of the cached tickets"
    assert held["rows"]["ticket_parts"] > held["rows"]["tickets"]
    names = {path.name for path in tickets.export(str(tmp_path))}
    assert {"tickets.parquet", "ticket_parts.parquet"} <= names
    tickets.forget()
    assert tickets.held.empty
    assert rows_of(tickets.sql("select count(*) from ticket_parts where ticket_id = 'none'")) == [(0,)]


def test_a_planted_fault_is_noticed(tickets: Workspace, known: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were parts not replaced when their ticket is fetched again, they would be there twice."""
    monkeypatch.setattr(Landing, "_replace_carried", lambda *_: None)
    query = "select p.id from ticket_parts p"
    assert mismatch(tickets, known, query)
