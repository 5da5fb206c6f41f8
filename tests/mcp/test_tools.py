"""Each tool gives the rows that its method of the workspace gives, through all pages."""

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from intercom_kit import Workspace
from intercom_kit.tables import TABLES, Kind
from intercom_kit.tables.catalogue import describe

from .asking import call, connected, every_page, records, refusal

pytestmark = pytest.mark.anyio

LOGINS = """
    select c.name, count(*) as logins
    from companies co
    join contact_companies cc on cc.company_id = co.id
    join contacts c on c.id = cc.contact_id
    join events e on e.user_id = c.external_id
    where co.name = 'Acme Corp' and e.event_name = 'logged-in'
    group by all order by all
"""


def first_company(ws: Workspace) -> str:
    return str(ws.companies(1)["id"][0])


def a_user(ws: Workspace) -> pd.Series:
    seen = ws.contacts(role="user", last_seen_since="30d")
    return seen.sort_values("last_seen_at").iloc[-1]


# A tool, the table that its columns are declared in, its arguments, and the same asked of the workspace.
ASKED: dict[str, tuple[str, Callable[[Workspace], dict[str, Any]], Callable[[Workspace], pd.DataFrame]]] = {
    "intercom_list_all_contacts": ("contacts", lambda _: {}, lambda ws: ws.contacts()),
    "intercom_get_contact_by_id": (
        "contacts",
        lambda ws: {"external_id": a_user(ws)["external_id"]},
        lambda ws: ws.contact(external_id=a_user(ws)["external_id"]),
    ),
    "intercom_list_companies": ("companies", lambda _: {}, lambda ws: ws.companies()),
    "intercom_get_company_by_id": (
        "companies",
        lambda ws: {"id": first_company(ws)},
        lambda ws: ws.company(first_company(ws)),
    ),
    "intercom_list_attach_contacts_to_company": (
        "contacts",
        lambda ws: {"company_id": first_company(ws)},
        lambda ws: ws.company_contacts(first_company(ws)),
    ),
    "intercom_list_segments": (
        "segments",
        lambda _: {"include_count": True},
        lambda ws: ws.segments(include_count=True),
    ),
    "intercom_list_all_teams": ("teams", lambda _: {}, lambda ws: ws.teams()),
    "intercom_list_events": (
        "events",
        lambda ws: {"user_id": a_user(ws)["external_id"]},
        lambda ws: ws.events(a_user(ws)["external_id"]),
    ),
    "intercom_list_conversations": ("conversations", lambda _: {}, lambda ws: ws.conversations()),
    "intercom_search_conversations": (
        "conversations",
        lambda _: {"text": "invoice", "since": "365d"},
        lambda ws: ws.search_conversations("invoice", since="365d"),
    ),
    "intercom_query": ("", lambda _: {"sql": LOGINS}, lambda ws: ws.sql(LOGINS)),
    "intercom_metric": (
        "",
        lambda _: {"name": "conversations", "by": ["team"], "period": "month", "since": "2026-06-01"},
        lambda ws: ws.metric("conversations", by="team", period="month", since="2026-06-01"),
    ),
}

# Texts are cut and markup taken out: their own tests look at that.
TEXTS = {"source_body", "title", "source_subject", "rating_remark", "ai_agent_rating_remark"}
TEXTS |= {"custom_attributes", "metadata"}


def plain(value: Any) -> Any:
    """Say a frame's value as JSON does, written apart from the server's own way."""
    if isinstance(value, list):
        return value
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat().replace("+00:00", "Z")
    return value.item() if hasattr(value, "item") else value


def in_words(seconds: int) -> str:
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    said = [f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if count]
    return " ".join(said) or "0s"


@pytest.mark.parametrize("tool", ASKED)
async def test_a_tool_gives_the_rows_of_its_method(tool: str, server: Any, ws: Workspace) -> None:
    table, arguments, method = ASKED[tool]
    frame = method(ws)
    assert len(frame) > 0
    declared = {column.name: column for column in TABLES[table].columns} if table else {}
    columns = [name for name in frame.columns if name not in TEXTS]
    given = arguments(ws)
    if tool not in ("intercom_list_segments", "intercom_list_all_teams", "intercom_metric"):
        given["fields"] = columns
    async with connected(server) as client:
        first = await call(client, tool, **given)
        rows = await every_page(client, tool, **given)
    assert len(rows) == len(frame)
    if tool == "intercom_list_companies":  # pages come in Intercom's own order
        created = first["columns"].index("created_at"), first["columns"].index("id")
        rows.sort(key=lambda row: [row[place] for place in created])
    for name in first["columns"]:
        if name not in frame:
            continue  # a name beside an id
        expected = [plain(value) for value in frame[name]]
        if name in declared and declared[name].kind is Kind.JSON:
            expected = [None if text is None else json.loads(text) for text in expected]
        if name in declared and declared[name].unit == "seconds":
            expected = [None if seconds is None else in_words(seconds) for seconds in expected]
        place = first["columns"].index(name)
        assert [row[place] for row in rows] == expected, name


async def test_a_conversation_comes_with_its_thread_as_text(server: Any, ws: Workspace) -> None:
    id = str(ws.conversations(1)["id"][0])
    async with connected(server) as client:
        answer = await call(client, "intercom_get_conversation_by_id", id=id)
    opening, *parts = records(answer)
    expected = ws.conversation_parts(id)
    assert answer["about"]["id"] == id
    assert opening["part_type"] == "opening message"
    assert opening["body"]
    assert "<p>" not in opening["body"]
    assert [part["part_type"] for part in parts] == list(expected["part_type"])
    assert [part["created_at"] for part in parts] == [plain(at) for at in expected["created_at"]]


async def test_a_single_object_comes_with_its_link(server: Any, ws: Workspace) -> None:
    conversation, contact = ws.conversations(1).iloc[0], ws.contacts(1).iloc[0]
    async with connected(server) as client:
        talk = await call(client, "intercom_get_conversation_by_id", id=conversation["id"])
        person = await call(client, "intercom_get_contact_by_id", id=contact["id"])
    assert talk["about"]["url"] == conversation["url"]
    assert records(person)[0]["url"] == contact["url"]


async def test_a_query_may_name_attributes(server: Any, ws: Workspace) -> None:
    async with connected(server) as client:
        found = await call(client, "intercom_query", sql="select distinct attr.plan from contacts order by 1")
        unknown = await refusal(client, "intercom_query", sql="select attr.plann from contacts")
    people = ws.contacts(expand="custom_attributes")
    assert [row["plan"] for row in records(found)] == [
        *sorted(people["custom_attributes.plan"].dropna().unique()),
        None,
    ]
    assert "no attribute plann" in unknown
    assert "'plan'?" in unknown


async def test_lists_and_queries_say_once_how_their_ids_become_links(server: Any, ws: Workspace) -> None:
    conversation, contact = ws.conversations(1).iloc[0], ws.contacts(1).iloc[0]
    async with connected(server) as client:
        talks = await call(client, "intercom_search_conversations", limit=3)
        detailed = await call(client, "intercom_search_conversations", limit=3, response_format="detailed")
        query = "select id as conversation_id, contact_id from conversations limit 2"
        asked = await call(client, "intercom_query", sql=query)
        teams = await call(client, "intercom_query", sql="select id, name from teams")
    assert talks["about"]["links"]["id"].replace("<id>", conversation["id"]) == conversation["url"]
    assert "url" in detailed["columns"]
    assert "about" not in detailed
    found = {name: link.replace(f"<{name}>", "") for name, link in asked["about"]["links"].items()}
    assert found == {
        "conversation_id": conversation["url"].removesuffix(conversation["id"]),
        "contact_id": contact["url"].removesuffix(contact["id"]),
    }
    assert "about" not in teams


async def test_a_metric_says_how_to_find_what_is_behind_it(server: Any) -> None:
    asked = {"by": ["team"], "period": "month", "since": "2026-10-01"}
    async with connected(server) as client:
        metric = await call(client, "intercom_metric", name="csat", **asked)
        behind = await call(client, "intercom_query", sql=metric["about"]["behind"]["sql"])
        curve = await call(client, "intercom_metric", name="first_response_survival")
    assert behind["columns"] == ["period", "team", "id"]
    assert behind["total_rows"] == sum(row["n"] for row in records(metric))
    assert "behind" not in curve["about"]


async def test_durations_in_office_hours_are_asked_for_by_a_filter(server: Any) -> None:
    asked = {"name": "first_response_time", "definition": "office", "since": "2026-10-01"}
    hours = "Europe/Dublin Mon-Fri 09:00-18:00"
    async with connected(server) as client:
        metric = await call(client, "intercom_metric", filters={"hours": hours}, **asked)
        behind = await call(client, "intercom_query", sql=metric["about"]["behind"]["sql"])
    assert "(100 %)" in metric["about"]["notes"][0]
    assert behind["total_rows"] == records(metric)[0]["n"]


async def test_tables_columns_and_metrics_are_described_without_asking_intercom(server: Any, ws: Workspace) -> None:
    async with connected(server) as client:
        every = await call(client, "intercom_describe")
        contacts = await call(client, "intercom_describe", table="contacts")
        metric = await call(client, "intercom_describe", metric="csat")
        shown = await call(client, "intercom_describe", table="teams", examples=True)
    assert [row["table"] for row in records(every)] == list(ws.schema()["table"])
    assert every["about"]["metrics"] == list(ws.metrics()["name"])
    assert [row for row in contacts["rows"] if "attr." not in row[0]] == describe("contacts").values.tolist()
    assert [row["name"] for row in records(metric)] == ["csat"]
    assert {row["column"]: row.get("example") for row in records(shown)}["name"] == ws.teams()["name"][0]


async def test_attributes_are_described_once_a_query_has_named_some(server: Any) -> None:
    async with connected(server) as client:
        await call(client, "intercom_query", sql="select count(attr.plan) from contacts")
        contacts = await call(client, "intercom_describe", table="contacts")
    assert "attr.plan" in [row["column"] for row in records(contacts)]


async def test_the_status_says_what_is_connected_what_may_be_read_and_what_is_held(server: Any, ws: Workspace) -> None:
    async with connected(server) as client:
        await call(client, "intercom_query", sql="select count(*) from conversations")
        answer = await call(client, "intercom_status", check_permissions=True)
    about = answer["about"]
    assert about["workspace"] == ws.identity.workspace
    assert set(about["permissions"].values()) == {"may be read"}
    assert about["requests_left_now"] < about["limit_per_10_seconds"]
    assert {row["table"]: row["rows"] for row in records(answer)}["conversations"] == 600


def test_every_kind_of_column_is_among_those_compared() -> None:
    compared = {
        column.kind
        for table, _, _ in ASKED.values()
        if table
        for column in TABLES[table].columns
        if column.name not in TEXTS
    }
    assert compared == set(Kind)
