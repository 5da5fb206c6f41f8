"""Intercom's own SDK reads the sandbox, and finds what our frames hold."""

import warnings
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from intercom_kit import Workspace
from intercom_kit.sandbox import Sandbox

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the SDK's models warn about themselves when they are imported
    intercom = pytest.importorskip("intercom", reason="python-intercom is not installed")


@pytest.fixture(scope="module")
def sdk(sandbox: Sandbox) -> Iterator[Any]:
    """The SDK's client, which sends no Intercom-Version: the app's own, 2.16, holds."""
    with httpx.Client() as http:
        yield intercom.Intercom(token=sandbox.token, base_url=sandbox.base_url, httpx_client=http)


def test_contacts(sdk: Any, ws: Workspace) -> None:
    found = {contact.id: contact for contact in sdk.contacts.list(per_page=50)}
    frame = ws.contacts()
    assert len(found) == len(frame)
    assert set(found) == set(frame["id"])
    for row in frame.itertuples():
        theirs = found[row.id]
        assert theirs.email == (None if row.email != row.email else row.email)
        assert theirs.created_at == int(row.created_at.timestamp())
        assert theirs.companies.total_count == row.company_count


def test_companies(sdk: Any, ws: Workspace) -> None:
    # Its pager always claims a further page, and ends at an empty one.
    found = [company.id for company in sdk.companies.list(per_page=15)]
    assert sorted(found) == sorted(ws.companies()["id"])


def test_companies_scrolled_over(sdk: Any, ws: Workspace) -> None:
    found = [company.id for company in sdk.companies.scroll()]
    assert sorted(found) == sorted(ws.companies()["id"])


def test_segments(sdk: Any, ws: Workspace) -> None:
    found = {segment.id: segment.count for segment in sdk.segments.list(include_count=True).segments}
    frame = ws.segments(include_count=True)
    assert found == dict(zip(frame["id"], frame["count"], strict=True))


def test_teams(sdk: Any, ws: Workspace) -> None:
    found = {team.id: sorted(map(str, team.admin_ids)) for team in sdk.teams.list().teams}
    frame = ws.teams()
    assert found == {row.id: sorted(row.admin_ids) for row in frame.itertuples()}


def test_admins(sdk: Any, ws: Workspace) -> None:
    assert sorted(admin.id for admin in sdk.admins.list().admins) == sorted(ws.admins()["id"])


def test_tags(sdk: Any, ws: Workspace) -> None:
    assert sorted(tag.id for tag in sdk.tags.list().data) == sorted(ws.tags()["id"])


def test_conversations(sdk: Any, ws: Workspace) -> None:
    found = {conversation.id: conversation for conversation in sdk.conversations.list(per_page=100)}
    frame = ws.conversations(limit=None)
    assert set(found) == set(frame["id"])
    for row in frame.itertuples():
        assert found[row.id].state == row.state
        assert found[row.id].created_at == int(row.created_at.timestamp())


def test_the_parts_of_conversations(sdk: Any, ws: Workspace) -> None:
    frame = ws.conversations(limit=10)
    parts = ws.conversation_parts(frame)
    for id_ in frame["id"]:
        theirs = sdk.conversations.find(conversation_id=id_).conversation_parts.conversation_parts
        mine = parts[parts["conversation_id"] == id_]
        assert [part.id for part in theirs] == list(mine["id"])
