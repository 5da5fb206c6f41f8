"""Tickets, their parts, types and states, as the sandbox holds them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from intercom_kit import BadFilterError, MissingIdentifierError, NotFoundError, ScopeMissingError, Workspace, connect
from intercom_kit.sandbox import Sandbox, serve
from intercom_kit.tables import TABLES
from tests.conftest import NOW, Begin

from .truth import Record, Truth, moments, told, values

SINCE = NOW - 60 * 86_400
VERBS = ("tickets", "ticket_types", "ticket_states")


@pytest.fixture(scope="module")
def ticketed() -> Iterator[Sandbox]:
    """A sandbox with tickets that nobody changes."""
    with serve(conversations=80, contacts=60, companies=10, tickets=160, now=NOW, rate_limit=1_000_000) as running:
        yield running


@pytest.fixture(scope="module")
def desk(ticketed: Sandbox) -> Iterator[Workspace]:
    with connect(ticketed.token, base_url=ticketed.base_url) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def records(ticketed: Sandbox) -> list[Record]:
    """The tickets as the sandbox serves them, one by one, newest first."""
    asking = Truth(ticketed)
    with asking.http:
        found = [each for each in asking.conversations() if each["ticket"]]
        return [asking.get(f"/tickets/{each['id']}") for each in found]


@pytest.fixture(scope="module")
def tickets(desk: Workspace) -> pd.DataFrame:
    return desk.tickets(limit=None)


def test_all_tickets_come_newest_first(tickets: pd.DataFrame, records: list[Record]) -> None:
    assert list(tickets["id"]) == [record["id"] for record in records]
    assert (told(tickets)["rows"], told(tickets)["complete"]) == (160, True)
    assert told(tickets)["misfits"] == {}


def test_values_are_those_that_intercom_holds(tickets: pd.DataFrame, records: list[Record]) -> None:
    assert values(tickets, "number") == [record["ticket_id"] for record in records]
    assert values(tickets, "category") == [record["category"] for record in records]
    assert values(tickets, "state") == [record["ticket_state"]["category"] for record in records]
    assert values(tickets, "state_label") == [record["ticket_state"]["internal_label"] for record in records]
    assert values(tickets, "ticket_type_name") == [record["ticket_type"]["name"] for record in records]
    assert values(tickets, "company_id") == [record["company_id"] for record in records]
    assert values(tickets, "part_count") == [record["ticket_parts"]["total_count"] for record in records]
    assert moments(tickets, "created_at") == [record["created_at"] for record in records]


def test_nobody_in_charge_is_missing_not_zero(tickets: pd.DataFrame, records: list[Record]) -> None:
    assert any(record["admin_assignee_id"] == 0 for record in records)
    named = [str(record["admin_assignee_id"]) if record["admin_assignee_id"] else None for record in records]
    assert values(tickets, "admin_assignee_id") == named


def test_title_and_description_are_columns_and_attributes_stay_whole(
    tickets: pd.DataFrame, desk: Workspace, records: list[Record]
) -> None:
    assert values(tickets, "title") == [record["ticket_attributes"].get("_default_title_") for record in records]
    severities = desk.sql("select attributes ->> 'Severity' as severity from tickets order by created_at desc, id desc")
    known = [record["ticket_attributes"].get("Severity") for record in records]
    assert values(severities, "severity") == [None if value is None else str(value) for value in known]


def test_parts_of_some_tickets_are_those_that_intercom_holds(desk: Workspace, records: list[Record]) -> None:
    found = desk.ticket_parts([record["id"] for record in records[:9]])
    for record in records[:9]:
        held = record["ticket_parts"]["ticket_parts"]
        mine = found[found["ticket_id"] == record["id"]]
        assert sorted(mine["id"]) == sorted(part["id"] for part in held)
        assert mine["created_at"].is_monotonic_increasing
        states = {part["id"]: part.get("ticket_state") for part in held}
        assert dict(zip(mine["id"], values(mine, "state"), strict=True)) == states


def test_a_frame_of_tickets_names_them(desk: Workspace, tickets: pd.DataFrame) -> None:
    assert set(desk.ticket_parts(tickets.head(4))["ticket_id"]) == set(tickets["id"][:4])
    with pytest.raises(MissingIdentifierError, match="no column 'id'"):
        desk.ticket_parts(tickets[["number"]])


def test_parts_of_a_thousand_and_more_tickets_cost_no_more_than_listing_these(begin: Begin) -> None:
    sandbox, workspace = begin(records={"tickets": [_ticket(number) for number in range(1_100)]}, rate_limit=1_000_000)
    before = sandbox.requests.total()
    found = workspace.ticket_parts(list(map(str, range(10_000, 11_100))))
    assert len(found) == 2_200
    assert sandbox.requests.total() - before < 60


@pytest.mark.parametrize("verb", VERBS)
def test_an_empty_frame_has_the_columns_and_types_of_a_full_one(begin: Begin, desk: Workspace, verb: str) -> None:
    _, nothing = begin(records={})
    empty, full = getattr(nothing, verb)(), getattr(desk, verb)()
    assert (len(empty), told(empty)["complete"]) == (0, True)
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)
    link = ["url"] if verb == "tickets" else []
    assert list(empty.columns) == [column.name for column in TABLES[verb].columns] + link


def test_parts_of_nothing_have_the_columns_and_types_of_some(desk: Workspace, tickets: pd.DataFrame) -> None:
    empty, full = desk.ticket_parts([]), desk.ticket_parts(tickets.head(5))
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        ({"state": "resolved"}, lambda each: each["ticket_state"]["category"] == "resolved"),
        (
            {"state": ["submitted", "in_progress"]},
            lambda each: each["ticket_state"]["category"] in ("submitted", "in_progress"),
        ),
        ({"open": True}, lambda each: each["open"]),
        ({"ticket_type_id": "1231"}, lambda each: each["ticket_type"]["id"] == "1231"),
        ({"since": datetime.fromtimestamp(NOW, UTC) - timedelta(60)}, lambda each: each["created_at"] >= SINCE),
        ({"admin_assignee_id": None}, lambda each: not each["admin_assignee_id"]),
    ],
    ids=["state", "either state", "open", "type", "since", "nobody"],
)
def test_filters_find_the_tickets_that_match(
    desk: Workspace, records: list[Record], filters: dict[str, Any], holds: Callable[[Record], bool]
) -> None:
    found = desk.tickets(limit=None, **filters)
    expected = [record["id"] for record in records if holds(record)]
    assert 0 < len(expected) < len(records)
    assert list(found["id"]) == expected
    assert told(found)["complete"]


def test_words_are_found_in_titles(desk: Workspace, records: list[Record]) -> None:
    word = records[0]["ticket_attributes"]["_default_title_"].split()[-1]
    found = desk.tickets(text=word)
    assert records[0]["id"] in set(found["id"])
    assert all(word in (title or "") or word in (text or "") for title, text in found[["title", "description"]].values)


def test_a_state_that_there_is_not_is_refused_with_the_nearest(desk: Workspace) -> None:
    with pytest.raises(BadFilterError, match="resolved"):
        desk.tickets(state="resolvd")


def test_one_ticket_is_found_by_its_id_not_by_its_number(desk: Workspace, records: list[Record]) -> None:
    one = desk.ticket(records[3]["id"])
    assert (list(one["number"]), told(one)["requests"]) == ([records[3]["ticket_id"]], 1)
    with pytest.raises(NotFoundError, match="ticket"):
        desk.ticket("999")


def test_a_ticket_that_changed_comes_with_its_new_parts(begin: Begin) -> None:
    sandbox, workspace = begin(records={"tickets": [_ticket(0), _ticket(1)]})
    count = "select ticket_id, count(*) as n, max(state) as state from ticket_parts group by 1 order by 1"
    assert workspace.sql(count)["n"].tolist() == [2, 2]
    changed = _ticket(0, parts=3)
    sandbox.upsert("tickets", {**changed, "updated_at": int(sandbox.clock())})
    assert workspace.sql(count)["n"].tolist() == [3, 2]


def test_a_ticket_with_more_parts_than_intercom_returns_is_named(begin: Begin) -> None:
    long = _ticket(0, parts=500)
    long["ticket_parts"]["total_count"] = 612
    _, workspace = begin(records={"tickets": [long, _ticket(1)]})
    assert told(workspace.sql("select count(*) from tickets"))["complete"]
    twice = "select count(*) from ticket_parts a join ticket_parts b using (ticket_id)"
    all_parts = "select count(*) from ticket_parts"
    for found in (workspace.sql(all_parts), workspace.sql(twice), workspace.ticket_parts("10000")):
        assert not told(found)["complete"]
        assert told(found)["why"] == "ticket 10000 has 612 parts, of which Intercom returns 500"
    assert told(workspace.ticket_parts("10001"))["complete"]


def test_parts_are_read_in_a_separate_process_too(desk: Workspace) -> None:
    query = """
        select p.part_type, count(*) as n from tickets t join ticket_parts p on p.ticket_id = t.id
        where t.category = 'Customer' group by 1 order by 1
    """
    pd.testing.assert_frame_equal(desk.sql(query, apart="700MB"), desk.sql(query))


def test_what_does_not_fit_is_counted_of_tickets_and_of_their_parts(begin: Begin) -> None:
    odd = _ticket(0)
    odd["open"] = "perhaps"
    odd["ticket_parts"]["ticket_parts"][1]["created_at"] = "soon"
    _, workspace = begin(records={"tickets": [odd, _ticket(1)]})
    found = workspace.sql("select count(*) as n from ticket_parts where created_at is null")
    assert found["n"].tolist() == [1]
    assert told(found)["misfits"] == {"tickets.open": 1, "tickets.ticket_parts.created_at": 1}


def test_a_token_that_may_not_read_tickets_is_told_which_permission_it_lacks(ticketed: Sandbox) -> None:
    with (
        serve(conversations=5, contacts=5, companies=2, tickets=5, missing_scopes=["read_tickets"]) as sandbox,
        connect(sandbox.token, base_url=sandbox.base_url) as workspace,
        pytest.raises(ScopeMissingError, match="Read tickets"),
    ):
        workspace.tickets()


@pytest.mark.parametrize("privacy", ["masked", "none"])
def test_personal_data_of_tickets_and_parts_is_not_in_the_session(ticketed: Sandbox, privacy: Any) -> None:
    with connect(ticketed.token, base_url=ticketed.base_url, privacy=privacy) as workspace:
        titles = workspace.sql("select title, description, attributes::varchar as attributes from tickets")
        parts = workspace.sql("select body, author_name, author_email from ticket_parts")
        for frame, words in ((titles, "Severity|Slack|password"), (parts, "@|Fin|Hi")):
            for column in frame.columns:
                kept = frame[column].dropna().astype(str).str.replace(r'"Severity":', "", regex=True)
                assert not kept.str.contains(words, regex=True).any(), column


def _ticket(number: int, parts: int = 2) -> Record:
    """Return a ticket made by hand, with parts a minute apart."""
    created = NOW - 86_400 + number
    made = [
        {
            "type": "ticket_part",
            "id": str(1_000_000 + 1_000 * number + place),
            "part_type": "ticket_state_updated_by_admin",
            "ticket_state": "submitted" if place == 0 else "in_progress",
            "previous_ticket_state": "submitted",
            "created_at": created + 60 * place,
            "updated_at": created + 60 * place,
            "author": {"type": "bot", "id": "1", "name": "Fin", "email": "operator@intercom.io"},
            "attachments": [],
            "redacted": False,
        }
        for place in range(parts)
    ]
    return {
        "type": "ticket",
        "id": str(10_000 + number),
        "ticket_id": str(number + 1),
        "category": "Customer",
        "created_at": created,
        "updated_at": created + 60 * parts,
        "open": True,
        "ticket_attributes": {"_default_title_": f"Ticket {number}"},
        "ticket_parts": {"type": "ticket_part.list", "ticket_parts": made, "total_count": parts},
    }
