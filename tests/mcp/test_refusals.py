"""Errors are sentences that an assistant can act on, and SQL cannot leave the data."""

from typing import Any

import pytest

from intercom_kit.connecting import connect
from intercom_kit.mcp.server import make_server

from ..conftest import Begin
from ..sql.test_guard import FORBIDDEN
from .asking import call, connected, refusal

pytestmark = pytest.mark.anyio

SAID: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "events without a contact": ("intercom_list_events", {}, ["needs user_id", "external_id"]),
    "company contacts without a company": (
        "intercom_list_attach_contacts_to_company",
        {},
        ["needs company_id", "intercom_list_companies"],
    ),
    "an unknown argument": ("intercom_list_all_contacts", {"limt": 5}, ["no argument 'limt'", "did you mean 'limit'?"]),
    "a value that is none": ("intercom_list_all_contacts", {"limit": 0}, ["limit:", "1"]),
    "an unknown filter": ("intercom_list_conversations", {"filters": {"stat": "open"}}, ["did you mean 'state'"]),
    "no such contact": ("intercom_get_contact_by_id", {"id": "0123"}, ["no contact"]),
    "two identifiers": ("intercom_get_contact_by_id", {"id": "1", "email": "a@b.c"}, ["one of id, external_id"]),
    "a time that is none": ("intercom_list_conversations", {"since": "soon"}, ["'30d'"]),
    "an unknown table": ("intercom_query", {"sql": "select * from contakts"}, ["did you mean contacts?"]),
    "an unknown column": ("intercom_query", {"sql": "select nme from contacts"}, ["nme", "column 8", "name"]),
    "SQL that cannot be read": ("intercom_query", {"sql": "select count(* from contacts"}, ["line 1", "column"]),
    "events of everybody": ("intercom_query", {"sql": "select * from events"}, ["Intercom lists events only", "join"]),
    "too many requests": (
        "intercom_query",
        {"sql": "select count(*) from contacts c join events e on e.user_id = c.external_id", "max_requests": 20},
        ["max_requests", "narrow", "Still to fetch", "events"],
    ),
    "an unknown metric": ("intercom_metric", {"name": "cast"}, ["did you mean 'csat'"]),
    "an unknown group": ("intercom_metric", {"name": "csat", "by": ["teem"]}, ["teem", "team"]),
    "no such table to describe": ("intercom_describe", {"table": "people"}, ["There is no table", "contacts"]),
}


@pytest.mark.parametrize("case", SAID)
async def test_a_refusal_says_what_is_wrong_and_what_to_do(server: Any, case: str) -> None:
    tool, arguments, words = SAID[case]
    async with connected(server) as client:
        said = await refusal(client, tool, **arguments)
    for word in words:
        assert word in said, said
    assert "Traceback" not in said
    assert "pydantic" not in said
    assert "ws." not in said
    assert "whole=" not in said  # which only a person may allow


async def test_a_missing_permission_is_named_and_the_status_says_which_fail(begin: Begin) -> None:
    sandbox, _ = begin()
    sandbox.faults.set("403", 1)
    server = make_server(lambda: connect(sandbox.token, base_url=sandbox.base_url))
    sandbox.faults.clear()
    async with connected(server) as client:
        await call(client, "intercom_status")
        sandbox.faults.set("403", 1)
        said = await refusal(client, "intercom_list_all_teams")
        status = await call(client, "intercom_status", check_permissions=True)
    assert "permission" in said.lower() or "scope" in said.lower()
    assert all(told != "may be read" for told in status["about"]["permissions"].values())


async def test_a_revoked_token_is_looked_for_anew_by_the_next_call(begin: Begin) -> None:
    sandbox, _ = begin()
    tokens = ["wrong", sandbox.token, sandbox.token]
    server = make_server(lambda: connect(tokens.pop(0), base_url=sandbox.base_url))
    async with connected(server) as client:
        said = await refusal(client, "intercom_list_all_teams")
        answer = await call(client, "intercom_list_all_teams")
    assert "intercom-kit login" in said
    assert answer["row_count"] > 0


@pytest.mark.parametrize("sql", [sql for sql in FORBIDDEN if not sql.startswith("explain ")])
async def test_sql_cannot_leave_the_data(server: Any, sql: str) -> None:
    async with connected(server) as client:
        said = await refusal(client, "intercom_query", sql=sql)
    assert "root:" not in said


def test_the_attacks_are_many() -> None:
    assert len(FORBIDDEN) >= 60
