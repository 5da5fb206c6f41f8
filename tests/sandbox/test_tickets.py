"""Generated tickets: each is a conversation of the same id, and its parts lead to its state."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from intercom_kit.sandbox import Sandbox, serve

from .conftest import NOW, Client, Start

EVERY = {"field": "created_at", "operator": ">", "value": 0}
SIZE = {"conversations": 600, "contacts": 200, "companies": 60, "now": NOW}


def where(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


@pytest.fixture(scope="module")
def ticketed() -> Iterator[Sandbox]:
    with serve(**SIZE, tickets=300) as running:
        yield running


@pytest.fixture(scope="module")
def desk(ticketed: Sandbox) -> Iterator[Client]:
    asking = Client(ticketed)
    with asking.http:
        yield asking


def searched(client: Client, query: Any = EVERY) -> list[Any]:
    """Search for tickets and follow the cursors."""
    rows: list[Any] = []
    pagination: dict[str, Any] = {"per_page": 100}
    while True:
        page = client.search("tickets", query, pagination=pagination)
        rows += page["tickets"]
        if "next" not in page["pages"]:
            assert page["total_count"] == len(rows)
            return rows
        pagination["starting_after"] = page["pages"]["next"]["starting_after"]


@pytest.fixture(scope="module")
def tickets(desk: Client) -> list[Any]:
    return searched(desk)


def parts(ticket: Any) -> list[Any]:
    rows: list[Any] = ticket["ticket_parts"]["ticket_parts"]
    return rows


def whole(tickets: list[Any]) -> list[Any]:
    return [each for each in tickets if each["ticket_parts"]["total_count"] == len(parts(each))]


# --- what is generated -------------------------------------------------------------------------


def test_tickets_come_beside_the_conversations_which_stay_as_they_are(client: Client, desk: Client) -> None:
    plain = {row["id"]: row for row in client.all("/conversations", "conversations")}
    mixed = {row["id"]: row for row in desk.all("/conversations", "conversations")}
    others = {id_: row for id_, row in mixed.items() if row["ticket"] is None}
    assert others.keys() == plain.keys()
    for id_, row in plain.items():
        assert {**row, "linked_objects": None} == {**others[id_], "linked_objects": None}
    assert len(mixed) - len(plain) == 300


def test_the_same_seed_gives_the_same_tickets(tickets: list[Any], generated_anew: None) -> None:
    with serve(**SIZE, tickets=300) as again:
        client = Client(again)
        with client.http:
            assert searched(client) == tickets


def test_without_the_option_there_are_types_and_states_but_no_tickets(client: Client) -> None:
    assert searched(client) == []
    assert client.get("/ticket_types")["data"]
    assert client.get("/ticket_states")["data"]


def test_all_categories_and_states_occur(tickets: list[Any]) -> None:
    assert {ticket["category"] for ticket in tickets} == {"Customer", "Back-office", "Tracker"}
    categories = Counter(ticket["ticket_state"]["category"] for ticket in tickets)
    assert set(categories) == {"submitted", "in_progress", "waiting_on_customer", "resolved"}
    assert categories["resolved"] > len(tickets) / 2
    for ticket in tickets:
        assert ticket["category"] == ticket["ticket_type"]["category"]
        assert bool(ticket["contacts"]["contacts"]) == (ticket["category"] == "Customer")
        if ticket["category"] != "Back-office":
            assert ticket["is_shared"] == (ticket["category"] == "Customer")


# --- states ------------------------------------------------------------------------------------


def test_the_parts_lead_to_the_state(tickets: list[Any]) -> None:
    for ticket in whole(tickets):
        state = "submitted"
        for part in parts(ticket):
            assert ("ticket_state" in part) == part["part_type"].startswith("ticket_state_updated")
            if "ticket_state" in part:
                assert part["previous_ticket_state"] == state
                state = part["ticket_state"]
        assert ticket["ticket_state"]["category"] == state
        changed = [part for part in parts(ticket) if "ticket_state" in part]
        assert (ticket["previous_ticket_state_id"] is None) == (len(changed) == 1)


def test_the_first_part_is_the_bots_from_submitted_to_submitted(tickets: list[Any]) -> None:
    for ticket in whole(tickets):
        first = parts(ticket)[0]
        assert (first["previous_ticket_state"], first["ticket_state"]) == ("submitted", "submitted")
        assert first["author"]["type"] == "bot"


def test_a_customers_reply_ends_the_waiting_for_them_by_the_bot(tickets: list[Any]) -> None:
    ended = 0
    for ticket in whole(tickets):
        state = "submitted"
        for part, following in zip(parts(ticket), parts(ticket)[1:], strict=False):
            state = part.get("ticket_state", state)
            if state == "waiting_on_customer" and part["author"]["type"] == "user":
                assert following["author"]["type"] == "bot"
                assert following["part_type"] == "ticket_state_updated_by_admin"
                assert following["ticket_state"] == "in_progress"
                assert 1 <= following["created_at"] - part["created_at"] <= 3
                ended += 1
    assert ended > 50


def test_moves_within_a_category_and_resolutions_by_the_bot_occur(tickets: list[Any]) -> None:
    changes = [part for ticket in tickets for part in parts(ticket) if "ticket_state" in part]
    assert any(part["ticket_state"] == part["previous_ticket_state"] == "in_progress" for part in changes)
    assert any(part["ticket_state"] == "resolved" and part["author"]["type"] == "bot" for part in changes)
    assert any(part["previous_ticket_state"] == "resolved" for part in changes)
    assert {ticket["open"] for ticket in tickets if ticket["ticket_state"]["category"] == "resolved"} == {True, False}


def test_a_changed_attribute_has_its_last_value(tickets: list[Any]) -> None:
    changed = 0
    for ticket in whole(tickets):
        values = {}
        for part in parts(ticket):
            if part["part_type"] == "ticket_attribute_updated_by_admin":
                data = part["updated_attribute_data"]
                values[data["attribute"]["label"]] = data["value"]["label"]
        for name, value in values.items():
            assert ticket["ticket_attributes"][name] == value
            changed += 1
    assert changed > 20


def test_only_the_newest_500_parts_come_with_their_true_number(tickets: list[Any], desk: Client) -> None:
    longest = max(tickets, key=lambda each: each["ticket_parts"]["total_count"])
    assert longest["ticket_parts"]["total_count"] > len(parts(longest)) == 500
    conversation = desk.get(f"/conversations/{longest['id']}")["conversation_parts"]
    assert [part["id"] for part in conversation["conversation_parts"]] == [part["id"] for part in parts(longest)]


# --- a ticket is a conversation ----------------------------------------------------------------


def test_a_ticket_is_the_conversation_of_the_same_id(tickets: list[Any], desk: Client) -> None:
    for ticket in tickets[:80]:
        conversation = desk.get(f"/conversations/{ticket['id']}")
        embedded = {key: value for key, value in ticket.items() if key != "ticket_parts"}
        assert conversation["ticket"] == embedded
        for key in ("created_at", "updated_at", "open", "admin_assignee_id", "contacts", "linked_objects"):
            assert conversation[key] == ticket[key]
        shown = conversation["conversation_parts"]["conversation_parts"]
        assert [(part["id"], part["part_type"], part["created_at"]) for part in shown] == [
            (part["id"], part["part_type"], part["created_at"]) for part in parts(ticket)
        ]
        assert not any("ticket_state" in part for part in shown)


def test_tickets_are_hidden_among_conversations_without_their_scope(start: Start) -> None:
    _, client = start(tickets=20, missing_scopes=["read_tickets"])
    assert client.get("/conversations")["total_count"] == 40
    assert client.search("conversations", EVERY)["total_count"] == 40
    assert client.refused("/ticket_types") == (401, "token_unauthorized")
    _, permitted = start(tickets=20)
    assert permitted.get("/conversations")["total_count"] == 60
    ticket = searched(permitted)[0]
    assert client.refused(f"/conversations/{ticket['id']}") == (404, "not_found")


def test_links_show_at_both_ends_and_a_conversation_has_one_tracker(desk: Client) -> None:
    rows = {row["id"]: row for row in desk.all("/conversations", "conversations")}
    linked = 0
    for row in rows.values():
        links = row["linked_objects"]
        assert links["total_count"] == len(links["data"])
        trackers = [link for link in links["data"] if link["category"] == "Tracker"]
        assert len(trackers) <= 1
        for link in links["data"]:
            other = rows[link["id"]]
            assert (link["type"] == "ticket") == (other["ticket"] is not None)
            assert link["category"] == (other["ticket"] or {}).get("category")
            assert row["id"] in {back["id"] for back in other["linked_objects"]["data"]}
            linked += 1
    assert linked > 100


def test_a_tickets_company_is_one_of_its_customers(tickets: list[Any], desk: Client) -> None:
    companies = {company["id"] for company in desk.get("/companies/scroll")["data"]}
    given = [ticket["company_id"] for ticket in tickets if ticket["company_id"]]
    assert 0 < len(given) < len(tickets)
    assert set(given) <= companies


# --- types and states --------------------------------------------------------------------------


def test_types_and_states_are_listed_with_the_archived_ones(desk: Client, tickets: list[Any]) -> None:
    types = {type_["id"]: type_ for type_ in desk.get("/ticket_types")["data"]}
    assert {type_["archived"] for type_ in types.values()} == {True, False}
    states = {state["id"]: state for state in desk.get("/ticket_states")["data"]}
    assert {state["archived"] for state in states.values()} == {True, False}
    for ticket in tickets:
        assert ticket["ticket_type"] == types[ticket["ticket_type"]["id"]]
        assert ticket["ticket_state"].items() <= states[ticket["ticket_state"]["id"]].items()
    bug = next(type_ for type_ in types.values() if type_["name"] == "Bug")
    assert desk.get(f"/ticket_types/{bug['id']}") == bug
    assert {each["archived"] for each in bug["ticket_type_attributes"]["data"]} == {True, False}
    assert desk.refused("/ticket_types/1") == (404, "not_found")


def test_an_attributes_name_may_have_another_id_and_data_type_in_another_type(desk: Client) -> None:
    types = desk.get("/ticket_types")["data"]
    attributes = [each for type_ in types for each in type_["ticket_type_attributes"]["data"]]
    assert len({each["id"] for each in attributes}) == len(attributes)
    assert {each["data_type"] for each in attributes if each["name"] == "Severity"} == {"list", "string", "integer"}


def test_values_have_the_declared_types_but_for_a_few(tickets: list[Any]) -> None:
    python = {"integer": int, "decimal": float, "boolean": bool, "datetime": int, "files": list}
    misfits = fits = 0
    for ticket in tickets:
        declared = {each["name"]: each["data_type"] for each in ticket["ticket_type"]["ticket_type_attributes"]["data"]}
        assert set(ticket["ticket_attributes"]) <= set(declared)
        for name, value in ticket["ticket_attributes"].items():
            if value is not None:
                fitting = isinstance(value, python.get(declared[name], str))
                fits, misfits = fits + fitting, misfits + (not fitting)
    assert 0 < misfits < 0.1 * fits


@pytest.mark.parametrize(("choice", "key"), [("data", "data"), ("own", "ticket_type_attributes")])
def test_attributes_stand_under_either_key(start: Start, choice: str, key: str) -> None:
    _, client = start(tickets=5, behaves=f"ticket-type-key={choice}")
    type_ = client.get("/ticket_types")["data"][0]
    assert type_["ticket_type_attributes"][key]
    ticket = searched(client)[0]
    assert ticket["ticket_type"]["ticket_type_attributes"][key]
    assert client.get(f"/tickets/{ticket['id']}") == ticket


# --- search ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "category"), [("request", "Customer"), ("task", "Back-office"), ("tracker", "Tracker")]
)
def test_a_category_is_searched_by_another_word_than_it_is_shown_with(
    desk: Client, tickets: list[Any], word: str, category: str
) -> None:
    found = searched(desk, where("category", "=", word))
    assert {ticket["id"] for ticket in found} == {each["id"] for each in tickets if each["category"] == category}


def attribute_id(desk: Client, type_name: str, name: str) -> str:
    type_ = next(each for each in desk.get("/ticket_types")["data"] if each["name"] == type_name)
    return str(next(each["id"] for each in type_["ticket_type_attributes"]["data"] if each["name"] == name))


def test_an_attribute_is_searched_by_its_id_within_its_type(desk: Client, tickets: list[Any]) -> None:
    found = searched(desk, where(f"ticket_attribute.{attribute_id(desk, 'Bug', 'Severity')}", "=", "High"))
    expected = [
        each
        for each in tickets
        if each["ticket_type"]["name"] == "Bug" and each["ticket_attributes"].get("Severity") == "High"
    ]
    assert found == expected != []
    seats = attribute_id(desk, "Bug", "Seats affected")
    for ticket in searched(desk, where(f"ticket_attribute.{seats}", ">", 150)):
        assert int(ticket["ticket_attributes"]["Seats affected"]) > 150


@pytest.mark.parametrize(
    ("field", "read"),
    [
        ("state", lambda ticket: ticket["ticket_state"]["category"]),
        ("ticket_type_id", lambda ticket: ticket["ticket_type"]["id"]),
        ("title", lambda ticket: ticket["ticket_attributes"]["_default_title_"]),
        ("admin_assignee_id", lambda ticket: ticket["admin_assignee_id"]),
        ("team_assignee_id", lambda ticket: ticket["team_assignee_id"]),
        ("created_at", lambda ticket: ticket["created_at"]),
        ("id", lambda ticket: ticket["id"]),
        ("open", lambda ticket: ticket["open"]),
    ],
)
def test_a_field_finds_the_tickets_that_have_its_value(desk: Client, tickets: list[Any], field: str, read: Any) -> None:
    value = read(tickets[7])
    found = {ticket["id"] for ticket in searched(desk, where(field, "=", value))}
    assert found == {ticket["id"] for ticket in tickets if read(ticket) == value}


def test_contacts_and_teammates_are_found_in_their_lists(desk: Client, tickets: list[Any]) -> None:
    ticket = next(each for each in tickets if each["contacts"]["contacts"])
    contact = ticket["contacts"]["contacts"][0]["id"]
    found = searched(desk, where("contact_ids", "=", contact))
    assert ticket in found
    assert all(contact in {each["id"] for each in row["contacts"]["contacts"]} for row in found)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (where("company_id", "=", "1"), "invalid_field"),
        (where("linked_objects", "=", "1"), "invalid_field"),
        (where("ticket_attribute.Severity", "=", "High"), "invalid_field"),
        (where("open", "~", "true"), "data_invalid"),
        (where("created_at", "^", 1), "data_invalid"),
    ],
)
def test_what_cannot_be_searched_is_refused(desk: Client, query: Any, code: str) -> None:
    assert desk.refused("/tickets/search", "POST", json={"query": query}) == (400, code)


def test_a_page_above_150_is_refused_where_it_was_measured(start: Start) -> None:
    _, client = start(tickets=5, behaves="measured")
    body = {"query": EVERY, "pagination": {"per_page": 151}}
    assert client.refused("/tickets/search", "POST", json=body) == (400, "invalid_per_page")


def test_there_is_no_list_and_the_number_of_the_inbox_is_no_id(desk: Client, tickets: list[Any]) -> None:
    assert desk.refused("/tickets")[0] == 404
    assert desk.get(f"/tickets/{tickets[0]['id']}") == tickets[0]
    assert desk.refused(f"/tickets/{tickets[0]['ticket_id']}") == (404, "ticket_not_found")


# --- versions ----------------------------------------------------------------------------------


def test_assignees_are_texts_and_states_words_in_older_versions(ticketed: Sandbox, tickets: list[Any]) -> None:
    ticket = next(each for each in tickets if each["admin_assignee_id"] and each["previous_ticket_state_id"])
    older: dict[str, Any] = {}
    for version in ("2.16", "2.15", "2.11"):
        client = Client(ticketed, **{"Intercom-Version": version})
        with client.http:
            older[version] = client.get(f"/tickets/{ticket['id']}")
            assert client.search("tickets", where("id", "=", ticket["id"]))["tickets"] == [older[version]]
            assert (
                client.get(f"/conversations/{ticket['id']}")["ticket"]["ticket_state"]
                == (older[version]["ticket_state"])
            )
    assert older["2.16"] == ticket
    assert older["2.15"]["admin_assignee_id"] == str(ticket["admin_assignee_id"])
    assert older["2.15"]["ticket_state"] == ticket["ticket_state"]
    assert "previous_ticket_state_id" not in older["2.15"]
    assert older["2.11"]["ticket_state"] == ticket["ticket_state"]["category"]
    assert older["2.11"]["ticket_state_internal_label"] == ticket["ticket_state"]["internal_label"]
    assert "ticket_states" not in older["2.11"]["ticket_type"]


@pytest.mark.parametrize(
    ("version", "method", "path"),
    [("2.9", "POST", "/tickets/search"), ("2.11", "GET", "/ticket_states"), ("2.8", "GET", "/ticket_types")],
)
def test_an_endpoint_newer_than_the_version_is_refused(ticketed: Sandbox, version: str, method: str, path: str) -> None:
    client = Client(ticketed, **{"Intercom-Version": version})
    with client.http:
        assert client.refused(path, method, json={"query": EVERY})[1] == "intercom_version_invalid"


# --- given and changed tickets -----------------------------------------------------------------


def test_tickets_can_be_loaded_as_they_were_found(start: Start, tickets: list[Any]) -> None:
    few = [*tickets[:5], {"id": "5", "type": "ticket", "ticket_id": "9", "odd": [None], "created_at": 1}]
    _, client = start(records={"tickets": few})
    found = searched(client)
    assert found[:5] == few[:5]
    assert few[5].items() <= found[5].items()
    assert client.get("/conversations/5")["ticket"] == few[5]


def test_a_changed_ticket_keeps_the_rest(start: Start) -> None:
    sandbox, client = start(tickets=5)
    before = searched(client)[2]
    sandbox.upsert("tickets", {"id": before["id"], "ticket_id": "77", "updated_at": NOW})
    after = searched(client)[0]
    assert after == {**before, "ticket_id": "77", "updated_at": NOW}
    sandbox.upsert("conversations", {"id": before["id"], "open": not before["open"]})
    assert client.get(f"/tickets/{before['id']}") == {**after, "open": not before["open"]}
    assert client.get(f"/conversations/{before['id']}")["updated_at"] == NOW
    sandbox.delete("conversations", before["id"])
    assert client.refused(f"/tickets/{before['id']}") == (404, "ticket_not_found")
