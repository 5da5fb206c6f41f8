"""Serving given records instead of generated ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from intercom_kit.sandbox import LoadError

from .conftest import NOW, Client, Start


def write(folder: Path, **kinds: Any) -> Path:
    for kind, rows in kinds.items():
        (folder / f"{kind}.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder


def test_records_are_served_verbatim_odd_shapes_included(start: Start, tmp_path: Path) -> None:
    odd = {"id": "1", "type": "contact", "created_at": "not a time", "name": 17, "new_key": {"a": [None]}}
    _, client = start(load=write(tmp_path, contacts=[odd]))
    assert client.get("/contacts")["data"] == [odd]
    assert client.search("contacts", {"field": "id", "operator": "=", "value": "1"})["data"] == [odd]
    assert client.get("/conversations")["conversations"] == []
    assert client.get("/conversations")["pages"]["total_pages"] == 0


def test_what_was_listed_from_one_sandbox_can_be_loaded_into_another(client: Client, start: Start) -> None:
    conversations = [
        client.get(f"/conversations/{row['id']}") for row in client.get("/conversations", per_page=20)["conversations"]
    ]
    contacts = client.all("/contacts")
    companies = client.get("/companies", per_page=60)["data"]
    _, copy = start(records={"contacts": contacts, "companies": companies, "conversations": conversations})
    assert copy.all("/contacts") == contacts
    copied = copy.get("/companies", per_page=60)["data"]
    assert {row["id"]: row for row in copied} == {row["id"]: row for row in companies}
    assert copy.get(f"/conversations/{conversations[3]['id']}") == conversations[3]
    assert "conversation_parts" not in copy.get("/conversations")["conversations"][0]


def test_embedded_lists_of_loaded_contacts_are_cut_to_ten(start: Start) -> None:
    references = [{"id": str(n), "type": "company", "url": f"/companies/{n}"} for n in range(12)]
    contact = {"id": "a", "role": "user", "companies": {"type": "list", "data": references}}
    companies = [{"id": str(n), "type": "company", "name": f"C{n}"} for n in range(12)]
    _, client = start(records={"contacts": [contact], "companies": companies})
    shown = client.get("/contacts/a")["companies"]
    assert (len(shown["data"]), shown["total_count"], shown["has_more"]) == (10, 12, True)
    assert client.get("/contacts/a/companies")["total_count"] == 12
    assert client.get("/companies/7/contacts")["total_count"] == 1


def test_loaded_events_belong_to_whomever_they_name(start: Start) -> None:
    contact = {"id": "a", "role": "user", "external_id": "u1", "email": "a@x.example"}
    names = ({"user_id": "u1"}, {"email": "a@x.example"}, {"intercom_user_id": "a"})
    events = [{"event_name": "paid", "created_at": NOW - 60 - n, **name} for n, name in enumerate(names)]
    sandbox, client = start(records={"contacts": [contact], "events": events})
    assert len(client.get("/events", type="user", user_id="u1")["events"]) == 3
    pages = client.get("/events", type="user", email="a@x.example", per_page=1)
    assert len(client.http.get(pages["pages"]["next"]).json()["events"]) == 1
    sandbox.upsert("events", {"event_name": "left", "created_at": NOW, "user_id": "u1"})
    assert client.get("/events", type="user", user_id="u1")["events"][0]["event_name"] == "left"
    summary = client.get("/events", type="user", user_id="u1", summary="true")["events"]
    assert [(item["name"], item["count"]) for item in summary] == [("paid", 3), ("left", 1)]


def test_invented_records_can_be_changed_and_joined_by_others(start: Start) -> None:
    sandbox, client = start()
    contact = client.get("/contacts")["data"][0]
    sandbox.upsert("contacts", {"id": contact["id"], "name": "Renamed"})
    assert client.get(f"/contacts/{contact['id']}")["name"] == "Renamed"
    sandbox.upsert(
        "contacts", {"id": "new", "type": "contact", "role": "user", "created_at": NOW, "email": "n@x.example"}
    )
    assert client.all("/contacts")[-1]["id"] == "new"
    found = client.search("contacts", {"field": "email", "operator": "=", "value": "n@x.example"})
    assert found["total_count"] == 1
    sandbox.delete("contacts", "new")
    assert client.refused("/contacts/new") == (404, "not_found")


def test_loaded_events_of_one_millisecond_stay_together_and_are_lost_at_the_edge_of_a_page(start: Start) -> None:
    contact = {"id": "a", "role": "user"}
    events = [{"id": str(n), "event_name": "paid", "created_at": NOW, "intercom_user_id": "a"} for n in range(3)]
    _, client = start(records={"contacts": [contact], "events": events})
    first = client.get("/events", type="user", intercom_user_id="a", per_page=2)
    assert len(first["events"]) == 2
    assert client.http.get(first["pages"]["next"]).json()["events"] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[{", "contacts.json is not valid JSON"),
        ('{"a": 1}', "contacts.json must hold a list"),
        ("[1]", "entry 0 is int"),
        ('[{"id": "1"}, {"name": "x"}]', "entry 1 has no id"),
    ],
)
def test_a_mistake_in_a_file_is_named(start: Start, tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "contacts.json").write_text(content)
    with pytest.raises(LoadError, match=message):
        start(load=tmp_path)


def test_a_folder_without_any_known_file_is_refused(start: Start, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"contacts\.json"):
        start(load=tmp_path)
    with pytest.raises(LoadError, match="not a folder"):
        start(load=tmp_path / "absent")
    with pytest.raises(LoadError, match="Unknown kind 'people'"):
        start(records={"people": []})
