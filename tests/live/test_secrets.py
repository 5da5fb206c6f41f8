"""The token goes into one header to one host, and shows nowhere else."""

import copy
import json
import logging
import pickle
import traceback
from typing import Any

import pytest

from intercom_kit import IntercomError, NotFoundError, Workspace, connect
from intercom_kit.sandbox import Sandbox

from ..conftest import NOW, Begin
from .strangers import Asked, Said, always, stranger

TOKEN = "dG9rOmEtdmVyeS1zZWNyZXQtdG9rZW4="


@pytest.fixture
def connected(begin: Begin) -> tuple[Sandbox, Workspace]:
    return begin(token=TOKEN)


def reachable(thing: Any, depth: int = 6) -> str:
    """Print a thing and all that stands in its attributes, as a debugger's variable view does."""
    seen: set[int] = set()

    def show(each: Any, left: int) -> str:
        if id(each) in seen or not left:
            return ""
        seen.add(id(each))
        inside = list(getattr(each, "__dict__", {}).values())
        members = each.values() if isinstance(each, dict) else each if isinstance(each, list | tuple) else []
        inside += list(members)
        return repr(each) + "".join(show(member, left - 1) for member in inside)

    return show(thing, depth)


def test_no_variable_view_shows_it(connected: tuple[Sandbox, Workspace]) -> None:
    _, ws = connected
    frame = ws.contacts()
    for thing in (ws, ws.identity, ws.fetches, frame, frame.attrs, str(ws), ws.schema("contacts")):
        assert TOKEN not in reachable(thing)
    assert TOKEN not in frame._repr_html_()


def test_it_cannot_be_pickled_or_copied_along(connected: tuple[Sandbox, Workspace]) -> None:
    _, ws = connected
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="credential"):
            attempt(ws)
    frame = ws.contacts(2)
    assert TOKEN.encode() not in pickle.dumps(frame)
    assert list(pickle.loads(pickle.dumps(frame))["id"]) == list(frame["id"])  # noqa: S301 - our own


def test_no_traceback_shows_it_even_with_local_variables(connected: tuple[Sandbox, Workspace]) -> None:
    sandbox, ws = connected
    with pytest.raises(NotFoundError) as absent:
        ws.contact("nobody")
    sandbox.revoke(TOKEN)
    with pytest.raises(IntercomError) as revoked:
        ws.contacts()
    for caught in (absent.value, revoked.value):
        error: BaseException | None = caught
        while error:
            told = traceback.TracebackException.from_exception(error, capture_locals=True)
            assert TOKEN not in "".join(told.format())
            error = error.__cause__ or error.__context__


def test_no_log_shows_it_however_much_is_logged(
    connected: tuple[Sandbox, Workspace], caplog: pytest.LogCaptureFixture
) -> None:
    _, ws = connected
    with caplog.at_level(logging.DEBUG):
        for name in ("httpx", "httpcore", "intercom_kit", "asyncio"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        ws.contacts(since="2026-01-01")
        with pytest.raises(NotFoundError):
            ws.company("nobody")
    assert caplog.records
    assert TOKEN not in caplog.text
    assert not any(TOKEN in str(record.__dict__) for record in caplog.records)


def test_the_sandbox_gets_it_in_the_header_and_not_in_the_address(connected: tuple[Sandbox, Workspace]) -> None:
    sandbox, ws = connected
    ws.events(ws.contacts(3))
    assert all(TOKEN not in f"{logged.path}{logged.query}{logged.body}" for logged in sandbox.log)


def listing(next_page: str, **more: Any) -> str:
    pages = {"type": "pages", "next": next_page, "page": 1, "per_page": 1, "total_pages": 2}
    return json.dumps({"type": "list", "pages": pages, "total_count": 2, **more})


def test_it_goes_to_no_other_host_whatever_the_answers_say() -> None:
    with stranger(always(Said("{}"))) as thief:

        def answer(asked: Asked) -> Said:
            if asked.path.startswith("/events"):
                event = {"id": asked.path, "created_at": NOW}
                following = "" if "before" in asked.path else f"{thief.base_url}/events?before=5&type=user&user_id=x"
                return Said(listing(following, events=[event]))
            if asked.path.startswith("/companies"):
                number = asked.path.partition("page=")[2].partition("&")[0]
                return Said(listing(f"{thief.base_url}/companies?page=2", data=[{"id": number}]))
            if asked.path.startswith("/teams"):
                return Said("", 302, {"location": f"{thief.base_url}/teams"})
            return Said(json.dumps({"type": "admin", "id": "1", "app": {"timezone": "UTC"}}))

        with stranger(answer) as intercom, connect(TOKEN, base_url=intercom.base_url, patience=0.1) as ws:
            assert len(ws.companies()) == 2
            with pytest.raises(IntercomError):
                ws.teams()
            assert len(ws.events("x")) == 2
            assert all(asked.headers["authorization"] == f"Bearer {TOKEN}" for asked in intercom.asked)
        assert thief.asked == []
