"""Notes and subscriptions, listed key by key."""

from typing import Any

import pytest

from .conftest import Client, Start


@pytest.fixture(scope="module")
def contacts(client: Client) -> list[Any]:
    return client.all("/contacts")


def test_a_contacts_notes_are_those_that_it_refers_to(client: Client, contacts: list[Any]) -> None:
    noted = [contact for contact in contacts if contact["notes"]["total_count"]]
    assert 0 < len(noted) < len(contacts) / 3
    ids = set()
    for contact in noted:
        page = client.get(f"/contacts/{contact['id']}/notes")
        assert {note["id"] for note in page["data"]} == {each["id"] for each in contact["notes"]["data"]}
        assert page["total_count"] == contact["notes"]["total_count"]
        for note in page["data"]:
            assert note["contact"] == {"type": "contact", "id": contact["id"]}
            assert note["author"] == client.get(f"/admins/{note['author']['id']}")
            assert note["created_at"] >= contact["created_at"]
            ids.add(note["id"])
    assert len(ids) == sum(contact["notes"]["total_count"] for contact in noted)


def test_a_contact_without_notes_has_an_empty_list(client: Client, contacts: list[Any]) -> None:
    contact = next(each for each in contacts if not each["notes"]["total_count"])
    assert client.get(f"/contacts/{contact['id']}/notes")["data"] == []
    assert client.refused("/contacts/none/notes")[0] == 404


def test_subscriptions_are_explicit_choices_only(client: Client, contacts: list[Any]) -> None:
    types = {type_["id"]: type_ for type_ in client.get("/subscription_types")["data"]}
    assert {type_["state"] for type_ in types.values()} == {"live", "archived"}
    chosen = 0
    for contact in contacts[:60]:
        out = {each["id"] for each in contact["opted_out_subscription_types"]["data"]}
        into = {each["id"] for each in contact["opted_in_subscription_types"]["data"]}
        listed = client.get(f"/contacts/{contact['id']}/subscriptions")["data"]
        assert {type_["id"] for type_ in listed} == out | into
        assert all(types[id_]["consent_type"] == "opt_out" for id_ in out)
        assert all(types[id_]["consent_type"] == "opt_in" for id_ in into)
        chosen += len(listed)
    assert chosen


def test_notes_of_contacts_and_companies_can_be_given(start: Start) -> None:
    notes = [
        {"id": "1", "type": "note", "contact": {"id": "a"}, "author": None, "body": "x"},
        {"id": "2", "type": "note", "company": {"id": "c"}, "author": None, "body": "y"},
    ]
    records = {"contacts": [{"id": "a", "role": "user"}], "companies": [{"id": "c", "name": "C"}], "notes": notes}
    sandbox, client = start(records=records)
    assert client.get("/contacts/a/notes")["data"] == [{**notes[0], "company": None}]
    assert client.get("/companies/c/notes")["data"] == [notes[1]]
    assert client.refused("/companies/d/notes") == (404, "company_not_found")
    older = Client(sandbox, **{"Intercom-Version": "2.14"})
    with older.http:
        assert older.get("/contacts/a/notes")["data"] == [notes[0]]
        assert older.refused("/companies/c/notes") == (400, "intercom_version_invalid")
