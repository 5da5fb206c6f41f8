"""The four ways in which Intercom cuts lists into pages."""

import base64
import json
import time

from intercom_kit.sandbox import Sandbox

from .conftest import Client, Start


def test_a_contact_list_shows_ten_and_repeats_no_page_size_that_was_not_sent(client: Client) -> None:
    page = client.get("/contacts")
    assert len(page["data"]) == 10
    assert page["pages"]["per_page"] == 10
    assert page["pages"]["total_pages"] == 20
    assert page["total_count"] == 200


def test_the_page_size_of_a_get_is_echoed_as_text(client: Client) -> None:
    assert client.get("/contacts", per_page=5)["pages"]["per_page"] == "5"
    assert client.search("contacts", anybody(), pagination={"per_page": 5})["pages"]["per_page"] == 5


def anybody() -> dict[str, object]:
    return {"field": "created_at", "operator": ">", "value": 0}


def test_next_is_absent_on_the_last_page_of_a_cursor_list(client: Client) -> None:
    assert set(client.get("/contacts", per_page=150)["pages"]["next"]) == {"page", "starting_after"}
    rows = client.all("/contacts")
    assert len({row["id"] for row in rows}) == len(rows) == 200


def test_a_cursor_is_base64_of_sort_value_last_id_and_next_page(client: Client) -> None:
    page = client.get("/conversations", per_page=3)
    cursor = json.loads(base64.b64decode(page["pages"]["next"]["starting_after"]))
    last = page["conversations"][-1]
    assert cursor == [last["updated_at"] * 1000, last["id"], 2]


def test_a_null_sort_value_travels_as_minus_one(start: Start) -> None:
    contacts = [{"id": str(n), "type": "contact", "last_seen_at": None, "created_at": n} for n in range(3)]
    _, client = start(records={"contacts": contacts})
    anyone = {"field": "id", "operator": "!=", "value": "nobody"}
    page = client.search("contacts", anyone, pagination={"per_page": 1})
    assert json.loads(base64.b64decode(page["pages"]["next"]["starting_after"]))[0] == -1
    rest = {"per_page": 5, "starting_after": page["pages"]["next"]["starting_after"]}
    found = client.search("contacts", anyone, pagination=rest)["data"]
    assert {row["id"] for row in [*page["data"], *found]} == {"0", "1", "2"}


def test_an_empty_cursor_breaks_the_server_as_live(client: Client) -> None:
    assert client.refused("/contacts?starting_after=") == (500, "server_error")


def test_a_damaged_cursor_or_page_size_is_refused(client: Client) -> None:
    assert client.refused("/contacts?starting_after=nonsense") == (400, "parameter_invalid")
    assert client.refused("/contacts?per_page=many") == (400, "parameter_invalid")


def test_a_cursor_in_the_address_of_a_search_has_no_effect(client: Client) -> None:
    body = {"query": anybody(), "pagination": {"per_page": 2}}
    first = client.http.post("/conversations/search", json=body).json()
    after = first["pages"]["next"]["starting_after"]
    again = client.http.post("/conversations/search", params={"starting_after": after}, json=body).json()
    assert again["conversations"] == first["conversations"]
    assert again["pages"]["page"] == 1


def test_more_than_150_rows_never_come_at_once(client: Client) -> None:
    assert len(client.get("/contacts", per_page=1000)["data"]) == 150


def test_a_numbered_list_points_to_the_next_page_by_its_address(client: Client, sandbox: Sandbox) -> None:
    page = client.get("/companies", per_page=25)
    assert page["pages"]["next"].startswith(f"{sandbox.base_url}/companies?")
    following = client.http.get(page["pages"]["next"]).json()
    assert following["pages"]["page"] == 2
    assert not {row["id"] for row in page["data"]} & {row["id"] for row in following["data"]}


def test_next_is_null_on_the_last_numbered_page(client: Client) -> None:
    assert client.get("/companies", per_page=60)["pages"]["next"] is None


def test_companies_beyond_ten_thousand_cannot_be_listed_but_scrolled(start: Start) -> None:
    companies = [{"id": f"c{n}", "type": "company", "user_count": 1, "last_request_at": n} for n in range(10_030)]
    _, client = start(records={"companies": companies})
    assert len(client.get("/companies", per_page=50, page=200)["data"]) == 50
    assert client.refused("/companies?per_page=50&page=201")[0] == 400
    page, seen = client.get("/companies/scroll"), 0
    while page["data"]:
        seen += len(page["data"])
        page = client.get("/companies/scroll", scroll_param=page["scroll_param"])
    assert seen == 10_030


def test_a_scroll_ends_with_an_empty_page_and_then_a_404(client: Client) -> None:
    page = client.get("/companies/scroll")
    parameter = page["scroll_param"]
    assert page["pages"] is None
    assert page["total_count"] is None
    assert client.get("/companies/scroll", scroll_param=parameter)["data"] == []
    assert client.refused(f"/companies/scroll?scroll_param={parameter}") == (404, "not_found")


def test_a_second_scroll_is_refused_until_the_first_was_idle_long_enough(start: Start) -> None:
    _, client = start(scroll_idle_seconds=0.3)
    parameter = client.get("/companies/scroll")["scroll_param"]
    assert client.refused("/companies/scroll") == (400, "scroll_exists")
    time.sleep(0.35)
    assert client.refused(f"/companies/scroll?scroll_param={parameter}") == (404, "not_found")
    assert client.get("/companies/scroll")["scroll_param"] != parameter


def test_small_lists_have_no_pages(client: Client) -> None:
    for path in ("/segments", "/teams", "/admins", "/tags", "/data_attributes"):
        assert "pages" not in client.get(path, per_page=1)
    assert len(client.get("/admins", per_page=1)["admins"]) == 13


def test_rows_updated_between_pages_can_be_missed_or_repeated_but_never_break_the_list(start: Start) -> None:
    sandbox, client = start()
    first = client.get("/conversations", per_page=10)
    moved = first["conversations"][3]["id"]
    unseen = client.all("/conversations", "conversations")[25]["id"]
    sandbox.upsert("conversations", {"id": unseen, "updated_at": sandbox.now})
    sandbox.delete("conversations", moved)
    after = first["pages"]["next"]["starting_after"]
    rest = client.get("/conversations", per_page=150, starting_after=after)["conversations"]
    assert unseen not in {row["id"] for row in rest}  # it jumped to the front, behind the cursor's back
    assert len(rest) == 29
