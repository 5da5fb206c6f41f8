"""Each error that a user will meet, end to end: its type, its remedy, and not a trace of the token."""

import json
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from intercom_kit import connect, demo, errors
from intercom_kit.sandbox import serve

from ..conftest import SMALL, Begin
from .strangers import Said, always, stranger
from .truth import told

TOKEN = "dG9rOmEtdmVyeS1zZWNyZXQtdG9rZW4="

pytestmark = pytest.mark.usefixtures("quick")


@contextmanager
def raises(kind: type[errors.IntercomError], *remedies: str, token: str = TOKEN) -> Iterator[None]:
    """Expect just this type, within seconds, with the remedy in its words and the token nowhere."""
    began = time.monotonic()
    with pytest.raises(kind) as caught:
        yield
    assert time.monotonic() - began < 8
    assert type(caught.value) is kind
    for remedy in remedies:
        assert remedy in str(caught.value)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(vars(caught.value))
    assert token not in shown


def test_no_credential_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INTERCOM_ACCESS_TOKEN", raising=False)
    with raises(errors.NotConnectedError, "INTERCOM_ACCESS_TOKEN", "demo()"):
        connect()


def test_an_option_that_the_demo_does_not_have() -> None:
    with raises(errors.BadRequestError, "demo() takes no 'conversation': did you mean 'conversations'"):
        demo(conversation=5)


@pytest.mark.parametrize("token", [f"{TOKEN[:9]}\n{TOKEN[9:]}", f"{TOKEN}…", f"Bearer {TOKEN}"])
def test_a_token_that_was_copied_badly_is_refused_unsent_and_unquoted(token: str) -> None:
    with serve(**SMALL) as sandbox:
        with raises(errors.TokenInvalidError, "copy it again", token=TOKEN[9:]):
            connect(token, base_url=sandbox.base_url)
        assert sandbox.requests.total() == 0


def test_an_unknown_token() -> None:
    with serve(**SMALL) as sandbox, raises(errors.TokenInvalidError, "new one", "region"):
        connect(TOKEN, base_url=sandbox.base_url)


def test_a_token_that_is_revoked_while_it_is_used(begin: Begin) -> None:
    sandbox, ws = begin(token=TOKEN)
    assert len(ws.contacts()) > 0
    sandbox.revoke(TOKEN)
    with raises(errors.TokenInvalidError, "was revoked", "Connect again"):
        ws.contacts()


def test_the_wrong_region_is_named() -> None:
    with serve(token=TOKEN, region="eu", **SMALL) as sandbox:
        with raises(errors.WrongRegionError, 'region="eu"'):
            connect(TOKEN, base_url=sandbox.base_url, region="us")
        with connect(TOKEN, base_url=sandbox.base_url, region="EU") as ws:
            assert ws.identity.region == "eu"


def test_a_region_that_does_not_exist() -> None:
    with raises(errors.BadRequestError, "us, eu, au"):
        connect(TOKEN, region="mars")


VERBS: dict[str, tuple[str, str, Callable[[Any], object]]] = {
    "contacts": ("read_users_and_companies", "Read and list users and companies", lambda ws: ws.contacts()),
    "companies": ("read_users_and_companies", "Read and list users and companies", lambda ws: ws.companies()),
    "segments": ("read_users_and_companies", "Read and list users and companies", lambda ws: ws.segments()),
    "teams": ("read_users_and_companies", "Read and list users and companies", lambda ws: ws.teams()),
    "tags": ("read_tags", "Read tags", lambda ws: ws.tags()),
    "admins": ("read_admins", "Read admins", lambda ws: ws.admins()),
    "events": ("read_events", "Read events", lambda ws: ws.events(["x", "y"])),
    "conversations": ("read_conversations", "read_conversations", lambda ws: ws.conversations()),
    "search": ("read_conversations", "read_conversations", lambda ws: ws.search_conversations("x")),
    "parts": ("read_conversations", "read_conversations", lambda ws: ws.conversation_parts(["1", "2"])),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_missing_permission_is_named(begin: Begin, verb: str) -> None:
    scope, name, ask = VERBS[verb]
    _, ws = begin(token=TOKEN, missing_scopes=[scope])
    with raises(errors.ScopeMissingError, name, "Developer Hub"):
        ask(ws)


def test_without_the_permission_to_read_admins_everything_else_still_works(begin: Begin) -> None:
    _, ws = begin(token=TOKEN, missing_scopes=["read_admins"])
    assert ws.identity.timezone == "UTC"
    assert "UTC" in ws.identity.note
    assert len(ws.contacts(since="2000-01-01")) == len(ws.contacts()) > 0


def test_a_plan_that_does_not_allow_it(begin: Begin) -> None:
    _, ws = begin(token=TOKEN, plan_restricted=True)
    with raises(errors.PlanRestrictedError, "plan", "Ask whoever pays"):
        ws.conversations()


@pytest.mark.parametrize(
    ("noun", "ask"),
    [
        ("contact", lambda ws: ws.contact("nobody")),
        ("company", lambda ws: ws.company("nobody")),
        ("conversation", lambda ws: ws.conversation("nobody")),
        ("contact", lambda ws: ws.events("nobody")),
        ("conversation", lambda ws: ws.conversation_parts("nobody")),
    ],
    ids=["contact", "company", "conversation", "events", "parts"],
)
def test_what_does_not_exist(begin: Begin, noun: str, ask: Callable[[Any], object]) -> None:
    _, ws = begin(token=TOKEN)
    with raises(errors.NotFoundError, f"no {noun}"):
        ask(ws)


def test_a_merged_contact_gives_the_new_id(begin: Begin) -> None:
    sandbox, ws = begin(token=TOKEN)
    gone, kept = ws.contacts(2)["id"]
    sandbox.merge(gone, into=kept)
    with raises(errors.MergedContactError, gone, kept):
        ws.contact(gone)
    with pytest.raises(errors.MergedContactError) as caught:
        ws.contact(gone)
    assert caught.value.merged_into == kept
    assert list(ws.contact(caught.value.merged_into)["id"]) == [kept]


def test_events_without_a_contact_and_without_an_external_id(begin: Begin) -> None:
    _, ws = begin(token=TOKEN)
    with raises(errors.MissingIdentifierError, "only per contact"):
        ws.events()
    leads = ws.contacts(role="lead").assign(external_id=None)
    with raises(errors.NoExternalIdError, "by='id'"):
        ws.events(leads, by="external_id")


def test_a_rate_limit_beyond_patience_says_when_it_ends() -> None:
    ends = time.time() + 300
    limited = Said(
        json.dumps({"type": "error.list", "errors": [{"code": "rate_limit_exceeded", "message": "Exceeded"}]}),
        429,
        {"X-RateLimit-Limit": "167", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(ends))},
    )
    with stranger(always(limited)) as server:
        with raises(errors.RateLimitedError, "patience", f"{datetime.fromtimestamp(ends, UTC):%H:%M}"):
            connect(TOKEN, base_url=server.base_url)
        assert len(server.asked) == 1


def test_a_rate_limit_that_never_ends_says_when_to_try_again() -> None:
    body = json.dumps({"type": "error.list", "errors": [{"code": "rate_limit_exceeded", "message": "Exceeded"}]})
    with stranger(always(Said(body, 429))) as server:
        with pytest.raises(errors.RateLimitedError) as caught:
            connect(TOKEN, base_url=server.base_url, patience=1)
        assert caught.value.until is not None
        assert abs(caught.value.until.timestamp() - time.time()) < 60


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_intercom_that_stays_down(begin: Begin, status: int) -> None:
    sandbox, ws = begin(token=TOKEN, patience=2)
    sandbox.faults.set(str(status), 1)
    with raises(errors.IntercomDownError, f"HTTP {status}", "intercomstatus.com"):
        ws.contacts()


PAGE = "<!DOCTYPE html><html><body>Log in to the network</body></html>"


@pytest.mark.parametrize(
    "said",
    [
        Said(PAGE, 200, {"content-type": "text/html"}),
        Said(PAGE, 401, {"content-type": "text/html"}),
        Said(PAGE, 403, {"content-type": "text/html"}),
        Said("", 302, {"location": "https://login.example/"}),
        Said('{"ok": true}', 404),
        Said("[]"),
        Said(""),
    ],
    ids=["page", "page 401", "page 403", "redirect", "another API", "a list", "nothing"],
)
def test_something_that_is_not_intercom_at_all(said: Said) -> None:
    with stranger(always(said)) as server:
        with raises(errors.NotIntercomError, "base_url", "Log in"):
            connect(TOKEN, base_url=server.base_url)
        assert len(server.asked) <= 4


def test_another_api_that_answers_with_objects_of_its_own() -> None:
    def answer(asked: Any) -> Said:
        return Said('{"ok": true}') if "contacts" in asked.path else Said('{"type": "admin", "id": "1"}')

    with (
        stranger(answer) as server,
        connect(TOKEN, base_url=server.base_url) as ws,
        raises(errors.NotIntercomError, "base_url"),
    ):
        ws.contacts()


def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with raises(errors.ConnectionFailedError, address, "Check the network"):
        connect(TOKEN, base_url=address, patience=2)


@pytest.mark.parametrize(
    "base_url", ["127.0.0.1:8080", "api.intercom.io", "ftp://api.intercom.io", "http://", "http://x:99999", "http://[x"]
)
def test_a_base_url_that_is_no_address(base_url: str) -> None:
    with raises(errors.BadRequestError, "https://"):
        connect(TOKEN, base_url=base_url)


def test_a_workspace_that_was_closed(begin: Begin) -> None:
    _, ws = begin(token=TOKEN)
    ws.close()
    for ask in (ws.contacts, ws.teams, lambda: ws.conversations(since="2026-01-01"), lambda: ws.events("x")):
        with raises(errors.NotConnectedError, "Connect again"):
            ask()
    ws.close()


@pytest.mark.parametrize("status", [400, 402, 404, 409, 422])
def test_what_intercom_refuses_is_never_asked_twice(status: int) -> None:
    body = json.dumps({"type": "error.list", "errors": [{"code": "whatever", "message": "no"}]})
    with stranger(always(Said(body, status))) as server:
        with pytest.raises(errors.IntercomError):
            connect(TOKEN, base_url=server.base_url)
        assert len(server.asked) == 1


def test_every_error_is_an_intercom_error_and_says_something_to_do() -> None:
    for name in errors.__all__:
        kind = getattr(errors, name)
        assert issubclass(kind, (errors.IntercomError, errors.CutShortWarning))
        assert kind.__doc__


def test_a_failed_fetch_leaves_the_workspace_usable(begin: Begin) -> None:
    sandbox, ws = begin(token=TOKEN, patience=1)
    sandbox.faults.set("500", 1)
    with pytest.raises(errors.IntercomDownError):
        ws.companies()
    sandbox.faults.clear()
    assert told(ws.companies())["complete"]
