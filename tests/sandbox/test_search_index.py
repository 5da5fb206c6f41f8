"""What a search sees of changes, and when: at once, or some seconds after they were made."""

from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from intercom_kit.sandbox import Sandbox

from .conftest import NOW, Client, Start

LAG = 180


class Hands:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.time = float(NOW)

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def lagging(start: Start, hands: Hands) -> tuple[Sandbox, Client]:
    rows = [{"id": str(n), "created_at": NOW - 9, "updated_at": NOW - 100 + n, "state": "open"} for n in range(3)]
    contacts = [{"id": f"c{n}", "created_at": NOW - 9, "last_seen_at": n, "name": "old"} for n in range(3)]
    records = {"conversations": rows, "contacts": contacts}
    return start(records=records, behaves=f"index-lag={LAG}", clock=hands)


def searched(client: Client, state: str | None = None) -> dict[str, str]:
    query: Any = {"field": "updated_at", "operator": ">", "value": 0}
    if state:
        query = {"field": "state", "operator": "=", "value": state}
    return {row["id"]: row["state"] for row in client.search("conversations", query)["conversations"]}


def test_a_change_reaches_searches_after_the_lag_and_everything_else_at_once(
    lagging: tuple[Sandbox, Client], hands: Hands
) -> None:
    sandbox, client = lagging
    sandbox.upsert("conversations", {"id": "0", "state": "closed", "updated_at": NOW + 1})
    for seconds in (0, LAG - 1):
        hands.time = NOW + seconds
        assert list(searched(client).items()) == [("2", "open"), ("1", "open"), ("0", "open")]  # its old place, too
        assert searched(client, "closed") == {}
        assert client.get("/conversations/0")["state"] == "closed"
        assert client.get("/conversations")["conversations"][0]["state"] == "closed"
    hands.time = NOW + LAG
    assert list(searched(client).items()) == [("0", "closed"), ("2", "open"), ("1", "open")]
    assert searched(client, "closed") == {"0": "closed"}


def test_what_is_new_is_found_later_and_what_was_deleted_is_found_until_then(
    lagging: tuple[Sandbox, Client], hands: Hands
) -> None:
    sandbox, client = lagging
    sandbox.upsert("conversations", {"id": "9", "state": "open", "updated_at": NOW})
    hands.time = NOW + 60
    sandbox.delete("conversations", "1")
    assert set(searched(client)) == {"0", "1", "2"}
    assert client.http.get("/conversations/1").status_code == 404
    hands.time = NOW + LAG
    assert set(searched(client)) == {"0", "1", "2", "9"}
    hands.time = NOW + 60 + LAG
    assert set(searched(client)) == {"0", "2", "9"}
    assert set(searched(client)) == {row["id"] for row in client.get("/conversations")["conversations"]}


def test_several_changes_of_one_object_arrive_one_after_the_other(
    lagging: tuple[Sandbox, Client], hands: Hands
) -> None:
    sandbox, client = lagging
    for minute, state in enumerate(("snoozed", "closed", "open")):
        hands.time = NOW + 60 * minute
        sandbox.upsert("conversations", {"id": "2", "state": state})
    seen = []
    for minute in range(3):
        hands.time = NOW + 60 * minute + LAG
        seen.append(searched(client)["2"])
    assert seen == ["snoozed", "closed", "open"]


def test_pages_of_a_search_go_on_where_they_were_while_changes_arrive(
    lagging: tuple[Sandbox, Client], hands: Hands
) -> None:
    sandbox, client = lagging
    query, pagination = {"field": "updated_at", "operator": ">", "value": 0}, {"per_page": 2}
    page = client.search("conversations", query, pagination=pagination)
    sandbox.delete("conversations", "1")
    after = {**pagination, "starting_after": page["pages"]["next"]["starting_after"]}
    hands.time = NOW + LAG
    assert [row["id"] for row in client.search("conversations", query, pagination=after)["conversations"]] == ["0"]


def test_contacts_and_merged_ones_lag_as_well(lagging: tuple[Sandbox, Client], hands: Hands) -> None:
    sandbox, client = lagging
    sandbox.upsert("contacts", {"id": "c0", "name": "new"})
    sandbox.merge("c1", into="c2")
    everybody = {"field": "created_at", "operator": ">", "value": 0}

    def names() -> dict[str, str]:
        return {row["id"]: row["name"] for row in client.search("contacts", everybody)["data"]}

    assert names() == {"c0": "old", "c1": "old", "c2": "old"}
    assert client.get("/contacts/c0")["name"] == "new"
    hands.time = NOW + LAG
    assert names() == {"c0": "new", "c2": "old"}


def test_each_object_has_a_lag_of_its_own(start: Start, hands: Hands) -> None:
    records = {"conversations": [{"id": "1", "updated_at": 1, "open": True, "ticket": {}}]}
    sandbox, client = start(records=records, behaves="tickets.index-lag=60", clock=hands)
    sandbox.upsert("conversations", {"id": "1", "open": False})
    closed = {"field": "open", "operator": "=", "value": False}
    assert client.search("conversations", closed)["total_count"] == 1
    assert client.search("tickets", closed)["total_count"] == 0
    hands.time += 60
    assert client.search("tickets", closed)["total_count"] == 1


def test_a_lag_that_is_taken_away_lets_everything_in(lagging: tuple[Sandbox, Client]) -> None:
    sandbox, client = lagging
    sandbox.upsert("conversations", {"id": "0", "state": "closed"})
    assert searched(client)["0"] == "open"
    sandbox.behaves("index-lag=0")
    assert searched(client)["0"] == "closed"
    sandbox.behaves("conversations.index-lag=60")
    assert searched(client)["0"] == "closed"
    sandbox.upsert("conversations", {"id": "1", "state": "closed"})
    assert searched(client)["1"] == "open"


def test_invented_objects_keep_their_old_content_too(start: Start, hands: Hands) -> None:
    sandbox, client = start(behaves="index-lag=60", clock=hands)
    before = client.get("/conversations")["conversations"]
    sandbox.upsert("conversations", {"id": before[5]["id"], "priority": "urgent", "updated_at": NOW})
    everything = {"field": "updated_at", "operator": ">", "value": 0}
    assert client.search("conversations", everything, pagination={"per_page": 20})["conversations"] == before
    hands.time += 60
    assert client.search("conversations", everything)["conversations"][0]["id"] == before[5]["id"]


def test_the_clock_tells_the_date_the_rate_limit_and_the_time_of_a_deletion(start: Start, hands: Hands) -> None:
    sandbox, client = start(clock=hands)
    hands.time = NOW + 3605
    for path in ("/me", "/nowhere"):
        headers = client.http.get(path).headers
        assert headers.get_list("date") == [headers["date"]]
        assert parsedate_to_datetime(headers["date"]).timestamp() == NOW + 3605
    assert int(client.http.get("/me").headers["x-ratelimit-reset"]) == NOW + 3610
    sandbox.delete("conversations", client.get("/conversations")["conversations"][0]["id"])
    assert client.get("/conversations/deleted")["conversations"][0]["deleted_at"] == NOW + 3605
