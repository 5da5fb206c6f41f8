"""What an analyst would ask, answered by the tools, beside the answer worked out from the sandbox's own records.

The records are read by plain HTTP from the sandbox and put together in plain Python: nothing of the product is used.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any

import httpx
import pytest

from intercom_kit.sandbox import Sandbox

from ..conftest import NOW
from .asking import call, connected, every_page, records

pytestmark = pytest.mark.anyio

DAY = 86_400


class World:
    """All of the sandbox's records, as Intercom's API gives them."""

    def __init__(self, sandbox: Sandbox) -> None:
        headers = {"Authorization": f"Bearer {sandbox.token}", "Intercom-Version": "2.16"}
        self.http = httpx.Client(base_url=sandbox.base_url, headers=headers)
        everything = {"query": {"field": "created_at", "operator": ">", "value": 0}}
        self.contacts = self._searched("/contacts/search", "data", everything)
        self.conversations = self._searched("/conversations/search", "conversations", everything)
        self.companies = self._numbered("/companies/list")
        self.teams = self.http.get("/teams").json()["teams"]
        self.admins = self.http.get("/admins").json()["admins"]
        self.segments = self.http.get("/segments?include_count=true").json()["segments"]

    def _searched(self, path: str, key: str, query: dict[str, Any]) -> list[dict[str, Any]]:
        found, after = [], None
        while True:
            page = {"per_page": 150, **({"starting_after": after} if after else {})}
            answer = self.http.post(path, json={**query, "pagination": page}).json()
            found += answer[key]
            after = (answer["pages"].get("next") or {}).get("starting_after")
            if not after:
                return found

    def _numbered(self, path: str) -> list[dict[str, Any]]:
        found, page = [], 1
        while True:
            answer = self.http.post(path, params={"page": page, "per_page": 60}).json()
            found += answer["data"]
            if page >= answer["pages"]["total_pages"]:
                return found
            page += 1

    def people_of(self, company: str) -> list[dict[str, Any]]:
        answer = self.http.get(f"/companies/{company}/contacts", params={"per_page": 50}).json()
        return list(answer["data"])

    def events_of(self, contact: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        address = f"/events?type=user&intercom_user_id={contact}&per_page=150"
        while address:
            answer = self.http.get(address).json()
            found += answer["events"]
            address = (answer.get("pages") or {}).get("next")
        return found

    def acme(self) -> dict[str, Any]:
        return next(company for company in self.companies if company["name"] == "Acme Corp")

    def team(self, conversation: dict[str, Any]) -> str | None:
        names = {str(team["id"]): team["name"] for team in self.teams}
        return names.get(str(conversation["team_assignee_id"]))


@pytest.fixture(scope="module")
def world(sandbox: Sandbox) -> Iterator[World]:
    known = World(sandbox)
    yield known
    known.http.close()


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def one(server: Any, sql: str) -> Any:
    async with connected(server) as client:
        answer = await call(client, "intercom_query", sql=sql)
    assert answer["complete"]
    return answer["rows"][0][0]


async def table(server: Any, sql: str) -> list[list[Any]]:
    async with connected(server) as client:
        return await every_page(client, "intercom_query", sql=sql)


async def test_who_works_at_acme_and_what_did_they_do_lately_by_tools_in_turn(server: Any, world: World) -> None:
    async with connected(server) as client:
        (company,) = records(await call(client, "intercom_list_companies", name="Acme Corp"))
        people = records(await call(client, "intercom_list_attach_contacts_to_company", company_id=company["id"]))
        found = Counter()
        for person in people:
            if person["external_id"]:
                events = await every_page(client, "intercom_list_events", user_id=person["external_id"])
                found[person["id"]] = len(events)
    expected = {
        person["id"]: len(world.events_of(person["id"]))
        for person in world.people_of(world.acme()["id"])
        if person["external_id"]
    }
    assert found == expected
    assert sum(expected.values()) > 0


async def test_who_works_at_acme_and_what_did_they_do_lately_in_one_query(server: Any, world: World) -> None:
    rows = await table(
        server,
        """
        select c.id, e.event_name, count(*) as n
        from companies co join contact_companies cc on cc.company_id = co.id
        join contacts c on c.id = cc.contact_id join events e on e.user_id = c.external_id
        where co.name = 'Acme Corp' group by all
        """,
    )
    expected = Counter(
        (person["id"], event["event_name"])
        for person in world.people_of(world.acme()["id"])
        if person["external_id"]
        for event in world.events_of(person["id"])
    )
    assert {(id, name): n for id, name, n in rows} == expected


async def test_how_many_users_and_leads_are_there(server: Any, world: World) -> None:
    rows = await table(server, "select role, count(*) from contacts group by role")
    assert dict(map(tuple, rows)) == Counter(contact["role"] for contact in world.contacts)


async def test_which_countries_do_contacts_come_from(server: Any, world: World) -> None:
    rows = await table(server, "select coalesce(location_country, '?'), count(*) from contacts group by 1")
    assert dict(map(tuple, rows)) == Counter((each["location"] or {}).get("country") or "?" for each in world.contacts)


async def test_how_many_conversations_are_open(server: Any, world: World) -> None:
    async with connected(server) as client:
        rows = await every_page(client, "intercom_search_conversations", filters={"state": "open"}, fields=["id"])
    assert {row[0] for row in rows} == {each["id"] for each in world.conversations if each["state"] == "open"}


async def test_how_many_conversations_has_each_team(server: Any, world: World) -> None:
    rows = await table(
        server,
        "select t.name, count(*) from conversations c left join teams t on t.id = c.team_assignee_id group by 1",
    )
    assert dict(map(tuple, rows)) == Counter(world.team(each) for each in world.conversations)


async def test_by_which_channels_do_customers_write(server: Any, world: World) -> None:
    rows = await table(server, "select source_type, count(*) from conversations group by 1")
    assert dict(map(tuple, rows)) == Counter(each["source"]["type"] for each in world.conversations)


async def test_how_many_conversations_came_in_the_last_30_days_of_the_data(server: Any, world: World) -> None:
    since = NOW - 30 * DAY
    async with connected(server) as client:
        rows = await every_page(client, "intercom_list_conversations", since=iso(since), fields=["id"], limit=200)
    assert len(rows) == sum(each["created_at"] >= since for each in world.conversations)


async def test_what_is_the_median_time_to_the_first_reply(server: Any, world: World) -> None:
    times = [(each["statistics"] or {}).get("time_to_admin_reply") for each in world.conversations]
    expected = median(time for time in times if time is not None)
    assert await one(server, "select median(time_to_admin_reply) from conversations") == expected


async def test_which_conversations_took_longest_to_answer(server: Any, world: World) -> None:
    rows = await table(
        server,
        "select id from conversations where time_to_admin_reply >= 0 order by time_to_admin_reply desc, id limit 5",
    )
    timed = [each for each in world.conversations if (each["statistics"] or {}).get("time_to_admin_reply") is not None]
    timed.sort(key=lambda each: (-each["statistics"]["time_to_admin_reply"], each["id"]))
    assert [row[0] for row in rows] == [each["id"] for each in timed[:5]]


async def test_how_are_conversations_rated(server: Any, world: World) -> None:
    rows = await table(server, "select rating, count(*) from conversations where rating is not null group by 1")
    ratings = [(each["conversation_rating"] or {}).get("rating") for each in world.conversations]
    assert dict(map(tuple, rows)) == Counter(rating for rating in ratings if rating is not None)


async def test_what_did_unhappy_customers_remark(server: Any, world: World) -> None:
    async with connected(server) as client:
        found = await every_page(
            client, "intercom_search_conversations", filters={"rating_max": 2}, fields=["id", "rating"], limit=200
        )
    low = [
        (each["id"], each["conversation_rating"]["rating"])
        for each in world.conversations
        if ((each["conversation_rating"] or {}).get("rating") or 9) <= 2
    ]
    assert sorted(map(tuple, found)) == sorted(low)


async def test_how_many_conversations_were_reopened(server: Any, world: World) -> None:
    expected = sum(((each["statistics"] or {}).get("count_reopens") or 0) > 0 for each in world.conversations)
    assert await one(server, "select count(*) from conversations where count_reopens > 0") == expected


async def test_which_tags_are_the_most_used(server: Any, world: World) -> None:
    rows = await table(server, "select tag_name, count(*) from conversation_tags group by 1")
    assert dict(map(tuple, rows)) == Counter(
        tag["name"] for each in world.conversations for tag in each["tags"]["tags"]
    )


async def test_which_companies_pay_the_most(server: Any, world: World) -> None:
    rows = await table(
        server, "select name, monthly_spend from companies where monthly_spend > 0 order by 2 desc, name limit 10"
    )
    paying = [(each["name"], each["monthly_spend"]) for each in world.companies if (each["monthly_spend"] or 0) > 0]
    assert list(map(tuple, rows)) == sorted(paying, key=lambda pair: (-pair[1], pair[0]))[:10]


async def test_what_do_the_plans_bring(server: Any, world: World) -> None:
    rows = await table(server, "select plan_name, sum(monthly_spend) from companies where plan_name <> '' group by 1")
    expected: Counter[str] = Counter()
    for each in world.companies:
        if (each.get("plan") or {}).get("name"):
            expected[each["plan"]["name"]] += each["monthly_spend"] or 0
    assert {name: spend or 0 for name, spend in rows} == expected


async def test_who_is_in_which_team(server: Any, world: World) -> None:
    async with connected(server) as client:
        teams = records(await call(client, "intercom_list_all_teams"))
    names = {str(admin["id"]): admin["name"] for admin in world.admins}
    expected = {team["name"]: [names[str(id)] for id in team["admin_ids"]] for team in world.teams}
    assert {team["name"]: team["admins"] for team in teams} == expected


async def test_how_large_are_the_segments(server: Any, world: World) -> None:
    async with connected(server) as client:
        rows = records(await call(client, "intercom_list_segments", include_count=True))
    assert {row["name"]: row["count"] for row in rows} == {each["name"]: each["count"] for each in world.segments}


async def test_who_is_behind_an_address_and_what_did_they_write_about(server: Any, world: World) -> None:
    writers = Counter(contact["id"] for each in world.conversations for contact in each["contacts"]["contacts"])
    person = next(
        each for each in world.contacts if writers[each["id"]] > 1 and each["email"] and each["role"] == "user"
    )
    async with connected(server) as client:
        (found,) = records(await call(client, "intercom_get_contact_by_id", email=person["email"]))
        filters = {"contact_id": found["id"]}
        rows = await every_page(client, "intercom_search_conversations", filters=filters, fields=["id"])
    assert found["external_id"] == person["external_id"]
    assert len(rows) == writers[person["id"]]


async def test_what_was_said_in_the_longest_conversation(server: Any, world: World) -> None:
    longest = max(world.conversations, key=lambda each: (each["statistics"] or {}).get("count_conversation_parts") or 0)
    whole = world.http.get(f"/conversations/{longest['id']}").json()["conversation_parts"]
    async with connected(server) as client:
        rows = await every_page(client, "intercom_get_conversation_by_id", id=longest["id"], limit=5)
        answer = await call(client, "intercom_get_conversation_by_id", id=longest["id"], limit=5)
    assert len(rows) == 1 + len(whole["conversation_parts"])
    assert answer["complete"] == (whole["total_count"] <= 500)  # Intercom gives no more, and the answer says so


async def test_which_conversations_are_about_invoices(server: Any, world: World) -> None:
    async with connected(server) as client:
        rows = await every_page(client, "intercom_search_conversations", text="invoice", fields=["id"], limit=200)
    expected = {
        each["id"]
        for each in world.conversations
        if "invoice" in f"{each['source']['subject']} {each['source']['body']}".lower()
    }
    assert {row[0] for row in rows} == expected


async def test_how_many_conversations_does_the_metric_count_in_each_team(server: Any, world: World) -> None:
    since = NOW - 90 * DAY
    async with connected(server) as client:
        answer = await call(
            client,
            "intercom_metric",
            name="conversations",
            by=["team"],
            since=iso(since),
            until=iso(NOW),
            definition="calendar",
        )
    expected = Counter(world.team(each) for each in world.conversations if since <= each["created_at"] < NOW)
    assert {row["team"]: row["value"] for row in records(answer) if row["value"]} == expected
    assert answer["about"]["definition"] == "calendar"
    assert answer["about"]["text"]


async def test_who_has_not_been_seen_for_two_months(server: Any, world: World) -> None:
    before = NOW - 60 * DAY
    rows = await table(
        server,
        f"select count(*) from contacts where role = 'user' and last_seen_at < timestamptz '{iso(before)}'",
    )
    expected = sum(
        contact["role"] == "user" and contact["last_seen_at"] is not None and contact["last_seen_at"] < before
        for contact in world.contacts
    )
    assert rows == [[expected]]


async def test_at_which_hour_do_customers_write(server: Any, world: World) -> None:
    rows = await table(
        server, "select hour(created_at at time zone 'UTC') as h, count(*) from conversations group by 1"
    )
    expected = Counter(datetime.fromtimestamp(each["created_at"], UTC).hour for each in world.conversations)
    assert dict(map(tuple, rows)) == expected
