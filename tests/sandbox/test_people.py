"""Contacts, companies, and what hangs on them."""

from typing import Any

import pytest

from .conftest import Client, Start


@pytest.fixture(scope="module")
def contacts(client: Client) -> list[Any]:
    return client.all("/contacts")


def test_contacts_come_in_order_of_creation(contacts: list[Any]) -> None:
    assert [row["created_at"] for row in contacts] == sorted(row["created_at"] for row in contacts)


def test_an_embedded_list_shows_ten_and_its_own_endpoint_all(client: Client, contacts: list[Any]) -> None:
    contact = next(row for row in contacts if row["companies"]["total_count"] > 10)
    assert len(contact["companies"]["data"]) == 10
    assert contact["companies"]["has_more"] is True
    assert set(contact["companies"]["data"][0]) == {"id", "type", "url"}
    page = client.get(contact["companies"]["url"], per_page=8)
    assert page["total_count"] == contact["companies"]["total_count"]
    rest = client.http.get(page["pages"]["next"]).json()
    assert rest["pages"]["next"] is None
    assert len(page["data"]) + len(rest["data"]) == page["total_count"]
    tags = client.get(contact["tags"]["url"])["data"]
    assert len(tags) == contact["tags"]["total_count"] == 12
    assert {"name", "applied_at", "applied_by"} <= set(tags[0])


def test_a_single_contact_adds_only_push_messaging(client: Client, contacts: list[Any]) -> None:
    single = client.get(f"/contacts/{contacts[3]['id']}")
    assert single.pop("enabled_push_messaging") is None
    assert single == contacts[3]


def test_users_are_found_by_external_id_and_leads_are_not(client: Client, contacts: list[Any]) -> None:
    user = next(row for row in contacts if row["role"] == "user" and row["external_id"])
    lead = next(row for row in contacts if row["role"] == "lead")
    assert client.get(f"/contacts/find_by_external_id/{user['external_id']}")["id"] == user["id"]
    assert client.refused(f"/contacts/find_by_external_id/{lead['external_id']}") == (404, "not_found")


def test_there_are_leads_without_email_and_users_without_external_id(contacts: list[Any]) -> None:
    assert any(row["role"] == "lead" and row["email"] is None for row in contacts)
    assert any(row["role"] == "user" and row["external_id"] is None for row in contacts)
    assert any(not row["name"].isascii() for row in contacts if row["name"])


def test_a_merged_contact_is_gone_and_points_to_the_other(start: Start) -> None:
    sandbox, client = start()
    gone, kept = (row["id"] for row in client.all("/contacts")[:2])
    sandbox.merge(gone, into=kept)
    response = client.http.get(f"/contacts/{gone}")
    assert response.status_code == 410
    assert response.json()["errors"][0]["code"] == "contact_merged"
    assert response.headers["link"] == f'</contacts/{kept}>; rel="canonical"'
    assert gone not in {row["id"] for row in client.all("/contacts")}
    older = client.refused(f"/contacts/{gone}", headers={"Intercom-Version": "2.15"})
    assert older == (404, "not_found")


def test_the_invented_workspace_holds_merged_contacts(client: Client, sandbox: Any) -> None:
    gone = next(iter(sandbox.workspace.merged))
    assert client.refused(f"/contacts/{gone}") == (410, "contact_merged")


def test_unknown_things_are_not_found_each_with_its_own_code(client: Client) -> None:
    for path, code in (
        ("/contacts/0", "not_found"),
        ("/contacts/0/tags", "not_found"),
        ("/companies/0", "company_not_found"),
        ("/companies/0/contacts", "company_not_found"),
        ("/companies?name=Nobody", "company_not_found"),
        ("/segments/0", "not_found"),
        ("/teams/0", "team_not_found"),
        ("/admins/0", "admin_not_found"),
        ("/tags/0", "not_found"),
        ("/conversations/0", "not_found"),
        ("/nothing/here", "not_found"),
    ):
        assert client.refused(path) == (404, code), path
    assert client.refused("/contacts", "DELETE") == (404, "not_found")


def test_a_company_is_found_by_name_or_by_your_own_id_as_a_bare_object(client: Client) -> None:
    acme = client.get("/companies", name="Acme Corp")
    assert acme["type"] == "company"
    assert client.get("/companies", company_id=acme["company_id"]) == acme == client.get(f"/companies/{acme['id']}")


def test_acme_has_users_with_external_ids_and_recent_events(client: Client) -> None:
    acme = client.get("/companies", name="Acme Corp")
    people = client.get(f"/companies/{acme['id']}/contacts")["data"]
    assert len(people) == acme["user_count"] == 6
    for person in people:
        assert client.get("/events", type="user", user_id=person["external_id"])["events"]


def test_lists_leave_out_companies_without_users(client: Client) -> None:
    listed: list[Any] = []
    page = 1
    while len(listed) < client.get("/companies")["total_count"]:
        listed += client.http.post(f"/companies/list?page={page}&per_page=60").json()["data"]
        page += 1
    assert all(row["user_count"] for row in listed)
    assert len(listed) < 60
    requested = [row.get("last_request_at", -1) for row in listed]
    assert requested == sorted(requested, reverse=True)
    ascending = client.http.post("/companies/list?per_page=60&order=asc").json()["data"]
    assert ascending == listed[::-1]


def test_companies_are_listed_by_tag_and_segment(client: Client) -> None:
    segment = client.get("/segments", type="company")["segments"][0]
    listed = client.get("/companies", segment_id=segment["id"], per_page=60)["data"]
    assert listed
    assert all(segment["id"] in [s["id"] for s in row["segments"]["segments"]] for row in listed)
    assert client.get(f"/companies/{listed[0]['id']}/segments")["data"] == listed[0]["segments"]["segments"]
    tag = next(tag for tag in client.get("/tags")["data"] if tag["name"] == "VIP")
    tagged = client.get("/companies", tag_id=tag["id"], per_page=60)["data"]
    assert {row["id"] for row in tagged} == {row["id"] for row in listed}


def test_company_scalars_that_are_unset_are_absent(client: Client) -> None:
    rows = client.get("/companies/scroll")["data"]
    assert any("industry" not in row for row in rows)
    assert not any(value is None for row in rows for value in row.values())


def test_a_companys_contacts_have_a_cursor_and_no_next_at_the_end(client: Client) -> None:
    big = max(client.get("/companies", per_page=60)["data"], key=lambda row: row["user_count"])
    people = client.all(f"/companies/{big['id']}/contacts")
    assert len(people) == big["user_count"]
    assert all(big["id"] in [ref["id"] for ref in row["companies"]["data"]] for row in people)
    numbered = client.get(f"/companies/{big['id']}/contacts", page=2, per_page=5)
    assert numbered["data"] == people[5:10]
